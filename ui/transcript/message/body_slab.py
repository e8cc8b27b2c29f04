"""Slab of Markdown blocks, each shown by a segment. Created when visible, and may grow at its end."""

from __future__ import annotations

import zlib
from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor

from ui.transcript.message.long_text import weight
from ui.transcript.message.section_folds import BlockFold, OpenSection, has_section
from ui.transcript.message.section_segment import SectionSegment
from ui.transcript.message.segment_chain import SegmentChain
from ui.transcript.message.segments import TEXT_GAP, CodeSegment, Segment, TableSegment
from ui.transcript.message.slabs import MarksOf, Pen, Slab, guess, paint_bubble
from ui.widgets.fills import fill

if TYPE_CHECKING:
    from desktop.markdown.blocks import Block
    from ui.transcript.message.segment_builder import SegmentBuilder
    from ui.transcript.message.shown import Shown
    from ui.transcript.text.look import Look

_CARET = (2, 17)
_EMPTY = 21
"""Height in pixels before the first word arrives."""

Spot = tuple[int, int, float]
"""Reading position: segment, paragraph, and share of the paragraph's height."""


class BodySlab(Slab):
    """Segments from top to bottom. In a growing slab, the last blocks are open and replaced at each change."""

    def __init__(self, shown: Shown, source: str = "", start: int = 0, blocks: Sequence[Block] = ()) -> None:
        super().__init__(shown)
        self.start = start
        self.is_first = False
        """Whether the text begins with it: nothing stands between its first block and the head."""
        self.gap_below = 0
        """Pixels below it: in a prompt text follows right behind code."""
        self._growing = False
        self._source = source
        self._blocks: list[Block] = [*blocks]
        self._packed = b""
        self._guessed = (0, 0)  # width and height
        self._before: SegmentChain | None = None
        self._chains: dict[int, SegmentChain] = {}
        self._goes_on = False
        self.above: BodySlab | None = None
        """The slab that a growing one follows, until it has blocks of its own."""
        self.previous: Slab | None = None
        """The slab of the body right above."""
        self._folded: frozenset[int] = frozenset()
        """Numbers of the segments that were hidden at the last layout."""
        self._has_sections: bool | None = None
        """Whether the source may contain sections; None if unknown."""
        self._segments: list[Segment] | None = None
        self._open = 0
        self._tops: list[int] = []
        self._standing = (0, -1)
        """How many segments stand as they were laid out last, and for which width that was."""

    @classmethod
    def growing(cls, shown: Shown, start: int = 0) -> BodySlab:
        """Return an empty slab that can grow. Its text begins at an offset in the message."""
        slab = cls(shown, start=start)
        slab._segments = []
        slab._growing = True
        return slab

    def follow(self, slab: BodySlab, block: Block) -> None:
        """Continue the last table or code block of the slab above, if `block`, the first one here, is a part of it."""
        if block.continued and slab.blocks:
            self._before = slab.chain(len(slab.blocks) - 1)
            slab.goes_on()

    @property
    def segments(self) -> Sequence[Segment]:
        """The segments, created on first use."""
        return self._made()

    @property
    def is_made(self) -> bool:
        """Whether the segments exist."""
        return self._segments is not None

    @property
    def blocks(self) -> Sequence[Block]:
        """The Markdown blocks, parsed on first use."""
        if not self._blocks and self._packed:
            import pickle

            self._blocks = pickle.loads(zlib.decompress(self._packed))  # noqa: S301 - packed by ourselves
        elif not self._blocks and self._source:
            self._blocks = list(self.shown.parse(self._source))
        return self._blocks

    @property
    def source(self) -> str:
        """The Markdown source of the slab."""
        return self._source or "".join(block.source for block in self._blocks)

    @property
    def length(self) -> int:
        """Length of the Markdown source."""
        return len(self._source) or sum(len(block.source) for block in self._blocks)

    @property
    def filled(self) -> tuple[int, int]:
        """Number of closed blocks and their total weight."""
        closed = self._blocks[: len(self._blocks) - self._open]
        return len(closed), sum(map(weight, closed))

    def chain(self, number: int) -> SegmentChain | None:
        """Return the state that a table or code block shares with its other parts; None for other blocks."""
        from desktop.markdown.blocks import BlockKind

        block = self.blocks[number]
        if block.kind not in (BlockKind.CODE, BlockKind.TABLE):
            return None
        if block.continued:
            before = self.chain(number - 1) if number else self._before
            if before is not None:
                return before
        return self._chains.setdefault(number, SegmentChain())

    def goes_on(self) -> None:
        """Record that the last table or code block continues in the slab below."""
        if not self._goes_on:
            self._goes_on = True
            self.changed()

    def take(self, closed: Sequence[Block], tail: Sequence[Block]) -> None:
        """Replace the open blocks by `closed` ones followed by a `tail` of open ones."""
        segments = self._made()
        self._packed, self._source = b"", ""
        first = len(self._blocks) - self._open
        old = self._blocks[first:]
        new = [*closed, *tail]
        if new and self.above is not None:
            self.follow(self.above, new[0])
            self.above = None
        updated: list[Segment] = []
        standing = min(self._standing[0], first)
        untouched = True
        self._blocks[first:] = new
        for number, block in enumerate(new):
            before = old[number] if number < len(old) else None
            segment = segments[first + number] if before is not None else None
            same = before is not None and before.source == block.source and before.kind is block.kind
            revision = segment.laid.document.revision() if segment is not None else 0
            within = 0
            if segment is None or before is None or not _updated(self.shown.builder, segment, before, block):
                segment = self._segment(first + number)
            elif not same:
                within = segment.top_changed_since(revision)
            if untouched and not same:
                known = first + number < len(self._tops)
                self.dirty_from = self._tops[first + number] + within if known else self._known or 0
                untouched = False
            elif untouched:
                standing = min(self._standing[0], first + number + 1)
            updated.append(segment)
        if not tail:  # what was open looks otherwise now, and has no caret
            self.dirty_from = self._tops[min(first, len(self._tops) - 1)] if self._tops else 0
        elif untouched:
            self.dirty_from = self._known or 0
        segments[first:] = updated
        self._open = len(tail)
        super().changed()
        self._standing = (standing, self._standing[1])

    def changed(self) -> None:
        """Request a new layout of all segments."""
        super().changed()
        self._standing = (0, -1)

    def close(self) -> None:
        """Close the open blocks, because no text follows."""
        self._open, self._growing = 0, False

    def drop(self) -> None:
        """Discard documents, and blocks that can be parsed again, unless the slab is growing."""
        if not self._grows:
            super().drop()

    def pack(self) -> None:
        """Compress the blocks while the slab is hidden.

        Millions of token objects would slow down each full garbage collection to a second.
        """
        if self._segments is not None or not self._blocks:
            return
        if not self._source and not self._packed:
            self._source = self.source
            import pickle  # long messages alone need it

            self._packed = zlib.compress(pickle.dumps(self._blocks, pickle.HIGHEST_PROTOCOL), 1)
        self._blocks = []

    def restyle(self) -> None:
        """Recreate the segments for a new look."""
        self._chains = {number: SegmentChain(wraps=chain.wraps) for number, chain in self._chains.items()}
        self._segments = self._written() if self._open else None
        self.changed()

    def segment_top(self, number: int, width: int) -> int:
        """Return the offset of a segment in the slab."""
        self.height(width)
        return self._tops[number]

    def is_folded(self, number: int) -> bool:
        """Whether a segment is hidden, because it is in a folded section."""
        return number in self._folded

    def block_folds(self) -> Sequence[BlockFold]:
        """Return how each block takes part in folding; empty if the message has no sections."""
        if not self.shown.folds.has_sections:
            return ()
        above: list[BodySlab] = []
        slab = self.previous
        while isinstance(slab, BodySlab):
            if slab.may_have_sections:
                above.append(slab)
            slab = slab.previous
        sections: list[OpenSection] = []
        for each in reversed(above):
            deque(self.shown.folds.around(each.start or 0, each.blocks, sections), maxlen=0)
        return tuple(self.shown.folds.around(self.start or 0, self.blocks, sections))

    @property
    def may_have_sections(self) -> bool:
        """Whether a section may begin or end in the slab."""
        if self._growing or self._has_sections is None:
            self._has_sections = has_section(self.source)
        return self._has_sections

    def unfold(self, number: int) -> bool:
        """Unfold the sections around a segment. Returns whether any was folded."""
        folds = self.block_folds()
        folded = [section for section in folds[number].around if section.folded] if folds else []
        for section in folded:
            self.shown.folds.fold(section.start, on=False)
        return bool(folded)

    def spot_in(self, top: int, bottom: int, width: int) -> tuple[Spot, int]:
        """Return a reading position between two heights, and its offset in pixels.

        The position is the start of a block or a line. It stays valid when the slab changes.
        """
        self.height(width)
        following = bisect_left(self._tops, top)
        if following < len(self._tops) and self._tops[following] < bottom:
            return (following, 0, 0.0), self._tops[following]
        number = max(following - 1, 0)
        while number and number in self._folded:
            number -= 1
        return (number, *self._made()[number].laid.paragraph_at(top - self._tops[number])), top

    def top_of_spot(self, spot: Spot, width: int) -> int:
        """Return the current offset of a reading position in pixels."""
        self.height(width)
        number, paragraph, share = spot
        return self._tops[number] + self._made()[number].laid.top_of(paragraph, share)

    def paint(self, pen: Pen, marks: MarksOf) -> None:
        """Paint the segments that are inside the clip."""
        tall, inner = self.height(pen.width), self.room(pen.width)
        if self.shown.is_prompt:
            paint_bubble(pen, tall, self.shown.look)
        segments = self._made()
        for number, segment in enumerate(segments):
            top = pen.top + self._tops[number]
            if number in self._folded:
                continue
            if top > pen.clip.bottom():
                break
            below = pen.top + (self._tops[number + 1] if number + 1 < len(segments) else self._known or 0)
            if below >= pen.clip.top():
                at = QPointF(pen.left + self.inset(), top)
                segment.paint(pen.painter, self.shown.look, at, inner, pen.clip, marks(number))
        if self._grows:
            shown = [number for number in range(len(segments)) if number not in self._folded] if self._folded else ()
            last = shown[-1] + 1 if shown else len(segments)
            _paint_caret(pen, self.shown.look, segments[:last], self._tops or (self._empty_top,))

    @property
    def _empty_top(self) -> int:
        """Offset of the caret while there is no text yet, which may come after a tool call."""
        return 0 if self.is_first else TEXT_GAP

    @property
    def _grows(self) -> bool:
        """Whether more text may be added to the slab."""
        return self._open > 0 or (self._growing and self.shown.live)

    def _forget(self) -> None:
        self._segments = None
        self.pack()

    def _made(self) -> list[Segment]:
        if self._segments is None:
            self._segments = self._written()
        return self._segments

    def _written(self) -> list[Segment]:
        return [self._segment(number) for number in range(len(self.blocks))]

    def _segment(self, number: int) -> Segment:
        start = (self.start or 0) + sum(len(block.source) for block in self._blocks[:number])
        segment = self.shown.builder.segment(self._blocks[number], self.chain(number), start)
        self.shown.builder.held_by(segment, self)
        return segment

    def _lay_out(self, width: int) -> int:
        segments = self._made()
        standing, laid_for = self._standing
        # Lay out the last unchanged segment again, because its lower edge may depend on the one below.
        first = standing - 1 if laid_for == width and 1 < standing <= len(self._tops) else 0
        y = self._tops[first] if first else 0 if segments or not self.shown.live else self._empty_top + _EMPTY
        del self._tops[first:]
        folds = self.block_folds()
        self._folded = frozenset(number for number, fold in enumerate(folds) if fold.hidden)
        for number, segment in enumerate(segments[first:], start=first):
            if number in self._folded:
                self._tops.append(y)
                continue
            if isinstance(segment, SectionSegment) and (section := folds[number].section) is not None:
                segment.section = section
            if isinstance(segment, CodeSegment | TableSegment):
                following = self._blocks[number + 1] if number + 1 < len(self._blocks) else None
                segment.goes_on = following.continued if following is not None else self._goes_on
            if number > first or (not first and not self.is_first):
                y += segment.gap
            self._tops.append(y)
            y += segment.height(self.room(width))
        self._standing = (len(segments), width)
        return y + self.gap_below

    def _guess(self, width: int) -> int:
        if self._guessed[0] != width:
            self._guessed = (width, guess(self.source, width))
        return self._guessed[1]


def _updated(builder: SegmentBuilder, segment: Segment, before: Block, block: Block) -> bool:
    """Change a segment from one state of its block to the next. Returns whether that was possible."""
    if before.source == block.source and before.open == block.open and before.tokens == block.tokens:
        return True
    return builder.update(segment, before, block)


def _paint_caret(pen: Pen, look: Look, segments: Sequence[Segment], tops: Sequence[int]) -> None:
    """Paint a caret at the position where the next word will appear."""
    end, top = QRectF(0, 0, 0, 20), pen.top + tops[0]
    if segments:
        end, top = segments[-1].rect_of(segments[-1].laid.length), pen.top + tops[-1]
    beside = -1 - _CARET[0] if segments and segments[-1].laid.ends_rtl else 1
    within = min(max(end.x() + beside, 0), pen.width - _CARET[0] - 1)  # a line of code may go on beyond its box
    box = QRectF(pen.left + within, top + end.y() + 1, *_CARET)
    fill(pen.painter, box, QColor(look.theme.accent))
