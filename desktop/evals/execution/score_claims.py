"""Claims about differences between contenders, with Holm's correction (1979) over all pairs. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from desktop.stats.proportions import LEVEL, Interval

LEAST_CASES = 5
"""Minimum number of common cases for a claim."""

NO_MATTER = 0.05
"""Irrelevant difference of scores: five points of a hundred."""


class RunVerdict(StrEnum):
    """Verdict on a difference between two contenders."""

    BETTER = "better"  # the interval of the difference, corrected for all pairs shown, leaves out 0; `a` is better
    NO_LARGER = "no_larger"  # it lies within the difference that would matter
    INCONCLUSIVE = "inconclusive"  # it does neither
    TOO_FEW = "too_few"  # fewer than five cases that both answered
    PRELIMINARY = "preliminary"  # the run is not over: nothing is claimed, since nothing is corrected for looking early


class HeldLevel(NamedTuple):
    """A pair's corrected p-value and its significance level."""

    p: float
    level: float


def holm(chances: Sequence[float], level: float = LEVEL) -> list[HeldLevel]:
    """Correct p-values by Holm's step-down method."""
    corrected: list[HeldLevel] = [HeldLevel(1.0, level)] * len(chances)
    highest, current_level, failed = 0.0, level, False
    for step, index in enumerate(sorted(range(len(chances)), key=chances.__getitem__)):
        left = len(chances) - step
        highest = max(highest, min(1.0, chances[index] * left))
        if not failed:
            current_level = level / left
            failed = highest >= level
        corrected[index] = HeldLevel(highest, current_level)
    return corrected


def verdict_of(
    cases: int,
    interval: Interval | None,
    p: float | None,
    *,
    level: float = LEVEL,
    matters: float = NO_MATTER,
    is_over: bool = True,
) -> RunVerdict:
    """Return the verdict on a difference from its interval and corrected p-value."""
    if cases < LEAST_CASES or interval is None or p is None:
        return RunVerdict.TOO_FEW
    if not is_over:
        return RunVerdict.PRELIMINARY
    if p < level and (interval.low > 0 or interval.high < 0):
        return RunVerdict.BETTER
    if -matters <= interval.low and interval.high <= matters:
        return RunVerdict.NO_LARGER
    return RunVerdict.INCONCLUSIVE
