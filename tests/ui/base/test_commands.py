"""The table of commands: none are claimed twice where both hold, and each of them acts in the real driver.window."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from itertools import combinations

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QWidget

from desktop.domain.conversation_types import Status
from desktop.domain.events import Finished, TextDelta
from desktop.services import Services
from tests.desktop.session.fakes import ScriptedProvider
from tests.desktop.store.made import answer, conversation, finished, prompt
from tests.ui.driver import Driver, driven
from tests.ui.waiting import until
from ui.base.commands import COMMANDS, INNER_FIRST, Command, Context, own_keys
from ui.base.strings import tr
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.transcript.caret_reader import CaretReader
from ui.transcript.find_bar import FindBar

OF_WINDOW = [command for command, facts in COMMANDS.items() if facts.context is Context.WINDOW and facts.keys]


def note(reached: list[Command], command: Command, *_: object) -> None:
    """A command was given."""
    reached.append(command)


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, qapp: QApplication) -> AsyncIterator[Driver]:
    """A window that shows a conversation."""
    del qapp
    asked = prompt("Why is the sky blue?")
    kept = conversation(asked, finished(answer(asked), "Because."), title="Sky")
    async with driven(services, tasks, themes, kept) as driver:
        yield driver


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
async def test_every_key_of_the_window_reaches_its_command_from_everywhere(driver: Driver, place: str) -> None:
    at: QWidget = {
        "prompt": driver.window.workspace.prompt_editor,
        "transcript": driver.transcript(),
        "sidebar": driver.window.sidebar.list,
    }[place]
    reached: list[Command] = []
    by_text = {tr(COMMANDS[command].title): command for command in OF_WINDOW}
    actions = [action for action in driver.window.actions() if action.text() in by_text]
    assert len(actions) == len(OF_WINDOW)
    for action in actions:
        action.triggered.disconnect()
        action.triggered.connect(partial(note, reached, by_text[action.text()]))
    expected = [command for command in OF_WINDOW if (place, command) != ("transcript", Command.RENAME)]
    for command in expected:
        at.setFocus()
        driver.press(COMMANDS[command].keys)
    assert reached == expected


async def test_f2_edits_the_prompt_that_the_keyboard_is_on_and_renames_elsewhere(driver: Driver) -> None:
    driver.transcript().setFocus()
    driver.press("Home")
    driver.press(COMMANDS[Command.EDIT].keys)
    assert driver.window.workspace.prompt_editor.toPlainText() == "Why is the sky blue?"
    driver.press("Esc")
    driver.window.workspace.prompt_editor.clear()
    driver.transcript().setFocus()
    driver.press("End")  # an answer: the prompt of its turn is meant
    driver.press(COMMANDS[Command.EDIT].keys)
    assert driver.window.workspace.prompt_editor.toPlainText() == "Why is the sky blue?"
    driver.press("Esc")
    driver.window.workspace.prompt_editor.setFocus()
    driver.press(COMMANDS[Command.RENAME].keys)
    await until(lambda: QApplication.focusWidget() not in (driver.transcript(), driver.window.workspace.prompt_editor))


async def test_keys_of_a_message_copy_it_and_ask_again(
    driver: Driver, provider: ScriptedProvider, qapp: QApplication
) -> None:
    provider.scripts = [[TextDelta(text="Another."), None]]
    driver.transcript().setFocus()
    driver.press("End")
    driver.press(COMMANDS[Command.COPY_MARKDOWN].keys)
    assert qapp.clipboard().text() == "Because."
    driver.press(COMMANDS[Command.REGENERATE].keys)
    await until(lambda: "Another." in driver.window.pane.transcript.rows[-1].text)


async def test_esc_closes_the_innermost_open_thing_and_stops_only_from_prompt_and_transcript(
    driver: Driver, provider: ScriptedProvider
) -> None:
    provider.scripts = [[TextDelta(text="Going on"), None]]
    driver.window.workspace.prompt_editor.setFocus()
    driver.type("And?")
    driver.press(COMMANDS[Command.SEND].keys)
    await until(lambda: "Going on" in driver.window.pane.transcript.rows[-1].text)
    driver.press(COMMANDS[Command.FIND].keys)
    (bar,) = (each for each in driver.window.findChildren(FindBar) if each.isVisible())
    driver.type("sky")
    driver.press(COMMANDS[Command.STOP].keys)
    assert not bar.isVisible()
    assert driver.window.pane.is_answering
    driver.window.sidebar.list.setFocus()
    driver.press(COMMANDS[Command.STOP].keys)
    assert driver.window.pane.is_answering
    driver.window.pane.header.model.setFocus()
    driver.press(COMMANDS[Command.STOP].keys)
    assert driver.window.pane.is_answering
    driver.transcript().setFocus()
    driver.press(COMMANDS[Command.STOP].keys)
    await until(lambda: not driver.window.pane.is_answering)
    assert driver.window.pane.conversation.messages[-1].status is Status.STOPPED


@pytest.fixture
async def broken(services: Services, tasks: Tasks, themes: Themes, qapp: QApplication) -> AsyncIterator[Driver]:
    """A window that shows a prompt with two answers, the newer of which was stopped."""
    del qapp
    asked = prompt("Why is the sky blue?")
    first, second = finished(answer(asked), "Because."), finished(answer(asked), "Ray", Status.STOPPED)
    async with driven(services, tasks, themes, conversation(asked, first, second, title="Sky")) as driver:
        await driver.until(lambda: driver.messages()[1].startswith("Ray"))
        driver.transcript().setFocus()
        driver.press("End")
        yield driver


def keys(command: Command) -> str:
    """A command's keys."""
    return COMMANDS[command].keys


