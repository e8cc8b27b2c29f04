"""The card of a chart: its table for readers, copied and saved as plain numbers, and what it says without data."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QLabel, QMessageBox
from pytestqt.qtbot import QtBot

from tests.ui.finding import button, named
from ui.base.theme import Theme
from ui.charts.chart_card import ChartCard, ChartTable, TableColumn
from ui.charts.strip_chart import StripChart
from ui.compare.latency_text import seconds_tick
from ui.widgets.rows_table import RowsTable
from ui.widgets.save_dialog import EXPORT_FORBIDDEN

TABLE = ChartTable(
    (TableColumn("Model"), TableColumn("Day"), TableColumn("p50", seconds_tick, "ms")),
    (("gpt-4.1", date(2026, 12, 1), 412.5), ("=cmd()", date(2026, 12, 2), None)),
)


@pytest.fixture
def card(qtbot: QtBot) -> ChartCard:
    made = ChartCard("Latency", StripChart("", Theme.load("light"), seconds_tick), "Nothing yet.", "latency")
    qtbot.addWidget(made)
    made.resize(500, 400)
    made.show()
    return made


def test_a_chart_without_data_is_one_sentence(card: ChartCard) -> None:
    assert [each.text() for each in card.findChildren(QLabel) if each.isVisible()] == ["Latency", "Nothing yet."]
    assert not card.chart.isVisible()
    assert not card.toggle.isVisible()


def test_the_table_has_the_numbers_of_the_chart_which_says_what_it_shows(card: ChartCard) -> None:
    card.show_chart("p50 of one model.", TABLE, [("gpt-4.1", "#3B5BDB")], below="A note.")
    assert card.chart.accessibleName() == "Latency: p50 of one model."
    assert (card.chart.isVisible(), card.table.isVisible(), card.legend.isVisible()) == (True, False, True)
    button(card, "Latency: Table").click()
    assert (card.chart.isVisible(), card.table.isVisible(), card.legend.isVisible()) == (False, True, False)
    table = named(card, RowsTable, "Latency")
    assert table.rows.rows == (("gpt-4.1", "1 Dec 2026", "0.4125 s"), ("=cmd()", "2 Dec 2026", ""))
    assert table.model().index(1, 2).data() == "–"


def test_the_table_is_copied_and_saved_as_plain_numbers_without_formulas(card: ChartCard, tmp_path: Path) -> None:
    card.show_chart("", TABLE)
    button(card, "Latency: Table").click()
    button(card, "Latency: Copy").click()
    assert QGuiApplication.clipboard().text() == (
        "Model\tDay\tp50 (ms)\ngpt-4.1\t2026-12-01\t412.5\n'=cmd()\t2026-12-02\t\n"
    )
    assert card.said.text() == "The table was copied."
    button(card, "Latency: Save CSV…").click()
    (dialog,) = card.findChildren(QFileDialog)
    assert Path(dialog.selectedFiles()[0]).name == "latency.csv"
    dialog.fileSelected.emit(str(tmp_path / "mine.csv"))
    dialog.reject()
    assert list(csv.reader(io.StringIO((tmp_path / "mine.csv").read_text("utf-8")))) == [
        ["Model", "Day", "p50 (ms)"],
        ["gpt-4.1", "2026-12-01", "412.5"],
        ["'=cmd()", "2026-12-02", ""],
    ]
    assert card.said.text() == f"Saved: {tmp_path / 'mine.csv'}"


def test_a_policy_without_exports_is_said_instead_of_a_dialog(card: ChartCard) -> None:
    card.setProperty(EXPORT_FORBIDDEN, "Not here.")
    card.show_chart("", TABLE)
    card.save.click()
    (box,) = card.findChildren(QMessageBox)
    assert box.text() == "Not here."
    assert card.findChildren(QFileDialog) == []
    box.close()


def test_a_legend_takes_as_many_lines_as_its_names_need(card: ChartCard) -> None:
    entries = [(f"a-model-with-a-long-name-{number}", "#3B5BDB") for number in range(6)]
    card.show_chart("", TABLE, entries)
    one = card.legend.heightForWidth(4000)
    assert card.legend.heightForWidth(200) == 6 * one
    assert card.legend.height() >= card.legend.heightForWidth(card.legend.width())
