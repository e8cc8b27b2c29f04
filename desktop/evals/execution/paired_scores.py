"""Paired comparison of two contenders: difference in scores, interval and p-value. Pure functions."""

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
"""Minimum deviation that counts as a difference (one point), and minimum number of clusters that must differ."""


class PairedScores(NamedTuple):
    """Score differences between two contenders, summed for each cluster.

    `se` is None for a single cluster. `counted` holds the numbers of discordant cases if every case either passed or
    failed.
    """

    cases: int
    mean: float
    se: float | None
    sums: tuple[float, ...]
    sizes: tuple[int, ...]
    counted: tuple[int, int] | None

    @property
    def clusters(self) -> int:
        """Number of clusters. Without clusters, each case counts as its own."""
        return len(self.sums)

    @property
    def noticed(self) -> int:
        """Number of clusters that deviate from the mean difference by at least one point."""
        means = (total / size for total, size in zip(self.sums, self.sizes, strict=True))
        return sum(abs(each - self.mean) >= A_POINT for each in means)

    @property
    def p(self) -> float | None:
        """Probability of such a difference by chance, or None for a single cluster.

        If all cases differ equally, there is no variance for a t-test, and a sign test is used.
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
        """Name of the test that yields `p`."""
        return "exact McNemar" if self.counted is not None else "paired t"

    def method(self, *, resampled: bool) -> str:
        """Return a description of the test and the interval."""
        within = " by cluster" if self.clusters < self.cases else ""
        return f"{self.test}; interval by t{' and bootstrap' if resampled and self.is_resampled else ''}{within}"

    @property
    def is_resampled(self) -> bool:
        """Whether the cases are few enough to bootstrap and have some variance."""
        return self.clusters < MOST_CASES and bool(self.se)


def paired(one: CaseScores, other: CaseScores, clusters: Sequence[Hashable]) -> PairedScores | None:
    """Pair two contenders over their common cases, or return None if there are none."""
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
    """Return the interval that covers all applicable methods, or None for a single cluster."""
    if pair.se is None:
        return None
    found = [_scatter(pair, pair.se, level)]
    if resamples is not None and pair.is_resampled:
        found.append(percentiles(resamples.means(pair.sums, pair.sizes), level))
    if pair.counted is not None:
        found.append(pass_difference(*pair.counted, pair.cases, level))
    return Interval(max(min(each.low for each in found), -1.0), min(max(each.high for each in found), 1.0))


def _scatter(pair: PairedScores, se: float, level: float) -> Interval:
    """Return the t interval. It is widened if hardly any cluster deviates, because that is no evidence of precision."""
    half = t_quantile(level, pair.clusters - 1) * se
    if pair.noticed < FEWEST_NOTICED:
        half = max(half, quantile(level) * math.sqrt(2) / (pair.clusters + 2))
    return Interval(pair.mean - half, pair.mean + half)
