"""McNemar's exact test and the interval beside it: published examples, and coins counted one by one."""

from __future__ import annotations

import math
import random

import pytest

from desktop.stats.mcnemar import mcnemar, pass_difference


def coin(fewer: int, more: int) -> float:
    number = fewer + more
    return min(1.0, 2 * sum(math.comb(number, heads) for heads in range(fewer + 1)) / 2**number)


@pytest.mark.parametrize(("one", "other"), [(0, 5), (0, 6), (1, 8), (6, 16), (59, 86), (3, 3), (0, 0), (400, 470)])
def test_it_is_the_coin_counted_out(one: int, other: int) -> None:
    expected = 1.0 if one == other else coin(min(one, other), max(one, other))
    assert mcnemar(one, other) == mcnemar(other, one) == pytest.approx(expected, rel=1e-9)


def test_published_examples() -> None:
    assert mcnemar(6, 16) == pytest.approx(0.0525, abs=1e-4)  # Fagerland, Lydersen and Laake 2013, exact conditional
    assert mcnemar(1, 7) == pytest.approx(0.0703, abs=1e-4)  # the same, airway hyper-responsiveness
    assert mcnemar(0, 5) == pytest.approx(0.0625)
    assert mcnemar(0, 6) == pytest.approx(0.03125)


def test_the_interval_of_the_difference_adds_a_case_to_each_side() -> None:
    found = pass_difference(1, 7, 21)  # shares of 2 and 8 in 23, by hand
    half = 1.959964 * math.sqrt((10 / 23 - (6 / 23) ** 2) / 23)
    assert found == pytest.approx((-6 / 23 - half, -6 / 23 + half), abs=1e-6)


def test_where_two_never_differed_the_interval_has_a_width_that_shrinks() -> None:
    few, many = pass_difference(0, 0, 5), pass_difference(0, 0, 200)
    assert few.low == -few.high
    assert few.high > 0.35
    assert many.high < 0.02


def test_it_covers_the_truth_as_often_as_it_says() -> None:
    chance, covered = random.Random(1), 0
    for _ in range(1_000):
        drawn = chance.choices((1, -1, 0), weights=(0.12, 0.04, 0.84), k=60)
        low, high = pass_difference(drawn.count(1), drawn.count(-1), 60)
        covered += low <= 0.08 <= high
    assert covered >= 935
