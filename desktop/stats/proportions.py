"""Confidence intervals of proportions and medians: Wilson's score interval, quantiles of resampled values."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

LEVEL = 0.05
"""What an interval leaves out, both ends together."""

ROUNDS = 2000

_NORMAL = NormalDist()


class Interval(NamedTuple):
    """From `low` to `high`."""

    low: float
    high: float


def quantile(level: float) -> float:
    """How many standard errors an interval reaches to each side that leaves out `level`."""
    return _NORMAL.inv_cdf(1 - level / 2)


def two_sided(ratio: float) -> float:
    """The chance of a difference of so many standard errors, or more, to either side where there is none."""
    return math.erfc(abs(ratio) / math.sqrt(2))


def wilson(part: float, whole: float, level: float = LEVEL) -> Interval:
    """Wilson's interval of a share (1927); of nothing it is from 0 to 1."""
    if not whole:
        return Interval(0.0, 1.0)
    z = quantile(level)
    share, square = part / whole, z * z / whole
    centre = (share + square / 2) / (1 + square)
    half = z / (1 + square) * math.sqrt(share * (1 - share) / whole + square / whole / 4)
    return Interval(max(centre - half, 0.0), min(centre + half, 1.0))
