"""The line of figures: badges, the curve, and what is left out where there is no room."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop.metrics.pace import Pace
from ui.base import figures_text
from ui.base.text_size import TextSize
from ui.base.theme import Themes
from ui.pane.badges import Badge
from ui.pane.figures_line import FiguresLine

FIGURES = [("412 ms", "TTFT"), ("88", "tok/s"), ("231", "tokens"), ("$0.0003", "")]


@pytest.fixture
def line(themes: Themes, qtbot: QtBot) -> FiguresLine:
    """A line with room for all."""
    made = FiguresLine(TextSize())
    qtbot.addWidget(made)
    made.themed(themes.current, "#B4530A")
    made.resize(700, 31)
    made.show()
    made.show_figures(FIGURES)
    return made


def units(line: FiguresLine) -> list[str]:
    return [label.text() for label in line.findChildren(QLabel) if not label.isHidden() and label.text()]


def test_badges_are_drawn_and_said(line: FiguresLine) -> None:
    before = line.grab().toImage()
    line.show_badges([Badge("chosen", chosen=True), Badge("fastest")])
    assert line.grab().toImage() != before
    assert line.accessibleDescription() == "412 ms TTFT 88 tok/s 231 tokens $0.0003 chosen fastest"
    line.show_badges([])
    assert line.grab().toImage() == before


def test_a_narrow_line_spares_units_that_go_without_saying(line: FiguresLine) -> None:
    line.show_badges([Badge("fastest")])
    assert "TTFT" in units(line)
    line.resize(330, 31)
    assert [unit for unit in units(line) if unit in ("TTFT", "tokens")] == []
    assert "tok/s" in units(line)
    assert "TTFT" in line.text
    line.resize(700, 31)
    assert "tokens" in units(line)


def test_figures_go_before_all_badges_but_the_first(line: FiguresLine) -> None:
    line.show_badges([Badge(f"best of {number}") for number in range(5)])
    line.resize(460, 31)
    assert [each for each in units(line) if each in ("412 ms", "88", "231", "$0.0003")] == [
        "412 ms",
        "88",
        "231",
        "$0.0003",
    ]
    assert line.marks.width() >= line.marks.least


def test_the_curve_is_drawn_from_two_points_on(line: FiguresLine) -> None:
    before = line.grab().toImage()
    line.show_figures(FIGURES, curve=(3.0,))
    assert line.grab().toImage() == before
    line.show_figures(FIGURES, curve=(3.0, 9.0, 5.0))
    assert line.grab().toImage() != before
    line.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    assert not line.grab().isNull()


def test_an_answer_in_the_making_has_figures_that_say_they_are_about() -> None:
    pace = Pace(0)
    assert figures_text.pace_of(pace, 1) == []
    pace.add(0.3, 400)
    assert figures_text.pace_of(pace, 0.4) == []
    assert figures_text.pace_of(pace, 2.3) == [("300 ms", "TTFT"), ("~50", "tok/s"), ("~100", "tokens")]


def test_times_have_the_digits_that_say_something() -> None:
    assert [figures_text.duration_text(ms) for ms in (412.4, 12_340, 200_000)] == ["412 ms", "12.3 s", "3 min 20 s"]


@pytest.mark.parametrize("width", [240, 300, 380, 600])
def test_stop_and_each_figure_are_whole_or_not_there(line: FiguresLine, width: int) -> None:
    pane = QWidget()
    line.setParent(pane)
    figures = (("1016 ms", "TTFT"), ("~44 tok/s", ""), ("~1,818", "tokens"), ("12 s", "ago"))
    line.set_several(several=True)
    line.set_answering(answering=True)
    line.show_figures(figures, curve=[1.0, 2.0, 3.0])
    line.setGeometry(0, 0, width, 31)
    pane.show()
    line.show()
    QApplication.processEvents()  # the row is laid out anew
    shown = [each for each in (line.stop, *line.findChildren(QLabel)) if each.isVisible() and each.text()]
    assert line.stop in shown
    assert len(shown) > 1
    assert [each.text() for each in shown if each.width() < each.sizeHint().width()] == []
    assert max(each.geometry().right() for each in shown) < width
    assert "ago" in line.accessibleDescription()
    line.setParent(None)
