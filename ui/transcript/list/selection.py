"""Selection of text across segments and messages, and its conversion to text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from msgspec import Struct

from ui.transcript.message.body_slab import BodySlab
from ui.transcript.message.card_slab import CardSlab
from ui.transcript.message.row import LONGEST_PLAIN, Row
from ui.transcript.message.segments import CodeSegment, Segment, TableSegment
from ui.transcript.message.slabs import LongSlab, PlainSlab

if TYPE_CHECKING:
    from desktop.transfer.export.copied_html import CopiedKind, CopiedMessage, CopiedPiece

_BLANK_LINE = "\n\n"


class TextPlace(Struct, frozen=True, order=True):
    """Position in the transcript's text: row, slab, segment and offset."""

    row: int
    slab: int = 0
    segment: int = 0
    position: int = 0


class Selection(Struct, frozen=True):
    """Selected range from anchor to head, in either order."""

    anchor: TextPlace
    head: TextPlace

    @property
    def start(self) -> TextPlace:
        """The earlier end of the selection."""
        return min(self.anchor, self.head)

    @property
    def end(self) -> TextPlace:
        """The later end of the selection."""
        return max(self.anchor, self.head)

    def __bool__(self) -> bool:
        return self.anchor != self.head

    def within(self, row: int, slab: int, segment: int, length: int) -> tuple[int, int] | None:
        """Return the selected range in a segment, or None if nothing in it is selected."""
        first, last = TextPlace(row, slab, segment, 0), TextPlace(row, slab, segment, length)
        start, end = max(self.start, first), min(self.end, last)
        return (start.position, end.position) if start < end else None

    def covers(self, row: int) -> bool:
        """Whether a whole row is selected."""
        return self.start < TextPlace(row) and self.end >= TextPlace(row + 1)


def whole(first: int, last: int) -> Selection:
    """Return a selection of whole rows."""
    return Selection(TextPlace(min(first, last)), TextPlace(max(first, last) + 1))


def as_text(rows: Sequence[Row], selection: Selection) -> str:
    """Return the selected text as displayed, with the authors if the selection spans several messages."""
    return _joined(rows, selection, _shown)


def as_markdown(rows: Sequence[Row], selection: Selection) -> str:
    """Return the selected text as Markdown. Blocks that are only partly selected are returned as displayed.

    Open code fences are closed, so that they do not extend into the next message.
    """
    return _joined(rows, selection, _written, ended=_closed)


def as_messages(rows: Sequence[Row], selection: Selection) -> list[CopiedMessage]:
    """Return the selected text of each message: complete blocks as Markdown, the rest as displayed."""
    from desktop.transfer.export.copied_html import CopiedMessage

    found: list[CopiedMessage] = []
    for row, parts in _marked(rows, selection):
        pieces = tuple(_pieces(parts))
        if pieces:
            found.append(CopiedMessage(row.author, pieces))
    return found


class _Part(Struct, frozen=True):
    """Selected part of a segment, with the separator before it."""

    text: str
    source: str
    """Markdown source of the segment. Plain text has no line end."""
    whole: bool
    gap: str
    plain: bool = False
    segment: Segment | None = None
    """The segment with the selected range, or None if the text was never displayed."""
    span: tuple[int, int] = (0, 0)


def _pieces(parts: Sequence[_Part]) -> Iterator[CopiedPiece]:
    from desktop.transfer.export.copied_html import CopiedKind, CopiedPiece
    from ui.transcript.text.marked_runs import runs_as_html

    def kind_of(part: _Part) -> CopiedKind:
        """Return how the formatting of a part is preserved. Complete blocks are converted from their Markdown."""
        if part.whole and not part.plain:
            return CopiedKind.MARKDOWN
        if isinstance(part.segment, CodeSegment):
            return CopiedKind.CODE
        if part.plain or part.segment is None:
            return CopiedKind.PLAIN
        return CopiedKind.TABLE if isinstance(part.segment, TableSegment) else CopiedKind.RUNS

    for kind, run in groupby(parts, kind_of):
        if kind in (CopiedKind.MARKDOWN, CopiedKind.PLAIN):
            held = [*run]
            text = _written(held) if kind is CopiedKind.MARKDOWN else _shown(held)
            if text.strip():
                yield CopiedPiece(kind, text)
            continue
        for part in run:
            if isinstance(part.segment, CodeSegment):
                yield CopiedPiece(kind, part.segment.laid.copied(*part.span), part.segment.language)
            elif kind is CopiedKind.TABLE or part.segment is None:
                yield CopiedPiece(kind, part.text)
            else:
                yield CopiedPiece(kind, runs_as_html(part.segment.laid, *part.span))


def _shown(parts: Sequence[_Part]) -> str:
    told = [part for part in parts if part.text or part.plain]
    return "".join(f"{part.gap if place else ''}{part.text}" for place, part in enumerate(told))


