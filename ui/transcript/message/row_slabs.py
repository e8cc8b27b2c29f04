"""What a row is made of from top to bottom: slabs, made when it comes into view, growing at its end, cut bit by bit."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ui.transcript.message.body_slab import BodySlab
from ui.transcript.message.long_text import MOST_BLOCKS, MOST_CHARACTERS, LongText, TextPiece, shares
from ui.transcript.message.slabs import BriefSlab, FootSlab, HeadSlab, LongSlab, PlainSlab, Slab

if TYPE_CHECKING:
    from desktop.markdown.blocks import Block, Definitions
    from desktop.markdown.splitter import Splitter
    from ui.transcript.message.row import Row

PIECE = 5000
"""Characters of plain text in one slab, about."""


class RowSlabs:
    """The slabs of one row: head, thoughts if they are unfolded, text, foot."""

    def __init__(self, row: Row) -> None:
        self._row = row
        self._slabs: list[Slab] | None = None
        self._splitter: Splitter | None = None
        self._unrolling: LongText | None = None
        self._known: Definitions | None = None

    @property
    def slabs(self) -> Sequence[Slab]:
        """All of them, made when they are first asked for."""
        if self._slabs is None:
            self._slabs = self._make()
            if self._splitter is not None and self._row.text:
                self._feed(self._slabs, self._splitter, self._row.text)
        return self._slabs

    @property
    def made(self) -> Sequence[Slab]:
        """Those that there are already; none before they are asked for."""
        return self._slabs or ()

    @property
    def body(self) -> Sequence[Slab]:
        """Those that hold the row's text."""
        return [slab for slab in self.slabs if _is_body(slab)]

    @property
    def rest(self) -> int:
        """Characters of the text that have not been cut into slabs."""
        return self._unrolling.rest if self._unrolling is not None else 0

    def is_first(self, slab: Slab) -> bool:
        """Whether a slab is the first of the text."""
        return next((each for each in self.made if _is_body(each)), slab) is slab

    def parse(self, source: str) -> Sequence[Block]:
        """The blocks of a piece of the row's text."""
        return self._row.scribe.blocks(source, self.definitions())

    def definitions(self) -> Definitions:
        """What the text defines for all of its pieces."""
        if self._known is None:
            self._known = self._row.scribe.definitions(self._row.text)
        return self._known

    def forget(self) -> None:
        """All is to be made anew."""
        self._slabs = self._known = self._unrolling = self._splitter = None

    def unroll(self, seconds: float) -> None:
        """Cut more of a long text into slabs, for about so long."""
        until = time.perf_counter() + seconds
        while self._unrolling is not None and self._slabs is not None and time.perf_counter() < until:
            self._append(self._slabs, self._unrolling.step())
            if not self._unrolling.rest:
                self._unrolling = None
                self._slabs = [slab for slab in self._slabs if not isinstance(slab, LongSlab)]

    def grow(self, text: str) -> None:
        """More text came; the row has it already."""
        if self._slabs is None or self._splitter is None:
            return
        if len(text) == len(self._row.text) and self._row.reasoning:
            self._slabs[0].changed()  # it thought, and now it speaks
        self._feed(self._slabs, self._splitter, text)

    def grow_thoughts(self, reasoning: str) -> None:
        """More thoughts came; the row has them already."""
        if self._slabs is None:
            return
        if len(reasoning) == len(self._row.reasoning):
            self._slabs[0].changed()
        if not self._row.unfolded:
            return
        last = next((slab for slab in reversed(self._slabs) if isinstance(slab, PlainSlab)), None)
        if last is None or (len(last.text) > PIECE and "\n" in reasoning):
            at = 1 + sum(isinstance(slab, PlainSlab) for slab in self._slabs)
            self._slabs.insert(at, PlainSlab(self._row, reasoning, thought=True))
        else:
            last.append(reasoning)

    def end_growth(self) -> bool:
        """The answer is whole: close what was open; whether all has to be made anew."""
        splitter, self._splitter = self._splitter, None
        if splitter is None or self._slabs is None:
            return False
        update = splitter.finish()
        self._take(self._slabs, update.closed, update.open)
        for slab in self._slabs:
            if isinstance(slab, BodySlab):
                slab.close()
        return update.redo

    def fold(self) -> None:
        """The thoughts were folded or unfolded: slabs of the text stay as they are."""
        if self._slabs is None or self._row.brief:
            return
        rest = [slab for slab in self._slabs if not (isinstance(slab, PlainSlab) and slab.is_thought)]
        rest[1:1] = self._thoughts() if self._row.unfolded else []
        self._slabs = rest

    def changed(self) -> None:
        """What stands around the text is another one."""
        for slab in self.made:
            if isinstance(slab, HeadSlab | FootSlab):
                slab.changed()

    def wrapped(self) -> None:
        """Code in it is broken into lines otherwise: slabs of the text are laid out again."""
        for slab in self.body:
            slab.changed()

    def restyle(self) -> None:
        """The look changed: all is laid out again."""
        for slab in self.made:
            slab.restyle()

    def code_at(self, start: int) -> str:
        """The whole code of the block that begins at a place of the text."""
        found: list[str] = []
        for slab in self.slabs:
            if not isinstance(slab, BodySlab) or slab.start is None:
                continue
            at = slab.start
            for block in slab.blocks if found or slab.start <= start else ():
                if at == start or (found and block.continued):
                    found.append(block.content)
                elif found:
                    return "".join(found)
                at += len(block.source)
        return "".join(found)

    def _make(self) -> list[Slab]:
        row = self._row
        slabs: list[Slab] = [HeadSlab(row)]
        if row.brief:
            return [*slabs, BriefSlab(row), FootSlab(row)]
        if row.unfolded and row.reasoning:
            slabs += self._thoughts()
        if row.is_prompt or (row.as_written and not row.live):
            slabs += [PlainSlab(row, piece, start=start) for start, piece in pieces(row.text)]
        elif row.live:
            self._splitter = row.scribe.splitter()
            slabs.append(BodySlab.growing(row))
        else:
            return self._stored([*slabs, LongSlab(row), FootSlab(row)])
        return [*slabs, FootSlab(row)]

    def _stored(self, slabs: list[Slab]) -> list[Slab]:
        """The beginning of a stored text; the rest is cut when it is looked at."""
        text = self._row.text.replace("\r\n", "\n").replace("\r", "\n")
        self._unrolling = LongText(text, self.definitions)
        self._append(slabs, self._unrolling.first())
        if not self._unrolling.rest:
            self._unrolling = None
            del slabs[-2]
        return slabs

    def _append(self, slabs: list[Slab], cut: Sequence[TextPiece]) -> None:
        """More slabs, above what is still to be cut."""
        for piece in cut:
            made = BodySlab(self._row, piece.source, piece.start, piece.blocks)
            before = slabs[-3]
            if isinstance(before, BodySlab):
                if piece.blocks:
                    made.follow(before, piece.blocks[0])
                before.pack()
            slabs.insert(len(slabs) - 2, made)

    def _thoughts(self) -> list[Slab]:
        return [PlainSlab(self._row, piece, thought=True) for _, piece in pieces(self._row.reasoning)]

    def _feed(self, slabs: list[Slab], splitter: Splitter, text: str) -> None:
        update = splitter.feed(text)
        self._take(slabs, update.closed, update.open)

    def _take(self, slabs: list[Slab], closed: Sequence[Block], tail: Sequence[Block]) -> None:
        """Put blocks at the end, in slabs of their own where there are many."""
        last = slabs[-2]
        assert isinstance(last, BodySlab)
        cut = shares(closed, *last.filled) or [[]]
        for part in cut[:-1]:
            last.take(part, ())
            last = self._below(slabs, last)
        blocks, size = last.filled
        size += sum(len(block.source) for block in cut[-1])
        if blocks + len(cut[-1]) >= MOST_BLOCKS or size >= MOST_CHARACTERS:
            last.take(cut[-1], ())
            last = self._below(slabs, last)
            last.take((), tail)
        else:
            last.take(cut[-1], tail)

    def _below(self, slabs: list[Slab], last: BodySlab) -> BodySlab:
        """A new slab for what follows."""
        made = BodySlab.growing(self._row, (last.start or 0) + len(last.source))
        made.above = last
        slabs.insert(len(slabs) - 1, made)
        return made


def pieces(text: str) -> list[tuple[int, str]]:
    """Plain text in pieces of about PIECE characters and where they begin, cut at ends of lines where there are any."""
    found: list[tuple[int, str]] = []
    at = 0
    while len(text) - at > PIECE:
        end = text.rfind("\n", at, at + PIECE)
        found.append((at, text[at : end if end > at else at + PIECE]))
        at = end + 1 if end > at else at + PIECE
    return [*found, (at, text[at:])] if text[at:] or not found else found


def _is_body(slab: Slab) -> bool:
    return isinstance(slab, BodySlab) or (isinstance(slab, PlainSlab) and not slab.is_thought)
