"""Bootstrap of means: cases or clusters, resampled with replacement as counts. Pure functions."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import accumulate, groupby
from operator import mul

from desktop.stats.proportions import LEVEL, ROUNDS, Interval

MOST_CASES = 300
"""Maximum number of cases to resample. Above this, the t interval is equally good."""

_FEW = 8


class Resamples:
    """Resamples by number of cases, cached. Each round stores how often each case was drawn."""

    def __init__(self, rounds: int = ROUNDS, seed: int = 0) -> None:
        self._rounds = rounds
        self._seed = seed
        self._drawn: dict[int, list[bytes]] = {}

    def means(self, sums: Sequence[float], sizes: Sequence[int]) -> list[float]:
        """Return the sorted means over cases, one for each round.

        Args:
            sums: Sum of each cluster.
            sizes: Number of cases in each cluster.
        """
        drawn = self._counts(len(sums))
        ranked = sorted(zip(sums, sizes, strict=True))
        weighed = _weighing([value for value, _ in ranked])
        whole = len(sums)
        if sum(sizes) == whole:
            return sorted(weighed(counts) / whole for counts in drawn)
        cases = [size for _, size in ranked]
        return sorted(weighed(counts) / sum(map(mul, counts, cases)) for counts in drawn)

    def _counts(self, size: int) -> list[bytes]:
        if size > MOST_CASES:
            raise ValueError(f"more than {MOST_CASES} are not drawn")
        if size not in self._drawn:
            chance = random.Random(f"{self._seed}/{size}")  # noqa: S311 - no secret
            places = range(size)
            self._drawn[size] = [_counted(chance.choices(places, k=size), size) for _ in range(self._rounds)]
        return self._drawn[size]


def _weighing(values: Sequence[float]) -> Callable[[bytes], float]:
    """Return a function that sums sorted values weighted by counts.

    If there are few distinct values, such as passes, runs of equal values are summed together, which is faster.
    """
    stretches = [(value, len(list(same))) for value, same in groupby(values)]
    if len(stretches) > _FEW:
        return lambda counts: sum(map(mul, counts, values))
    ends = list(accumulate(length for _, length in stretches))
    cuts = [(value, end - length, end) for (value, length), end in zip(stretches, ends, strict=True) if value]
    return lambda counts: sum(value * sum(counts[start:end]) for value, start, end in cuts)


def _counted(places: Sequence[int], size: int) -> bytes:
    """Return how often each index was drawn, one byte each. More than 255 draws of one case do not occur."""
    counts = bytearray(size)
    for index in places:
        counts[index] += 1
    return bytes(counts)


def percentiles(means: Sequence[float], level: float = LEVEL) -> Interval:
    """Return the central interval of sorted means, which excludes a share of `level`."""
    return Interval(percentile(means, level / 2), percentile(means, 1 - level / 2))


def percentile(means: Sequence[float], part: float) -> float:
    """Return the quantile at `part` of sorted values, interpolated linearly."""
    place = part * (len(means) - 1)
    below = int(place)
    above = min(below + 1, len(means) - 1)
    return means[below] + (means[above] - means[below]) * (place - below)
