"""Agreement of two who judged the same items, and Cohen's kappa (1960), which leaves out what chance explains; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import NamedTuple

LEAST_SHARED = 30
"""Items that both judged, from which on anything is said of their agreement."""


class Agreement(NamedTuple):
    """Over so many shared items: the share that both judged alike, and kappa; None where chance alone explains all."""

    items: int
    share: float
    kappa: float | None


def agreement(pairs: Sequence[tuple[Hashable, Hashable]]) -> Agreement | None:
    """How far two judgements agree, given as pairs of what each said of an item; None without any."""
    number = len(pairs)
    if not number:
        return None
    alike = sum(one == other for one, other in pairs) / number
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    chance = sum(count * second[said] for said, count in first.items()) / number**2
    return Agreement(number, alike, None if chance >= 1 else (alike - chance) / (1 - chance))
