from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.waiting import until
from ui.base.theme import Themes
from ui.widgets import notice_bar
from ui.widgets.notice_bar import NoticeBar, NoticeStack


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


def test_the_action_is_done_once(qtbot: QtBot, themes: Themes) -> None:
    bars = stack(qtbot)
    done: list[bool] = []
    bar = bars.show_notice("Gone.", action="Undo", act=lambda: done.append(True))
    QTest.keyClick(bar.findChildren(QPushButton)[0], Qt.Key.Key_Space)
    assert done == [True]
    assert bars.texts == ()


async def test_a_bar_with_a_life_ends_but_not_while_somebody_is_at_it_or_nobody_looks(
    qtbot: QtBot, themes: Themes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notice_bar, "_AGAIN_MS", 5)
    window, elsewhere = QWidget(), QLineEdit()
    qtbot.addWidget(window)
    bars = NoticeStack(window)
    column = QVBoxLayout(window)
    column.addWidget(elsewhere)
    column.addWidget(bars)
    window.show()
    bar = bars.show_notice("Read me.", life_ms=1)
    await asyncio.sleep(0.05)
    assert bars.texts == ("Read me.",)  # its window is not the one in use
    window.activateWindow()
    bar.findChildren(QToolButton)[0].setFocus()
    await until(window.isActiveWindow)
    await asyncio.sleep(0.05)
    assert bars.texts == ("Read me.",)  # the keyboard is in it
    elsewhere.setFocus()
    await until(lambda: bars.texts == ())


def test_without_a_cure_it_stays_as_long_as_it_takes_to_read(
    qtbot: QtBot, themes: Themes, monkeypatch: pytest.MonkeyPatch
) -> None:
    lives = list[int]()
    monkeypatch.setattr(NoticeBar, "__init__", _noting(lives, NoticeBar.__init__))
    bars = stack(qtbot)
    bars.show_notice("Short.")
    bars.show_notice("So much longer that it takes a while.")
    bars.show_notice("Short!", tone="bad")
    bars.show_notice("Gone.", action="Undo")
    bars.show_notice("For ever.", life_ms=0)
    short, long, bad, cured, ever = lives
    assert 5_000 < short < long < bad
    assert cured == ever == 0


def _noting(lives: list[int], made: Callable[..., None]) -> Callable[..., None]:
    def init(self: NoticeBar, text: str, **given: object) -> None:
        lives.append(cast("int", given["life_ms"]))
        made(self, text, **given)

    return init


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


def test_a_button_that_was_pressed_leaves_the_keyboard_to_no_other_bar(qtbot: QtBot, themes: Themes) -> None:
    page = QWidget()
    column, field, bars, done = QVBoxLayout(page), QLineEdit(), NoticeStack(), list[str]()
    column.addWidget(bars)
    column.addWidget(field)
    bars.left.connect(field.setFocus)
    qtbot.addWidget(page)
    made = [bars.show_notice(text, action="Send anyway", act=lambda: done.append("sent")) for text in ("One", "Two")]
    page.show()
    QTest.qWaitForWindowActive(page)
    button = made[0].findChildren(QPushButton)[0]
    button.setFocus()
    button.click()
    assert (done, field.hasFocus()) == (["sent"], True)


async def test_a_press_on_what_a_notice_offered_hits_nothing_below_when_it_has_just_gone(
    qtbot: QtBot, themes: Themes
) -> None:
    page = QPushButton("Below")
    qtbot.addWidget(page)
    page.resize(400, 200)
    pressed: list[bool] = []
    page.clicked.connect(lambda: pressed.append(True))
    bars = NoticeStack(page, afloat=True)
    bars.setGeometry(0, 120, 400, 60)  # not below the mouse, which lies in the corner
    page.show()
    page.activateWindow()
    await until(page.isActiveWindow)
    bar = bars.show_notice("Gone.", action="Undo", life_ms=10)
    at = bar.mapTo(page, bar.rect().center())
    await until(lambda: not bars.bars)

    def press() -> None:
        below = page.childAt(at) or page
        QTest.mouseClick(below, Qt.MouseButton.LeftButton, pos=below.mapFrom(page, at))

    press()
    assert pressed == []
    await until(lambda: page.childAt(at) is None)
    press()
    assert pressed == [True]
