"""Tests of the search above the conversations."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.transcript.makers import heard
from ui.base.theme import Themes
from ui.sidebar.search_field import SearchField


@pytest.fixture
def search(qtbot: QtBot, themes: Themes) -> SearchField:
    made = SearchField(QKeySequence("Ctrl+Shift+F"))
    qtbot.addWidget(made)
    made.resize(230, 32)
    made.show()
    return made


def test_the_shortcut_stands_at_the_end_while_nothing_is_typed(search: SearchField) -> None:
    keys = search._keys.geometry()
    assert search._keys.text() == "Ctrl Shift F"
    assert keys.right() > 210
    assert search.textMargins().right() >= keys.width()
    search.setText("sky")
    assert not search._keys.isVisible()
    assert 24 < search.textMargins().right() < keys.width()  # its button alone


def test_read_from_the_right_the_words_never_lie_below_the_keys(search: SearchField) -> None:
    search.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    assert search._keys.geometry().left() < 20
    assert search.textMargins().left() >= search._keys.width()
    assert search.alignment() & Qt.AlignmentFlag.AlignRight


def test_down_leads_on_and_escape_empties(search: SearchField) -> None:
    told = heard(search.left_downwards)
    search.setText("sky")
    QTest.keyClick(search, Qt.Key.Key_Down)
    assert len(told) == 1
    QTest.keyClick(search, Qt.Key.Key_Escape)
    assert search.text() == ""


def test_the_hit_that_is_open_stands_at_the_end(search: SearchField) -> None:
    search.setText("sky")
    search.show_hit(2, 66)
    assert search._hit.text() == "2/66"
    assert search._hit.geometry().right() > 190
    assert search.textMargins().right() >= search._hit.width()
    search.show_hit(0, 0)
    assert not search._hit.isVisible()
    assert 24 < search.textMargins().right() < 40  # its button alone
