"""The fit: published worths, a second way to them, derivatives by differences, and what must not change them."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from operator import mul

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.stats.bradley_terry import FitOptions, NoEstimate, PairCount, Ties, fitted
from tests.desktop.voting.made import (
    WIKIPEDIA,
    WIKIPEDIA_WORTHS,
    bend_of,
    log_likelihood,
    slope_of,
    worths_by_minorising,
)

EXAMPLE = [PairCount("ABCD".index(a), "ABCD".index(b), won, lost, 0) for a, b, won, lost in WIKIPEDIA]

TIED = [PairCount(0, 1, 9, 4, 3), PairCount(1, 0, 6, 8, 2), PairCount(1, 2, 5, 7, 4), PairCount(0, 2, 3, 2, 5)]
SIZE = 3

WAYS = [
    pytest.param(FitOptions(ties=ties, prior=prior, position=position), id=f"{ties}-{prior}-{position}")
    for ties in Ties
    for prior in (0.0, 1.0, 2.5)
    for position in (False, True)
]


def log_worths(table: Sequence[PairCount], prior: float) -> list[float]:
    return list(fitted(1 + max(max(pair[:2]) for pair in table), table, FitOptions(prior=prior)).worths)


def test_the_worked_example_has_its_published_worths() -> None:
    worths = [math.exp(worth) for worth in log_worths(EXAMPLE, 0)]
    assert [round(worth, 3) for worth in worths] == [*WIKIPEDIA_WORTHS.values()]


@pytest.mark.parametrize("prior", [0.0, 0.5, 1.0, 4.0])
def test_another_algorithm_finds_the_same_worths(prior: float) -> None:
    chance = random.Random(7)
    table = [
        PairCount(one, other, chance.randint(1, 9), chance.randint(1, 9), chance.randint(0, 4))
        for one in range(6)
        for other in range(one)
    ]
    for given_table, size in ((EXAMPLE, 4), (table, 6)):
        expected = worths_by_minorising(size, given_table, prior)
        assert log_worths(given_table, prior) == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("options", WAYS)
def test_nothing_leads_uphill_from_the_estimate_and_the_covariance_is_the_inverse_of_its_bend(
    options: FitOptions,
) -> None:
    fit = fitted(SIZE, TIED, options)
    height = log_likelihood(SIZE, TIED, options.prior, effect=options.position, davidson=options.ties is Ties.DAVIDSON)
    assert len(fit.values) == SIZE + options.position + (options.ties is Ties.DAVIDSON)
    assert slope_of(height, fit.values) == pytest.approx([0.0] * len(fit.values), abs=1e-5)
    bend = bend_of(height, fit.values)
    for row in range(len(bend)):
        product = [sum(map(mul, fit.covariance[row], column)) for column in zip(*bend, strict=True)]
        expected = [float(row == column) for column in range(len(bend))]
        if not options.prior and row < SIZE:  # the inverse is one of differences, and of the sum's direction
            expected = [value - (1 / SIZE if column < SIZE else 0) for column, value in enumerate(expected)]
        assert product == pytest.approx(expected, abs=1e-4)


def test_two_contenders_have_the_formula_of_the_page() -> None:
    fit = fitted(2, [PairCount(0, 1, 30, 12, 0)], FitOptions(prior=0))
    variance = fit.covariance[0][0] + fit.covariance[1][1] - 2 * fit.covariance[0][1]
    assert fit.worths[0] - fit.worths[1] == pytest.approx(math.log(30 / 12))
    assert math.sqrt(variance) == pytest.approx(math.sqrt(1 / 30 + 1 / 12))


def test_davidsons_share_of_ties_is_the_one_that_was_seen_between_equals() -> None:
    fit = fitted(2, [PairCount(0, 1, 4, 4, 6)], FitOptions(prior=0, ties=Ties.DAVIDSON))
    assert fit.log_nu is not None
    assert math.exp(fit.log_nu) == pytest.approx(1.5)  # nu / (2 + nu) = 6 / 14


def test_the_effect_of_the_place_alone_is_the_log_odds_of_the_first_shown() -> None:
    table = [PairCount(0, 1, 8, 3, 0), PairCount(1, 0, 8, 3, 0)]
    fit = fitted(2, table, FitOptions(prior=0, position=True))
    assert fit.effect == pytest.approx(math.log(8 / 3))
    assert fit.worths == pytest.approx((0, 0))


def test_the_deviance_is_that_of_the_model_with_a_parameter_for_each_pair() -> None:
    expected = 0.0
    worths = WIKIPEDIA_WORTHS
    for a, b, won, lost in WIKIPEDIA:
        share = worths[a] / (worths[a] + worths[b])
        expected += 2 * won * math.log(won / (won + lost) / share) + 2 * lost * math.log(
            lost / (won + lost) / (1 - share)
        )
    assert fitted(4, EXAMPLE, FitOptions(prior=0)).deviance == pytest.approx(expected, abs=1e-4)
    assert fitted(2, [PairCount(0, 1, 5, 2, 0)], FitOptions(prior=0)).deviance == pytest.approx(0, abs=1e-9)


def test_the_deviance_leaves_the_prior_out() -> None:
    table = [PairCount(0, 1, 9, 0, 0)]
    won, lost = fitted(2, table, FitOptions()).worths
    share = 1 / (1 + math.exp(lost - won))
    assert fitted(2, table, FitOptions()).deviance == pytest.approx(-18 * math.log(share))


def test_a_sweep_has_no_estimate_without_a_prior() -> None:
    with pytest.raises(NoEstimate):
        fitted(2, [PairCount(0, 1, 9, 0, 0)], FitOptions(prior=0))


def test_a_sweep_of_a_million_is_found_with_a_prior() -> None:
    worths = log_worths([PairCount(0, 1, 1_000_000, 0, 0), PairCount(1, 2, 0, 1_000_000, 0)], 1.0)
    assert worths[0] == pytest.approx(math.log(3), abs=1e-5)  # half a win too many, shared by two, against the ghost
    assert worths[2] == pytest.approx(worths[0])
    assert worths[1] < -14


TABLES = (
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), *[st.integers(0, 9)] * 3), min_size=1, max_size=8)
    .map(lambda rows: [PairCount(*row) for row in rows if row[0] != row[1] and sum(row[2:])])
    .filter(bool)
)


@settings(max_examples=60)
@given(TABLES)
def test_swapping_two_contenders_swaps_their_worths(table: list[PairCount]) -> None:
    swap = {0: 1, 1: 0}
    swapped = [
        pair._replace(first=swap.get(pair.first, pair.first), second=swap.get(pair.second, pair.second))
        for pair in table
    ]
    worths, others = fitted(5, table, FitOptions()).worths, fitted(5, swapped, FitOptions()).worths
    assert others == pytest.approx((worths[1], worths[0], *worths[2:]), abs=1e-7)


@settings(max_examples=60)
@given(TABLES)
def test_wins_turned_to_losses_turn_the_signs(table: list[PairCount]) -> None:
    turned = [pair._replace(first_wins=pair.second_wins, second_wins=pair.first_wins) for pair in table]
    worths = fitted(5, table, FitOptions()).worths
    assert fitted(5, turned, FitOptions()).worths == pytest.approx([-worth for worth in worths], abs=1e-7)


@settings(max_examples=60)
@given(TABLES)
def test_without_ties_davidson_is_the_plain_model(tied: list[PairCount]) -> None:
    table = [pair._replace(first_wins=pair.first_wins + pair.ties, ties=0) for pair in tied]
    plain, other = fitted(5, table, FitOptions()), fitted(5, table, FitOptions(ties=Ties.DAVIDSON))
    assert (other.worths, other.covariance, other.log_nu) == (plain.worths, plain.covariance, None)


@settings(max_examples=40)
@given(TABLES)
def test_a_pair_seen_from_the_other_side_changes_nothing(table: list[PairCount]) -> None:
    turned = [PairCount(b, a, lost, won, tied) for a, b, won, lost, tied in table]
    assert fitted(5, turned, FitOptions()).worths == pytest.approx(fitted(5, table, FitOptions()).worths, abs=1e-7)


def test_every_vote_twice_halves_the_variance_without_a_prior() -> None:
    once = fitted(4, EXAMPLE, FitOptions(prior=0))
    twice = fitted(4, [PairCount(a, b, 2 * won, 2 * lost, 0) for a, b, won, lost, _ in EXAMPLE], FitOptions(prior=0))
    assert twice.worths == pytest.approx(once.worths)

    def variance(covariance: list[list[float]]) -> float:
        return covariance[0][0] + covariance[3][3] - 2 * covariance[0][3]

    assert variance(twice.covariance) == pytest.approx(variance(once.covariance) / 2)