async def test_each_key_of_a_message_acts(broken: Driver, provider: ScriptedProvider, qapp: QApplication) -> None:
    provider.scripts = [[TextDelta(text="leigh."), Finished(reason="stop")]]
    acted = {Command.EDIT, Command.REGENERATE, Command.SOURCE}  # tried above; the last has no keys
    acted |= {Command.FILES, Command.REQUEST}  # tried in test_file_viewer.py and test_shown_requests.py
    acted |= {Command.RERUN}  # tried in test_reruns.py
    # tried in test_message_actions.py
    acted |= {
        Command.REGENERATE_RECORDED,
        Command.QUOTE,
        Command.REGENERATE_WITH,
        Command.NEW_CHAT_HERE,
        Command.DELETE_MESSAGE,
    }
    for command, holds in (
        (Command.PREVIOUS_VERSION, lambda: broken.messages()[1].startswith("Because.")),
        (Command.NEXT_VERSION, lambda: broken.messages()[1].startswith("Ray")),
        (Command.COPY, lambda: qapp.clipboard().text().startswith("Ray")),
        (Command.COPY_MARKDOWN, lambda: qapp.clipboard().text() == "Ray"),
        (Command.CONTINUE, lambda: broken.messages()[1].startswith("Rayleigh.")),
        (Command.READ, lambda: any(each.isVisible() for each in broken.window.findChildren(CaretReader))),
    ):
        broken.transcript().setFocus()
        broken.press("End")
        broken.press(keys(command))
        await broken.until(holds)
        acted.add(command)
    assert acted == {command for command, facts in COMMANDS.items() if facts.context is Context.MESSAGE}


async def test_each_key_where_a_prompt_is_typed_acts(driver: Driver, provider: ScriptedProvider) -> None:
    provider.scripts = [[TextDelta(text="sky, sky."), Finished(reason="stop")]]
    editor = driver.window.workspace.prompt_editor
    editor.setFocus()
    driver.press(keys(Command.EDIT_LAST))
    assert editor.toPlainText() == "Why is the sky blue?"
    driver.press(keys(Command.STOP))
    assert editor.toPlainText() == ""
    driver.type("one")
    driver.press(keys(Command.BREAK_LINE))
    driver.type("two")
    assert editor.toPlainText() == "one\ntwo"
    driver.press(keys(Command.SEND))
    await driver.until(lambda: driver.messages()[-1] == "sky, sky.")


async def test_each_key_of_a_pane_acts(driver: Driver) -> None:
    driver.transcript().setFocus()
    driver.press(keys(Command.FIND))
    driver.type("e")
    (bar,) = (each for each in driver.window.findChildren(FindBar) if each.isVisible())
    await driver.until(lambda: "1" in driver.said(bar))
    told = driver.said(bar)
    driver.press(keys(Command.NEXT_HIT))
    assert driver.said(bar) != told
    driver.press(keys(Command.PREVIOUS_HIT))
    assert driver.said(bar) == told
    driver.press(keys(Command.STOP))
    assert not bar.isVisible()
