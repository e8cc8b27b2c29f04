"""A long stored text cut into pieces in small steps, so that nothing in it keeps the window waiting; pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

if TYPE_CHECKING:
    from desktop.markdown.blocks import Block, Definitions
    from desktop.markdown.splitter import Splitter

MOST_BLOCKS, MOST_CHARACTERS = 24, 6_000
"""Blocks of one piece, and characters of it after which no other block begins in it."""

_PIECE, _LINES, _BARS = 1_200, 120, 400
"""Characters of a piece that is parsed when it is seen, and lines of a longer one from which it is parsed in steps.

So it is where it has so many bars: they part the cells of tables, of which empty ones take their time too.
"""

_CELL = 25
"""Characters that a cell of a table counts at least."""

_WINDOWS = (64_000, 1_000_000)
"""Characters in which a place to cut is sought, at first and at most."""

_FED = 2_000
"""Characters that are parsed in one step; fewer of them where there are many bars."""

_FIRST_STEPS = 4


class TextPiece(NamedTuple):
    """A part of the text and where it begins; its blocks, where it had to be parsed already."""

    start: int
    source: str
    blocks: tuple[Block, ...] = ()


class LongText:
    r"""Gives a text's pieces from its beginning to its end. Line ends are `\n`; `known` tells what the text defines."""

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
        """Characters that are still to be cut."""
        return len(self._text) - self._at

    def first(self) -> list[TextPiece]:
        """What can be given at once."""
        found: list[TextPiece] = []
        for _ in range(_FIRST_STEPS):
            if self.rest:
                found += self.step()
        return found

    def step(self) -> list[TextPiece]:
        """The next pieces; there may be none of them yet."""
        return self._parse(self._splitter) if self._splitter is not None else self._cut()

    def _cut(self) -> list[TextPiece]:
        """Cut a window where it is safe, up to what has to be parsed."""
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
        found: list[TextPiece] = []
        for part in parts:
            if len(part) > MOST_CHARACTERS or part.count("\n") > _LINES or part.count("|") > _BARS:
                if not found:
                    self._begin(self._at + len(part))
                break
            found.append(TextPiece(self._at, part))
            self._at += len(part)
        return found

    def _begin(self, end: int) -> None:
        """Parse up to there, since no cut is safe before."""
        from desktop.markdown.splitter import Splitter

        self._splitter, self._fed, self._end = Splitter(self._known()), self._at, end

    def _parse(self, splitter: Splitter) -> list[TextPiece]:
        bars = self._text.count("|", self._fed, self._fed + _FED)
        fed = min(self._fed + (_FED if bars <= _BARS else max(_FED * _BARS // bars, 1)), self._end)
        closed = splitter.feed(self._text[self._fed : fed], show=False).closed
        self._fed = fed
        if fed == self._end:
            closed += splitter.finish().closed
        found: list[TextPiece] = []
        for share in shares(closed):
            found.append(TextPiece(self._at, "", self._told(share)))
            self._at += sum(len(block.source) for block in share)
        if fed == self._end:
            self._splitter, self._at = None, self._end  # blank lines at the end belong to no block
        return found

    def _told(self, share: Sequence[Block]) -> tuple[Block, ...]:
        """The blocks from where the pieces have come to, of which tables and lists are told what goes on with them."""
        from desktop.markdown.outlook import told_by

        at = self._at
        made: list[Block] = []
        for block in share:
            same_list = block.continued and block.number is not None and self._last
            made.append(replace(block, last=self._last) if same_list else told_by(self._text, at, block))
            self._last = made[-1].last
            at += len(block.source)
        return tuple(made)


def shares(blocks: Sequence[Block], taken: int = 0, size: int = 0) -> list[list[Block]]:
    """Blocks as they fill pieces, of which the first has so many blocks and characters already."""
    found: list[list[Block]] = [[]]
    for block in blocks:
        if taken >= MOST_BLOCKS or size >= MOST_CHARACTERS:
            found.append([])
            taken = size = 0
        found[-1].append(block)
        taken += 1
        size += weight(block)
    return found if found != [[]] else []


def weight(block: Block) -> int:
    """Characters of a block, or what its cells count for."""
    return max(len(block.source), _CELL * sum(token.type == "td_open" for token in block.tokens))
