"""Slabs of a row, which are created when visible, grow at the end, and split long texts step by step."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ui.transcript.message.body_slab import BodySlab
from ui.transcript.message.long_text import (
    MOST_BLOCKS,
    MOST_CHARACTERS,
    LongText,
    MixedText,
    TextPiece,
    shares,
    weight,
)
from ui.transcript.message.section_folds import SectionFolds
from ui.transcript.message.segments import FRAME_GAP
from ui.transcript.message.slabs import BriefSlab, FootSlab, HeadSlab, LongSlab, PlainSlab, Slab
from ui.transcript.message.tool_card import ToolCard, text_pieces

if TYPE_CHECKING:
    from desktop.markdown.blocks import Block, Definitions
    from desktop.markdown.prompt_fences import PromptPart
    from desktop.markdown.splitter import Splitter
    from ui.transcript.message.files_slab import FilesSlab
    from ui.transcript.message.shown import Shown
    from ui.transcript.message.tool_slabs import CardFilesSlab, CardHeadSlab, CardTextSlab

    BodyPart = PlainSlab | BodySlab | CardHeadSlab | CardTextSlab | CardFilesSlab

PIECE = 5000
"""Approximate length of the plain text in one slab."""


class Layers:
    """Slabs of a row by kind: head, files, expanded reasoning, body and foot."""

    def __init__(self, shown: Shown) -> None:
        self.head = HeadSlab(shown)
        self.files: FilesSlab | None = None
        self.thoughts: list[PlainSlab] = []
        self.body: list[BodyPart] = []
        self.uncut: BriefSlab | LongSlab | None = None
        """What stands for text that no slab of the body shows: all of it in a line, or the rest of a long one."""
        self.foot = FootSlab(shown)
        self.slabs: list[Slab] = []

    def join(self) -> None:
        """Rebuild the list of all slabs after some of them changed."""
        uncut = [self.uncut] if self.uncut is not None else []
        files = [self.files] if self.files is not None else []
        self.slabs = [self.head, *files, *self.thoughts, *self.body, *uncut, self.foot]

    def add(self, slab: BodySlab | CardHeadSlab) -> None:
        """Append a slab to the body."""
        slab.is_first = not self.body
        slab.previous = self.body[-1] if self.body else None
        self.body.append(slab)
        self.slabs.insert(len(self.slabs) - (1 if self.uncut is None else 2), slab)


class RowSlabs:
    """Creates and updates the slabs of one row."""

    __slots__ = ("_folds", "_known", "_layers", "_shown", "_splitter", "_unrolling")

    def __init__(self, shown: Shown) -> None:
        self._shown = shown
        self._layers: Layers | None = None
        self._splitter: Splitter | None = None
        self._unrolling: LongText | MixedText | None = None
        self._known: Definitions | None = None
        self._folds: SectionFolds | None = None

    @property
    def folds(self) -> SectionFolds:
        """Which sections are folded."""
        if self._folds is None:
            self._folds = SectionFolds(self._shown)
        return self._folds

    @property
    def slabs(self) -> Sequence[Slab]:
        """All slabs, created on first use."""
        if self._layers is None:
            self._layers = self._make()
            if self._splitter is not None and self._shown.cards:
                self._feed_mixed(self._layers, self._splitter)
            elif self._splitter is not None and self._shown.text:
                self._feed(self._layers, self._splitter, self._shown.text)
        return self._layers.slabs

    @property
    def made(self) -> Sequence[Slab]:
        """The slabs that exist; none are created."""
        return self._layers.slabs if self._layers is not None else ()

    @property
    def body(self) -> Sequence[BodyPart]:
        """The slabs that contain the row's text."""
        return self._layers.body if self.slabs and self._layers is not None else ()

    @property
    def blocks(self) -> Sequence[Block]:
        """The Markdown blocks of the text, as far as it is split."""
        return [block for slab in self.body if isinstance(slab, BodySlab) for block in slab.blocks]

    @property
    def rest(self) -> int:
        """Length of the text that is not split yet."""
        return self._unrolling.rest if self._unrolling is not None else 0

    def parse(self, source: str) -> Sequence[Block]:
        """Return the blocks of a piece of the row's text."""
        return self._shown.builder.blocks(source, self.definitions())

    def definitions(self) -> Definitions:
        """Return the link definitions of the whole text."""
        if self._known is None:
            shown = self._shown
            text = _with_closed_fences(shown) if shown.cards else shown.text
            self._known = shown.builder.definitions(text)
        return self._known

    def forget(self) -> None:
        """Discard all slabs."""
        self._layers = self._known = self._unrolling = self._splitter = None

    def unroll(self, seconds: float) -> None:
        """Split more of a long text, for a limited time."""
        until = time.perf_counter() + seconds
        while self._unrolling is not None and self._layers is not None and time.perf_counter() < until:
            self._cut(self._layers, self._unrolling, self._unrolling.step())

    def grow(self, text: str) -> None:
        """Add text to the slabs; the row's own text already contains it."""
        if self._layers is None or self._splitter is None:
            return
        if len(text) == len(self._shown.text) and self._shown.reasoning:
            self._layers.head.changed()  # it thought, and now it speaks
        self._feed(self._layers, self._splitter, text)

    def grow_thoughts(self, reasoning: str) -> None:
        """Add reasoning to the slabs; the row's own reasoning already contains it."""
        if self._layers is None:
            return
        if len(reasoning) == len(self._shown.reasoning):
            self._layers.head.changed()
        if not self._shown.unfolded:
            return
        last = self._layers.thoughts[-1] if self._layers.thoughts else None
        if last is None or (len(last.text) > PIECE and "\n" in reasoning):
            self._layers.thoughts.append(PlainSlab(self._shown, reasoning, thought=True))
            self._layers.join()
        else:
            last.append(reasoning)

    def end_growth(self, text: str) -> bool:
        """Close the open blocks at the end of a response. Returns whether all slabs have to be rebuilt."""
        splitter, self._splitter = self._splitter, None
        self._known = None  # what was asked for while the text grew does not know the rest of it
        if splitter is None or self._layers is None:
            return False
        update = splitter.finish(text)
        if update.closed or not self._shown.cards:
            self._resume(self._layers, text)
            self._take(self._layers, update.closed, update.open)
        if self._shown.cards:
            _drop_empty(self._layers)
        for slab in self._layers.body:
            if isinstance(slab, BodySlab):
                slab.close()
        self.refold()  # a section without an end is unfolded now
        return update.redo

    def interrupt(self, card: ToolCard) -> None:
        """Close the open blocks and add a card below them. The row's cards already contain it."""
        if self._layers is not None and self._splitter is not None:
            self._interrupt(self._layers, self._splitter, card)

    def update_card(self, card: ToolCard) -> None:
        """Update the slabs of a card after it was folded or unfolded, or after its call or result changed."""
        if self._layers is None or self._shown.brief:
            return
        from ui.transcript.message.tool_slabs import CardFilesSlab, CardHeadSlab, CardSlab

        body = self._layers.body
        at = next((at for at, slab in enumerate(body) if isinstance(slab, CardHeadSlab) and slab.card is card), None)
        if at is None:
            return
        end = at + 1
        while end < len(body) and isinstance(each := body[end], CardSlab | CardFilesSlab) and each.card is card:
            end += 1
        below = self._below_line(card)
        body[at + 1 : end] = below
        head = body[at]
        assert isinstance(head, CardHeadSlab)
        head.goes_on = bool(below)
        head.drop()
        self._layers.join()

    def await_text(self) -> None:
        """Show the caret below the last card, because the response continues."""
        layers = self._layers
        if layers is not None and self._splitter is not None and not isinstance(layers.body[-1], BodySlab):
            self._resume(layers, "")

    def fold(self) -> None:
        """Update the slabs after the reasoning was expanded or collapsed."""
        if self._layers is None or self._shown.brief:
            return
        self._layers.thoughts = self._thoughts() if self._shown.unfolded else []
        self._layers.join()

    def changed(self) -> None:
        """Request a new layout of the head and the foot."""
        if self._layers is not None:
            self._layers.head.changed()
            self._layers.foot.changed()

    def refold(self) -> None:
        """Request a new layout of the text after sections were folded or unfolded."""
        if self.folds.has_sections:
            self.wrapped()

    def wrapped(self) -> None:
        """Request a new layout of the text after line wrapping was changed in code."""
        for slab in self.body:
            slab.changed()

    def restyle(self) -> None:
        """Request a layout of everything for a new look."""
        for slab in self.made:
            slab.restyle()

    def code_at(self, start: int) -> str:
        """Return the complete code of the block that begins at an offset in the text."""
        parts: list[str] = []
        for slab in self.body:
            if not isinstance(slab, BodySlab) or slab.start is None:
                continue
            at = slab.start
            for block in slab.blocks if parts or slab.start <= start else ():
                if at == start or (parts and block.continued):
                    parts.append(block.content)
                elif parts:
                    return "".join(parts)
                at += len(block.source)
        return "".join(parts)

    def _make(self) -> Layers:
        shown = self._shown
        layers = Layers(shown)
        if shown.own_files:
            from ui.transcript.message.files_slab import FilesSlab  # late: most prompts have no files

            layers.files = FilesSlab(shown, shown.own_files)
        if shown.brief:
            layers.uncut = BriefSlab(shown)
            layers.join()
            return layers
        if shown.unfolded and shown.reasoning:
            layers.thoughts = self._thoughts()
        if shown.is_prompt and ("```" in shown.text or "~~~" in shown.text):
            layers.body += _with_code(shown)
            layers.join()
        elif shown.is_prompt or (shown.as_written and not shown.live):
            self._store_written(layers)
        elif shown.live:
            self._splitter = shown.builder.splitter()
            layers.join()
            layers.add(BodySlab.growing(shown))
        else:
            self._store(layers)
        return layers

    def _store(self, layers: Layers) -> None:
        """Prepare to show a stored text. Most of the text is split only when it becomes visible."""
        if cards := self._shown.cards:
            self._unrolling = MixedText(text_pieces(self._shown.text, cards), cards, self.definitions)
        else:
            text = self._shown.text.replace("\r\n", "\n").replace("\r", "\n")
            self._unrolling = LongText(text, self.definitions)
        layers.uncut = LongSlab(self._shown)
        layers.join()
        self._cut(layers, self._unrolling, self._unrolling.first())

    def _store_written(self, layers: Layers) -> None:
        """Show a stored text as it is written, with its cards."""
        shown, cards = self._shown, self._shown.cards
        for number, (begin, source) in enumerate(text_pieces(shown.text, cards) if cards else [(0, shown.text)]):
            if number:
                self._add_card(layers, cards[number - 1])
            start = begin + len(source) - len(source.lstrip("\n")) if cards else begin
            text = source.strip("\n") if cards else source
            if text or not cards:
                layers.body += [PlainSlab(shown, piece, start=start + at) for at, piece in pieces(text)]
        layers.join()

    def _cut(self, layers: Layers, long: LongText | MixedText, pieces_: Sequence[TextPiece | ToolCard]) -> None:
        """Add slabs for pieces of the text before the part that is not split yet."""
        for piece in pieces_:
            if isinstance(piece, ToolCard):
                self._add_card(layers, piece)
                continue
            slab = BodySlab(self._shown, piece.source, piece.start, piece.blocks)
            above = layers.body[-1] if layers.body else None
            if isinstance(above, BodySlab):
                if piece.blocks:
                    slab.follow(above, piece.blocks[0])
                above.pack()
            layers.add(slab)
        if not long.rest:
            self._unrolling = layers.uncut = None
            layers.join()
        elif isinstance(layers.uncut, LongSlab):
            layers.uncut.rest = long.rest

    def _add_card(self, layers: Layers, card: ToolCard) -> None:
        """Append the slabs of a card to the body."""
        from ui.transcript.message.tool_slabs import CardHeadSlab  # late: few messages have tool calls

        head = CardHeadSlab(self._shown, card)
        layers.add(head)
        below = self._below_line(card)
        head.goes_on = bool(below)
        layers.body += below
        layers.join()

    def _below_line(self, card: ToolCard) -> Sequence[CardTextSlab | CardFilesSlab]:
        from ui.transcript.message.tool_slabs import card_body

        if not card.unfolded:
            return ()
        first = len(self._shown.own_files)
        for each in self._shown.cards:
            if each is card:
                break
            first += len(each.images)
        return card_body(self._shown, card, first)

    def _interrupt(self, layers: Layers, splitter: Splitter, card: ToolCard) -> None:
        last = layers.body[-1] if layers.body else None
        closed = splitter.pause().closed
        if isinstance(last, BodySlab):
            self._take(layers, closed, ())
            last = layers.body[-1]
            assert isinstance(last, BodySlab)
            last.close()
        _drop_empty(layers)
        self._add_card(layers, card)

    def _resume(self, layers: Layers, text: str) -> None:
        """Add a growing slab if the body ends with a card. The row's text already contains `text`."""
        if layers.body and isinstance(layers.body[-1], BodySlab):
            return
        before = self._shown.text[: len(self._shown.text) - len(text)]
        start, last = text_pieces(before, self._shown.cards)[-1]
        layers.add(BodySlab.growing(self._shown, start + len(last)))

    def _feed_mixed(self, layers: Layers, splitter: Splitter) -> None:
        """Add the text and the cards that came before there were slabs."""
        cards = self._shown.cards
        for number, (start, text) in enumerate(text_pieces(self._shown.text, cards)):
            if number:
                self._interrupt(layers, splitter, cards[number - 1])
            if text:
                if not isinstance(layers.body[-1], BodySlab):
                    layers.add(BodySlab.growing(self._shown, start))
                update = splitter.feed(text)
                self._take(layers, update.closed, update.open)
        if not isinstance(layers.body[-1], BodySlab) and all(card.result is not None for card in cards):
            self._resume(layers, "")

    def _thoughts(self) -> list[PlainSlab]:
        return [PlainSlab(self._shown, piece, thought=True) for _, piece in pieces(self._shown.reasoning)]

    def _feed(self, layers: Layers, splitter: Splitter, text: str) -> None:
        if not isinstance(layers.body[-1], BodySlab):
            self._resume(layers, text)
        update = splitter.feed(text)
        self._take(layers, update.closed, update.open)

    def _take(self, layers: Layers, closed: Sequence[Block], tail: Sequence[Block]) -> None:
        """Append blocks to the last slab, and to further slabs if there are many."""
        last = layers.body[-1]
        assert isinstance(last, BodySlab)
        cut = shares(closed, *last.filled) or [[]]
        for part in cut[:-1]:
            last.take(part, ())
            last = self._below(layers, last)
        blocks, size = last.filled
        size += sum(map(weight, cut[-1]))
        if blocks + len(cut[-1]) >= MOST_BLOCKS or size >= MOST_CHARACTERS:
            last.take(cut[-1], ())
            if tail:
                last = self._below(layers, last)
                last.take((), tail)
        else:
            last.take(cut[-1], tail)

    def _below(self, layers: Layers, last: BodySlab) -> BodySlab:
        """Close the last slab and return a new growing one below it."""
        slab = BodySlab.growing(self._shown, (last.start or 0) + len(last.source))
        slab.above = last
        last.close()
        layers.add(slab)
        return slab


