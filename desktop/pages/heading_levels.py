"""Levels of a message's headings below the page's own. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_DEEPEST = 6


def levels_below(levels: Sequence[int], above: int) -> Iterable[int]:
    """Yield the level of each heading of a message, given the written levels, below a heading of level `above`.

    The highest level in the message comes directly below; no level is skipped on the way down.
    """
    ranks = {level: above + rank for rank, level in enumerate(sorted(set(levels)), 1)}
    last = above
    for level in levels:
        last = min(ranks[level], last + 1, _DEEPEST)
        yield last
