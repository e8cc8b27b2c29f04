"""What can be claimed of differences between contenders: Holm's correction (1979) over all that are shown; pure."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from desktop.stats.proportions import LEVEL, Interval

LEAST_CASES = 5
"""Cases that two contenders both have a score of, without which nothing is said of them."""

NO_MATTER = 0.05
"""The difference of two scores up to which it does not matter: five points of a hundred."""


class RunVerdict(StrEnum):
    """What can be said of a difference between two contenders."""

    BETTER = "better"  # the interval of the difference, corrected for all pairs shown, leaves out 0; `a` is better
    NO_LARGER = "no_larger"  # it lies within the difference that would matter
    INCONCLUSIVE = "inconclusive"  # it does neither
    TOO_FEW = "too_few"  # fewer than five cases that both answered
    PRELIMINARY = "preliminary"  # the run is not over: nothing is claimed, since nothing is corrected for looking early


class HeldLevel(NamedTuple):
    """Of one pair: its chance corrected for all pairs, and the level that it was held to."""

    p: float
    level: float


def holm(chances: Sequence[float], level: float = LEVEL) -> list[HeldLevel]:
    """Each chance, corrected: the least times the number of all, the next times one less, and never below one before.

    The level goes the same way, from `level` / number of all, and stays where the first pair fails it.
    """
    found: list[HeldLevel] = [HeldLevel(1.0, level)] * len(chances)
    highest, held, failed = 0.0, level, False
    for step, place in enumerate(sorted(range(len(chances)), key=chances.__getitem__)):
        left = len(chances) - step
        highest = max(highest, min(1.0, chances[place] * left))
        if not failed:
            held = level / left
            failed = highest >= level
        found[place] = HeldLevel(highest, held)
    return found


def verdict_of(
    cases: int,
    interval: Interval | None,
    p: float | None,
    *,
    level: float = LEVEL,
    matters: float = NO_MATTER,
    is_over: bool = True,
) -> RunVerdict:
    """The verdict on a difference by its interval and its corrected chance, once the run is over."""
    if cases < LEAST_CASES or interval is None or p is None:
        return RunVerdict.TOO_FEW
    if not is_over:
        return RunVerdict.PRELIMINARY
    if p < level and (interval.low > 0 or interval.high < 0):
        return RunVerdict.BETTER
    if -matters <= interval.low and interval.high <= matters:
        return RunVerdict.NO_LARGER
    return RunVerdict.INCONCLUSIVE