def _written(parts: Sequence[_Part]) -> str:
    pieces: list[str] = []
    for index, part in enumerate(parts):
        text = part.source if part.whole else part.text
        if index and part.gap == _BLANK_LINE:
            pieces[-1] = pieces[-1].rstrip("\n")
            text = text.lstrip("\n")
        elif index and parts[index - 1].whole and not part.plain:
            pieces[-1] = pieces[-1].removesuffix("\n")
        pieces += [part.gap if index else "", text]
    return "".join(pieces).strip("\n")


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
    told = [(row.author, text) for row, parts in _marked(rows, selection) if (text := said(parts))]
    if len(told) == 1:
        return told[0][1]
    return "\n\n".join(f"{who}:\n{ended(text)}" for who, text in told)


def _marked(rows: Sequence[Row], selection: Selection) -> Iterator[tuple[Row, list[_Part]]]:
    for number in range(selection.start.row, min(selection.end.row, len(rows) - 1) + 1):
        row = rows[number]
        yield row, [*(_typed(row, number, selection) if row.is_prompt else _parts(row, number, selection))]


def _parts(row: Row, number: int, selection: Selection) -> Iterator[_Part]:
    """Yield the selected parts of a row.

    In a very long row, parts that were never displayed are yielded as source, because laying them out would block
    the window.
    """
    is_long = len(row.text) > LONGEST_PLAIN
    before, end = "", -1  # the block before, as it was written, and where the plain text before ends in the message
    raw = ""  # what stands right before as it was written since nobody saw it
    for slab_number, slab in enumerate(row.slabs):
        if isinstance(slab, PlainSlab) and slab.is_thought and selection.covers(number):
            continue
        if isinstance(slab, CardSlab):
            if selection.start > TextPlace(number) or selection.end < TextPlace(number + 1):  # not the whole message
                yield from _card_parts(slab, number, slab_number, selection)
            before = raw = ""
            continue
        if isinstance(slab, LongSlab) or (isinstance(slab, BodySlab) and is_long and not slab.is_made):
            text = slab.source
            if selection.start <= TextPlace(number, slab_number) and selection.end >= TextPlace(
                number, slab_number + 1
            ):
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
            span = selection.within(number, slab_number, index, length)
            if not length and selection.start <= TextPlace(number, slab_number, index) < selection.end:
                span = (0, 0)  # a rule, or what is defined for links: written, though nothing is shown
            if span is not None:
                gap = ("" if torn else "\n") if plain else _gap(before, segment)
                is_whole = span == (0, length)
                yield _Part(segment.laid.copied(*span), segment.source, is_whole, gap, plain, segment, span)
            before = segment.source
        if isinstance(slab, PlainSlab) and slab.start is not None:
            end = slab.start + len(slab.text)


def _card_parts(slab: CardSlab, number: int, slab_number: int, selection: Selection) -> Iterator[_Part]:
    """Yield the selected part of a tool card as plain text. The first line of a card has its state at the end."""
    segment = slab.segments[0]
    length = segment.laid.length
    span = selection.within(number, slab_number, 0, length)
    if span is None:
        return
    is_whole = span == (0, length)
    text = segment.source if is_whole else segment.laid.copied(*span)
    gap = _BLANK_LINE if slab.kind is None else "" if slab.is_torn else "\n"
    yield _Part(text, text, is_whole, gap, plain=True, segment=segment, span=span)


def _typed(row: Row, number: int, selection: Selection) -> Iterator[_Part]:
    """Yield the selected parts of a prompt, including the text between them and the fences around code."""
    is_long = len(row.text) > LONGEST_PLAIN
    end = 0
    for slab_number, slab in enumerate(row.slabs):
        if slab.start is None:
            continue
        at = slab.start
        if isinstance(slab, BodySlab) and is_long and not slab.is_made:
            if selection.start <= TextPlace(number, slab_number) and selection.end >= TextPlace(
                number, slab_number + 1
            ):
                yield _Part(slab.source, slab.source, whole=True, gap=row.text[end:at], plain=True)
            end = at + slab.length
            continue
        for index, segment in enumerate(slab.segments):
            length = segment.laid.length
            span = selection.within(number, slab_number, index, length)
            if not length and selection.start <= TextPlace(number, slab_number, index) < selection.end:
                span = (0, 0)  # an empty line
            if span is not None:
                whole = span == (0, length)
                alone = TextPlace(number, slab_number, index) <= selection.start and (
                    selection.end <= TextPlace(number, slab_number, index, length)
                )
                text = segment.source if whole and not alone else segment.laid.copied(*span)
                gap = row.text[end:at]
                yield _Part(text, segment.source, whole, gap, plain=True, segment=segment, span=span)
            at += len(segment.source)
            end = at


def _without_closing(row: Row, slab: LongSlab, raw: str) -> str:
    """Return text that is not split yet, without the closing line of the code fence in which it begins.

    The line stays if the fence begins in text that is copied as source.
    """
    from desktop.markdown.fences import left_open, without_closing

    fence = left_open(row.text[: -slab.rest]) if slab.rest else ""
    return without_closing(slab.source, fence) if fence and not left_open(raw) else slab.source


def _gap(before: str, segment: Segment) -> str:
    """Return the separator before a segment, which is empty within a block."""
    if not segment.continued:
        return _BLANK_LINE
    return "\n" if before.endswith("\n") else ""
