"""Case scores: means over repeats, with the standard error and interval of a contender's score. Pure functions."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple

from desktop.domain.suite_cells import CellHead, CellStatus
from desktop.evals.suites.suite import Suite
from desktop.stats.bootstrap import MOST_CASES
from desktop.stats.proportions import LEVEL, Interval, wilson
from desktop.stats.student_t import t_quantile

_ROUNDING = 1e-12
"""Differences below this are rounding errors."""


class CaseScore(NamedTuple):
    """A contender's mean score on one case, with the number of graded and passed repeats."""

    score: float
    repeats: int
    passed: int


CaseScores = Mapping[int, CaseScore]
"""Scores of a contender by case number; ungraded cases are missing."""


class MeanScore(NamedTuple):
    """A mean over cases with its interval and standard error, which is None for a single case or cluster."""

    score: float
    se: float | None
    interval: Interval


def cell_score(head: CellHead) -> float | None:
    """Return a cell's score: the reviewer's verdict, or else the graders' score; None for errors and ungraded cells."""
    if head.status not in (CellStatus.PASSED, CellStatus.FAILED):
        return None
    if head.reviewed is not None:
        return float(head.reviewed)
    return head.score if head.score is not None else float(head.status is CellStatus.PASSED)


def case_scores(heads: Iterable[CellHead]) -> dict[int, CaseScore]:
    """Return the scores of one contender by case."""
    scores_by_case: defaultdict[int, list[tuple[float, bool]]] = defaultdict(list)
    for head in heads:
        if (score := cell_score(head)) is not None:
            scores_by_case[head.key.case].append((score, head.status is CellStatus.PASSED))
    return {
        case: CaseScore(math.fsum(score for score, _ in each) / len(each), len(each), sum(passed for _, passed in each))
        for case, each in sorted(scores_by_case.items())
    }


def clusters_of(suite: Suite) -> list[Hashable]:
    """Return the cluster of each case: the named cluster, if any, or else the index of the source line."""
    return [case.cluster or case.origin for case in suite.cases]


def clustered_se(values: Sequence[float], clusters: Sequence[Hashable]) -> float | None:
    """Return the standard error of a mean of clustered values: (1/n) √(C/(C-1) Σ_c (Σ_i (s_i - mean))²)."""
    mean = math.fsum(values) / len(values)
    together: defaultdict[Hashable, float] = defaultdict(float)
    for value, cluster in zip(values, clusters, strict=True):
        together[cluster] += value - mean
    number = len(together)
    if number < 2:
        return None
    se = math.sqrt(number / (number - 1) * math.fsum(each * each for each in together.values())) / len(values)
    return se if se > _ROUNDING else 0.0


def mean_score(scores: CaseScores, clusters: Sequence[Hashable], level: float = LEVEL) -> MeanScore | None:
    """Return a contender's mean score, or None if no case was graded.

    Pass rates of few cases, without repeats and clusters, have a Wilson interval.
    """
    if not scores:
        return None
    values, within = [each.score for each in scores.values()], [clusters[case] for case in scores]
    mean, number = math.fsum(values) / len(values), len({*within})
    se = clustered_se(values, within)
    is_rate = number == len(values) and are_passes(scores)
    if not se or (is_rate and number < MOST_CASES):
        return MeanScore(mean, se, wilson(mean * number, number, level))
    half = t_quantile(level, number - 1) * se
    return MeanScore(mean, se, Interval(max(mean - half, 0.0), min(mean + half, 1.0)))


def are_passes(scores: CaseScores) -> bool:
    """Whether each case was graded once, as either passed or failed."""
    return all(each.repeats == 1 and each.score == each.passed for each in scores.values())


def is_graded(scores: CaseScores) -> bool:
    """Whether any case has a score other than its pass rate."""
    return any(abs(each.score - each.passed / each.repeats) > _ROUNDING for each in scores.values())


def pass_scores(scores: CaseScores) -> dict[int, CaseScore]:
    """Return the pass rates of the same cases as scores."""
    return {case: each._replace(score=each.passed / each.repeats) for case, each in scores.items()}


def self_difference(scores: CaseScores) -> float | None:
    """Return the mean probability that two repeats of a case differ in passing, or None without repeats."""
    shares = [
        2 * each.passed * (each.repeats - each.passed) / (each.repeats * (each.repeats - 1))
        for each in scores.values()
        if each.repeats > 1
    ]
    return math.fsum(shares) / len(shares) if shares else None
