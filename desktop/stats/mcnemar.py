"""McNemar's exact test (1947) of two contenders' passes on the same cases, with an interval. Pure functions."""

from __future__ import annotations

import math

from desktop.stats.proportions import LEVEL, Interval, quantile
from desktop.stats.student_t import incomplete_beta


def mcnemar(only_first: int, only_second: int) -> float:
    """Return the exact two-sided p-value for the numbers of cases that only one of two contenders passes.

    Cases that both pass or both fail do not indicate which contender is better.
    """
    fewer, more = sorted((only_first, only_second))
    if fewer == more:
        return 1.0
    return min(1.0, 2 * incomplete_beta(more, fewer + 1, 0.5))


def pass_difference(only_first: int, only_second: int, cases: int, level: float = LEVEL) -> Interval:
    """Return Bonett and Price's interval (2012) for the difference between two pass rates on the same cases.

    For each contender, one case that only it passes is added, so that the interval has a positive width even if the two
    never differed.
    """
    first, second = (only_first + 1) / (cases + 2), (only_second + 1) / (cases + 2)
    half = quantile(level) * math.sqrt((first + second - (first - second) ** 2) / (cases + 2))
    return Interval(max(first - second - half, -1.0), min(first - second + half, 1.0))
