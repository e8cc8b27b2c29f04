"""Confidence intervals: Wilson's score interval and quantiles of resampled values. Pure functions."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

LEVEL = 0.05
"""Significance level of intervals, where 0.05 means 95% confidence."""

ROUNDS = 2000

_NORMAL = NormalDist()


class Interval(NamedTuple):
    """Confidence interval from `low` to `high`."""

    low: float
    high: float


def quantile(level: float) -> float:
    """Return the number of standard errors to each side in an interval at this level."""
    return _NORMAL.inv_cdf(1 - level / 2)


def two_sided(ratio: float) -> float:
    """Return the two-sided p-value of a difference given in standard errors."""
    return math.erfc(abs(ratio) / math.sqrt(2))


def wilson(part: float, whole: float, level: float = LEVEL) -> Interval:
    """Return Wilson's score interval (1927) of a proportion, or 0 to 1 without observations."""
    if not whole:
        return Interval(0.0, 1.0)
    z = quantile(level)
    share, square = part / whole, z * z / whole
    centre = (share + square / 2) / (1 + square)
    half = z / (1 + square) * math.sqrt(share * (1 - share) / whole + square / whole / 4)
    return Interval(max(centre - half, 0.0), min(centre + half, 1.0))
