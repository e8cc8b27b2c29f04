"""McNemar's test (1947) of passes and fails of two contenders on the same cases, exact, with its interval; pure."""

from __future__ import annotations

import math

from desktop.stats.proportions import LEVEL, Interval, quantile
from desktop.stats.student_t import incomplete_beta


def mcnemar(only_first: int, only_second: int) -> float:
    """The chance that cases which only one of two passes fall as unevenly or more, where both are equally good.

    It is the two-sided exact test of a fair coin: what both pass, or both fail, says nothing of which is better.
    """
    fewer, more = sorted((only_first, only_second))
    if fewer == more:
        return 1.0
    return min(1.0, 2 * incomplete_beta(more, fewer + 1, 0.5))


def pass_difference(only_first: int, only_second: int, cases: int, level: float = LEVEL) -> Interval:
    """Bonett and Price's interval (2012) of the difference of two shares of passes over the same cases.

    It counts one case more for each contender that it alone passes: where the two never differed, it still has a
    width, since some of the next cases may differ.
    """
    first, second = (only_first + 1) / (cases + 2), (only_second + 1) / (cases + 2)
    half = quantile(level) * math.sqrt((first + second - (first - second) ** 2) / (cases + 2))
    return Interval(max(first - second - half, -1.0), min(first - second + half, 1.0))
