"""Levels of the headings in a message, below those of the page. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_DEEPEST = 6


def levels_below(levels: Sequence[int], above: int) -> Iterable[int]:
    """Yield the level of each heading in a message below a page's heading of level `above`.

    Args:
        levels: Levels as written in the message. The highest becomes the level after `above`, and no level is
            skipped.
    """
    ranks = {level: above + rank for rank, level in enumerate(sorted(set(levels)), 1)}
    last = above
    for level in levels:
        last = min(ranks[level], last + 1, _DEEPEST)
        yield last
