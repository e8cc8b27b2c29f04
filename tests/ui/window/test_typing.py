"""Nothing that is typed is lost: wherever no field has the keyboard, it goes where prompts are typed."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTextBrowser, QWidget
from pytestqt.qtbot import QtBot

from desktop.services import Services
from tests.desktop.store.made import said
from tests.ui import finding
from tests.ui.transcript.makers import listed
from tests.ui.waiting import until
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.sidebar.entries import SidebarItem
from ui.sidebar.list_view import ListView
from ui.window.main_window import MainWindow

_NOTHING = Qt.KeyboardModifier.NoModifier
_LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
async def window(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[MainWindow]:
    """A window over three conversations, of which none is open."""
    kept = (await services.store()).conversations
    for title in ("One", "Two", "Three"):
        await kept.create(said(f"About {title}", title))
    made = MainWindow(services, tasks, themes)
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    await made.settle_in()
    await until(lambda: made.sidebar.library.loaded and made.isActiveWindow())
    await until(lambda: any(isinstance(entry, SidebarItem) for entry in entries(made)))
    yield made
    made.workspace.stop_all()
    await tasks.settle(0.5)


def entries(window: MainWindow) -> list[object]:
    """What the sidebar lists."""
    shown = window.sidebar.list
    return [shown.entries.entry(shown.entries.index(row)) for row in range(shown.entries.rowCount())]


def row_of(window: MainWindow, title: str) -> QPoint:
    """Where a conversation stands in the list."""
    shown = window.sidebar.list
    row = next(n for n, entry in enumerate(entries(window)) if isinstance(entry, SidebarItem) and entry.title == title)
    return shown.visualRect(shown.entries.index(row)).center()


def click(window: MainWindow, title: str, *, twice: bool = False) -> None:
    """Click on a conversation of the list."""
    viewport = window.sidebar.list.viewport()
    QTest.mouseClick(viewport, _LEFT, _NOTHING, row_of(window, title))
    if twice:
        QTest.mouseDClick(viewport, _LEFT, _NOTHING, row_of(window, title))


def type_(text: str) -> None:
    """Press the keys of a text, wherever the keyboard is."""
    for letter in text:
        QTest.keyClicks(keyboard(), letter)


def keyboard() -> QWidget:
    """What has the keyboard."""
    at = QApplication.focusWidget()
    assert at is not None
    return at


async def test_after_a_click_the_list_has_the_keyboard_and_letters_go_to_the_prompt(window: MainWindow) -> None:
    click(window, "Two")
    await until(lambda: window.pane.conversation.title == "Two")
    assert isinstance(keyboard(), ListView)
    type_("Why? ok")
    assert window.pane.composer.text == "Why? ok"
    assert keyboard() is window.pane.composer.editor


async def test_delete_and_f2_still_belong_to_the_list_after_a_click(window: MainWindow) -> None:
    click(window, "Two")
    await until(lambda: window.pane.conversation.title == "Two")
    QTest.keyClick(keyboard(), Qt.Key.Key_Delete)
    await until(lambda: "“Two” is in the trash." in window.notices.texts)


async def test_after_a_deletion_in_the_list_enter_sends_no_draft_of_another_chat(window: MainWindow) -> None:
    window.workspace.start_new(window.pane.conversation.model)
    window.pane.composer.editor.setFocus()
    type_("a draft")
    click(window, "Two")
    await until(lambda: window.pane.conversation.title == "Two")
    QTest.keyClick(keyboard(), Qt.Key.Key_Delete)
    await until(lambda: "“Two” is in the trash." in window.notices.texts)
    await until(lambda: not window.pane.conversation.title)
    assert isinstance(keyboard(), ListView)
    QTest.keyClick(keyboard(), Qt.Key.Key_Delete)
    await until(lambda: sum("is in the trash." in each for each in window.notices.texts) == 2)
    assert isinstance(keyboard(), ListView)
    assert not window.pane.answers


@pytest.mark.parametrize("way", ["Enter", "double-click"])
async def test_who_enters_a_conversation_can_type_at_once(window: MainWindow, way: str) -> None:
    click(window, "Three", twice=way == "double-click")
    if way == "Enter":
        QTest.keyClick(keyboard(), Qt.Key.Key_Return)
    await until(lambda: window.pane.conversation.title == "Three")
    await until(lambda: keyboard() is window.pane.composer.editor)
    type_("Go on")
    assert window.pane.composer.text == "Go on"


@pytest.mark.parametrize("way", ["Enter", "click"])
async def test_what_is_typed_while_a_conversation_is_being_opened_is_meant_for_it(window: MainWindow, way: str) -> None:
    click(window, "One")
    await until(lambda: window.pane.conversation.title == "One")
    type_("mine ")
    window.sidebar.list.setFocus()
    before = window.pane.composer.text
    if way == "Enter":
        row = next(n for n, each in enumerate(entries(window)) if isinstance(each, SidebarItem) and each.title == "Two")
        window.sidebar.list.setCurrentIndex(window.sidebar.list.entries.index(row))
        QTest.keyClick(keyboard(), Qt.Key.Key_Return)
    else:
        click(window, "Two")
    type_("a quik")
    QTest.keyClick(keyboard(), Qt.Key.Key_Backspace)
    type_("ck fox")
    assert (window.pane.conversation.title, window.pane.composer.text) == ("One", before)
    await until(lambda: window.pane.conversation.title == "Two")
    type_(" ok")
    assert window.pane.composer.text == "a quick fox ok"
    click(window, "One")
    await until(lambda: window.pane.conversation.title == "One")
    assert window.pane.composer.text == before


async def test_what_is_typed_while_an_opening_is_given_up_or_fails_is_kept(window: MainWindow) -> None:
    click(window, "Two")
    type_("first ")
    window.desk.open_conversation("gone")
    type_("kept")
    await until(lambda: window.pane.composer.text == "first kept")
    click(window, "Two")
    type_("new")
    window.desk.new_chat()
    await until(lambda: window.pane.composer.text == "first keptnew")
    assert window.pane.conversation.title != "Two"


async def test_in_a_field_one_goes_on_typing_while_a_conversation_is_being_opened(window: MainWindow) -> None:
    window.search()
    window.desk.open_conversation(window.sidebar.library.conversations[0].id)
    type_("About")
    assert window.sidebar.search_field.text() == "About"
    await until(lambda: window.pane.conversation.title != "")
    assert window.pane.composer.text == ""


async def test_what_is_typed_on_the_transcript_goes_to_the_prompt(window: MainWindow) -> None:
    click(window, "One")
    await until(lambda: window.pane.conversation.title == "One")
    shown = listed(window.pane.transcript)
    QTest.mouseClick(shown.viewport(), _LEFT, _NOTHING, shown.viewport().rect().center())
    assert keyboard() is shown
    type_("Ü+1")
    assert window.pane.composer.text == "Ü+1"


async def test_what_is_typed_while_a_message_is_read_goes_to_the_prompt(window: MainWindow) -> None:
    click(window, "One")
    await until(lambda: window.pane.conversation.title == "One")
    shown = listed(window.pane.transcript)
    shown.setFocus()
    QTest.keyClick(shown, Qt.Key.Key_Home)
    QTest.keyClick(shown, Qt.Key.Key_Return)
    assert isinstance(keyboard(), QTextBrowser)
    type_("So")
    assert window.pane.composer.text == "So"


async def test_in_a_pane_it_goes_to_the_composer_of_all_or_to_the_panes_own(window: MainWindow) -> None:
    window.desk.new_comparison()
    line = window.workspace.line
    line[0].header.model.setFocus()
    type_("all")
    assert window.workspace.composer.text == "all"
    QApplication.processEvents()
    (chip,) = [each for each in finding.buttons(window.workspace) if each.accessibleName().startswith("Pane 2:")]
    QTest.mouseClick(chip, _LEFT)
    line[1].header.model.setFocus()
    type_("one")
    assert (line[1].composer.text, window.workspace.composer.text) == ("one", "all")


async def test_commands_and_blanks_are_no_typing(window: MainWindow) -> None:
    click(window, "One")
    await until(lambda: window.pane.conversation.title == "One")
    shown = listed(window.pane.transcript)
    shown.setFocus()
    QTest.keyClick(shown, Qt.Key.Key_Space)
    QTest.keyClick(shown, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(shown, Qt.Key.Key_Tab)
    assert window.pane.composer.text == ""


async def test_in_the_search_field_one_searches(window: MainWindow) -> None:
    window.search()
    type_("About")
    assert window.sidebar.search_field.text() == "About"
    assert window.pane.composer.text == ""


async def test_what_the_prompt_does_not_take_goes_round_in_no_circle(window: MainWindow) -> None:
    editor = window.pane.composer.editor
    for refuse in (lambda: editor.setReadOnly(True), lambda: editor.setEnabled(False)):
        refuse()
        for widget in (window, window.pane):
            QTest.keyClicks(widget, "a")  # a loop would end at Python's limit, as an error that the test sees
    assert editor.toPlainText() == ""
    editor.setEnabled(True)
    editor.setReadOnly(False)
    QTest.keyClicks(window, "a")
    assert editor.toPlainText() == "a"


async def test_a_long_text_that_was_pasted_and_sent_is_no_draft_any_more(window: MainWindow, qtbot: QtBot) -> None:
    composer = window.workspace.line[0].composer
    QApplication.clipboard().setText("word " * 8000)
    composer.editor.setFocus()
    QTest.keyClick(composer.editor, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert len(composer.text) == 40_000
    QTest.keyClick(composer.editor, Qt.Key.Key_Return)
    assert composer.text == ""
    click(window, "Two")
    await until(lambda: window.workspace.line[0].conversation.title == "Two")
    QTest.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: window.workspace.line[0].conversation.title != "Two")
    assert window.workspace.line[0].composer.text == ""
