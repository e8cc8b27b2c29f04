"""Student's t: values of the published tables, and identities of the functions that it is made of."""

from __future__ import annotations

import math

import pytest

from desktop.stats.proportions import quantile
from desktop.stats.student_t import incomplete_beta, t_chance, t_quantile

TABLE = [
    (1, 12.706, 63.657), (2, 4.303, 9.925), (3, 3.182, 5.841), (4, 2.776, 4.604), (5, 2.571, 4.032),
    (9, 2.262, 3.250), (10, 2.228, 3.169), (20, 2.086, 2.845), (29, 2.045, 2.756), (30, 2.042, 2.750),
    (60, 2.000, 2.660), (120, 1.980, 2.617),
]  # fmt: skip
"""Degrees of freedom with the two-sided critical values at 5 % and 1 % (Fisher and Yates)."""


@pytest.mark.parametrize(("freedom", "five", "one"), TABLE)
def test_critical_values_are_those_of_the_tables(freedom: int, five: float, one: float) -> None:
    assert t_quantile(0.05, freedom) == pytest.approx(five, abs=6e-4)
    assert t_quantile(0.01, freedom) == pytest.approx(one, abs=6e-4)
    assert t_chance(t_quantile(0.05, freedom), freedom) == pytest.approx(0.05, abs=1e-12)


def test_one_degree_of_freedom_is_cauchys_and_two_have_a_closed_form() -> None:
    for t in (0.1, 1.0, 2.5, 40.0):
        assert t_chance(t, 1) == pytest.approx(1 - 2 * math.atan(t) / math.pi, rel=1e-10)
        assert t_chance(t, 2) == pytest.approx(1 - t / math.sqrt(2 + t * t), rel=1e-9)


def test_many_degrees_of_freedom_are_the_normal_distribution() -> None:
    assert t_quantile(0.05, 1e6) == pytest.approx(quantile(0.05), abs=1e-5)


def test_the_incomplete_beta_is_symmetric_and_a_power_where_it_is_one() -> None:
    for a, b, x in ((0.5, 0.5, 0.3), (2, 7, 0.1), (30, 4, 0.9), (500, 700, 0.42)):
        assert incomplete_beta(a, b, x) + incomplete_beta(b, a, 1 - x) == pytest.approx(1, abs=1e-12)
    assert incomplete_beta(3, 1, 0.2) == pytest.approx(0.2**3)
    assert (incomplete_beta(2, 3, 0), incomplete_beta(2, 3, 1)) == (0, 1)


def test_a_t_without_end_has_no_chance_and_parameters_are_positive() -> None:
    assert t_chance(math.inf, 4) == 0
    with pytest.raises(ValueError, match="positive"):
        incomplete_beta(0, 1, 0.5)
