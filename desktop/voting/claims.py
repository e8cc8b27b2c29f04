"""What can be claimed: differences, corrected for all pairs that are shown (Holm 1979), verdicts, rank ranges; pure."""

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
"""Of which all that is claimed must hold: of fewer, all alike, chance gives as many one time in sixteen."""

_NORMAL = NormalDist()
_POWER = _NORMAL.inv_cdf(0.8)
NO_MATTER = 0.05
"""A share of wins this close to a half does not matter: five points of a hundred, as in runs."""

MARGIN = math.log((0.5 + NO_MATTER) / (0.5 - NO_MATTER))
"""The same as a difference of log-worths."""


class Verdict(StrEnum):
    """What can be said of a pair."""

    BETTER = "better"  # of the one with the higher log-worth
    NO_DIFFERENCE = "no_difference"  # the whole interval lies within the margin
    TOO_FEW = "too_few"  # neither


class Evidence(NamedTuple):
    """Of one pair: the difference (not negative) with its standard error, and the chance that resampling gives none.

    `prompts` is how many the votes are on; `by_prompt` is the standard error by the scatter between prompts, 0 where
    `se` says it all.
    """

    difference: float
    se: float
    resampled: float
    prompts: int
    by_prompt: float = 0.0


class Claim(NamedTuple):
    """The verdict on a pair, and the interval of its difference at the level that it was held to."""

    verdict: Verdict
    interval: Interval
    level: float


def claims(evidence: Sequence[Evidence], level: float = LEVEL) -> list[Claim]:
    """A claim for each pair: the surest is held to `level` / number of pairs, the next to one less, until one fails."""
    chances = [_chance(each) for each in evidence]
    found: list[Claim | None] = [None] * len(evidence)
    held, failed = level, False
    for step, place in enumerate(sorted(range(len(evidence)), key=chances.__getitem__)):
        if not failed:
            held = level / (len(evidence) - step)
            failed = not chances[place] < held
        each = evidence[place]
        interval = interval_of(each.difference, each.se, each.by_prompt, each.prompts, held)
        found[place] = Claim(_otherwise(each, interval) if failed else Verdict.BETTER, interval, held)
    return [each for each in found if each is not None]


def _chance(evidence: Evidence) -> float:
    """The chance of such a difference where there is none: the largest of all ways to work it out."""
    if evidence.prompts < LEAST_PROMPTS or not evidence.se:
        return 1.0
    found = max(two_sided(evidence.difference / evidence.se), evidence.resampled)
    if evidence.by_prompt:
        found = max(found, t_chance(evidence.difference / evidence.by_prompt, evidence.prompts - 1))
    return min(found, 1.0)


def _otherwise(evidence: Evidence, interval: Interval) -> Verdict:
    """The verdict where no difference can be claimed."""
    within = interval.low >= -MARGIN and interval.high <= MARGIN
    return Verdict.NO_DIFFERENCE if within and evidence.prompts >= LEAST_PROMPTS else Verdict.TOO_FEW


class RankRange(NamedTuple):
    """The best and the worst rank that a contender may have, from 1."""

    best: int
    worst: int


def rank_ranges(size: int, better: Iterable[tuple[int, int]]) -> list[RankRange]:
    """1 + how many are surely above, to `size` - how many are surely below; `better` are pairs (above, below)."""
    above, below = [0] * size, [0] * size
    for one, other in better:
        above[other] += 1
        below[one] += 1
    return [RankRange(1 + up, size - down) for up, down in zip(above, below, strict=True)]


def votes_needed(share: float, level: float = LEVEL) -> float:
    """Votes on two contenders that show, four times in five, that a true share of wins is not a half."""
    if share == 0.5:
        return math.inf
    reach = quantile(level) / 2 + _POWER * math.sqrt(share * (1 - share))
    return (reach / (share - 0.5)) ** 2
