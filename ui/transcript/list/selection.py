"""What is marked in a transcript: from one place to another, across segments and messages; pure but for the texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from ui.transcript.message.body_slab import BodySlab
from ui.transcript.message.row import LONGEST_PLAIN, Row
from ui.transcript.message.segments import Segment
from ui.transcript.message.slabs import LongSlab, PlainSlab

_BLANK_LINE = "\n\n"


class TextPlace(Struct, frozen=True, order=True):
    """A place in the text: row, slab within the row, segment within the slab, position within the segment."""

    row: int
    slab: int = 0
    segment: int = 0
    position: int = 0


class Selection(Struct, frozen=True):
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
    return _joined(rows, selection, _shown)


def as_markdown(rows: Sequence[Row], selection: Selection) -> str:
    """The marked text as it was written; of a block that is marked in part, as it is shown.

    Code that a message leaves open is closed, so that it swallows no other message.
    """
    return _joined(rows, selection, _written, ended=_closed)


class _Part(Struct, frozen=True):
    """What is marked of a segment, and what stands between it and the part before."""

    text: str
    source: str
    """With the ends of its lines, but for plain text."""
    whole: bool
    gap: str
    plain: bool = False


def _shown(parts: Sequence[_Part]) -> str:
    told = [part for part in parts if part.text or part.plain]
    return "".join(f"{part.gap if place else ''}{part.text}" for place, part in enumerate(told))


def _written(parts: Sequence[_Part]) -> str:
    said: list[str] = []
    for place, part in enumerate(parts):
        text = part.source if part.whole else part.text
        if place and part.gap == _BLANK_LINE:
            said[-1] = said[-1].rstrip("\n")
            text = text.lstrip("\n")
        elif place and parts[place - 1].whole and not part.plain:
            said[-1] = said[-1].removesuffix("\n")
        said += [part.gap if place else "", text]
    return "".join(said).strip("\n")


def _closed(text: str) -> str:
    from desktop.markdown.fences import left_open

    fence = left_open(text) if "```" in text or "~~~" in text else ""
    return f"{text}\n{fence}" if fence else text


def _joined(
    rows: Sequence[Row],
    selection: Selection,
    said: Callable[[Sequence[_Part]], str],
    ended: Callable[[str], str] = str,
) -> str:
    last = min(selection.end.row, len(rows) - 1)
    told: list[tuple[str, str]] = []
    for number in range(selection.start.row, last + 1):
        row = rows[number]
        text = said([*(_typed(row, number, selection) if row.is_prompt else _parts(row, number, selection))])
        if text:
            told.append((rows[number].author, text))
    if len(told) == 1:
        return told[0][1]
    return "\n\n".join(f"{who}:\n{ended(text)}" for who, text in told)


def _parts(row: Row, number: int, selection: Selection) -> Iterator[_Part]:
    """What is marked of a row; of a very long one, parts that nobody saw are as they were written.

    To lay them out would keep the window waiting.
    """
    is_long = len(row.text) > LONGEST_PLAIN
    before, end = "", -1  # the block before, as it was written, and where the plain text before ends in the message
    raw = ""  # what stands right before as it was written since nobody saw it
    for place, slab in enumerate(row.slabs):
        if isinstance(slab, PlainSlab) and slab.is_thought and selection.covers(number):
            continue
        if isinstance(slab, LongSlab) or (isinstance(slab, BodySlab) and is_long and not slab.is_made):
            text = slab.source
            if selection.start <= TextPlace(number, place) and selection.end >= TextPlace(number, place + 1):
                ends = len(before) - len(before.rstrip("\n")) + len(text) - len(text.lstrip("\n"))
                seen = _without_closing(row, slab, raw) if isinstance(slab, LongSlab) else text
                yield _Part(seen.strip("\n"), text, whole=True, gap=_BLANK_LINE[:ends])
            before = text
            raw += text
            continue
        raw = ""
        plain = isinstance(slab, PlainSlab)
        torn = isinstance(slab, PlainSlab) and slab.start == end
        for index, segment in enumerate(slab.segments):
            length = segment.laid.length
            found = selection.within(number, place, index, length)
            if not length and selection.start <= TextPlace(number, place, index) < selection.end:
                found = (0, 0)  # a rule, or what is defined for links: written, though nothing is shown
            if found is not None:
                gap = ("" if torn else "\n") if plain else _gap(before, segment)
                yield _Part(segment.laid.copied(*found), segment.source, found == (0, length), gap, plain)
            before = segment.source
        if isinstance(slab, PlainSlab) and slab.start is not None:
            end = slab.start + len(slab.text)


def _typed(row: Row, number: int, selection: Selection) -> Iterator[_Part]:
    """What is marked of a prompt, with what was typed between its parts; code that is one of several with its fence."""
    is_long = len(row.text) > LONGEST_PLAIN
    end = 0
    for place, slab in enumerate(row.slabs):
        if slab.start is None:
            continue
        at = slab.start
        if isinstance(slab, BodySlab) and is_long and not slab.is_made:
            if selection.start <= TextPlace(number, place) and selection.end >= TextPlace(number, place + 1):
                yield _Part(slab.source, slab.source, whole=True, gap=row.text[end:at], plain=True)
            end = at + slab.length
            continue
        for index, segment in enumerate(slab.segments):
            length = segment.laid.length
            found = selection.within(number, place, index, length)
            if not length and selection.start <= TextPlace(number, place, index) < selection.end:
                found = (0, 0)  # an empty line
            if found is not None:
                whole = found == (0, length)
                alone = TextPlace(number, place, index) <= selection.start and (
                    selection.end <= TextPlace(number, place, index, length)
                )
                text = segment.source if whole and not alone else segment.laid.copied(*found)
                yield _Part(text, segment.source, whole, row.text[end:at], plain=True)
            at += len(segment.source)
            end = at


def _without_closing(row: Row, slab: LongSlab, raw: str) -> str:
    """What has not been cut yet, without the line that closes the code within which it begins.

    That line stays where the code begins in what stands as it was written too.
    """
    from desktop.markdown.fences import left_open, without_closing

    fence = left_open(row.text[: -slab.rest]) if slab.rest else ""
    return without_closing(slab.source, fence) if fence and not left_open(raw) else slab.source


def _gap(before: str, segment: Segment) -> str:
    """What stands between a segment and what was written before it: a part of a block goes on with it."""
    if not segment.continued:
        return _BLANK_LINE
    return "\n" if before.endswith("\n") else ""
