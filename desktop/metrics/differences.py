"""Word-level diff of two texts, in limited time even for the longest responses. Pure functions.

Texts are first anchored at rare runs of words that occur once in each text and in the same order. Only the gaps between
anchors are compared word by word, so 20,000 words take a tenth of a second instead of seconds.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise

from msgspec import Struct

from desktop.metrics.pieces import Span, sentences, word_texts, words

MOST_WORDS = 30_000
"""Texts with more than twice this number of words in total are not compared."""

MOST_CHARACTERS = 2_000_000
"""Maximum total characters of both texts, because word positions need a hundred times as much memory."""

_RUN = 3
_EXACT, _AT_ALL = 1_000_000, 60_000_000
"""Maximum number of word pairs for exact comparison: in one gap, and in total."""

_REMEMBERED = 100_000
"""Maximum length of a text whose words are cached for the next comparison."""

_ISLAND = 2
"""Maximum number of equal words that are treated as part of the larger changes around them."""


class Change(Struct, frozen=True, gc=False):
    """A span of both texts: either equal, or different words, of which one side may be empty."""

    same: bool
    left: Span
    right: Span


class Difference(Struct, frozen=True):
    """Spans that make up both texts in order.

    `share` is the share of equal words in the longer text, from 0 to 1; `share_of_right` that in the second text.
    """

    changes: tuple[Change, ...]
    share: float
    share_of_right: float

    @property
    def count(self) -> int:
        """Number of differing spans."""
        return sum(not change.same for change in self.changes)


def difference(left: str, right: str) -> Difference | None:
    """Compare two texts, or return None if they are too long for interactive use."""
    if len(left) + len(right) > MOST_CHARACTERS:
        return None  # their words alone would need too much memory
    lefts, rights = _spans(left) if len(left) < _REMEMBERED else words(left), words(right)
    if len(lefts) + len(rights) > 2 * MOST_WORDS:
        return None
    ones, others = word_texts(left), word_texts(right)
    if ones == others:
        blocks = [(0, 0, len(ones))] if ones else []
    else:
        blocks = _joined(_blocks(ones, others), len(ones), len(others))
    changes = tuple(_changes(blocks, _Edges(lefts, len(left)), _Edges(rights, len(right))))
    most, same = max(len(ones), len(others)), sum(size for _, _, size in blocks)
    return Difference(changes, same / most if most else 1.0, same / len(others) if others else 1.0)


@lru_cache(maxsize=1)
def _spans(text: str) -> Sequence[Span]:
    """Return the words of a text. Cached."""
    return words(text)


class FirstDifference(Struct, frozen=True):
    """The first difference: numbers of the sentence and word in the first text, from 1, and the word in each text.

    A word is empty if the text has none at this point.
    """

    sentence: int
    word: int
    left: str
    right: str


def first_difference(left: str, right: str, found: Difference) -> FirstDifference | None:
    """Return the first difference, or None if there is none."""
    change = next((each for each in found.changes if not each.same), None)
    if change is None:
        return None
    at = change.left.start
    before = [span for span in sentences(left) if span.start <= at]
    start = before[-1].start if before else 0
    return FirstDifference(
        sentence=max(len(before), 1),
        word=len(words(left[start:at])) + 1,
        left=_first_word(change.left.of(left)),
        right=_first_word(change.right.of(right)),
    )


def _first_word(text: str) -> str:
    return next((span.of(text) for span in words(text)), "")


Block = tuple[int, int, int]
"""A run of equal words: its start in both texts, and its length."""


def _blocks(ones: Sequence[str], others: Sequence[str]) -> Iterator[Block]:
    """Yield the blocks of equal words in order."""
    at, beside = 0, 0
    for anchor, other in [*_ends(_anchors(ones, others)), (len(ones), len(others))]:
        if anchor < at or other < beside:
            continue
        yield from _compared(ones, others, (at, anchor), (beside, other))
        at, beside = anchor, other


def _compared(
    ones: Sequence[str], others: Sequence[str], gap: tuple[int, int], beside: tuple[int, int]
) -> Iterator[Block]:
    pairs = (gap[1] - gap[0]) * (beside[1] - beside[0])
    if not 0 < pairs <= _AT_ALL:
        return
    left, right = ones[slice(*gap)], others[slice(*beside)]
    if left == right:  # as between the first and last of consecutive anchors
        yield gap[0], beside[0], len(left)
        return
    matcher = SequenceMatcher(None, left, right, autojunk=pairs > _EXACT)
    for block in matcher.get_matching_blocks():
        if block.size:
            yield gap[0] + block.a, beside[0] + block.b, block.size


def _anchors(ones: Sequence[str], others: Sequence[str]) -> list[tuple[int, int]]:
    """Return the positions of the longest ordered set of word runs that occur once in both texts."""
    here, there = _once(ones), _once(others)
    shared = [(place, there[run]) for run, place in here.items() if run in there]
    tails: list[int] = []
    last: list[int] = []
    before: list[int] = [-1] * len(shared)
    for number, (_, other) in enumerate(shared):
        length = bisect_left(tails, other)
        before[number] = last[length - 1] if length else -1
        tails[length : length + 1] = [other]
        last[length : length + 1] = [number]
    found: list[tuple[int, int]] = []
    at = last[-1] if last else -1
    while at >= 0:
        found.append(shared[at])
        at = before[at]
    return found[::-1]


def _ends(anchors: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the first and last of each run of consecutive anchors, between which everything is equal."""
    for number, (at, beside) in enumerate(anchors):
        follows = number > 0 and anchors[number - 1] == (at - 1, beside - 1)
        goes_on = number + 1 < len(anchors) and anchors[number + 1] == (at + 1, beside + 1)
        if not (follows and goes_on):
            yield at, beside


