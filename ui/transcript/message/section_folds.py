"""Which sections of a message are folded, and which of its blocks are hidden by that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from desktop.markdown.blocks import Block

_TAG = "details"


class OpenSection(NamedTuple):
    """A section that has begun: the offset of its tag in the message, and whether it is folded."""

    start: int
    folded: bool


class BlockFold(NamedTuple):
    """How a block takes part in folding: whether it is hidden, and the sections around it, outermost first."""

    hidden: bool
    around: tuple[OpenSection, ...]
    section: OpenSection | None = None
    """The section that begins with the block."""


class FoldableText(Protocol):
    """A message's text, as far as its sections depend on it."""

    text: str
    live: bool
    """Whether more text may arrive."""


class SectionFolds:
    """The folded sections of one message.

    At first a section is folded, unless its author wrote otherwise or forgot where it ends: then the rest of the
    message would be hidden.
    """

    def __init__(self, shown: FoldableText) -> None:
        self._shown = shown
        self._chosen: dict[int, bool] = {}
        self._all: bool | None = None
        self._closed: tuple[str, frozenset[int]] = ("", frozenset())
        self._looked = 0  # so many characters were searched for sections
        self._has_sections = False

    @property
    def has_sections(self) -> bool:
        """Whether the message may contain sections. Of a growing text, only what is new is searched."""
        text = self._shown.text
        if len(text) < self._looked:
            self._looked, self._has_sections = 0, False
        if not self._has_sections and len(text) > self._looked:
            self._has_sections = has_section(text[max(self._looked - len(_TAG), 0) :])
        self._looked = len(text)
        return self._has_sections

    def fold(self, start: int, *, on: bool) -> None:
        """Fold or unfold the section that begins at an offset."""
        self._chosen[start] = on

    def fold_all(self, *, on: bool) -> None:
        """Fold or unfold all sections."""
        self._chosen.clear()
        self._all = on

    def around(self, at: int, blocks: Sequence[Block], open_sections: list[OpenSection]) -> Iterator[BlockFold]:
        """Yield the fold of each block from an offset on, and update the open sections."""
        from desktop.markdown.blocks import BlockKind

        for block in blocks:
            if block.kind is BlockKind.SECTION_END and open_sections:
                open_sections.pop()
            outside = tuple(open_sections)
            section = None
            if block.kind is BlockKind.SECTION:
                start = at + block.source.index("<")
                section = OpenSection(start, self._is_folded(start, block))
                open_sections.append(section)
            yield BlockFold(any(each.folded for each in outside), outside, section)
            at += len(block.source)

    def _is_folded(self, start: int, block: Block) -> bool:
        from desktop.markdown.section_rules import closed_sections, is_set_open

        if start in self._chosen:
            return self._chosen[start]
        if self._all is not None:
            return self._all
        if is_set_open(block):
            return False
        if self._shown.live:
            return True
        if self._closed[0] != self._shown.text:
            text = self._shown.text.replace("\r\n", "\n").replace("\r", "\n")
            self._closed = (self._shown.text, closed_sections(text))
        return start in self._closed[1]


def has_section(text: str) -> bool:
    """Whether a text may contain the tag of a section."""
    return _TAG in text.lower()
