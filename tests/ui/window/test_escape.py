"""Esc closes the innermost open thing first, and the keyboard stays where one types."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit
from pytestqt.qtbot import QtBot

from desktop.domain.comparison import PaneState, new_comparison
from desktop.domain.events import Finished, TextDelta
from desktop.services import Services
from desktop.session.session import new_conversation
from tests.desktop.session.fakes import REF, ScriptedProvider
from tests.ui.driver import Driver, driven
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.transcript.find_bar import FindBar


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[Driver]:
    """A window with a new chat."""
    del qtbot
    async with driven(services, tasks, themes, width=1600, height=900) as made:
        yield made


def compare(driver: Driver) -> None:
    """Show an empty comparison, the keyboard where its prompts are typed."""
    states = tuple(PaneState(conversation=new_conversation(REF).id, model=REF) for _ in range(2))
    driver.window.workspace.show_comparison(new_comparison(states), {})


async def test_whoever_types_to_a_chat_types_to_the_comparison_that_takes_its_place(driver: Driver) -> None:
    driver.editor.setFocus()
    compare(driver)
    assert driver.focused is driver.window.workspace.composer.editor
    driver.window.workspace.start_new()
    assert driver.focused is driver.window.workspace.line[0].composer.editor
    driver.window.desk.add_pane()
    assert driver.focused is driver.window.workspace.composer.editor


async def test_a_pane_that_takes_part_again_gives_the_keyboard_to_the_common_field(driver: Driver) -> None:
    compare(driver)
    workspace = driver.window.workspace
    workspace.common.chips.toggled.emit(0)
    workspace.line[0].composer.editor.setFocus()
    workspace.common.chips.toggled.emit(0)
    assert driver.focused is workspace.composer.editor


@pytest.mark.parametrize("keys", ["Ctrl+Shift+G", "Ctrl+Shift+E"])
async def test_a_panel_closes_before_an_answer_is_stopped(
    driver: Driver, provider: ScriptedProvider, keys: str
) -> None:
    provider.scripts = [[TextDelta(text="It"), None]]
    compare(driver)
    driver.press(keys)
    driver.window.workspace.prompt_editor.setFocus()
    driver.type("Why?")
    driver.press("Return")
    await driver.until(lambda: driver.window.workspace.is_answering)
    driver.press("Esc")
    assert driver.window.drawer.panel is None
    assert driver.window.workspace.is_answering
    assert driver.focused is driver.window.workspace.prompt_editor
    driver.press("Esc")
    await driver.until(lambda: not driver.window.workspace.is_answering)


async def test_the_find_bar_closes_before_the_panel_and_leaves_the_keyboard(driver: Driver) -> None:
    compare(driver)
    workspace = driver.window.workspace
    driver.press("Ctrl+Shift+G")
    workspace.line[0].transcript.open_find()
    (bar,) = driver.window.findChildren(FindBar)
    workspace.prompt_editor.setFocus()
    driver.press("Esc")
    assert (bar.isVisible(), driver.window.drawer.panel is not None) == (False, True)
    assert driver.focused is workspace.prompt_editor
    driver.press("Esc")
    assert driver.window.drawer.panel is None


@pytest.mark.parametrize("end", ["Esc", "Return"])
async def test_after_renaming_by_key_one_goes_on_where_one_was(driver: Driver, end: str) -> None:
    await driver.answered("Why?")
    await driver.until(lambda: driver.window.sidebar.library.title(driver.window.desk.shown_id))
    field = driver.find(QPlainTextEdit, "Message")
    field.setFocus()
    driver.press("F2")
    await driver.until(lambda: isinstance(driver.focused, QLineEdit))
    driver.press(end)
    await driver.until(lambda: driver.focused is field)


async def test_esc_leaves_a_prompt_that_is_edited_from_any_control_of_its_field(driver: Driver) -> None:
    await driver.answered("Why?")
    for back in (1, 0):
        driver.transcript().setFocus()
        driver.press("Home")
        driver.press("F2")
        await driver.until(lambda: driver.window.pane.composer.is_editing)
        driver.press("Shift+Tab" if back else "Tab")
        assert not isinstance(driver.focused, QPlainTextEdit)
        driver.press("Escape")
        assert not driver.window.pane.composer.is_editing


async def test_words_are_sought_from_the_field_of_all_panes_and_no_answer_is_stopped(
    driver: Driver, provider: ScriptedProvider
) -> None:
    provider.scripts = [[TextDelta(text="It"), None]]
    compare(driver)
    driver.write("Why?")
    driver.press("Return")
    await driver.until(lambda: driver.window.workspace.is_answering)
    driver.press("Ctrl+F")
    assert driver.focused is driver.find(QLineEdit, "Find in conversation")
    driver.press("Esc")
    assert driver.window.workspace.is_answering
    assert driver.focused is driver.window.workspace.composer.editor


async def test_esc_on_the_messages_leaves_a_prompt_that_is_edited(driver: Driver, provider: ScriptedProvider) -> None:
    provider.scripts = [[TextDelta(text="It"), Finished(reason="stop")]]
    driver.write("Why?")
    driver.press("Return")
    await driver.until(lambda: bool(provider.requests) and not driver.window.workspace.is_answering)
    driver.press("Up")
    composer = driver.window.workspace.line[0].composer
    assert composer.is_editing
    driver.transcript().setFocus()
    driver.press("Esc")
    assert not composer.is_editing