def _with_closed_fences(shown: Shown) -> str:
    """Return a text in which code ends where the text before a tool call does."""
    from desktop.markdown.fences import left_open

    texts = [text for _, text in text_pieces(shown.text, shown.cards)]
    return "\n\n".join(f"{text}\n{left_open(text)}" for text in texts)


def _drop_empty(layers: Layers) -> None:
    """Remove the last slab if no text has come into it."""
    last = layers.body[-1] if layers.body else None
    if isinstance(last, BodySlab) and not last.blocks:
        layers.body.pop()
        layers.join()


def _with_code(shown: Shown) -> list[PlainSlab | BodySlab]:
    """Return the slabs of a prompt: plain text and code blocks."""
    from desktop.markdown.prompt_fences import prompt_parts

    parts = prompt_parts(shown.text)
    slabs: list[PlainSlab | BodySlab] = []
    for number, part in enumerate(parts):
        if not part.code:
            slabs += [PlainSlab(shown, piece, start=part.start + at) for at, piece in pieces(part.text)]
            continue
        code = _code_slabs(shown, part)
        above = parts[number - 1].text if number else ""
        code[0].is_first = not above or above.endswith("\n")  # a blank line is gap enough
        below = parts[number + 1] if number + 1 < len(parts) else None
        if below is not None and not below.code and not below.text.startswith(("\n", "\r\n")):
            code[-1].gap_below = FRAME_GAP
        slabs += code
    return slabs


def _code_slabs(shown: Shown, part: PromptPart) -> list[BodySlab]:
    """Return the slabs of one code block in a prompt."""
    slabs: list[BodySlab] = []
    at = part.start
    for share in shares(part.code):
        slab = BodySlab(shown, start=at, blocks=share)
        if slabs:
            slab.follow(slabs[-1], share[0])
        slabs.append(slab)
        at += sum(len(block.source) for block in share)
    return slabs


def pieces(text: str) -> list[tuple[int, str]]:
    """Split plain text into pieces of about PIECE characters, at line ends or spaces.

    Text that contains neither is split anywhere.
    """
    parts: list[tuple[int, str]] = []
    at = 0
    while len(text) - at > PIECE:
        end = text.rfind("\n", at, at + PIECE)
        blank = text.rfind(" ", at, at + PIECE) + 1
        follows = end + 1 if end > at else blank if blank > at else at + PIECE
        parts.append((at, text[at : end if end > at else follows]))
        at = follows
    return [*parts, (at, text[at:])] if text[at:] or not parts else parts
