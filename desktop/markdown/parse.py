"""One parse of a window of the tail: its top-level blocks, and where in the text they and its lines begin."""

from __future__ import annotations

from msgspec import Struct

from desktop.markdown import cuts
from desktop.markdown.blocks import BlockKind
from desktop.markdown.parser import groups


class Goes(Struct, frozen=True):
    """What the next block goes on with: a list by its number, a table by the source of its head."""

    kind: BlockKind
    number: int | None = None
    head: str = ""


class Parse:
    """`final`: no more text follows, so the last line is whole and all groups are certain."""

    def __init__(self, text: str, goes: Goes | None = None, *, final: bool) -> None:
        head = goes.head if goes else ""
        self.text = text
        self.groups = groups(head + text)
        self.lines = _lines(head + text)
        self._head = len(head)
        self._starts = [0]
        for line in self.lines:
            self._starts.append(self._starts[-1] + len(line))
        whole = len(self.lines) if final or text.endswith("\n") else len(self.lines) - 1
        self._whole = whole
        self._sure = whole if final else min(whole, cuts.math_limit(self.lines, whole))
        self.certain = len(self.groups) if final else cuts.certain(self.groups, self.lines, whole)
        """How many of the groups can change no more."""

    def at(self, line: int) -> int:
        """Where a line begins in the text."""
        return max(self._starts[line] - self._head, 0)

    def offset(self, place: int) -> int:
        """Where a group's source begins: right after the one before, so that blank lines belong to what follows."""
        return self.at(self.groups[place - 1].end) if place else 0

    def end(self, place: int) -> int:
        """Where a group's source ends."""
        return self.at(self.groups[place].end)

    def source(self, place: int) -> str:
        """A group's source."""
        return self.text[self.offset(place) : self.end(place)]

    def cut(self, place: int) -> int | None:
        """The line at which a long list or table goes on in a new block."""
        group = self.groups[place]
        if group.kind is BlockKind.LIST:
            return cuts.list_cut(group, self.lines, self._sure)
        return cuts.table_cut(group, self.lines, self._sure) if group.kind is BlockKind.TABLE else None

    def opens_fence(self, place: int) -> bool:
        """Whether a group is a fence whose first line is whole."""
        group = self.groups[place]
        if group.kind is not BlockKind.CODE or group.tokens[0].type != "fence" or group.start >= self._whole:
            return False
        return self.lines[group.start].endswith("\n")


def _lines(text: str) -> list[str]:
    r"""Lines with their ends; nothing but `\n` ends one."""
    parts = text.split("\n")
    made = [f"{part}\n" for part in parts[:-1]]
    return [*made, parts[-1]] if parts[-1] else made
