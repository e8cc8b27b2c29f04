"""Prompts to one pane of a comparison leave the turns of all others where they are: each prompt has its turn's id."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtWidgets import QComboBox, QPlainTextEdit
from pytestqt.qtbot import QtBot

from desktop.domain.comparison import PaneState, new_comparison
from desktop.metrics.alignment import aligned
from desktop.services import Services
from desktop.session.session import new_conversation
from tests.desktop.session.fakes import REF, ScriptedProvider, said
from tests.ui.driver import Driver, driven
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.compare.merge_popover import MergePopover


@pytest.fixture
async def driver(
    services: Services, tasks: Tasks, themes: Themes, provider: ScriptedProvider, qtbot: QtBot
) -> AsyncIterator[Driver]:
    """A comparison of two panes that was asked three times, the second time the second pane alone."""
    del qtbot
    provider.scripts = [said(f"Answer {number}.") for number in range(1, 6)]
    async with driven(services, tasks, themes, width=1600, height=900) as made:
        states = tuple(PaneState(conversation=new_conversation(REF).id, model=REF) for _ in range(2))
        made.window.workspace.show_comparison(new_comparison(states), {})
        for text in ("First?", "@2 Alone?", "Last?"):
            made.window.workspace.prompt_editor.setFocus()
            made.type(text)
            made.press("Return")
            await made.until(lambda: not made.window.workspace.is_answering)
        yield made


async def test_a_prompt_to_one_pane_is_a_turn_of_its_own(driver: Driver, services: Services) -> None:
    store = (await services.store()).conversations
    kept = [await store.get(pane.conversation_id) for pane in driver.window.workspace.line]
    assert aligned([each.path() for each in kept]) == ((0, 0), (None, 1), (1, 2))


async def test_what_is_merged_are_answers_to_one_prompt(driver: Driver) -> None:
    driver.press("Ctrl+Shift+M")
    turns = driver.find(QComboBox, "Turn")
    assert [turns.itemText(at) for at in range(turns.count())] == ["1: First?", "2: Alone?", "3: Last?"]
    driver.push("Show prompt")
    text = driver.find(QPlainTextEdit, "Prompt preview").toPlainText()
    assert "Last?" in text
    assert "Alone?" not in text
    assert "Answer 3." not in text


async def test_the_newest_turn_that_several_answered_is_offered(driver: Driver) -> None:
    driver.window.workspace.prompt_editor.setFocus()
    driver.type("@1 And you?")
    driver.press("Return")
    await driver.until(lambda: not driver.window.workspace.is_answering)
    driver.press("Ctrl+Shift+M")
    (popover,) = driver.window.findChildren(MergePopover)
    assert popover.turn.currentText() == "3: Last?"
