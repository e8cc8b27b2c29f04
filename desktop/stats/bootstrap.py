"""The bootstrap of means: cases, or clusters of them, drawn again and again with replacement, by counts; pure."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import accumulate, groupby
from operator import mul

from desktop.stats.proportions import LEVEL, ROUNDS, Interval

MOST_CASES = 300
"""From so many cases on nothing is drawn: t's interval is as good there."""

_FEW = 8


class Resamples:
    """Draws of so many cases, made once for each number of them: how often each case was drawn in each round."""

    def __init__(self, rounds: int = ROUNDS, seed: int = 0) -> None:
        self._rounds = rounds
        self._seed = seed
        self._drawn: dict[int, list[bytes]] = {}

    def means(self, sums: Sequence[float], sizes: Sequence[int]) -> list[float]:
        """The mean over cases in each round, sorted: `sums` are those of clusters, `sizes` their numbers of cases."""
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
    """What sums sorted values by how often each was drawn; few values, as of passes, are summed in stretches."""
    stretches = [(value, len(list(same))) for value, same in groupby(values)]
    if len(stretches) > _FEW:
        return lambda counts: sum(map(mul, counts, values))
    ends = list(accumulate(length for _, length in stretches))
    cuts = [(value, end - length, end) for (value, length), end in zip(stretches, ends, strict=True) if value]
    return lambda counts: sum(value * sum(counts[start:end]) for value, start, end in cuts)


def _counted(places: Sequence[int], size: int) -> bytes:
    """How often each place was drawn; 255 times at most, which no draw of so few comes near."""
    counts = bytearray(size)
    for place in places:
        counts[place] += 1
    return bytes(counts)


def percentiles(means: Sequence[float], level: float = LEVEL) -> Interval:
    """What lies between the ends that `level` of sorted means are beyond, between the two nearest of them."""
    return Interval(percentile(means, level / 2), percentile(means, 1 - level / 2))


def percentile(means: Sequence[float], part: float) -> float:
    """The value below which a part of sorted values lies, between the two nearest."""
    place = part * (len(means) - 1)
    below = int(place)
    above = min(below + 1, len(means) - 1)
    return means[below] + (means[above] - means[below]) * (place - below)
