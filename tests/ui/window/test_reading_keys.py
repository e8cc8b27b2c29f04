"""Reading from the composer: keys that move through a text act on the conversation while nothing is typed."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from desktop.domain.conversation_types import Conversation, Message, Role
from desktop.services import Services
from tests.desktop.store.made import conversation, message
from tests.ui import finding
from tests.ui.transcript.makers import listed
from tests.ui.waiting import until
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.pane.figures_line import FiguresLine
from ui.sidebar.entries import SidebarItem
from ui.window.main_window import MainWindow

_KEYS = (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End)


def chat(title: str, turns: int) -> Conversation:
    """A conversation as one that was imported: of its answers only the text is known."""
    messages: list[Message] = []
    for number in range(turns):
        asked = message(Role.USER, f"Question {number}?", messages[-1] if messages else None)
        messages += [asked, message(Role.ASSISTANT, f"The answer {number} of {title}.\n\n" * 5, asked)]
    return conversation(*messages, title=title)


@pytest.fixture
async def window(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[MainWindow]:
    """A window that shows a long conversation; there is a short one too."""
    kept = (await services.store()).conversations
    long, short = chat("Long", 30), chat("Short", 1)
    await kept.create(long)
    await kept.create(short)
    made = MainWindow(services, tasks, themes)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    await made.settle_in()
    await until(lambda: made.sidebar.library.loaded and made.isActiveWindow())
    await opened(made, long.id)
    yield made
    made.workspace.stop_all()
    await tasks.settle(0.5)


async def opened(window: MainWindow, conversation_id: str) -> None:
    """Open a conversation and wait until it is shown."""
    window.desk.open_conversation(conversation_id)
    await until(lambda: window.pane.conversation_id == conversation_id and listed(window.pane.transcript).placed)


def listed_chats(window: MainWindow) -> list[SidebarItem]:
    """The conversations that the sidebar lists."""
    shown = window.sidebar.list
    entries = [shown.entries.entry(shown.entries.index(row)) for row in range(shown.entries.rowCount())]
    return [each for each in entries if isinstance(each, SidebarItem)]


def picture(window: MainWindow) -> QImage:
    """What the transcript shows."""
    QApplication.processEvents()
    return listed(window.pane.transcript).viewport().grab().toImage()


def top_row(window: MainWindow) -> int:
    """The first message in view."""
    return listed(window.pane.transcript).placed[0].row


async def test_in_an_empty_composer_keys_that_move_through_a_text_move_what_is_read(window: MainWindow) -> None:
    editor = window.pane.composer.editor
    editor.setFocus()
    last = top_row(window)
    assert last > 20
    QTest.keyClick(editor, Qt.Key.Key_PageUp)
    assert 0 < top_row(window) < last
    QTest.keyClick(editor, Qt.Key.Key_Home)
    assert top_row(window) == 0
    QTest.keyClick(editor, Qt.Key.Key_PageDown)
    assert 0 < top_row(window) < last
    QTest.keyClick(editor, Qt.Key.Key_End)
    assert window.pane.transcript.at_end
    assert top_row(window) == last
    assert editor.hasFocus()
    assert editor.toPlainText() == ""


async def test_once_something_is_typed_the_same_keys_move_the_cursor_alone(window: MainWindow) -> None:
    editor = window.pane.composer.editor
    editor.setFocus()
    QTest.keyClicks(editor, "abc")
    before = picture(window)
    for key in _KEYS:
        QTest.keyClick(editor, key)
    QTest.keyClick(editor, Qt.Key.Key_Home)
    assert editor.textCursor().position() == 0
    assert picture(window) == before


async def test_panes_that_are_compared_move_together(window: MainWindow) -> None:
    first = window.pane.conversation_id
    window.desk.add_pane()
    await until(lambda: len(window.workspace.line) == 2)
    window.workspace.line[1].show_conversation(chat("Beside it", 30))
    panes = [listed(pane.transcript) for pane in window.workspace.line]
    await until(lambda: all(pane.placed for pane in panes))
    assert window.workspace.line[0].conversation_id == first
    assert all(pane.placed[0].row > 20 for pane in panes)
    editor = window.workspace.prompt_editor
    editor.setFocus()
    QTest.keyClick(editor, Qt.Key.Key_Home)
    assert [pane.placed[0].row for pane in panes] == [0, 0]


async def test_the_bar_that_finds_words_goes_with_the_conversation(window: MainWindow) -> None:
    long = window.pane.conversation_id
    window.pane.transcript.open_find()
    bar = finding.named(window, QLineEdit, "Find in conversation")
    QTest.keyClicks(bar, "answer")
    await until(lambda: "/150" in finding.said(window.pane.transcript))
    short = next(each.conversation.id for each in listed_chats(window) if each.title == "Short")
    await opened(window, short)
    assert not bar.isVisible()
    window.pane.transcript.open_find()
    assert bar.isVisible()
    window.desk.new_chat()
    await until(lambda: window.pane.body.is_empty)
    await opened(window, long)
    assert not bar.isVisible()


async def test_of_answers_of_which_nothing_is_known_no_empty_line_of_figures_is_shown(window: MainWindow) -> None:
    lines = window.findChildren(FiguresLine)
    assert lines
    assert not any(each.isVisible() for each in lines)


async def test_in_a_new_chat_no_conversation_of_the_list_looks_open(window: MainWindow) -> None:
    shown = window.sidebar.list
    place = shown.visualRect(shown.entries.index(shown.entries.row_of(window.pane.conversation_id))).center()
    QTest.mouseClick(shown.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert shown.hasFocus()
    assert shown.chosen
    QTest.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: window.pane.body.is_empty)
    assert shown.chosen == []
    assert not shown.currentIndex().isValid()
