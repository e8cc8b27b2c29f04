"""Verdict on whether one of two alternatives is not worse than the other by more than a margin. Pure functions.

The scale is the mean outcome θ of the newer alternative: win 1, tie ½, loss 0. A margin of δ points of net preference
(wins − losses) is δ / 200 below ½, so 10 points correspond to θ = 0.45. The margin is chosen before the outcomes are
seen (non-inferiority testing, ICH E9 and E10).
"""

from __future__ import annotations

import math
from enum import StrEnum
from statistics import NormalDist
from typing import NamedTuple

from desktop.stats.mean_intervals import MeanEstimate
from desktop.stats.proportions import LEVEL, quantile

EVEN = 0.5
"""θ of two alternatives that are equally good."""

MOST_FURTHER = 1000
"""Number of additional reviews above which a decision counts as out of reach."""

USUAL_SPREAD = 0.42
"""Standard deviation of an outcome if 30% of the pairs tie and the others are evenly split."""


class SuccessorVerdict(StrEnum):
    """Verdict on the newer alternative. The values appear in JSON output and must not change."""

    BETTER = "better"
    NOT_WORSE = "not_worse"
    WORSE = "worse"
    UNDECIDED = "undecided"


class Decision(NamedTuple):
    """A verdict with details.

    `slightly_less` means that the newer alternative is not worse, but still less preferred. `further` is the number of
    additional reviews that would decide at the present rate, or None if decided or more than MOST_FURTHER.
    """

    verdict: SuccessorVerdict
    slightly_less: bool = False
    further: int | None = None


def bound_of(margin: float) -> float:
    """Return the lowest θ that is not worse, for a margin in points of net preference."""
    return EVEN - margin / 200


def decide(estimate: MeanEstimate, margin: float, reviews: int) -> Decision:
    """Return the verdict for an estimate.

    Args:
        margin: Margin in points of net preference.
        reviews: Number of reviews the estimate is based on, used to calculate the number of additional ones.
    """
    bound, (low, high) = bound_of(margin), estimate.interval
    if low > EVEN:
        return Decision(SuccessorVerdict.BETTER)
    if low > bound:
        return Decision(SuccessorVerdict.NOT_WORSE, slightly_less=high < EVEN)
    if high < bound:
        return Decision(SuccessorVerdict.WORSE)
    return Decision(SuccessorVerdict.UNDECIDED, further=_further(estimate, bound, reviews))


def _further(estimate: MeanEstimate, bound: float, reviews: int) -> int | None:
    """Return the number of additional reviews that would decide, or None if out of reach.

    The width of the interval decreases with the square root of their number.
    """
    mean, (low, high) = estimate.mean, estimate.interval
    gap, half = (mean - bound, mean - low) if mean >= bound else (bound - mean, high - mean)
    if gap <= 0:
        return None
    needed = math.ceil(reviews * (half / gap) ** 2) - reviews
    return max(needed, 1) if needed <= MOST_FURTHER else None


def chance_of_not_worse(
    reviews: int, margin: float, *, theta: float = EVEN, spread: float = USUAL_SPREAD, level: float = LEVEL
) -> float:
    """Return the probability that a number of independent reviews shows “not worse” (or “better”).

    This is a normal approximation of the power of the test.

    Args:
        theta: True mean outcome.
        spread: Standard deviation of an outcome.
    """
    if reviews < 1:
        return 0.0
    return NormalDist().cdf((theta - bound_of(margin)) * math.sqrt(reviews) / spread - quantile(level))
