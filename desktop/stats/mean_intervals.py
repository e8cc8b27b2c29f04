"""Intervals for the mean of outcomes from 0 to 1: Student's t, betting, and prediction-powered. Pure functions.

Each value is the mean outcome of one cluster (a conversation), so that the values are independent.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from desktop.stats.proportions import LEVEL, Interval
from desktop.stats.student_t import t_quantile

FEWEST_FOR_T = 30
"""Minimum number of clusters for Student's t. With fewer, it misses the mean of bounded outcomes in 13 to 47%."""

_STEPS = 1000
"""Number of candidates for the mean between 0 and 1. The interval is rounded outward to the next candidate."""

_MOST_STAKE = 0.5
"""Largest share of the capital that is staked on one value, so that no single value can exhaust it."""


class MeanEstimate(NamedTuple):
    """Estimate of a mean with its interval. `size` is the number of clusters it is based on."""

    mean: float
    interval: Interval
    size: int


def mean_of(values: Sequence[float]) -> float:
    """Return the arithmetic mean."""
    return math.fsum(values) / len(values)


def fixed_interval(values: Sequence[float], level: float = LEVEL) -> MeanEstimate:
    """Return the interval for a number of clusters that was fixed in advance.

    This is Student's t interval. With few clusters, or if all values are equal, it is the betting interval.

    Raises:
        ValueError: If there are no values.
    """
    size, mean = len(values), mean_of(values)
    spread = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / max(size - 1, 1))
    if size < FEWEST_FOR_T or not spread:
        return anytime_interval(values, level)
    half = t_quantile(level, size - 1) * spread / math.sqrt(size)
    return MeanEstimate(mean, Interval(max(mean - half, 0.0), min(mean + half, 1.0)), size)


def anytime_interval(values: Iterable[float], level: float = LEVEL) -> MeanEstimate:
    """Return the interval of the betting sequence after all values, in the given order.

    Raises:
        ValueError: If there are no values.
    """
    sequence = BettingSequence(level)
    for value in values:
        sequence.add(value)
    return sequence.estimate


class BettingSequence:
    """Confidence sequence for the mean of values in [0, 1], valid at every moment (anytime-valid).

    Hedged capital process with the predictable plug-in bet of Waudby-Smith and Ramdas, "Estimating means of bounded
    random variables by betting" (JRSS B 2023, section 4.3): for each candidate m, K_t(m) is the larger of half of Π (1
    + min(λ_i, c / m) (X_i − m)) and half of Π (1 − min(λ_i, c / (1 − m)) (X_i − m)), where λ_i = √(2 ln(2 / level) /
    (v_{i−1} i ln(1 + i))) and v is the variance so far, which starts at 1/4. Candidates leave the interval for good
    once their capital reaches 1 / level.
    """

    def __init__(self, level: float = LEVEL) -> None:
        self._level = level
        self._low, self._high = 0, _STEPS
        self._capitals = [(1.0, 1.0)] * (_STEPS + 1)
        self._size = 0
        self._sum = 0.0
        self._plug_in_sum, self._squares = 0.5, 0.25
        """The plug-in mean starts as one value of 1/2, the variance as one square of 1/4."""

    def add(self, value: float) -> None:
        """Bet on the next value.

        Raises:
            ValueError: If the value is not between 0 and 1.
        """
        if not 0.0 <= value <= 1.0:
            raise ValueError("an outcome lies between 0 and 1")
        number = self._size + 1
        variance = self._squares / number
        stake = math.sqrt(2 * math.log(2 / self._level) / (variance * number * math.log1p(number)))
        for step in range(self._low, self._high + 1):
            mean = step / _STEPS
            rising, falling = self._capitals[step]
            gain = value - mean
            rising *= 1 + min(stake, _MOST_STAKE / mean if mean else stake) * gain
            falling *= 1 - min(stake, _MOST_STAKE / (1 - mean) if mean < 1 else stake) * gain
            self._capitals[step] = rising, falling
        self._shrink()
        self._size, self._sum = number, self._sum + value
        self._plug_in_sum += value
        self._squares += (value - self._plug_in_sum / (number + 1)) ** 2

    @property
    def estimate(self) -> MeanEstimate:
        """Estimate based on the values so far.

        Raises:
            ValueError: If there are no values yet.
        """
        if not self._size:
            raise ValueError("no values")
        # One step outward, because the bound is between the last rejected candidate and the first accepted one
        low, high = max(self._low - 1, 0) / _STEPS, min(self._high + 1, _STEPS) / _STEPS
        return MeanEstimate(self._sum / self._size, Interval(low, high), self._size)

    def _shrink(self) -> None:
        """Drop rejected candidates at both ends. At least one remains, since the mean may be between two."""
        most = 2 / self._level
        while self._low < self._high and max(self._capitals[self._low]) >= most:
            self._low += 1
        while self._high > self._low and max(self._capitals[self._high]) >= most:
            self._high -= 1


def prediction_powered(
    own: Sequence[float], judged: Sequence[float], only_judged: Sequence[float], level: float = LEVEL
) -> MeanEstimate:
    """Return the mean of a person's outcomes, made more precise by a judge's outcomes on further clusters.

    PPI++ for a mean with the λ that minimizes the variance: Angelopoulos, Duchi and Zrnic, "PPI++: Efficient
    prediction-powered inference" (2023), with Student's t (n − 1 degrees of freedom) instead of the normal
    distribution.

    Args:
        own: The person's outcomes, on a random subset of the clusters.
        judged: The judge's outcomes on the same clusters, in the same order.
        only_judged: The judge's outcomes on the other clusters.

    Raises:
        ValueError: If `own` and `judged` differ in length or have fewer than two values, or `only_judged` is empty.
    """
    size, others = len(own), len(only_judged)
    if size != len(judged) or size < 2 or not others:
        raise ValueError("prediction-powered inference needs two shared clusters and one further one")
    tuning = ppi_tuning(own, judged, only_judged)
    mean = mean_of(own) + tuning * (mean_of(only_judged) - mean_of(judged))
    rest = [value - tuning * other for value, other in zip(own, judged, strict=True)]
    variance = _variance(rest) / size + tuning**2 * _variance([*judged, *only_judged]) / others
    half = t_quantile(level, size - 1) * math.sqrt(variance)
    return MeanEstimate(mean, Interval(max(mean - half, 0.0), min(mean + half, 1.0)), size)


def ppi_tuning(own: Sequence[float], judged: Sequence[float], only_judged: Sequence[float]) -> float:
    """Return the weight λ of the judge, from 0 to 1: Cov(own, judge) / ((1 + n / N) Var(judge))."""
    spread = _variance([*judged, *only_judged])
    if not spread:
        return 0.0
    own_mean, judge_mean = mean_of(own), mean_of(judged)
    products = ((a - own_mean) * (b - judge_mean) for a, b in zip(own, judged, strict=True))
    covariance = math.fsum(products) / (len(own) - 1)
    return min(max(covariance / ((1 + len(own) / len(only_judged)) * spread), 0.0), 1.0)


def _variance(values: Sequence[float]) -> float:
    """Return the sample variance with n − 1 as the divisor."""
    mean = mean_of(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)
