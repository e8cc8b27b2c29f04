"""Round values and days on the scales of charts."""

from __future__ import annotations

from datetime import date

import pytest

from ui.charts.scale import Scale, day_ticks, decimals, ticks


@pytest.mark.parametrize(
    ("high", "found"),
    [
        (1.0, (0.0, 0.25, 0.5, 0.75, 1.0)),
        (870.0, (0.0, 250.0, 500.0, 750.0, 1000.0)),
        (8.7, (0.0, 2.5, 5.0, 7.5, 10.0)),
        (0.0031, (0.0, 0.001, 0.002, 0.003, 0.004)),
        (0.0, (0.0, 1.0)),
        (float("inf"), (0.0, 1.0)),
    ],
)
def test_a_scale_has_few_round_steps_up_to_its_largest_value(high: float, found: tuple[float, ...]) -> None:
    assert ticks(high) == pytest.approx(found)


def test_days_begin_with_the_first_and_stay_apart() -> None:
    assert day_ticks(date(2026, 12, 1), date(2026, 12, 1), 4) == (date(2026, 12, 1),)
    days = day_ticks(date(2026, 11, 3), date(2026, 12, 3), 4)
    assert days == (date(2026, 11, 3), date(2026, 11, 13), date(2026, 11, 23), date(2026, 12, 3))


def test_a_value_has_its_place_and_a_single_one_the_middle() -> None:
    assert Scale(0.0, 200.0, 40.0, 140.0).at(50.0) == 65.0
    assert Scale(3.0, 3.0, 40.0, 140.0).at(3.0) == 90.0
    assert (decimals((0.25, 1.0)), decimals((2.0, 4.0)), decimals((0.0031,))) == (2, 0, 4)
