"""Scores of cases: means over their repeats, with the standard error of a contender's score and its interval; pure."""

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
"""Errors below this are those of binary fractions."""


class CaseScore(NamedTuple):
    """Of one contender on one case: the mean of its graded repeats, how many they are, and how many of them passed."""

    score: float
    repeats: int
    passed: int


CaseScores = Mapping[int, CaseScore]
"""Scores of one contender by the numbers of cases; those without a graded answer are not in it."""


class MeanScore(NamedTuple):
    """A mean over cases with its standard error (None of one case or one cluster) and its interval."""

    score: float
    se: float | None
    interval: Interval


def cell_score(head: CellHead) -> float | None:
    """What a cell counts: a person's own verdict above all, else the graders' score; None for errors and ungraded."""
    if head.status not in (CellStatus.PASSED, CellStatus.FAILED):
        return None
    if head.reviewed is not None:
        return float(head.reviewed)
    return head.score if head.score is not None else float(head.status is CellStatus.PASSED)


def case_scores(heads: Iterable[CellHead]) -> dict[int, CaseScore]:
    """The scores of one contender, by case."""
    found: defaultdict[int, list[tuple[float, bool]]] = defaultdict(list)
    for head in heads:
        if (score := cell_score(head)) is not None:
            found[head.key.case].append((score, head.status is CellStatus.PASSED))
    return {
        case: CaseScore(math.fsum(score for score, _ in each) / len(each), len(each), sum(passed for _, passed in each))
        for case, each in sorted(found.items())
    }


def clusters_of(suite: Suite) -> list[Hashable]:
    """Of each case the cluster that it is in: its own name for it, else its line, with all prompts that it has."""
    return [case.cluster or case.origin for case in suite.cases]


def clustered_se(values: Sequence[float], clusters: Sequence[Hashable]) -> float | None:
    """The standard error of a mean whose values come in clusters: (1/n) √(C/(C-1) Σ_c (Σ_i (s_i - mean))²).

    Where each cluster has one value it is their standard deviation / √n (Miller 2024, "Adding Error Bars to Evals",
    with the correction for few clusters). None of one cluster.
    """
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
    """A contender's score over all its cases; None where it has none.

    A pass rate without repeats has Wilson's interval below 300 cases; else it is t's with one degree of freedom less
    than there are clusters. Scores that are all the same scatter by chance alone: they have Wilson's, which is the
    widest that scores from 0 to 1 can have.
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
    """Whether each case was graded once, and its score says that it passed or failed and nothing else."""
    return all(each.repeats == 1 and each.score == each.passed for each in scores.values())


def is_graded(scores: CaseScores) -> bool:
    """Whether some score is not the share of its repeats that passed: then their mean is no pass rate."""
    return any(abs(each.score - each.passed / each.repeats) > _ROUNDING for each in scores.values())


def pass_scores(scores: CaseScores) -> dict[int, CaseScore]:
    """The same cases by how many of their repeats passed, whatever else graders made of them: a pass rate's."""
    return {case: each._replace(score=each.passed / each.repeats) for case, each in scores.items()}


def self_difference(scores: CaseScores) -> float | None:
    """The mean share of two repeats of one case of which one passed and the other failed; None without repeats."""
    shares = [
        2 * each.passed * (each.repeats - each.passed) / (each.repeats * (each.repeats - 1))
        for each in scores.values()
        if each.repeats > 1
    ]
    return math.fsum(shares) / len(shares) if shares else None
