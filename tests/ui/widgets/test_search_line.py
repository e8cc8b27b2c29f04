"""Tests of the line that a search is typed into."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ui.base.theme import Themes
from ui.widgets.search_line import SearchLine


def test_the_caret_of_the_empty_line_stands_where_its_placeholder_begins(qtbot: QtBot, themes: Themes) -> None:
    line = SearchLine()
    qtbot.addWidget(line)
    line.setFixedSize(300, 32)
    carets: list[int] = []
    for direction in (Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft):
        line.setLayoutDirection(direction)
        line.grab()  # the caret is placed when the line is drawn
        carets.append(line.cursorRect().center().x())
    assert carets[0] < 30
    assert carets[1] > 270
