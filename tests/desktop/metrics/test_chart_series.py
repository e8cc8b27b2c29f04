"""Series of charts against figures worked out by hand and by the standard library."""

from __future__ import annotations

import statistics
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from desktop.domain.answer_timing import AnswerTiming, CostSlice
from desktop.domain.conversation_types import ModelRef
from desktop.metrics.chart_series import (
    CostStep,
    are_alike,
    costs_by_day,
    extremes,
    far_end,
    percentiles_by_day,
    sampled,
)
from desktop.metrics.latency import FEWEST, TimeMeasure, latencies
from tests.desktop.metrics.test_latency import NOON, timing

A, B = ModelRef(connection="lab", name="a"), ModelRef(connection="lab", name="b")


def cost(day: int, usd: float, model: ModelRef | None = A, *, hour: int = 12) -> CostSlice:
    """A cost on a day of December 2026."""
    at = datetime(2026, 12, 1, hour, tzinfo=UTC) + timedelta(days=day - 1)
    connection, name = (model.connection, model.name) if model is not None else ("", "")
    return CostSlice(round(at.timestamp() * 1000), connection, name, usd)


@pytest.mark.parametrize(
    ("measure", "least", "step"),
    [(TimeMeasure.TTFT, 100.0, 1), (TimeMeasure.DURATION, 5000.0, 3), (TimeMeasure.SPEED, 20.0, 1)],
)
def test_percentiles_of_a_day_are_those_of_the_standard_library(measure: TimeMeasure, least: float, step: int) -> None:
    values = [least + step * (number * 37 % 41) for number in range(41)]
    full = [
        timing(ttft=100.0 + n, whole=5000.0 + 3 * n, speed=20.0 + n) for n in (number * 37 % 41 for number in range(41))
    ]
    few = [timing(at=NOON + timedelta(days=2)) for _ in range(FEWEST - 1)]
    (model,) = latencies([*few, *full], UTC)
    first, last = percentiles_by_day(model, measure)
    cuts = statistics.quantiles(values, n=20, method="inclusive")
    assert (first.day, first.answers) == (NOON.date(), 41)
    assert (first.low, first.median, first.high) == pytest.approx((cuts[0], statistics.median(values), cuts[-1]))
    assert (last.answers, last.low, last.high) == (FEWEST - 1, None, None)


def test_a_sample_has_the_ends_and_the_median_of_the_whole() -> None:
    values = [float(number * 7919 % 10_001) for number in range(10_001)]
    shown = sampled(values, 201)
    assert shown == tuple(50.0 * number for number in range(201))
    assert statistics.median(shown) == statistics.median(values)
    assert sampled([3.0, 1.0, 2.0], 3) == (1.0, 2.0, 3.0)


def test_one_slow_response_does_not_squeeze_all_others() -> None:
    usual = [timing(ttft=float(100 + number)) for number in range(100)]
    # p95 by hand: rank 0.95 * 99 = 94.05, between 194 and 195
    (with_one,) = [latencies([*usual[:99], timing(ttft=3000.0, whole=3300.0, tokens=3)], UTC)]
    assert far_end(with_one, TimeMeasure.TTFT) == pytest.approx(1.5 * 194.05)
    assert far_end(latencies(usual, UTC), TimeMeasure.TTFT) == 199.0
    assert far_end(latencies(usual[:3], UTC), TimeMeasure.TTFT) == 102.0
    assert far_end((), TimeMeasure.TTFT) == 0.0


def test_only_models_with_enough_responses_are_compared_and_small_differences_are_none() -> None:
    def asked(name: str, ttft: float, count: int = FEWEST) -> list[AnswerTiming]:
        return [timing(ttft=ttft, model=("lab", name)) for _ in range(count)]

    made = [*asked("a", 400.0), *asked("b", 200.0), *asked("c", 900.0), *asked("d", 1.0, FEWEST - 1)]
    found = latencies(made, UTC)
    best, worst = extremes(found, TimeMeasure.TTFT)
    assert (best.model.name, worst.model.name) == ("b", "c")
    assert not are_alike((best, worst), TimeMeasure.TTFT)
    alike = latencies([*asked("a", 400.0), *asked("b", 410.0)], UTC)
    assert are_alike(extremes(alike, TimeMeasure.TTFT), TimeMeasure.TTFT)
    assert extremes(found[3:], TimeMeasure.TTFT) == ()


def test_costs_are_added_up_by_day_and_model_and_days_without_any_are_empty() -> None:
    found = costs_by_day(
        [cost(1, 0.25), cost(1, 0.5, B), cost(3, 1.0), cost(1, 0.125, hour=20), cost(3, 2.0, None)], UTC
    )
    assert found.step is CostStep.DAY
    assert found.models == (None, A, B)
    assert found.costs == (
        (date(2026, 12, 1), {A: 0.375, B: 0.5}),
        (date(2026, 12, 2), {}),
        (date(2026, 12, 3), {A: 1.0, None: 2.0}),
    )
    assert found.usd == 3.875
    assert costs_by_day([]).costs == ()


def test_a_day_begins_where_the_user_is() -> None:
    late = costs_by_day([cost(1, 1.0, hour=23)], timezone(timedelta(hours=2)))
    assert [day for day, _ in late.costs] == [date(2026, 12, 2)]


@pytest.mark.parametrize(
    ("days", "step", "bars", "first"),
    [
        (62, CostStep.DAY, 62, date(2026, 12, 1)),
        (63, CostStep.WEEK, 10, date(2026, 11, 30)),  # from the Monday before to 1 February, a Monday too
        (435, CostStep.MONTH, 15, date(2026, 12, 1)),
    ],
)
def test_long_times_are_added_up_by_week_and_month(days: int, step: CostStep, bars: int, first: date) -> None:
    found = costs_by_day([cost(day, 0.5) for day in range(1, days + 1)], UTC)
    assert (found.step, len(found.costs), found.costs[0][0]) == (step, bars, first)
    assert found.usd == days * 0.5
