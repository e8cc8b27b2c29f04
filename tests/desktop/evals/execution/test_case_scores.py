"""Scores of cases and of contenders: means over repeats, errors by case and by cluster, intervals within bounds."""

from __future__ import annotations

import math
import random
from statistics import stdev

import pytest

from desktop.evals.execution.case_scores import (
    CaseScore,
    case_scores,
    cell_score,
    clustered_se,
    clusters_of,
    mean_score,
    self_difference,
)
from desktop.evals.suites.suite import Case
from desktop.stats.proportions import wilson
from desktop.stats.student_t import t_quantile
from tests.desktop.evals.made_runs import head, heads, suite


def scores(*values: float) -> dict[int, CaseScore]:
    return {case: CaseScore(value, 1, int(value)) for case, value in enumerate(values)}


def test_a_cases_score_is_the_mean_over_its_repeats_without_errors() -> None:
    cells = [head(0, 0, 1.0), head(0, 0, 0.0, 1), head(0, 0, "error", 2), head(1, 0, "error"), head(2, 0, None)]
    assert case_scores(cells) == {0: CaseScore(0.5, 2, 1)}


def test_a_persons_verdict_stands_above_the_graders_score() -> None:
    assert cell_score(head(0, 0, "passed", score=0.2, reviewed=True)) == 1
    assert cell_score(head(0, 0, "failed", score=0.9, reviewed=False)) == 0
    assert cell_score(head(0, 0, "failed", score=0.4)) == 0.4
    assert cell_score(head(0, 0, "passed")) == 1
    assert cell_score(head(0, 0, "ungraded", score=0.7)) is None


def test_clusters_of_one_case_give_the_plain_standard_error() -> None:
    values = [random.Random(2).random() for _ in range(40)]
    assert clustered_se(values, range(40)) == pytest.approx(stdev(values) / math.sqrt(40))


def test_the_clustered_error_is_millers_formula() -> None:
    values, clusters = [1.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0], ["a", "a", "a", "b", "b", "c", "d"]
    mean, number = sum(values) / 7, 4
    plain = sum((value - mean) ** 2 for value in values)
    within = sum(
        (one - mean) * (other - mean)
        for place, one in enumerate(values)
        for at, other in enumerate(values)
        if place != at and clusters[place] == clusters[at]
    )
    expected = math.sqrt(number / (number - 1) * (plain + within)) / 7
    assert clustered_se(values, clusters) == pytest.approx(expected)
    assert clustered_se(values, ["a"] * 7) is None


def test_the_same_case_asked_twice_as_one_cluster_tells_no_more_than_once() -> None:
    once, clusters = [1.0, 0.0, 1.0, 1.0, 0.0], [0, 1, 2, 3, 4]
    assert clustered_se(once * 2, clusters * 2) == pytest.approx(clustered_se(once, clusters))


def test_repeats_do_not_count_as_cases() -> None:
    once = [head(case, 0, float(case % 2)) for case in range(10)]
    often = [head(case, 0, float(case % 2), repeat) for case in range(10) for repeat in range(9)]
    single, repeated = (mean_score(case_scores(each), range(10)) for each in (once, often))
    assert single is not None
    assert repeated is not None
    assert repeated.se == pytest.approx(single.se)


def test_a_pass_rate_of_few_cases_has_wilsons_interval() -> None:
    found = mean_score(scores(*[1.0] * 8, 0.0, 0.0), range(10))
    assert found is not None
    assert found.interval == wilson(8, 10)


def test_scores_between_have_ts_interval_within_bounds() -> None:
    values = [0.2, 0.9, 1.0, 0.6, 0.8]
    found = mean_score(scores(*values), range(5))
    assert found is not None
    half = t_quantile(0.05, 4) * stdev(values) / math.sqrt(5)
    assert found.interval == (pytest.approx(0.7 - half), 1.0)


def test_three_hundred_cases_have_ts_interval() -> None:
    found = mean_score(scores(*[1.0, 0.0, 1.0] * 100), range(300))
    assert found is not None
    assert found.interval.high - found.score == pytest.approx(found.score - found.interval.low)


def test_clusters_count_for_the_interval_and_not_cases() -> None:
    values = scores(*[1.0, 1.0, 1.0, 0.0, 0.0, 0.0] * 4)
    apart, together = (mean_score(values, clusters) for clusters in (range(24), [case // 3 for case in range(24)]))
    assert apart is not None
    assert together is not None
    assert together.interval.high - together.interval.low > 1.5 * (apart.interval.high - apart.interval.low)


@pytest.mark.parametrize("value", [0.0, 0.7, 1.0])
def test_scores_that_are_all_the_same_are_not_called_exact(value: float) -> None:
    found = mean_score({case: CaseScore(value, 3, int(3 * value)) for case in range(6)}, range(6))
    assert found is not None
    assert found.interval == wilson(6 * value, 6)


def test_nothing_graded_has_no_score_and_one_case_no_error() -> None:
    assert mean_score({}, []) is None
    found = mean_score(scores(1.0), [0])
    assert found is not None
    assert found.se is None
    assert found.interval == wilson(1, 1)


def test_lines_with_several_prompts_are_one_cluster_and_names_join_lines() -> None:
    cases = (Case(prompt=0, origin=0), Case(prompt=1, origin=0), Case(prompt=0, origin=1, cluster="x"))
    assert clusters_of(suite(cases)) == [0, 0, "x"]


def test_a_contenders_difference_from_itself_is_the_share_of_unlike_repeats() -> None:
    cells = [head(0, 0, 1.0), head(0, 0, 0.0, 1), head(0, 0, 1.0, 2), head(1, 0, 1.0), head(1, 0, 1.0, 1)]
    assert self_difference(case_scores(cells)) == pytest.approx((2 / 3 + 0) / 2)
    assert self_difference(case_scores(heads([1.0, 0.0]))) is None
