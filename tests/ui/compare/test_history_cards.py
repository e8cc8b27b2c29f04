"""Cards of the latency and cost page: their tables against the numbers behind them, for one model and for many."""

from __future__ import annotations

import statistics
from datetime import UTC, date, datetime, timedelta

import pytest
from pytestqt.qtbot import QtBot

from desktop.domain.answer_timing import AnswerTiming, CostSlice
from desktop.domain.conversation_types import ModelRef
from desktop.metrics.chart_series import costs_by_day
from desktop.metrics.latency import ModelLatency, TimeMeasure, latencies
from ui.base.model_marks import ModelMarks
from ui.base.theme import Theme
from ui.charts.day_charts import LineChart, StackedBars
from ui.charts.strip_chart import StripChart
from ui.compare.history_cards import MOST_DOTS, PercentilesCard, ResponsesCard, SpendingCard, model_colours
from ui.compare.latency_text import finding_text, model_names

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
LIGHT = Theme.load("light")
MEASURES = {TimeMeasure.TTFT: 4, TimeMeasure.DURATION: 5, TimeMeasure.SPEED: 6}


def timing(model: str, number: int, day: int = 0, connection: str = "lab") -> AnswerTiming:
    """One of many responses, all different."""
    at = round((NOON + timedelta(days=day)).timestamp() * 1000)
    ttft, speed = 300.0 + number * 37 % 101, 40.0 + number * 13 % 29
    return AnswerTiming(at, "complete", connection, model, ttft, 5000.0 + 11 * number, speed, 180)


def colours(models: tuple[ModelLatency, ...]) -> dict[ModelRef, str]:
    return dict(model_colours([each.model for each in models], ModelMarks(), LIGHT))


@pytest.mark.parametrize("measure", [*TimeMeasure])
def test_tables_have_the_percentiles_of_the_responses_and_the_chart_has_the_same(
    measure: TimeMeasure, qtbot: QtBot
) -> None:
    timings = [timing("a", number) for number in range(40)] + [timing("b", number, 1) for number in range(3)]
    found = latencies(timings, UTC)
    days, dots = PercentilesCard(LIGHT), ResponsesCard(LIGHT)
    for card in (days, dots):
        qtbot.addWidget(card)
        card.show_models(found, measure, colours(found))
    values = [getattr(each, AnswerTiming.__struct_fields__[MEASURES[measure]]) for each in timings]
    cuts = statistics.quantiles(values[:40], n=20, method="inclusive")
    a, b = (tuple(row) for row in days.numbers.rows)
    assert (a[:2], a[5]) == (("a", date(2026, 12, 1)), 40.0)
    assert a[2:5] == pytest.approx((statistics.median(values[:40]), cuts[-1], cuts[0]))
    assert b == ("b", date(2026, 12, 2), statistics.median(values[40:]), None, None, 3.0)
    chart = days.chart
    assert isinstance(chart, LineChart)
    shown = [
        (line.name, point.day, point.value, point.high, point.low) for line in chart.lines for point in line.points
    ]
    assert shown == [row[:5] for row in (a, b)]
    row = dots.numbers.rows[0]
    assert row[1:4] == pytest.approx((statistics.median(values[:40]), cuts[-1], cuts[0]))
    assert row[4:] == (min(values[:40]), max(values[:40]), 40.0)
    strip = dots.chart
    assert isinstance(strip, StripChart)
    assert sorted(strip.rows[0].values) == sorted(values[:40])
    assert strip.rows[0].median == pytest.approx(statistics.median(values[:40]))


def test_of_thousands_a_sample_is_shown_and_said_and_the_table_counts_all(qtbot: QtBot) -> None:
    found = latencies([timing("a", number % 97, number % 30) for number in range(10_000)], UTC)
    card = ResponsesCard(LIGHT)
    qtbot.addWidget(card)
    card.show_models(found, TimeMeasure.TTFT, colours(found))
    chart = card.chart
    assert isinstance(chart, StripChart)
    assert len(chart.rows[0].values) == MOST_DOTS
    assert "Of models with more than 201 responses, 201 are shown" in card.below.text()
    assert card.note.text() == "median marked"
    card.toggle.click()
    assert card.table.rows.rows[0][-1] == "10,000"


