"""Two contenders on the same cases: the difference of their scores, its interval and the chance of it; pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import NamedTuple

from desktop.evals.execution.case_scores import CaseScores, are_passes, clustered_se
from desktop.stats.bootstrap import MOST_CASES, Resamples, percentiles
from desktop.stats.mcnemar import mcnemar, pass_difference
from desktop.stats.proportions import LEVEL, Interval, quantile
from desktop.stats.student_t import t_chance, t_quantile

A_POINT, FEWEST_NOTICED = 0.01, 3
"""Fewer clusters than these that differ by a point or more say nothing of how differences scatter."""


class PairedScores(NamedTuple):
    """The differences of two contenders, case by case, with what each cluster of cases sums to.

    `se` is None of one cluster. `counted` is how many cases only the first and only the second passed; None where a
    case has repeats, another score than 0 and 1, or a cluster with others: McNemar's test holds for no such.
    """

    cases: int
    mean: float
    se: float | None
    sums: tuple[float, ...]
    sizes: tuple[int, ...]
    counted: tuple[int, int] | None

    @property
    def clusters(self) -> int:
        """How many there are: as many as cases where each is on its own."""
        return len(self.sums)

    @property
    def noticed(self) -> int:
        """In how many clusters the two differ from their usual difference by a point of a hundred or more."""
        means = (total / size for total, size in zip(self.sums, self.sizes, strict=True))
        return sum(abs(each - self.mean) >= A_POINT for each in means)

    @property
    def p(self) -> float | None:
        """The chance of a difference as large or larger where there is none; None of one cluster.

        Differences that are all the same do not scatter: of them it is the chance that all fall to one side.
        """
        if self.counted is not None:
            return mcnemar(*self.counted)
        if self.se is None:
            return None
        if not self.se:
            return 1.0 if not self.mean else 2.0 ** (1 - self.clusters)
        return t_chance(self.mean / self.se, self.clusters - 1)

    @property
    def test(self) -> str:
        """What `p` is worked out by."""
        return "exact McNemar" if self.counted is not None else "paired t"

    def method(self, *, resampled: bool) -> str:
        """What `p` and the interval are worked out by."""
        within = " by cluster" if self.clusters < self.cases else ""
        return f"{self.test}; interval by t{' and bootstrap' if resampled and self.is_resampled else ''}{within}"

    @property
    def is_resampled(self) -> bool:
        """Whether its cases are few enough for drawing them again, and not all the same."""
        return self.clusters < MOST_CASES and bool(self.se)


def paired(one: CaseScores, other: CaseScores, clusters: Sequence[Hashable]) -> PairedScores | None:
    """Pair two contenders over the cases that both have a score of; None where there is none."""
    shared = [case for case in one if case in other]
    if not shared:
        return None
    differences = [one[case].score - other[case].score for case in shared]
    within = [clusters[case] for case in shared]
    sums: defaultdict[Hashable, float] = defaultdict(float)
    sizes: defaultdict[Hashable, int] = defaultdict(int)
    for difference, cluster in zip(differences, within, strict=True):
        sums[cluster] += difference
        sizes[cluster] += 1
    passes = all(are_passes({case: of[case] for case in shared}) for of in (one, other))
    counted = (differences.count(1.0), differences.count(-1.0)) if passes and len(sums) == len(shared) else None
    return PairedScores(
        cases=len(shared),
        mean=math.fsum(differences) / len(differences),
        se=clustered_se(differences, within),
        sums=tuple(sums.values()),
        sizes=tuple(sizes.values()),
        counted=counted,
    )


def difference_interval(pair: PairedScores, resamples: Resamples | None, level: float = LEVEL) -> Interval | None:
    """The interval of a difference: the widest of those that hold for it; None of one cluster.

    These are t's, the bootstrap's over cases or clusters below 300 of them, and for passes without repeats Bonett and
    Price's: each of them alone is too narrow somewhere, above all where few cases differ.
    """
    if pair.se is None:
        return None
    found = [_scatter(pair, pair.se, level)]
    if resamples is not None and pair.is_resampled:
        found.append(percentiles(resamples.means(pair.sums, pair.sizes), level))
    if pair.counted is not None:
        found.append(pass_difference(*pair.counted, pair.cases, level))
    return Interval(max(min(each.low for each in found), -1.0), min(max(each.high for each in found), 1.0))


def _scatter(pair: PairedScores, se: float, level: float) -> Interval:
    """T's interval; where next to no cluster differs, what one more to each side would make of it: that is no proof."""
    half = t_quantile(level, pair.clusters - 1) * se
    if pair.noticed < FEWEST_NOTICED:
        half = max(half, quantile(level) * math.sqrt(2) / (pair.clusters + 2))
    return Interval(pair.mean - half, pair.mean + half)
