"""A piece of an answer's text: its Markdown blocks as segments, made when it comes into view, or growing at its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor

from ui.transcript.segments import Segment
from ui.transcript.slabs import MarksOf, Pen, Slab, guess

if TYPE_CHECKING:
    from desktop.markdown.blocks import Block
    from ui.transcript.rows import Row

_CARET = (2, 17)
_EMPTY = 21
"""Pixels high before the first word."""

MOST_SEGMENTS = 24
"""Segments of one slab; a longer text goes on in the next one."""


class BodySlab(Slab):
    """Segments one below the other. Of a growing one the last blocks are open: each change gives them anew."""

    def __init__(self, row: Row, source: str = "", start: int = 0) -> None:
        super().__init__(row)
        self.start = start
        self._source = source
        self._blocks: list[Block] = []
        self._segments: list[Segment] | None = None
        self._open = 0
        self._tops: list[int] = []

    @classmethod
    def growing(cls, row: Row, start: int = 0) -> BodySlab:
        """One without blocks yet, whose text begins at a place of the message's."""
        made = cls(row, start=start)
        made._segments = []
        return made

    @property
    def segments(self) -> Sequence[Segment]:
        """What it shows."""
        return self._made()

    @property
    def is_made(self) -> bool:
        """Whether its segments are there already."""
        return self._segments is not None

    @property
    def blocks(self) -> Sequence[Block]:
        """The blocks that it shows, parsed now if they were not."""
        if not self._blocks and self._source:
            self._blocks = list(self.row.parse(self._source))
        return self._blocks

    @property
    def source(self) -> str:
        """Its Markdown."""
        return self._source or "".join(block.source for block in self._blocks)

    @property
    def is_full(self) -> bool:
        """Whether what follows goes into another slab."""
        return len(self._blocks) - self._open >= MOST_SEGMENTS

    def take(self, closed: Sequence[Block], tail: Sequence[Block]) -> None:
        """Put blocks in the place of those that were open; the first ones are closed now."""
        segments = self._made()
        first = len(self._blocks) - self._open
        old = self._blocks[first:]
        new = [*closed, *tail]
        kept: list[Segment] = []
        untouched = True
        for number, block in enumerate(new):
            before = old[number] if number < len(old) else None
            segment = segments[first + number] if before is not None else None
            same = before is not None and before.source == block.source and before.kind is block.kind
            if segment is None or before is None or not self._updated(segment, before, block):
                last = kept[-1] if kept else segments[first - 1] if first else None
                segment = self.row.scribe.segment(block, last)
            if untouched and not same:
                self.dirty_from = self._tops[first + number] if first + number < len(self._tops) else self._end()
                untouched = False
            kept.append(segment)
        if untouched:
            self.dirty_from = self._end()
        self._blocks[first:] = new
        segments[first:] = kept
        self._open = len(tail)
        self.changed()

    def close(self) -> None:
        """Nothing follows: what was open stands."""
        self._open = 0

    def drop(self) -> None:
        """Forget the documents, of a stored text the blocks too."""
        if self._open:
            return
        self._segments = None
        if self._source:
            self._blocks = []

    def restyle(self) -> None:
        """Make the segments anew, also those that grow."""
        self._segments = self._written() if self._open else None
        self.changed()

    def segment_top(self, number: int, width: int) -> int:
        """Where a segment begins, from the slab's top."""
        self.height(width)
        return self._tops[number]

    def paint(self, pen: Pen, marks: MarksOf) -> None:
        """Draw the segments that lie within the clip."""
        self.height(pen.width)
        segments = self._made()
        for number, segment in enumerate(segments):
            top = pen.top + self._tops[number]
            if top > pen.clip.bottom():
                break
            below = pen.top + (self._tops[number + 1] if number + 1 < len(segments) else self._known or 0)
            if below >= pen.clip.top():
                at = QPointF(pen.left, top)
                segment.paint(pen.painter, self.row.look, at, pen.width, pen.clip, marks(number))
        if self.row.live and self.row.body[-1] is self:
            self._paint_caret(pen)

    def _paint_caret(self, pen: Pen) -> None:
        """Where the next word will come."""
        end, top = QRectF(0, 0, 0, 20), pen.top
        if segments := self._made():
            end, top = segments[-1].rect_of(segments[-1].laid.length), pen.top + self._tops[-1]
        box = QRectF(pen.left + end.x() + 1, top + end.y() + 1, *_CARET)
        pen.painter.fillRect(box, QColor(self.row.look.theme.accent))

    def _end(self) -> int:
        return self._known or 0

    def _made(self) -> list[Segment]:
        if self._segments is None:
            self._segments = self._written()
        return self._segments

    def _written(self) -> list[Segment]:
        made: list[Segment] = []
        for block in self.blocks:
            made.append(self.row.scribe.segment(block, made[-1] if made else None))
        return made

    def _updated(self, segment: Segment, before: Block, block: Block) -> bool:
        """Whether a segment shows another state of its block now."""
        if before.source == block.source and before.open == block.open and before.tokens == block.tokens:
            return True
        return self.row.scribe.update(segment, before, block)

    def _lay_out(self, width: int) -> int:
        y = 0 if self._made() or not self.row.live else _EMPTY
        self._tops = []
        for number, segment in enumerate(self._made()):
            if number or not self.row.is_first(self):
                y += segment.gap
            self._tops.append(y)
            y += segment.height(width)
        return y

    def _guess(self, width: int) -> int:
        return guess(self.source, width)