def test_slow_responses_beyond_the_scale_are_counted(qtbot: QtBot) -> None:
    slow = AnswerTiming(round(NOON.timestamp() * 1000), "complete", "lab", "a", 60_000.0, 90_000.0, 40.0, 3)
    found = latencies([*(timing("a", number) for number in range(60)), slow], UTC)
    card = ResponsesCard(LIGHT)
    qtbot.addWidget(card)
    card.show_models(found, TimeMeasure.TTFT, colours(found))
    assert "1 response is beyond the scale and shown at its end." in card.below.text()


def test_nine_models_have_eight_colors_and_the_ninth_is_in_the_table(qtbot: QtBot) -> None:
    found = latencies([timing(f"model-{model}", n) for model in range(9) for n in range(30 - model)], UTC)
    cards = PercentilesCard(LIGHT), ResponsesCard(LIGHT)
    by_most = sorted(found, key=lambda each: -each.whole.answers)
    chosen = dict(model_colours([each.model for each in by_most], ModelMarks(), LIGHT))
    assert {chosen[each.model] for each in by_most[:8]} == {*LIGHT.panes}
    for card in cards:
        qtbot.addWidget(card)
        card.show_models(found, TimeMeasure.TTFT, chosen)
        card.toggle.click()
        assert {row[0] for row in card.table.rows.rows} == {f"model-{model}" for model in range(9)}
        assert "1 more model is only in the table." in card.below.text()
    assert len(cards[0].legend.entries) == 8


def test_costs_add_up_and_a_bar_has_a_part_for_each_model(qtbot: QtBot) -> None:
    at = round(NOON.timestamp() * 1000)
    slices = [
        CostSlice(at, "lab", "a", 0.25),
        CostSlice(at, "lab", "b", 0.5),
        CostSlice(at + 2 * 86_400_000, "", "", 1.5),
    ]
    card = SpendingCard(LIGHT)
    qtbot.addWidget(card)
    refs = [ModelRef(connection="lab", name=name) for name in "ab"]
    costs = costs_by_day(slices, UTC)
    card.show_costs(costs, model_colours(refs, ModelMarks(), LIGHT), 20.0, LIGHT)
    assert card.note.text() == "$2.25 in total; budget $20.00 per month"
    card.toggle.click()
    assert card.table.rows.rows == (
        ("b", "1 Dec 2026", "$0.500"),
        ("a", "1 Dec 2026", "$0.250"),
        ("Runs and replays", "3 Dec 2026", "$1.50"),
    )
    chart = card.chart
    assert isinstance(chart, StackedBars)
    assert [[part.value for part in bar.parts] for bar in chart.bars] == [[0.5, 0.25], [], [1.5]]
    assert sum(float(row[2] or 0) for row in card.numbers.rows if isinstance(row[2], float)) == 2.25


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((), ""),
        ((3, 19), "There are too few responses to compare models. Each model needs 20."),
        ((20, 3), "a usually starts to respond after 348 ms."),
        ((30, 30), "All models start to respond about equally soon, usually after 348 ms."),
    ],
)
def test_what_was_found_is_said_in_one_sentence(counts: tuple[int, ...], said: str) -> None:
    found = latencies([timing(name, n) for name, count in zip("ab", counts, strict=False) for n in range(count)], UTC)
    assert finding_text(found, TimeMeasure.TTFT, model_names([each.model for each in found])) == said


def test_the_fastest_and_the_slowest_model_are_named_by_their_connections_where_names_are_equal() -> None:
    slow = [AnswerTiming(0, "complete", "far", "a", 2000.0, 9000.0, 10.0, 180) for _ in range(20)]
    found = latencies([*(timing("a", number) for number in range(20)), *slow], UTC)
    names = model_names([each.model for each in found])
    assert finding_text(found, TimeMeasure.TTFT, names) == (
        "lab/a starts to respond soonest, usually after 348 ms; far/a takes 2000 ms."
    )
    assert finding_text(found, TimeMeasure.SPEED, names) == (
        "lab/a writes fastest, usually 54 tokens per second; far/a writes 10 tokens per second."
    )
