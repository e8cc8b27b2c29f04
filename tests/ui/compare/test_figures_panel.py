"""The panel of figures: charts, ties, turns, live answers, tables and files."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMenu

from desktop.domain.conversation_types import Status
from desktop.metrics.pace import Pace
from tests.desktop.metrics.made import answer, prompt
from tests.ui.compare.conftest import Desk, gpt, grok
from tests.ui.finding import button, unreachable
from tests.ui.transcript.makers import heard
from tests.ui.waiting import until
from ui.base.theme import CHOICES, Themes
from ui.compare.figures_panel import FiguresPanel
from ui.widgets.paragraph import Paragraph


def texts(panel: FiguresPanel, name: str) -> list[str]:
    return [bar.text for bar in panel.charts[name].bars]


def test_every_figure_has_a_bar_a_pane(figures: FiguresPanel) -> None:
    assert texts(figures, "Tokens per second") == ["90", "60"]
    assert texts(figures, "TTFT") == ["400 ms", "650 ms"]
    assert texts(figures, "Cost") == ["$0.200", "$0.100"]
    assert [bar.text for bar in figures.time.bars] == ["5.3 s", "3.9 s"]
    assert figures.time.bars[0].parts == (400, 0, 4900)


def test_who_is_first_is_said_beside_the_figure(figures: FiguresPanel) -> None:
    notes = {name: chart.note for name, chart in figures.charts.items() if chart.note}
    expected = {
        "TTFT": "best TTFT: grok",
        "Tokens per second": "best tokens/s: grok",
        "Output tokens": "most tokens: grok",
        "Cost": "cheapest: gpt",
    }
    assert notes == expected


def test_a_tie_names_all_who_share_it(figures: FiguresPanel, desk: Desk) -> None:
    desk.panes = [grok(), gpt(speed=89.0)]
    figures.refresh()
    assert figures.charts["Tokens per second"].note == "tied for best tokens/s: grok, gpt"


def test_a_screen_reader_is_told_each_row(figures: FiguresPanel) -> None:
    chart = figures.charts["Tokens per second"]
    assert chart.accessibleName() == "Tokens per second"
    assert chart.accessibleDescription() == "grok: 90. gpt: 60. best tokens/s: grok."
    assert unreachable(figures) == []


def test_a_figure_that_nobody_has_is_not_shown(figures: FiguresPanel) -> None:
    assert figures.charts["Cost"].isVisible()
    assert not figures.charts["Reasoning tokens"].isVisible()


def test_all_turns_are_shown_together(figures: FiguresPanel, desk: Desk) -> None:
    once = grok()
    desk.panes = [replace(once, path=(*once.path, prompt(), answer(tokens=100, speed=50)))]
    figures.refresh()
    assert texts(figures, "Output tokens") == ["100"]
    button(figures, "Turns: All turns").click()
    assert texts(figures, "Output tokens") == ["331"]
    assert figures._total.text() == "2 responses · 331 tokens · $0.200"


def test_only_answers_that_have_a_text_are_counted(figures: FiguresPanel, desk: Desk) -> None:
    nothing = answer("", status=Status.FAILED)
    desk.panes = [grok(), replace(gpt(), path=(prompt(), nothing))]
    figures.refresh()
    assert figures._total.text().startswith("1 response · ")


def test_an_answer_in_the_making_is_shown_as_it_grows(figures: FiguresPanel, desk: Desk) -> None:
    pace = Pace(98)
    pace.add(99, 200)
    desk.panes = [grok(), replace(gpt(), pace=pace)]
    figures.refresh()
    assert texts(figures, "Output tokens") == ["231", "~50"]
    assert figures._clock.isActive()
    assert not any(chart.note for chart in figures.charts.values())  # the other one may still be first
    desk.now = 101.0
    figures.refresh()
    assert texts(figures, "Tokens per second") == ["90", "~25"]
    desk.panes = [grok(), gpt()]
    figures.refresh()
    assert not figures._clock.isActive()


def test_thoughts_that_come_as_a_summary_are_told(figures: FiguresPanel, desk: Desk) -> None:
    def said() -> str:
        return " ".join(each.text() for each in figures.findChildren(Paragraph) if each.isVisible())

    assert said() == ""
    prompted, answered = gpt().path
    assert answered.figures is not None
    summed = replace(answered, figures=replace(answered.figures, summarised=True))
    desk.panes = [grok(), replace(gpt(), path=(prompted, summed))]
    figures.refresh()
    assert said() == (
        "gpt sends a summary of its reasoning, so the length and time of this reasoning cannot be "
        "compared with other models."
    )
    desk.panes = desk.panes[1:]
    figures.refresh()
    assert said() == ""


def test_two_panes_of_one_model_are_told_apart(figures: FiguresPanel, desk: Desk) -> None:
    desk.panes = [grok(), gpt(), grok()]
    figures.refresh()
    assert [bar.name for bar in figures.time.bars] == ["grok (1)", "gpt", "grok (3)"]


def test_an_answer_that_ended_otherwise_is_named(figures: FiguresPanel, desk: Desk) -> None:
    desk.panes = [grok(), replace(gpt(), path=(prompt(), answer(reason="length")))]
    figures.refresh()
    assert figures._endings.text() == "gpt: length"


async def test_the_table_is_copied_for_texts_and_for_spreadsheets(figures: FiguresPanel) -> None:
    said = heard(figures.said)
    button(figures, "Copy as table").click()
    menu = figures.findChild(QMenu)
    assert menu is not None
    first, second = menu.actions()
    menu.close()
    first.trigger()
    assert QGuiApplication.clipboard().text().startswith("| Model | TTFT (ms)")
    second.trigger()
    assert QGuiApplication.clipboard().text().startswith("Model\tTTFT (ms)")
    assert len(said) == 2


async def test_figures_are_written_where_the_user_says(figures: FiguresPanel, tmp_path: Path) -> None:
    said, failed = heard(figures.said), heard(figures.failed)
    button(figures, "Export CSV…").click()
    await until(lambda: figures.findChild(QFileDialog))
    dialog = figures.findChild(QFileDialog)
    assert dialog is not None
    dialog.close()
    figures.export(str(tmp_path / "figures.csv"))
    assert (tmp_path / "figures.csv").read_bytes().splitlines()[1].startswith(b"1,grok,400,90")
    figures.export(str(tmp_path / "nowhere" / "figures.csv"))
    assert (len(said), len(failed)) == (1, 1)


def test_it_draws_in_every_theme_and_both_directions(figures: FiguresPanel, themes: Themes) -> None:
    for choice in CHOICES:
        themes.choose(choice)
        figures.themed(themes.current)
        for direction in (Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft):
            figures.setLayoutDirection(direction)
            assert not figures.grab().isNull()
    themes.choose("light")


def test_a_chart_with_the_keyboard_shows_it(figures: FiguresPanel) -> None:
    before = figures.time.grab().toImage()
    figures.activateWindow()
    figures.time.setFocus()
    assert figures.time.grab().toImage() != before


def test_escape_closes_it(figures: FiguresPanel) -> None:
    told = heard(figures.close_wanted)
    figures.activateWindow()
    figures.time.setFocus()
    QTest.keyClick(figures.time, Qt.Key.Key_Escape)
    button_ = figures._close
    button_.click()
    assert len(told) == 2
