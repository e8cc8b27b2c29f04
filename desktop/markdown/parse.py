"""Parse of one window of the tail: its top-level blocks, and the offsets of blocks and lines in the text."""

from __future__ import annotations

from msgspec import Struct

from desktop.markdown import cuts
from desktop.markdown.blocks import BlockKind
from desktop.markdown.parser import groups


class Goes(Struct, frozen=True):
    """How a block continues in the next one: a list with its number, or a table with the source of its head."""

    kind: BlockKind
    number: int | None = None
    head: str = ""


class Parse:
    """Result of parsing one window.

    Args:
        final: Whether no more text follows, so that the last line is complete and all groups are final.
    """

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
        """Return the offset of a line in the text."""
        return max(self._starts[line] - self._head, 0)

    def offset(self, place: int) -> int:
        """Return the offset at which a group's source begins, including the blank lines before the group."""
        return self.at(self.groups[place - 1].end) if place else 0

    def end(self, place: int) -> int:
        """Return the offset at which a group's source ends."""
        return self.at(self.groups[place].end)

    def source(self, place: int) -> str:
        """Return the source of a group."""
        return self.text[self.offset(place) : self.end(place)]

    def cut(self, place: int) -> int | None:
        """Return the line at which a long list or table is continued in a new block, or None."""
        group = self.groups[place]
        if group.kind is BlockKind.LIST:
            return cuts.list_cut(group, self.lines, self._sure)
        return cuts.table_cut(group, self.lines, self._sure) if group.kind is BlockKind.TABLE else None

    def opens_fence(self, place: int) -> bool:
        """Whether a group is a fence whose first line is complete."""
        group = self.groups[place]
        if group.kind is not BlockKind.CODE or group.tokens[0].type != "fence" or group.start >= self._whole:
            return False
        return self.lines[group.start].endswith("\n")


def _lines(text: str) -> list[str]:
    """Split a text into lines, including their ends. Only LF ends a line."""
    parts = text.split("\n")
    made = [f"{part}\n" for part in parts[:-1]]
    return [*made, parts[-1]] if parts[-1] else made
