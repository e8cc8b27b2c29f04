"""Turns Markdown's blocks into segments, and keeps growing ones in step; imports what is slow when it is first used."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ui.transcript.look import Look
from ui.transcript.segments import CodeSegment, HiddenSegment, Segment, TableSegment

if TYPE_CHECKING:
    from desktop.markdown.blocks import Block, Definitions
    from desktop.markdown.splitter import Splitter
    from ui.transcript.writer import Writer

_HEADING_GAP, _ITEM_GAP = 20, 4
_PIECE = 1_200
"""Characters of a stored message that are parsed and laid out at once: less than a step of the wheel may take."""


class Scribe:
    """One for all rows of a transcript. `ratio` is how many real pixels a pixel of the screen has."""

    def __init__(self, look: Look, ratio: float = 1.0) -> None:
        self.look = look
        self._ratio = ratio
        self._writer: Writer | None = None
        self._checks: deque[Iterator[None]] = deque()

    @property
    def has_checks(self) -> bool:
        """Whether `check` has something to do."""
        return bool(self._checks)

    def restyle(self, look: Look, ratio: float = 1.0) -> None:
        """Write in another look from now on."""
        self.look, self._ratio, self._writer = look, ratio, None
        self._checks.clear()

    def splitter(self) -> Splitter:
        """What cuts a growing answer into blocks."""
        from desktop.markdown.splitter import Splitter

        return Splitter()

    def pieces(self, text: str) -> Sequence[str]:
        """A stored message's text in parts that are parsed one by one."""
        from desktop.markdown.segments import segments

        return segments(text, _PIECE)

    def definitions(self, text: str) -> Definitions:
        """What a stored message defines for all of its parts."""
        from desktop.markdown.segments import definitions

        return definitions(text)

    def blocks(self, source: str, known: Definitions) -> Sequence[Block]:
        """The blocks of a part."""
        from desktop.markdown.segments import blocks

        return blocks(source, known)

    def segment(self, block: Block, before: Segment | None = None) -> Segment:
        """A segment that shows a block; `before` is the one that it may go on with."""
        from desktop.markdown.blocks import Kind

        writer = self._made_writer()
        if block.kind is Kind.DEFINITION:
            return HiddenSegment(block.source)
        if block.kind is Kind.TABLE:
            goes_on = block.continued and isinstance(before, TableSegment)
            widths = writer.column_widths(before.laid.document) if goes_on and before is not None else ()
            made = TableSegment(writer.document(block, widths), block.source)
            made.gap = 0 if goes_on else made.gap
            return made
        document = writer.document(block)
        if block.kind is Kind.CODE:
            code = CodeSegment(document, block.source, language=block.language, code=block.content)
            if not block.open:
                self.finish(code)
            return code
        segment = Segment(document, block.source)
        if block.continued:
            segment.gap = _ITEM_GAP if block.kind is Kind.LIST else 0
        elif block.kind is Kind.HEADING:
            segment.gap = _HEADING_GAP
        return segment

    def update(self, segment: Segment, old: Block, new: Block) -> bool:
        """Make a segment that shows `old` show `new`; whether that was possible."""
        if not self._made_writer().update(segment.laid.document, old, new):
            return False
        segment.source = new.source
        if isinstance(segment, CodeSegment):
            segment.grown(new.content)
            if old.open and not new.open:
                self.finish(segment)
        return True

    def finish(self, segment: Segment) -> None:
        """Nothing follows in it any more: code is told apart once more as a whole, when there is time."""
        if isinstance(segment, CodeSegment):
            self._checks.append(self._made_writer().check(segment.laid.document))

    def check(self, budget_s: float) -> bool:
        """Go on with what was left for idle time, about so long; whether anything may look otherwise now."""
        limit = time.perf_counter() + budget_s
        any_step = False
        while self._checks and time.perf_counter() < limit:
            any_step = True
            if next(self._checks[0], self) is self:
                self._checks.popleft()
        return any_step

    def _made_writer(self) -> Writer:
        if self._writer is None:
            from ui.transcript.writer import Writer

            self._writer = Writer(self.look, self._ratio)
        return self._writer
