"""Splits a long stored text in small steps, so that the window is never blocked. Pure functions."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

if TYPE_CHECKING:
    from desktop.markdown.blocks import Block, Definitions
    from desktop.markdown.splitter import Splitter
    from ui.transcript.message.tool_card import ToolCard

MOST_BLOCKS, MOST_CHARACTERS = 24, 6_000
"""Maximum number of blocks in a piece, and length of a piece after which no further block begins."""

_PIECE, _LINES, _BARS = 1_200, 120, 400
"""Length of a piece that is parsed when visible, and number of lines above which it is parsed in steps.

Texts with many table bars are parsed in steps as well.
"""

_CELL = 25
"""Minimum weight of a table cell, in characters."""

_WINDOWS = (64_000, 1_000_000)
"""Initial and maximum length of the text in which a position for splitting is searched."""

_FED = 2_000
"""Number of characters that are parsed per step; fewer if there are many table bars."""

_FIRST_STEPS = 4


class TextPiece(NamedTuple):
    """Part of the text with its offset, and its blocks if they are already parsed."""

    start: int
    source: str
    blocks: tuple[Block, ...] = ()


class LongText:
    """Yields the pieces of a text in order. Line ends are LF; `known` returns the text's link definitions."""

    def __init__(self, text: str, known: Callable[[], Definitions]) -> None:
        self._text = text
        self._known = known
        self._at = self._fed = self._end = 0
        self._window = _WINDOWS[0]
        self._splitter: Splitter | None = None
        self._last = 0
        """The last number of the list that was given last."""

    @property
    def rest(self) -> int:
        """Number of characters that are not split yet."""
        return len(self._text) - self._at

    def first(self) -> list[TextPiece]:
        """Return the pieces that are available without delay."""
        parts: list[TextPiece] = []
        for _ in range(_FIRST_STEPS):
            if self.rest:
                parts += self.step()
        return parts

    def step(self) -> list[TextPiece]:
        """Return the next pieces, which may be none yet."""
        return self._parse(self._splitter) if self._splitter is not None else self._cut()

    def _cut(self) -> list[TextPiece]:
        """Split a window of the text at safe positions, up to a part that has to be parsed."""
        from desktop.markdown.text_segments import segments

        window = self._text[self._at : self._at + self._window]
        parts = segments(window, _PIECE, MOST_BLOCKS)
        if len(window) < self.rest:
            parts = parts[:-1]  # it may go on beyond the window
        if not parts:
            if self._window < _WINDOWS[1]:
                self._window *= 4
            else:
                self._begin(len(self._text))
            return []
        self._window = _WINDOWS[0]
        pieces: list[TextPiece] = []
        for part in parts:
            if len(part) > MOST_CHARACTERS or part.count("\n") > _LINES or part.count("|") > _BARS:
                if not pieces:
                    self._begin(self._at + len(part))
                break
            pieces.append(TextPiece(self._at, part))
            self._at += len(part)
        return pieces

    def _begin(self, end: int) -> None:
        """Start to parse the text up to a position, because there is no safe position for splitting before it."""
        from desktop.markdown.splitter import Splitter

        self._splitter, self._fed, self._end = Splitter(self._known()), self._at, end

    def _parse(self, splitter: Splitter) -> list[TextPiece]:
        bars = self._text.count("|", self._fed, self._fed + _FED)
        fed = min(self._fed + (_FED if bars <= _BARS else max(_FED * _BARS // bars, 1)), self._end)
        closed = splitter.feed(self._text[self._fed : fed], show=False).closed
        self._fed = fed
        if fed == self._end:
            closed += splitter.finish().closed
        pieces: list[TextPiece] = []
        for share in shares(closed):
            pieces.append(TextPiece(self._at, "", self._told(share)))
            self._at += sum(len(block.source) for block in share)
        if fed == self._end:
            self._splitter, self._at = None, self._end  # blank lines at the end belong to no block
        return pieces

    def _told(self, share: Sequence[Block]) -> tuple[Block, ...]:
        """Return parsed blocks from the current position on, marking tables and lists that continue."""
        from desktop.markdown.outlook import told_by

        at = self._at
        blocks: list[Block] = []
        for block in share:
            same_list = block.continued and block.number is not None and self._last
            blocks.append(replace(block, last=self._last) if same_list else told_by(self._text, at, block))
            self._last = blocks[-1].last
            at += len(block.source)
        return tuple(blocks)


class MixedText:
    """Yields the pieces of a text with the cards between them.

    Args:
        texts: The texts before, between and after the cards, with their offsets. Line ends are LF.
        known: Returns the link definitions of all texts.
    """

    def __init__(
        self, texts: Sequence[tuple[int, str]], cards: Sequence[ToolCard], known: Callable[[], Definitions]
    ) -> None:
        self._texts = deque(texts)
        self._cards = deque(cards)
        self._known = known
        self._start = 0
        self._long: LongText | None = None
        self._is_begun = False

    @property
    def rest(self) -> int:
        """Number of characters that are not split yet. Cards after the last one are never left."""
        return (self._long.rest if self._long is not None else 0) + sum(len(text) for _, text in self._texts)

    def first(self) -> list[TextPiece | ToolCard]:
        """Return the pieces and cards that are available without delay."""
        given, unfinished = self.step(), int(self._long is not None)
        while self.rest and unfinished < _FIRST_STEPS:
            given += self.step()
            unfinished += self._long is not None
        return given

    def step(self) -> list[TextPiece | ToolCard]:
        """Return the next pieces and cards, which may be none yet."""
        given: list[TextPiece | ToolCard] = []
        if self._long is None:
            self._go_on(given)
        if self._long is not None:
            given += [piece._replace(start=piece.start + self._start) for piece in self._long.step()]
            if not self._long.rest:
                self._long = None
                self._go_on(given)
        return given

    def _go_on(self, given: list[TextPiece | ToolCard]) -> None:
        """Go to the next text that is not blank, past the cards before it. Blank lines belong to no block."""
        while self._long is None and self._texts:
            self._start, text = self._texts.popleft()
            if self._is_begun:
                given.append(self._cards.popleft())
            self._is_begun = True
            if text.strip(" \t\n"):
                self._long = LongText(text, self._known)


def shares(blocks: Sequence[Block], taken: int = 0, size: int = 0) -> list[list[Block]]:
    """Group blocks into pieces. The first piece already contains `taken` blocks with the total weight `size`."""
    groups: list[list[Block]] = [[]]
    for block in blocks:
        if taken >= MOST_BLOCKS or size >= MOST_CHARACTERS:
            groups.append([])
            taken = size = 0
        groups[-1].append(block)
        taken += 1
        size += weight(block)
    return groups if groups != [[]] else []


def weight(block: Block) -> int:
    """Return a block's length, or the weight of its table cells if that is larger."""
    return max(len(block.source), _CELL * sum(token.type == "td_open" for token in block.tokens))
