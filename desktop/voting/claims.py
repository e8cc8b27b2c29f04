"""Claims about pairs: differences corrected for multiple comparisons (Holm 1979), verdicts and rank ranges."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from enum import StrEnum
from statistics import NormalDist
from typing import NamedTuple

from desktop.stats.proportions import LEVEL, Interval, quantile, two_sided
from desktop.stats.student_t import t_chance
from desktop.voting.intervals import interval_of

LEAST_PROMPTS = 6
"""Minimum number of prompts for a claim. With five, unanimous results occur by chance one time in sixteen."""

_NORMAL = NormalDist()
_POWER = _NORMAL.inv_cdf(0.8)
NO_MATTER = 0.05
"""Half-width of the region of practical equivalence around a win share of one half, as in evaluation runs."""

MARGIN = math.log((0.5 + NO_MATTER) / (0.5 - NO_MATTER))
"""The same half-width as a difference in log-strength."""


class Verdict(StrEnum):
    """Verdict on a pair."""

    BETTER = "better"  # the one with the higher log-strength is better
    NO_DIFFERENCE = "no_difference"  # the whole interval is within the margin
    TOO_FEW = "too_few"  # neither of these


class Evidence(NamedTuple):
    """Evidence about one pair: absolute difference, its standard error, and the p-value from resampling.

    `prompts` is the number of prompts with votes. `by_prompt` is the standard error clustered by prompt, or 0 if `se`
    is sufficient.
    """

    difference: float
    se: float
    resampled: float
    prompts: int
    by_prompt: float = 0.0


class Claim(NamedTuple):
    """Verdict on a pair, and the interval of the difference at the adjusted level."""

    verdict: Verdict
    interval: Interval
    level: float


def claims(evidence: Sequence[Evidence], level: float = LEVEL) -> list[Claim]:
    """Return a claim for each pair by Holm's step-down procedure.

    The smallest p-value is tested at `level` / pairs, the next at `level` / (pairs − 1), and so on until one fails.
    """
    chances = [_chance(each) for each in evidence]
    results: list[Claim | None] = [None] * len(evidence)
    threshold, failed = level, False
    for step, index in enumerate(sorted(range(len(evidence)), key=chances.__getitem__)):
        if not failed:
            threshold = level / (len(evidence) - step)
            failed = not chances[index] < threshold
        each = evidence[index]
        interval = interval_of(each.difference, each.se, each.by_prompt, each.prompts, threshold)
        results[index] = Claim(_otherwise(each, interval) if failed else Verdict.BETTER, interval, threshold)
    return [each for each in results if each is not None]


def _chance(evidence: Evidence) -> float:
    """Return the largest available p-value of a pair."""
    if evidence.prompts < LEAST_PROMPTS or not evidence.se:
        return 1.0
    p_value = max(two_sided(evidence.difference / evidence.se), evidence.resampled)
    if evidence.by_prompt:
        p_value = max(p_value, t_chance(evidence.difference / evidence.by_prompt, evidence.prompts - 1))
    return min(p_value, 1.0)


def _otherwise(evidence: Evidence, interval: Interval) -> Verdict:
    """Return the verdict for a pair without a significant difference."""
    within = interval.low >= -MARGIN and interval.high <= MARGIN
    return Verdict.NO_DIFFERENCE if within and evidence.prompts >= LEAST_PROMPTS else Verdict.TOO_FEW


class RankRange(NamedTuple):
    """Best and worst possible rank of a contender, starting at 1."""

    best: int
    worst: int


def rank_ranges(size: int, better: Iterable[tuple[int, int]]) -> list[RankRange]:
    """Return the range of ranks for each contender: from 1 + surely better ones to `size` − surely worse ones.

    `better` are pairs of contenders, of which the first is surely better.
    """
    above, below = [0] * size, [0] * size
    for one, other in better:
        above[other] += 1
        below[one] += 1
    return [RankRange(1 + up, size - down) for up, down in zip(above, below, strict=True)]


def votes_needed(share: float, level: float = LEVEL) -> float:
    """Return the number of votes needed to detect a true win share with 80% power."""
    if share == 0.5:
        return math.inf
    reach = quantile(level) / 2 + _POWER * math.sqrt(share * (1 - share))
    return (reach / (share - 0.5)) ** 2
