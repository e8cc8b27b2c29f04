"""Two contenders on the same cases: the variance of paired differences, exact tests, and intervals with a width."""

from __future__ import annotations

import math
import random
from statistics import covariance, fmean, stdev, variance

import pytest

from desktop.evals.execution.case_scores import CaseScore
from desktop.evals.execution.paired_scores import difference_interval, paired
from desktop.stats.bootstrap import Resamples
from desktop.stats.mcnemar import mcnemar
from desktop.stats.student_t import t_chance, t_quantile

RESAMPLES = Resamples()


def column(*values: float | None, repeats: int = 1) -> dict[int, CaseScore]:
    return {case: CaseScore(value, repeats, int(value)) for case, value in enumerate(values) if value is not None}


def drawn(number: int, seed: int = 1) -> tuple[list[float], list[float]]:
    chance = random.Random(seed)
    ease = [chance.random() for _ in range(number)]
    return [each**0.5 for each in ease], [(each + chance.random()) / 2 for each in ease]


def test_the_paired_variance_is_that_of_both_less_twice_their_covariance() -> None:
    one, other = drawn(50)
    pair = paired(column(*one), column(*other), range(50))
    assert pair is not None
    assert pair.se is not None
    both = (variance(one) + variance(other) - 2 * covariance(one, other)) / 50
    assert pair.se**2 == pytest.approx(both)
    assert pair.mean == pytest.approx(fmean(one) - fmean(other))


def test_scores_are_tried_by_t_with_one_degree_less_than_cases() -> None:
    one, other = drawn(12)
    pair = paired(column(*one), column(*other), range(12))
    assert pair is not None
    differences = [a - b for a, b in zip(one, other, strict=True)]
    se = stdev(differences) / math.sqrt(12)
    assert pair.p == pytest.approx(t_chance(fmean(differences) / se, 11))
    found = difference_interval(pair, None)
    assert found == pytest.approx((pair.mean - t_quantile(0.05, 11) * se, pair.mean + t_quantile(0.05, 11) * se))


def test_only_cases_that_both_have_a_score_of_count() -> None:
    pair = paired(column(1, None, 0, 1), column(0, 1, None, 1), range(4))
    assert pair is not None
    assert (pair.cases, pair.mean) == (2, 0.5)
    assert paired(column(1), {}, range(1)) is None


def test_passes_without_repeats_are_tried_by_mcnemars_test() -> None:
    pair = paired(column(*[1] * 9, 0, 1, 0), column(*[0] * 9, 1, 1, 0), range(12))
    assert pair is not None
    assert pair.counted == (9, 1)
    assert pair.p == mcnemar(9, 1)
    assert pair.method(resampled=True) == "exact McNemar; interval by t and bootstrap"


@pytest.mark.parametrize("repeats", [1, 3])
def test_clusters_and_repeats_are_tried_by_t(repeats: int) -> None:
    clusters = [case // 2 for case in range(12)] if repeats == 1 else range(12)
    one, other = (column(*values, repeats=repeats) for values in ([1.0] * 9 + [0.0] * 3, [0.0] * 7 + [1.0] * 5))
    pair = paired(one, other, clusters)
    assert pair is not None
    assert pair.counted is None
    assert pair.method(resampled=False).startswith("paired t")


def test_differences_that_are_all_the_same_are_not_called_sure() -> None:
    same = paired(column(*[0.5] * 5, repeats=2), column(*[0.5] * 5, repeats=2), range(5))
    won = paired(column(*[1.0] * 5, repeats=2), column(*[0.0] * 5, repeats=2), range(5))
    assert same is not None
    assert won is not None
    assert (same.p, won.p) == (1, 0.0625)
    interval = difference_interval(same, RESAMPLES)
    assert interval is not None
    assert interval.high > 0.3


def test_the_interval_holds_that_of_the_bootstrap_and_of_t() -> None:
    one, other = drawn(25, 4)
    pair = paired(column(*one), column(*other), range(25))
    assert pair is not None
    both, alone = difference_interval(pair, RESAMPLES), difference_interval(pair, None)
    assert both is not None
    assert alone is not None
    assert both.low <= alone.low <= alone.high <= both.high


def test_one_cluster_tells_nothing() -> None:
    pair = paired(column(1, 0, 1), column(0, 0, 1), ["x"] * 3)
    assert pair is not None
    assert pair.p is None
    assert difference_interval(pair, RESAMPLES) is None


@pytest.mark.parametrize("number", [12, 40])
def test_intervals_cover_the_truth_as_often_as_they_say(number: int) -> None:
    chance, covered = random.Random(number), 0
    for _ in range(200):
        ease = [chance.random() for _ in range(number)]
        one, other = ([float(chance.random() < each + more) for each in ease] for more in (0.1, 0.0))
        pair = paired(column(*one), column(*other), range(number))
        assert pair is not None
        found = difference_interval(pair, RESAMPLES)
        assert found is not None
        covered += found.low <= 0.095 <= found.high
    assert covered >= 186


def test_a_difference_that_nobody_notices_proves_as_little_as_none() -> None:
    same = {case: CaseScore(1.0, 2, 2) for case in range(15)}
    nearly = {**same, 0: CaseScore(1.0 - 6e-5, 2, 2)}
    widths: list[float] = []
    for other in (same, nearly):
        pair = paired(same, other, range(15))
        assert pair is not None
        interval = difference_interval(pair, None)
        assert interval is not None
        widths.append(interval.high - interval.low)
    assert widths[1] == pytest.approx(widths[0], rel=0.01)
