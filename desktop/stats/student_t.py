"""Student's t distribution and the incomplete beta function it is based on. Pure functions."""

from __future__ import annotations

import math
from functools import lru_cache

_TINY = 1e-300
_SAME = 1e-15
_MOST_TERMS = 20_000
_HALVINGS = 200


def incomplete_beta(a: float, b: float, x: float) -> float:
    """Return the regularized incomplete beta function I_x(a, b) from Lentz's continued fraction (DLMF 8.17.22).

    Raises:
        ValueError: If `a` or `b` is not positive.
    """
    if a <= 0 or b <= 0:
        raise ValueError("both parameters are positive")
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    if x > (a + 1) / (a + b + 2):
        return 1.0 - math.exp(log_front) * _fraction(b, a, 1 - x) / b
    return math.exp(log_front) * _fraction(a, b, x) / a


def _fraction(a: float, b: float, x: float) -> float:
    """Return the continued fraction, which converges quickly for x below the mean of the distribution."""
    above, below = 1.0, 1.0 / _from_zero(1.0 - (a + b) * x / (a + 1))
    value = below
    for term in range(1, _MOST_TERMS):
        for step in (
            term * (b - term) * x / ((a + 2 * term - 1) * (a + 2 * term)),
            -(a + term) * (a + b + term) * x / ((a + 2 * term) * (a + 2 * term + 1)),
        ):
            below = 1.0 / _from_zero(1.0 + step * below)
            above = _from_zero(1.0 + step / above)
            change = above * below
            value *= change
        if abs(change - 1.0) < _SAME:
            break
    return value


def _from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def t_chance(t: float, freedom: float) -> float:
    """Return the two-sided p-value of a t statistic.

    Args:
        freedom: Degrees of freedom.
    """
    if math.isinf(t):
        return 0.0
    return incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t))


@lru_cache(maxsize=4096)
def t_quantile(level: float, freedom: float) -> float:
    """Return the two-sided critical value of t at `level`, e.g. 1.96 at 0.05 with many degrees of freedom."""
    low, high = 0.0, 1.0
    while t_chance(high, freedom) > level:
        low, high = high, high * 2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if t_chance(middle, freedom) > level:
            low = middle
        else:
            high = middle
    return (low + high) / 2
