"""A long conversation, gone through by wheel and keys: what was seen looks the same when it is come back to."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from desktop.domain.conversation_types import Conversation, Message
from desktop.services import Services
from tests.desktop.store.made import conversation
from tests.ui.transcript.makers import answer, listed, prompt
from tests.ui.waiting import until
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.window.main_window import MainWindow

_TURNS = 400
_TEXT = (
    "Answer {number}: "
    + "some words that need more than one line of the window. " * 9
    + "\n\n- a point\n- **another**\n"
    "\n```python\nx = {number}\n```\n\n| a | b |\n|---|---|\n| 1 | {number} |\n\nThe end of it."
)


def long_chat() -> Conversation:
    """A conversation of many turns, with prose, a list, code and a table each."""
    messages: list[Message] = []
    for number in range(_TURNS):
        asked = prompt(f"Question {number}?\n" + "with words " * 60, messages[-1].id if messages else None)
        messages += [asked, answer(_TEXT.replace("{number}", str(number)), asked.id)]
    return conversation(*messages, title="Long")


@pytest.fixture
async def window(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[MainWindow]:
    """A window that shows a long conversation."""
    talk = long_chat()
    await (await services.store()).conversations.create(talk)
    made = MainWindow(services, tasks, themes)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    await made.settle_in()
    await until(lambda: made.sidebar.library.loaded)
    made.desk.open_conversation(talk.id)
    await until(lambda: made.pane.conversation_id == talk.id and listed(made.pane.transcript).placed)
    await until(
        lambda: "Shorten" in {each.text() for each in shown(made, QPushButton)}
    )  # what is said above it is there
    yield made
    await tasks.settle(0.5)


def shown(window: MainWindow, kind: type[QPushButton]) -> list[QPushButton]:
    """The widgets of a kind that are on the screen."""
    return [each for each in window.findChildren(kind) if each.isVisible()]


def picture(window: MainWindow) -> QImage:
    """What the transcript shows."""
    QApplication.processEvents()
    return listed(window.pane.transcript).viewport().grab().toImage()


def wheel(window: MainWindow, notches: int) -> None:
    """Turn the wheel over the transcript, notch by notch; away from oneself where it is negative."""
    viewport = listed(window.pane.transcript).viewport()
    at = QPointF(viewport.rect().center())
    for _ in range(abs(notches)):
        delta = QPoint(0, -120 if notches > 0 else 120)
        turned = QWheelEvent(
            at,
            viewport.mapToGlobal(at),
            QPoint(),
            delta,
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(viewport, turned)
        QApplication.processEvents()


def press(window: MainWindow, key: Qt.Key) -> None:
    """Press a key with the keyboard on the transcript."""
    shown = listed(window.pane.transcript)
    shown.setFocus()
    QTest.keyClick(shown, key)


async def test_home_looks_the_same_after_far_down(window: MainWindow) -> None:
    press(window, Qt.Key.Key_Home)
    first = picture(window)
    wheel(window, 500)
    far = picture(window)
    assert far != first
    press(window, Qt.Key.Key_Home)
    assert picture(window) == first


async def test_home_and_end_go_there_also_where_the_keyboard_stands_on_that_message(window: MainWindow) -> None:
    press(window, Qt.Key.Key_End)
    end = picture(window)
    for key, notches, there in ((Qt.Key.Key_End, -40, end), (Qt.Key.Key_Home, 40, None)):
        press(window, key)
        before = picture(window)
        assert there is None or before == there
        wheel(window, notches)
        assert picture(window) != before
        press(window, key)
        assert picture(window) == before


async def test_what_a_screen_reader_reads_leaves_what_is_seen(window: MainWindow) -> None:
    press(window, Qt.Key.Key_Home)
    first = picture(window)
    reader = QAccessible.queryAccessibleInterface(listed(window.pane.transcript))
    names = [reader.child(number).text(QAccessible.Text.Name) for number in range(reader.childCount())]
    assert len(names) >= 2 * _TURNS
    wheel(window, 300)
    press(window, Qt.Key.Key_Home)
    assert picture(window) == first


async def test_a_chat_that_is_come_back_to_stands_where_it_was_left(window: MainWindow, services: Services) -> None:
    other = conversation(prompt("Another?"), title="Other")
    await (await services.store()).conversations.create(other)
    here = window.pane.conversation_id
    press(window, Qt.Key.Key_Home)
    wheel(window, 300)
    before = window.pane.transcript.turns.top
    assert before[0] > 10
    for id_ in (other.id, here):
        window.desk.open_conversation(id_)
        await until(lambda id_=id_: window.pane.conversation_id == id_ and listed(window.pane.transcript).placed)
    await until(lambda: window.pane.transcript.turns.top == before)


async def test_prompts_only_on_and_off_comes_back_to_where_one_read(window: MainWindow) -> None:
    press(window, Qt.Key.Key_Home)
    wheel(window, 300)
    before = picture(window)
    for _ in range(2):
        QTest.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
        QApplication.processEvents()
    assert picture(window) == before


async def test_the_bar_let_go_at_the_top_shows_the_beginning_however_wrong_the_height_was(
    window: MainWindow, services: Services
) -> None:
    asked = prompt("Many words, please.")
    said = answer(" ".join(f"w{number}" for number in range(8_000)), asked.id)
    talk = conversation(asked, said, title="Words")
    await (await services.store()).conversations.create(talk)
    window.desk.open_conversation(talk.id)
    await until(lambda: window.pane.conversation_id == talk.id and listed(window.pane.transcript).placed)
    shown = listed(window.pane.transcript)
    bar = shown.verticalScrollBar()
    top = bar.maximum()
    bar.setSliderDown(True)
    for step in range(20, -1, -1):
        bar.setSliderPosition(top * step // 20)
        QApplication.processEvents()
    bar.setSliderDown(False)
    QApplication.processEvents()
    assert (bar.value(), shown.visualRect(shown.model().index(0, 0)).top() >= 0) == (0, True)
