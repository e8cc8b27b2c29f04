"""Agreement of two raters on the same items, and Cohen's kappa (1960), corrected for chance. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import NamedTuple

LEAST_SHARED = 30
"""Minimum number of shared items for reporting agreement."""


class Agreement(NamedTuple):
    """Share of items with equal ratings, and kappa, which is None if chance alone explains the agreement."""

    items: int
    share: float
    kappa: float | None


def agreement(pairs: Sequence[tuple[Hashable, Hashable]]) -> Agreement | None:
    """Return the agreement of two raters from both ratings of each item, or None without items."""
    number = len(pairs)
    if not number:
        return None
    alike = sum(one == other for one, other in pairs) / number
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    chance = sum(count * second[said] for said, count in first.items()) / number**2
    return Agreement(number, alike, None if chance >= 1 else (alike - chance) / (1 - chance))
