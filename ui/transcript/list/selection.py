"""What is marked in a transcript: from one place to another, across segments and messages; pure but for the texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ui.transcript.message.body_slab import BodySlab
from ui.transcript.message.row import LONGEST_PLAIN, Row
from ui.transcript.message.slabs import LongSlab, PlainSlab, Slab


@dataclass(frozen=True, slots=True, order=True)
class TextPlace:
    """A place in the text: row, slab within the row, segment within the slab, position within the segment."""

    row: int
    slab: int = 0
    segment: int = 0
    position: int = 0


@dataclass(frozen=True, slots=True)
class Selection:
    """From where it was begun to where it has been drawn; either may come first."""

    anchor: TextPlace
    head: TextPlace

    @property
    def start(self) -> TextPlace:
        """Where it begins."""
        return min(self.anchor, self.head)

    @property
    def end(self) -> TextPlace:
        """Where it ends."""
        return max(self.anchor, self.head)

    def __bool__(self) -> bool:
        return self.anchor != self.head

    def within(self, row: int, slab: int, segment: int, length: int) -> tuple[int, int] | None:
        """The positions that are marked in a segment of a length; None where there are none."""
        first, last = TextPlace(row, slab, segment, 0), TextPlace(row, slab, segment, length)
        start, end = max(self.start, first), min(self.end, last)
        return (start.position, end.position) if start < end else None

    def covers(self, row: int) -> bool:
        """Whether a whole row is marked."""
        return self.start < TextPlace(row) and self.end >= TextPlace(row + 1)


def whole(first: int, last: int) -> Selection:
    """All of the rows from one to another."""
    return Selection(TextPlace(min(first, last)), TextPlace(max(first, last) + 1))


def as_text(rows: Sequence[Row], selection: Selection) -> str:
    """The marked text as it is shown; across messages with their authors."""
    return _joined(rows, selection, lambda part: part.text)


def as_markdown(rows: Sequence[Row], selection: Selection) -> str:
    """The marked text as it was written; of a block that is marked in part, as it is shown."""
    return _joined(rows, selection, lambda part: part.source.strip("\n") if part.whole else part.text)


@dataclass(frozen=True, slots=True)
class _Part:
    text: str
    source: str
    whole: bool
    tight: bool
    """Whether it follows what stands before it without a blank line."""


def _joined(rows: Sequence[Row], selection: Selection, said: Callable[[_Part], str]) -> str:
    last = min(selection.end.row, len(rows) - 1)
    numbers = range(selection.start.row, last + 1)
    told: list[tuple[str, str]] = []
    for number in numbers:
        text = "".join(
            ("" if not place else "\n" if part.tight else "\n\n") + said(part)
            for place, part in enumerate(_parts(rows[number], number, selection))
        )
        if text:
            told.append((rows[number].author, text))
    if len(told) == 1:
        return told[0][1]
    return "\n\n".join(f"{who}:\n{text}" for who, text in told)


def _parts(row: Row, number: int, selection: Selection) -> Iterator[_Part]:
    """What is marked of a row; of a very long one, parts that nobody saw are as they were written.

    To lay them out would keep the window waiting.
    """
    is_long = len(row.text) > LONGEST_PLAIN
    for place, slab in enumerate(row.slabs):
        if isinstance(slab, PlainSlab) and slab.is_thought and selection.covers(number):
            continue
        unseen = isinstance(slab, LongSlab) or (isinstance(slab, BodySlab) and is_long and not slab.is_made)
        if not unseen:
            yield from _parts_of(slab, number, place, selection)
        elif selection.start <= TextPlace(number, place) and selection.end >= TextPlace(number, place + 1):
            text = slab.source.strip("\n")
            yield _Part(text, text, whole=True, tight=False)


def _parts_of(slab: Slab, row: int, place: int, selection: Selection) -> Iterator[_Part]:
    for number, segment in enumerate(slab.segments):
        length = segment.laid.length
        found = selection.within(row, place, number, length)
        if found is not None:
            text = segment.laid.between(*found)
            yield _Part(text, segment.source, found == (0, length), tight=isinstance(slab, PlainSlab))
