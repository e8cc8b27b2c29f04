"""Intervals of mean outcomes miss the truth as rarely as they claim, and agree with what was worked out elsewhere."""

from __future__ import annotations

from random import Random

import pytest

from desktop.stats.mean_intervals import (
    BettingSequence,
    anytime_interval,
    fixed_interval,
    mean_of,
    ppi_tuning,
    prediction_powered,
)
from desktop.stats.proportions import Interval

SEED = 20261202


def outcome(random: Random, theta: float = 0.5) -> float:
    """Draw a loss, a tie (three of ten) or a win with this mean."""
    draw = random.random()
    return 1.0 if draw < theta - 0.15 else 0.5 if draw < theta + 0.15 else 0.0


def outcomes(random: Random, number: int, theta: float = 0.5) -> list[float]:
    return [outcome(random, theta) for _ in range(number)]


def misses(intervals: list[Interval], truth: float = 0.5) -> float:
    return mean_of([not each.low <= truth <= each.high for each in intervals])


def test_the_sequence_agrees_with_its_authors_implementation() -> None:
    """`make compare-statistics` runs that implementation; these figures are its own (confseq 0.0.11)."""
    random = Random(3)
    values = [random.choice([0, 0.5, 1, 1]) for _ in range(5)]
    assert anytime_interval(values).interval == Interval(0.177, 0.968)


def test_a_fixed_number_of_clusters_is_missed_in_five_of_a_hundred() -> None:
    random = Random(SEED)
    intervals = [fixed_interval(outcomes(random, 200)).interval for _ in range(2000)]
    assert 0.035 < misses(intervals) < 0.065


def test_the_sequence_rarely_misses_at_any_moment() -> None:
    random = Random(SEED)
    ever = 0
    for _ in range(60):
        sequence = BettingSequence()
        for value in outcomes(random, 200):
            sequence.add(value)
        ever += misses([sequence.estimate.interval]) > 0  # it only shrinks: a miss once is a miss at the end
    assert ever <= 6  # 3 are expected at most; 7 or more of 60 have a chance of 3% at 5%


def test_a_judge_narrows_the_interval_and_keeps_its_coverage() -> None:
    random = Random(SEED)
    alone, together = list[Interval](), list[Interval]()
    for _ in range(1000):
        own = outcomes(random, 60)
        judged = [value if random.random() < 0.7 else outcome(random) for value in own]
        others = outcomes(random, 340)
        alone.append(fixed_interval(own).interval)
        together.append(prediction_powered(own, judged, others).interval)
    assert misses(together) < 0.08
    assert mean_of([each.high - each.low for each in together]) < 0.85 * mean_of(
        [each.high - each.low for each in alone]
    )


def test_a_biased_judge_does_not_move_the_estimate() -> None:
    random = Random(SEED)
    means = list[float]()
    for _ in range(300):
        own = outcomes(random, 60)
        judged = [min(value + 0.2, 1.0) for value in own]
        others = [min(value + 0.2, 1.0) for value in outcomes(random, 340)]
        means.append(prediction_powered(own, judged, others).mean)
    assert mean_of(means) == pytest.approx(0.5, abs=0.01)


def test_a_judge_that_knows_nothing_has_no_weight() -> None:
    assert ppi_tuning([0.0, 1.0, 0.0, 1.0], [0.5] * 4, [0.5] * 9) == 0
    assert ppi_tuning([0.0, 1.0], [1.0, 0.0], [0.0, 1.0]) == 0  # it says the opposite


@pytest.mark.parametrize("values", [[1.0] * 40, [0.5, 1.0] * 14])
def test_few_or_equal_outcomes_are_not_given_to_students_t(values: list[float]) -> None:
    assert fixed_interval(values) == anytime_interval(values)
    assert fixed_interval(values).interval.low < mean_of(values)


def test_what_has_no_interval_is_refused() -> None:
    with pytest.raises(ValueError, match="no values"):
        anytime_interval([])
    with pytest.raises(ValueError, match="between 0 and 1"):
        BettingSequence().add(1.5)
    with pytest.raises(ValueError, match="two shared clusters"):
        prediction_powered([1.0], [1.0], [0.5])