def _once(texts: Sequence[str]) -> dict[tuple[str, ...], int]:
    """Return word runs that occur once, with their positions."""
    runs = [tuple(texts[at : at + _RUN]) for at in range(len(texts) - _RUN + 1)]
    counted = Counter(runs)
    return {run: at for at, run in enumerate(runs) if counted[run] == 1}


def _joined(blocks: Iterator[Block], left: int, right: int) -> list[Block]:
    """Merge adjacent blocks, and drop blocks of one or two words between larger changes."""
    whole: list[Block] = []
    for at, beside, size in blocks:
        if whole and (whole[-1][0] + whole[-1][2], whole[-1][1] + whole[-1][2]) == (at, beside):
            whole[-1] = (*whole[-1][:2], whole[-1][2] + size)
        else:
            whole.append((at, beside, size))
    remaining: list[Block] = []
    end = (0, 0)
    for block, (next_at, next_beside, _) in pairwise([*whole, (left, right, 0)]):
        at, beside, size = block
        around = (max(at - end[0], beside - end[1]), max(next_at - at, next_beside - beside) - size)
        if size > _ISLAND or min(around) <= size:
            remaining.append(block)
            end = (at + size, beside + size)
    return remaining


class _Edges(Struct, frozen=True):
    """Converts word indexes to character positions.

    A word includes the space after it, and the first word also the space before it.
    """

    spans: Sequence[Span]
    length: int

    def __call__(self, first: int, last: int) -> Span:
        if not self.spans:
            return Span(0, self.length)
        return Span(self._at(first), self._at(last))

    def _at(self, word: int) -> int:
        if word >= len(self.spans):
            return self.length
        return self.spans[word].start if word else 0


def _changes(blocks: Sequence[Block], left: _Edges, right: _Edges) -> Iterator[Change]:
    at, beside = 0, 0
    if not left.spans and not right.spans and (left.length or right.length):
        yield Change(same=True, left=left(0, 0), right=right(0, 0))
    for start, other, size in [*blocks, (len(left.spans), len(right.spans), 0)]:
        if start > at or other > beside:
            yield Change(same=False, left=left(at, start), right=right(beside, other))
        if size:
            yield Change(same=True, left=left(start, start + size), right=right(other, other + size))
        at, beside = start + size, other + size
