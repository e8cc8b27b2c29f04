"""The levels at which a message's headings are written below the page's own; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_DEEPEST = 6


def levels_below(levels: Sequence[int], above: int) -> Iterable[int]:
    """The level of each heading of a message, given those that it was written with, under a heading of level `above`.

    The highest that the message uses comes right below; none is skipped on the way down.
    """
    ranks = {level: above + rank for rank, level in enumerate(sorted(set(levels)), 1)}
    last = above
    for level in levels:
        last = min(ranks[level], last + 1, _DEEPEST)
        yield last
