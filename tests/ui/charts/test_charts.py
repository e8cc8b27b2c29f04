"""Charts on the screen: something in each model's color, nothing cut, values read out by mouse and keys, quickly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage, QRegion
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.metrics.chart_series import sampled
from tests.cpu_time import within
from tests.ui.base.test_theme import contrast
from tests.ui.ink import RIGHT, read_from
from ui.base.theme import Theme
from ui.charts.chart import Chart
from ui.charts.day_charts import BarPart, ChartLine, DayBar, LineChart, LinePoint, StackedBars
from ui.charts.heat_map import HeatCell, HeatMap
from ui.charts.strip_chart import StripChart, StripRow
from ui.compare.history_cards import MOST_DOTS
from ui.compare.latency_text import money_tick, seconds_tick

FIRST = date(2026, 11, 3)
NAMES = ("gpt-4.1", "grok-3-mini", "Llama-3.3-70B-Instruct-Turbo", "d", "e", "f", "g", "h")
Made = Callable[[Theme, int, int], Chart]


def _read(name: str, point: LinePoint) -> str:
    return f"{name} {(point.day - FIRST).days}"


def lines(theme: Theme, models: int, values: int) -> Chart:
    """A line for each model over so many days."""
    made = LineChart("Latency", theme, seconds_tick)
    made.show_lines(
        [
            ChartLine(
                NAMES[model],
                theme.panes[model],
                [
                    LinePoint(
                        FIRST + timedelta(days=number),
                        200.0 * (model + 1) + number % 7,
                        180.0 * (model + 1),
                        260.0 * (model + 1),
                    )
                    for number in range(values)
                ],
                partial(_read, NAMES[model]),
            )
            for model in range(models)
        ]
    )
    return made


def strips(theme: Theme, models: int, values: int) -> Chart:
    """A row for each model with so many responses, as many of which are dots as the page shows."""
    made = StripChart("Responses", theme, seconds_tick)
    rows = [
        StripRow(
            NAMES[model],
            theme.panes[model],
            sampled([300.0 + 90 * model + number * 7919 % 997 for number in range(values)], MOST_DOTS),
            500.0 + 90 * model,
            NAMES[model],
            str,
        )
        for model in range(models)
    ]
    made.show_rows(rows, 2000.0)
    return made


def bars(theme: Theme, models: int, values: int) -> Chart:
    """A bar for each day with a part for each model."""
    made = StackedBars("Costs", theme, money_tick)
    parts = [BarPart(theme.panes[model], 0.1 * (model + 1), f"{NAMES[model]}") for model in range(models)]
    made.show_bars([DayBar(FIRST + timedelta(days=number), parts) for number in range(values)])
    return made


def heat(theme: Theme, models: int, _values: int) -> Chart:
    """The distances of models."""
    made = HeatMap("Distance", theme)
    cells = {
        (row, column): HeatCell(0.1 * abs(row - column) + 0.1, f"{row}{column}%", f"{NAMES[row]} and {NAMES[column]}")
        for row in range(models)
        for column in range(models)
    }
    made.show_cells([(NAMES[model], theme.panes[model]) for model in range(models)], cells)
    return made


ALL = pytest.mark.parametrize("make", [lines, strips, bars, heat])


def drawn(chart: Chart, theme: Theme, wide: int = 520, scale: float = 1.0) -> QImage:
    """What a chart paints at a width and a scale of the screen."""
    chart.resize(wide, chart.sizeHint().height())
    image = QImage(chart.size() * scale, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    image.fill(QColor(theme.raised))
    chart.render(image, QPoint(), QRegion(), Chart.RenderFlag(0))
    return image


def colours(image: QImage) -> set[str]:
    """All colors of a picture."""
    return {
        QColor(pixel).name().upper()
        for pixel in {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}
    }


@ALL
@pytest.mark.parametrize("theme", ["light", "dark", "high-contrast"])
def test_each_of_eight_models_is_drawn_in_its_color(make: Made, theme: str, qtbot: QtBot) -> None:
    shown = Theme.load(theme)
    chart = make(shown, 8, 12)
    qtbot.addWidget(chart)
    assert {*shown.panes} <= colours(drawn(chart, shown))


@ALL
@pytest.mark.parametrize(("models", "values"), [(1, 1), (1, 12), (8, 12)])
@pytest.mark.parametrize("direction", [Qt.LayoutDirection.LeftToRight, RIGHT])
def test_nothing_is_cut_at_the_edges_of_a_narrow_chart_at_150_percent(
    make: Made, models: int, values: int, direction: Qt.LayoutDirection, qtbot: QtBot
) -> None:
    theme = Theme.load("light")
    with read_from(direction):
        chart = make(theme, models, values)
        qtbot.addWidget(chart)
        image = drawn(chart, theme, chart.minimumSizeHint().width(), 1.5)
    ground, (right, bottom) = QColor(theme.raised).rgb(), (image.width() - 1, image.height() - 1)
    edge = [(x, y) for x in range(right + 1) for y in (0, bottom)]
    edge += [(x, y) for y in range(bottom) for x in (0, right)]
    assert {image.pixel(*at) for at in edge} == {ground}
    assert len(colours(image)) > 3


@ALL
def test_a_chart_without_data_paints_nothing_and_reads_out_nothing(make: Made, qtbot: QtBot) -> None:
    theme = Theme.load("light")
    chart = make(theme, 0, 0)
    qtbot.addWidget(chart)
    assert colours(drawn(chart, theme)) == {theme.raised}
    QTest.keyClick(chart, Qt.Key.Key_Right)
    assert chart.readout == ""


@pytest.mark.parametrize(
    ("make", "first", "second", "last"),
    [
        (lines, "gpt-4.1 0", "gpt-4.1 1", "grok-3-mini 11"),
        (strips, "gpt-4.1", "grok-3-mini", "grok-3-mini"),
        (bars, "gpt-4.1", "grok-3-mini", "grok-3-mini"),
        (heat, "gpt-4.1 and gpt-4.1", "gpt-4.1 and grok-3-mini", "grok-3-mini and grok-3-mini"),
    ],
)
def test_arrow_keys_read_out_value_after_value(make: Made, first: str, second: str, last: str, qtbot: QtBot) -> None:
    chart = make(Theme.load("light"), 2, 12)
    qtbot.addWidget(chart)
    chart.resize(520, chart.sizeHint().height())
    QTest.keyClick(chart, Qt.Key.Key_Right)
    assert chart.readout == first
    QTest.keyClick(chart, Qt.Key.Key_Down)
    assert chart.readout == second
    for _ in range(30):
        QTest.keyClick(chart, Qt.Key.Key_Right)
    assert chart.readout == last


@pytest.mark.parametrize("direction", [Qt.LayoutDirection.LeftToRight, RIGHT])
def test_the_mouse_reads_out_the_value_below_it_and_nothing_far_away(
    direction: Qt.LayoutDirection, qtbot: QtBot
) -> None:
    theme = Theme.load("light")
    with read_from(direction):
        chart = heat(theme, 2, 0)
        qtbot.addWidget(chart)
        chart.resize(400, chart.sizeHint().height())
        chart.show()
        image = chart.grab().toImage()
        cell = image.width() - 30 if direction == Qt.LayoutDirection.LeftToRight else 30
        QTest.mouseMove(chart, QPoint(cell, 40))
        assert chart.readout == "gpt-4.1 and grok-3-mini"
        assert QColor(theme.text).name().upper() in colours(chart.grab().toImage())
        QTest.mouseMove(chart, QPoint(image.width() - cell, 3))
        assert chart.readout == ""


@pytest.mark.parametrize(("make", "values"), [(lines, 365), (strips, 10_000), (bars, 62), (heat, 0)])
def test_ten_thousand_responses_are_painted_within_a_frame(make: Made, values: int, qtbot: QtBot) -> None:
    """Of eight models each, or what they are shown as: the days of a year, and as many bars as there are at most."""
    theme = Theme.load("light")
    chart = make(theme, 8, values)
    qtbot.addWidget(chart)
    chart.resize(640, chart.sizeHint().height())
    image = QImage(chart.size(), QImage.Format.Format_RGB32)
    chart.render(image, QPoint())
    for attempt in within(0.016):
        with attempt:
            chart.render(image, QPoint())


@pytest.mark.parametrize("name", ["light", "dark", "high-contrast"])
def test_numbers_are_read_easily_on_every_cell_of_a_heat_map(name: str, qtbot: QtBot) -> None:
    theme = Theme.load(name)
    chart = HeatMap("Distance", theme)
    qtbot.addWidget(chart)
    chart.show_cells((("a", theme.panes[0]),), {(0, 0): HeatCell(1.0, "100%", "")})
    assert min(contrast(theme.text, chart.fill_of(share / 20)) for share in range(21)) >= 4.5
    assert chart.fill_of(0.2) != chart.fill_of(0.4)
