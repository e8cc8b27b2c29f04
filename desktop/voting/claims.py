"""What can be claimed: differences, corrected for all pairs that are shown (Holm 1979), verdicts, rank ranges; pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from enum import StrEnum
from statistics import NormalDist
from typing import NamedTuple

from desktop.voting.intervals import LEVEL, Interval, closed_form, quantile

LEAST_PROMPTS = 6
"""Of which all that is claimed must hold: of fewer, all alike, chance gives as many one time in sixteen."""

_NORMAL = NormalDist()
_POWER = _NORMAL.inv_cdf(0.8)
_CLEAR = math.log(7 / 3)
"""The difference of a share of 70 %: votes that would not show it are too few."""

_NOTABLE = math.log(6 / 4)
"""The difference of a share of 60 %: where the votes point to as much, more of them would show it."""


class Verdict(StrEnum):
    """What can be said of a pair."""

    BETTER = "better"  # of the one with the higher log-worth
    NO_DIFFERENCE = "no_difference"  # none that these votes can show
    TOO_FEW = "too_few"  # more votes at this rate would show one, or these would show none


class Evidence(NamedTuple):
    """Of one pair: the difference (not negative) with its standard error, and the chance that resampling gives none.

    `prompts` is how many the votes are on.
    """

    difference: float
    se: float
    resampled: float
    prompts: int


class Claim(NamedTuple):
    """The verdict on a pair, and the interval of its difference at the level that it was held to."""

    verdict: Verdict
    interval: Interval
    level: float


def claims(evidence: Sequence[Evidence], level: float = LEVEL) -> list[Claim]:
    """A claim for each pair: the surest is held to `level` / number of pairs, the next to one less, until one fails."""
    ratios = [_ratio(each) for each in evidence]
    found: list[Claim | None] = [None] * len(evidence)
    held, failed = level, False
    for step, place in enumerate(sorted(range(len(evidence)), key=lambda each: -ratios[each])):
        if not failed:
            held = level / (len(evidence) - step)
            failed = not ratios[place] > quantile(held)
        each = evidence[place]
        verdict = _otherwise(each, held) if failed else Verdict.BETTER
        found[place] = Claim(verdict, closed_form(each.difference, each.se, held), held)
    return [each for each in found if each is not None]


def _ratio(evidence: Evidence) -> float:
    """How many standard errors a difference is worth: by the closed form or by resampling, whichever says less."""
    if evidence.prompts < LEAST_PROMPTS or not evidence.se:
        return 0.0
    chance = min(evidence.resampled, 1.0)
    by_rounds = _NORMAL.inv_cdf(1 - chance / 2) if chance > 1e-15 else math.inf
    return min(evidence.difference / evidence.se, by_rounds)


def _otherwise(evidence: Evidence, level: float) -> Verdict:
    """The verdict where nothing can be claimed."""
    shown = (quantile(level) + _POWER) * evidence.se
    if evidence.prompts < LEAST_PROMPTS or shown > _CLEAR or evidence.difference >= _NOTABLE:
        return Verdict.TOO_FEW
    return Verdict.NO_DIFFERENCE


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
