"""The table of commands: no keys are claimed twice where both hold, and each of them acts in the real window."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from itertools import combinations

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop.domain import Status
from desktop.events import TextDelta
from desktop.services import Services
from desktop.settings.values import Settings
from tests.desktop.session.fakes import ScriptedProvider
from tests.desktop.store.made import answer, conversation, finished, prompt
from tests.ui.waiting import until
from ui.commands import COMMANDS, INNER_FIRST, Command, Context, keys_of, own_keys
from ui.strings import tr
from ui.tasks import Tasks
from ui.theme import Themes
from ui.transcript.find_bar import FindBar
from ui.transcript.list.message_list import MessageList
from ui.window.main_window import MainWindow

OF_WINDOW = [command for command, facts in COMMANDS.items() if facts.context is Context.WINDOW and facts.keys]


def press(keys: QKeySequence) -> None:
    """Press keys wherever the keyboard is."""
    at = QApplication.focusWidget()
    assert at is not None
    QTest.keySequence(at, keys)


def note(reached: list[Command], command: Command, *_: object) -> None:
    """A command was given."""
    reached.append(command)


@pytest.fixture
async def window(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[MainWindow]:
    """A window that shows a conversation."""
    asked = prompt("Why is the sky blue?")
    kept = conversation(asked, finished(answer(asked), "Because."), title="Sky")
    await (await services.store()).conversations.create(kept)
    window = MainWindow(services, tasks, themes)
    qtbot.addWidget(window)
    window.resize(1200, 800)
    window.show()
    await window.settle_in()
    await until(lambda: window.sidebar.library.loaded and window.isActiveWindow())
    window.desk.open_conversation(kept.id)
    await until(lambda: len(window.pane.transcript.rows) == 2 and bool(messages(window).placed))
    yield window
    window.workspace.stop_all()
    await tasks.settle(2)


def messages(window: MainWindow) -> MessageList:
    """The transcript's list."""
    (found,) = (each for each in window.findChildren(MessageList) if each.isVisible())
    return found


def test_every_command_is_in_the_table_with_a_name_of_its_own_place() -> None:
    assert {*COMMANDS} == {*Command}
    assert len(OF_WINDOW) > 20


def test_no_two_commands_that_can_hold_at_once_share_keys() -> None:
    shared = {
        (inner, outer)
        for one, other in combinations(COMMANDS, 2)
        if COMMANDS[one].keys and COMMANDS[one].keys == COMMANDS[other].keys
        if COMMANDS[one].context.holds_with(COMMANDS[other].context)
        for inner, outer in [(one, other) if COMMANDS[one].context.is_within(COMMANDS[other].context) else (other, one)]
    }
    assert shared == INNER_FIRST


def test_keys_are_words_that_qt_reads() -> None:
    for command, facts in COMMANDS.items():
        assert own_keys(command).toString(QKeySequence.SequenceFormat.PortableText) == facts.keys, command


@pytest.mark.parametrize("place", ["prompt", "transcript", "sidebar"])
async def test_every_key_of_the_window_reaches_its_command_from_everywhere(window: MainWindow, place: str) -> None:
    at: QWidget = {
        "prompt": window.workspace.prompt_editor,
        "transcript": messages(window),
        "sidebar": window.sidebar.list,
    }[place]
    reached: list[Command] = []
    by_text = {tr(COMMANDS[command].title): command for command in OF_WINDOW}
    actions = [action for action in window.actions() if action.text() in by_text]
    assert len(actions) == len(OF_WINDOW)
    for action in actions:
        action.triggered.disconnect()
        action.triggered.connect(partial(note, reached, by_text[action.text()]))
    expected = [command for command in OF_WINDOW if (place, command) != ("transcript", Command.RENAME)]
    for command in expected:
        at.setFocus()
        press(keys_of(command, Settings()))
    assert reached == expected


async def test_f2_edits_the_prompt_that_the_keyboard_is_on_and_renames_elsewhere(window: MainWindow) -> None:
    messages(window).setFocus()
    press(QKeySequence("Home"))
    press(own_keys(Command.EDIT))
    assert window.workspace.prompt_editor.toPlainText() == "Why is the sky blue?"
    press(QKeySequence("Esc"))
    messages(window).setFocus()
    press(QKeySequence("End"))  # an answer: there is nothing to edit
    press(own_keys(Command.RENAME))
    await until(lambda: QApplication.focusWidget() not in (messages(window), window.workspace.prompt_editor))


async def test_keys_of_a_message_copy_it_and_ask_again(
    window: MainWindow, provider: ScriptedProvider, qapp: QApplication
) -> None:
    provider.scripts = [[TextDelta(text="Another."), None]]
    messages(window).setFocus()
    press(QKeySequence("End"))
    press(own_keys(Command.COPY_MARKDOWN))
    assert qapp.clipboard().text() == "Because."
    press(own_keys(Command.REGENERATE))
    await until(lambda: "Another." in window.pane.transcript.rows[-1].text)


async def test_esc_closes_the_innermost_open_thing_and_stops_only_from_prompt_and_transcript(
    window: MainWindow, provider: ScriptedProvider
) -> None:
    provider.scripts = [[TextDelta(text="Going on"), None]]
    window.workspace.prompt_editor.setFocus()
    QTest.keyClicks(window.workspace.prompt_editor, "And?")
    press(own_keys(Command.SEND))
    await until(lambda: "Going on" in window.pane.transcript.rows[-1].text)
    press(own_keys(Command.FIND))
    (bar,) = (each for each in window.findChildren(FindBar) if each.isVisible())
    QTest.keyClicks(bar.field, "sky")
    press(own_keys(Command.STOP))
    assert not bar.isVisible()
    assert window.pane.is_answering
    window.sidebar.list.setFocus()
    press(own_keys(Command.STOP))
    assert window.pane.is_answering
    window.pane.header.model.setFocus()
    press(own_keys(Command.STOP))
    assert window.pane.is_answering
    messages(window).setFocus()
    press(own_keys(Command.STOP))
    await until(lambda: not window.pane.is_answering)
    assert window.pane.conversation.messages[-1].status is Status.STOPPED
