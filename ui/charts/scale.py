"""Scales of charts: round values and days to label, and where values are painted. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)


class Scale(NamedTuple):
    """Values from `low` to `high` on pixels from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return the pixel of a value. A scale of a single value has it in the middle."""
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.5
        return self.start + share * (self.end - self.start)


def ticks(high: float, most: int = 4) -> tuple[float, ...]:
    """Return at most this many round steps from 0, the last of which is at least `high`."""
    if not 0 < high < math.inf:
        return (0.0, 1.0)
    size = 10.0 ** math.floor(math.log10(high / most))
    step = next(each * size for each in _ROUND if each * size * most >= high * (1 - 1e-9))
    count = max(math.ceil(high / step - 1e-9), 1)
    return tuple(number * step for number in range(count + 1))


def decimals(values: Sequence[float], most: int = 6) -> int:
    """Return how many decimal places tell evenly spaced values apart and write each exactly."""
    return next(
        (places for places in range(most) if all(abs(each - round(each, places)) < 1e-9 for each in values)), most
    )


def day_ticks(first: date, last: date, most: int) -> tuple[date, ...]:
    """Return at most this many evenly spaced days, which include the first one."""
    days = (last - first).days
    step = max(math.ceil(days / max(most - 1, 1)), 1)
    return tuple(first + timedelta(days=number) for number in range(0, days + 1, step))
