"""How fast an answer comes, in steps of time."""

from __future__ import annotations

import pytest

from desktop.metrics.pace import MOST_STEPS, STEP_S, Pace


def test_the_speed_is_told_once_there_is_something_to_tell() -> None:
    pace = Pace(0)
    assert pace.speed(5) is None
    pace.add(1, 4)
    assert pace.speed(1) is None
    assert pace.speed(2) == 1
    assert pace.tokens == 1


def test_the_curve_follows_what_came_without_the_step_that_is_not_over() -> None:
    pace = Pace(0)
    for step in range(8):
        pace.add(step * STEP_S, 4 if step < 4 else 40)
    curve = pace.curve()
    assert len(curve) == 7
    assert curve[0] == pytest.approx(1 / STEP_S)
    assert curve[-1] == pytest.approx(10 / STEP_S)
    assert list(curve) == sorted(curve)


def test_a_long_answer_has_longer_steps_not_more() -> None:
    pace = Pace(0)
    for second in range(3600):
        pace.add(second, 400)
    curve = pace.curve()
    assert MOST_STEPS // 2 < len(curve) <= MOST_STEPS
    assert curve[5] == pytest.approx(100, rel=0.1)
    assert pace.tokens == 360_000


def test_silence_makes_no_end_of_steps() -> None:
    pace = Pace(0)
    pace.add(0, 4)
    pace.add(1e6, 4)
    assert len(pace.curve()) <= MOST_STEPS


def test_thoughts_last_until_the_first_text_or_now() -> None:
    pace = Pace(0)
    assert pace.thought_s(9) == 0
    pace.add(1, 4, reasoning=True)
    assert pace.thought_s(3) == 2
    pace.add(4, 4)
    assert pace.thought_s(9) == 3
