"""Intervals: Wilson's, coverage of what is displayed, resampling of whole prompts, and its closed form."""

from __future__ import annotations

import math
import random

import pytest

from desktop.stats.bradley_terry import FitOptions, NoEstimate, PairModel, Ties, fitted
from desktop.stats.proportions import quantile, two_sided, wilson
from desktop.voting.intervals import Cancelled, Ground, clustered, effective_size, interval_of, resampled, variance
from desktop.voting.tally import Counts
from desktop.voting.vote import BAD, FIRST, SECOND, TIE
from tests.desktop.voting.made import ballots, counts, sampled


def ground(made: Counts, options: FitOptions | None = None) -> Ground:
    options = options or FitOptions()
    pairs = made.pairs if options.position else made.unordered()
    return Ground(made, options, fitted(len(made.names), [pair.for_fit for pair in pairs], options))


def test_wilsons_interval_is_that_of_the_tables() -> None:
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)  # Newcombe 1998, method 3
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
    assert wilson(0, 0) == (0, 1)


def test_what_a_share_counts_of_clusters_is_between_one_each_and_all() -> None:
    assert effective_size([]) == 0
    assert effective_size([(1, 1, 7), (0, 1, 3)]) == 10  # one each
    assert effective_size([(4, 9, 1)]) == 1
    assert effective_size([(5, 5, 20)]) == 20  # all alike
    assert effective_size([(10, 10, 20), (0, 10, 20)]) == pytest.approx(40, rel=0.1)
    assert effective_size([(5, 10, 20)]) == 200


def test_the_closed_form_reaches_two_standard_errors_to_each_side() -> None:
    assert interval_of(1.0, 0.5) == pytest.approx((1 - 0.98, 1 + 0.98), abs=1e-4)
    assert two_sided(quantile(0.05)) == pytest.approx(0.05)


@pytest.mark.parametrize("number", [24, 60, 150])
def test_what_is_displayed_covers_the_truth_as_often_as_it_says(number: int) -> None:
    chance = random.Random(number)
    covered = tried = 0
    for seed in range(160):
        truth = [chance.gauss(0, 0.8) for _ in range(4)]
        made = counts(sampled(truth, number, seed))
        fit = ground(made).fit
        places = [int(name[1:]) for name in made.names]
        for one in range(len(places)):
            for other in range(one):
                se = math.sqrt(variance(fit.covariance, one, other))
                low, high = interval_of(fit.worths[one] - fit.worths[other], se)
                covered += low <= truth[places[one]] - truth[places[other]] <= high
                tried += 1
    assert tried > 900
    assert 0.92 <= covered / tried <= 0.99


def spread(rounds: list[list[float]], one: int, other: int) -> float:
    values = [worths[one] - worths[other] for worths in rounds]
    middle = sum(values) / len(values)
    return math.sqrt(sum((value - middle) ** 2 for value in values) / (len(values) - 1))


@pytest.mark.parametrize("options", [FitOptions(), FitOptions(prior=0), FitOptions(position=True, ties=Ties.DAVIDSON)])
def test_resampling_scatters_as_the_closed_form_says(options: FitOptions) -> None:
    made = ground(counts(sampled([0.6, 0, -0.6], 400, 1, tied=0.2, effect=0.3)), options)
    rounds = resampled(made, rounds=400, seed=3)
    sandwich = clustered(made)
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert spread(rounds, one, other) == pytest.approx(math.sqrt(variance(sandwich, one, other)), rel=0.12)
        assert variance(sandwich, one, other) == pytest.approx(variance(made.fit.covariance, one, other), rel=0.35)


def test_votes_on_one_prompt_are_drawn_together() -> None:
    pair = sampled([0.4, -0.4], 60, 2)
    alone, together = counts(pair * 5), counts(pair * 5, [f"prompt {place}" for place in range(60)] * 5)
    wide, narrow = (spread(resampled(ground(each), rounds=300), 0, 1) for each in (together, alone))
    assert wide == pytest.approx(narrow * math.sqrt(5), rel=0.2)
    assert clustered(ground(together))[0][0] == pytest.approx(5 * clustered(ground(alone))[0][0], rel=0.1)


def test_all_votes_of_a_prompt_are_drawn_with_it() -> None:
    made = ground(counts(ballots(("a", "b", 3, 1)) * 8, [f"prompt {place // 4}" for place in range(32)]))
    for worths in resampled(made, rounds=20):
        assert worths == pytest.approx(made.fit.worths, abs=1e-6)  # each prompt says the same


def test_the_seed_decides_and_the_order_of_votes_does_not() -> None:
    made = sampled([0.4, 0, -0.4], 50, 2)
    first = resampled(ground(counts(made)), rounds=20, seed=1)
    assert resampled(ground(counts(made[::-1])), rounds=20, seed=1) == first
    assert resampled(ground(counts(made)), rounds=20, seed=2) != first


def test_rounds_without_an_estimate_are_helped() -> None:
    made = ground(counts(ballots(("a", "b", 9, 1), ("b", "c", 1, 9), ("a", "c", 2, 2))), FitOptions(prior=0))
    assert all(math.isfinite(each) for worths in resampled(made, rounds=200) for each in worths)


def test_a_round_that_nothing_helps_is_the_fit_of_all_votes(monkeypatch: pytest.MonkeyPatch) -> None:
    made = ground(counts(ballots(("a", "b", 9, 1), ("b", "c", 1, 9), ("a", "c", 2, 2))), FitOptions(prior=0))

    def fails(*given: object, **options: object) -> list[float]:
        raise NoEstimate

    for name in ("nearby", "most_likely"):
        monkeypatch.setattr(PairModel, name, fails)
    assert {tuple(each) for each in resampled(made, rounds=3)} == {tuple(made.fit.values[: made.model.size])}


def test_progress_is_told_and_it_can_be_cancelled() -> None:
    made, told = ground(counts(ballots(("a", "b", 5, 4)))), list[tuple[int, int]]()
    resampled(made, rounds=3, progress=lambda done, of: told.append((done, of)))
    assert told == [(1, 3), (2, 3), (3, 3)]
    with pytest.raises(Cancelled):
        resampled(
            made, rounds=100, progress=lambda done, of: told.append((done, of)), is_cancelled=lambda: len(told) > 9
        )
    assert len(told) == 10


def test_rounds_that_leave_the_range_of_numbers_are_helped() -> None:
    """A row of a file may stand for ten million votes."""
    rows = (
        *(("m2", "m5", SECOND, 10_000_000, "p17"), ("m4", "m2", FIRST, 1, "p13"), ("m3", "m4", SECOND, 1, "")),
        *(("m3", "m4", BAD, 1, "p"), ("m5", "m3", TIE, 1, "q"), ("m0", "m1", FIRST, 1, "p")),
        ("m3", "m2", BAD, 10_000_000, "p4"),
    )
    made = counts([(row[:3],) for row in rows], [row[4] for row in rows], [row[3] for row in rows])
    found = resampled(ground(made, FitOptions(ties=Ties.DAVIDSON, position=True)), rounds=200)
    assert all(math.isfinite(each) for worths in found for each in worths)
