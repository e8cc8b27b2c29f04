"""Claims about differences between contenders, with Holm's correction (1979) for all pairs. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from desktop.stats.proportions import LEVEL, Interval

LEAST_CASES = 5
"""Minimum number of common cases for a claim."""

NO_MATTER = 0.05
"""Largest score difference that is irrelevant: five points out of 100."""


class RunVerdict(StrEnum):
    """Verdict on a difference between two contenders."""

    BETTER = "better"  # the interval, corrected for all pairs shown, excludes 0; `a` is better
    NO_LARGER = "no_larger"  # the interval contains only irrelevant differences
    INCONCLUSIVE = "inconclusive"  # neither of these
    TOO_FEW = "too_few"  # fewer than five cases with scores of both
    PRELIMINARY = "preliminary"  # the run is incomplete; intervals are not corrected for early looks


class HeldLevel(NamedTuple):
    """A pair's corrected p-value, and the significance level at which it is tested."""

    p: float
    level: float


def holm(chances: Sequence[float], level: float = LEVEL) -> list[HeldLevel]:
    """Correct p-values with Holm's step-down method."""
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
