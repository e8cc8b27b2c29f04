from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from tests.ui.waiting import until
from ui.theme import Themes
from ui.widgets.notice_bar import NoticeStack


def stack(qtbot: QtBot) -> NoticeStack:
    made = NoticeStack()
    qtbot.addWidget(made)
    return made


def test_markup_is_shown_as_it_stands(qtbot: QtBot, themes: Themes) -> None:
    bars = stack(qtbot)
    bar = bars.show_notice("<img src=x> <b>bold</b>", tone="bad")
    assert bar.findChildren(QLabel)[0].textFormat() is Qt.TextFormat.PlainText
    assert not bars.isHidden()


def test_dismissing_takes_it_away_and_the_last_one_hides_the_stack(qtbot: QtBot, themes: Themes) -> None:
    bars = stack(qtbot)
    bar = bars.show_notice("One")
    bars.show_notice("One")
    assert bars.texts == ("One",)
    QTest.mouseClick(bar.findChildren(QToolButton)[0], Qt.MouseButton.LeftButton)
    assert bars.texts == ()
    assert bars.isHidden()


def test_the_oldest_makes_room(qtbot: QtBot, themes: Themes) -> None:
    bars = stack(qtbot)
    for text in "abcd":
        bars.show_notice(text)
    assert bars.texts == ("b", "c", "d")


def test_of_many_in_one_go_the_newest_stay(qtbot: QtBot, themes: Themes) -> None:
    bars = stack(qtbot)
    for text in "abcdefg":
        bars.show_notice(text)
    assert bars.texts == ("e", "f", "g")


async def test_the_action_is_done_once_and_a_bar_with_a_life_ends(qtbot: QtBot, themes: Themes) -> None:
    bars = stack(qtbot)
    done: list[bool] = []
    bar = bars.show_notice("Gone.", action="Undo", act=lambda: done.append(True))
    QTest.keyClick(bar.findChildren(QPushButton)[0], Qt.Key.Key_Space)
    assert done == [True]
    bars.show_notice("Soon gone.", life_ms=10)
    await until(lambda: bars.texts == ())
    assert done == [True]


def test_of_several_a_screen_reader_hears_whose_it_is(
    qtbot: QtBot, themes: Themes, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = list[str]()

    def hear(event: QAccessibleEvent) -> None:
        if isinstance(event, QAccessibleAnnouncementEvent):
            said.append(event.message())

    monkeypatch.setattr(QAccessible, "updateAccessibility", hear)
    bars = stack(qtbot)
    bars.show_notice("The disk is full.")
    bars.called = "Pane 2: gpt-4.1"
    bars.show_notice("The key is wrong.")
    assert said == ["The disk is full.", "Pane 2: gpt-4.1: The key is wrong."]
    assert bars.texts == ("The disk is full.", "The key is wrong.")
