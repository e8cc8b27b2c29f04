"""The verdict on a successor follows from its interval and the margin alone."""

from __future__ import annotations

import pytest

from desktop.stats.mean_intervals import MeanEstimate
from desktop.stats.noninferiority import MOST_FURTHER, Decision, SuccessorVerdict, chance_of_not_worse, decide
from desktop.stats.proportions import Interval

MARGIN = 10.0


def decision(low: float, high: float, reviews: int = 100) -> Decision:
    return decide(MeanEstimate((low + high) / 2, Interval(low, high), reviews), MARGIN, reviews)


@pytest.mark.parametrize(
    ("low", "high", "verdict", "slightly_less"),
    [
        (0.51, 0.60, SuccessorVerdict.BETTER, False),
        (0.50, 0.60, SuccessorVerdict.NOT_WORSE, False),  # even is not better
        (0.46, 0.54, SuccessorVerdict.NOT_WORSE, False),
        (0.46, 0.49, SuccessorVerdict.NOT_WORSE, True),
        (0.45, 0.55, SuccessorVerdict.UNDECIDED, False),  # the margin itself is not within it
        (0.30, 0.44, SuccessorVerdict.WORSE, False),
        (0.30, 0.46, SuccessorVerdict.UNDECIDED, False),
    ],
)
def test_the_verdict_follows_from_the_interval(
    low: float, high: float, verdict: SuccessorVerdict, slightly_less: bool
) -> None:
    found = decision(low, high)
    assert (found.verdict, found.slightly_less) == (verdict, slightly_less)


def test_an_undecided_verdict_says_how_many_more_reviews_decide_it() -> None:
    assert decision(0.40, 0.60).further == 300  # half as wide: four times as many
    assert decision(0.45, 0.55, reviews=MOST_FURTHER).further == 1
    assert decision(0.40, 0.60, reviews=MOST_FURTHER).further is None  # 3,000 more
    assert decision(0.35, 0.55).further is None  # at the margin itself no number decides


def test_a_decided_verdict_needs_no_more_reviews() -> None:
    assert decision(0.51, 0.60).further is decision(0.30, 0.44).further is None


@pytest.mark.parametrize(
    ("reviews", "theta", "chance"), [(200, 0.5, 0.39), (60, 0.5, 0.15), (200, 0.55, 0.92), (0, 0.5, 0)]
)
def test_the_chance_of_not_worse_is_known_beforehand(reviews: int, theta: float, chance: float) -> None:
    assert chance_of_not_worse(reviews, MARGIN, theta=theta) == pytest.approx(chance, abs=0.01)
