"""Tests of the line above a conversation."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.base.theme import Themes
from ui.pane.pane_header import HEIGHT, PaneHeader
from ui.widgets.notice_bar import NoticeStack

_DIRECT = Qt.FindChildOption.FindDirectChildrenOnly
RETIRED = "retired 1 May 2026, successor grok-4.1-fast-reasoning"


@pytest.fixture
def header(qtbot: QtBot, themes: Themes) -> PaneHeader:
    made = PaneHeader(themes.current)
    qtbot.addWidget(made)
    made.resize(700, HEIGHT)
    made.show_model("grok-3-mini", "foundry", "#3B5BDB", RETIRED)
    made.show_parameters("effort low")
    made.show()
    return made


def left(header: PaneHeader, widget: QWidget) -> int:
    return widget.mapTo(header, QPoint(0, 0)).x()


def test_the_connection_follows_the_model_and_parameters_stand_at_the_end(header: PaneHeader) -> None:
    at = [left(header, each) for each in (header.model, header._connection, header._mark, header.parameters)]
    assert at == sorted(at)
    assert at[1] - (at[0] + header.model.width()) < 8
    assert header.width() - (at[3] + header.parameters.width()) < 60


def test_a_retired_model_is_told_in_the_colour_of_a_warning(header: PaneHeader, themes: Themes) -> None:
    assert header._mark.text() == RETIRED
    assert header._mark.palette().windowText().color().name().upper() == themes.current.warn
    assert RETIRED in header.model.accessibleDescription()


def test_in_a_narrow_pane_the_mark_gives_way_first(header: PaneHeader) -> None:
    header.resize(330, HEIGHT)
    QApplication.processEvents()
    assert header.model.width() == header.model.sizeHint().width()
    assert header._connection.width() == header._connection.sizeHint().width()
    assert header._mark.width() < header._mark.sizeHint().width()


def test_a_long_name_does_not_make_the_pane_wider(header: PaneHeader) -> None:
    header.show_model("a-very-long-deployment-name-" * 5, "a-connection-of-a-long-name-" * 3, "#3B5BDB")
    assert header.minimumSizeHint().width() < 330


def test_read_from_the_right_the_square_keeps_its_distance(header: PaneHeader) -> None:
    assert left(header, header._square) == 16
    header.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    QApplication.processEvents()
    assert left(header, header._square) + header._square.width() == header.width() - 16


def test_notices_never_press_it_together(qtbot: QtBot, themes: Themes) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    header = PaneHeader(themes.current)
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    notices = NoticeStack()
    column.addWidget(header)
    column.addWidget(notices)
    for number in range(3):
        notices.show_notice(f"{number} is said at length. " * 8, action="Do it")
    holder.resize(400, 120)
    holder.show()
    assert header.height() == HEIGHT
    assert [each.height() for each in header.findChildren(QWidget, options=_DIRECT)] == [37, 1]


def test_in_a_narrow_pane_the_models_name_keeps_its_room_before_the_connection(header: PaneHeader) -> None:
    header.set_several(several=True)
    header.show_parameters("")
    header.show_model("SmolLM2 135M Instruct", "a connection of some length", "#3B5BDB")
    header.resize(400, HEIGHT)
    QApplication.processEvents()
    assert header.model.width() == header.model.sizeHint().width()
    assert header._connection.width() < header._connection.sizeHint().width()
