"""What changes without the keyboard going there is told to a screen reader, and keys go where one expects."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent
from PySide6.QtWidgets import QLineEdit, QToolButton
from pytestqt.qtbot import QtBot

from desktop.domain import ModelRef
from desktop.services import Services
from tests.desktop.session.fakes import REF, ScriptedProvider
from tests.ui.driver import Driver, driven
from tests.ui.window.test_held_back import comparison
from ui.tasks import Tasks
from ui.theme import Themes


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a screen reader is told to say."""
    said = list[str]()

    def hear(event: QAccessibleEvent) -> None:
        if isinstance(event, QAccessibleAnnouncementEvent):
            said.append(event.message())

    QAccessible.setActive(True)
    monkeypatch.setattr(QAccessible, "updateAccessibility", hear)
    return said


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[Driver]:
    """A window with a new chat."""
    del qtbot
    async with driven(services, tasks, themes, width=1500, height=820) as made:
        yield made


async def test_that_a_prompt_is_edited_and_is_no_more(driver: Driver, told: list[str]) -> None:
    await driver.answered("Why?")
    driver.editor.setFocus()
    driver.press("Up")
    assert told[-1] == driver.editor.accessibleDescription() == "Editing a prompt; the old one is kept beside it"
    driver.press("Esc")
    assert told[-1] == "The prompt is edited no more"
    assert driver.editor.accessibleDescription() == ""


async def test_prompts_that_wait_and_that_come_back(
    driver: Driver, told: list[str], provider: ScriptedProvider
) -> None:
    driver.window.workspace.show_comparison(comparison(REF, ModelRef.parse("lab/other")), {})
    provider.scripts = [[None]]
    for text in ("one", "two", "three"):
        driver.window.workspace.focus_composer()
        driver.type(text)
        driver.press("Return")
        await driver.until(lambda: len(provider.requests) == 2)
    assert told[-1] == "2 prompts waiting"
    driver.press("Esc")
    assert "2 prompts were not sent and came back" in told


async def test_a_panel_that_opens_by_key(driver: Driver, told: list[str]) -> None:
    driver.window.workspace.show_comparison(comparison(REF, ModelRef.parse("lab/other")), {})
    driver.press("Ctrl+Shift+G")
    assert told[-1] == "Figures is open beside the panes."
    driver.press("Ctrl+Shift+G")
    assert told[-1] == "Figures is closed."


async def test_esc_in_the_empty_search_goes_back_to_where_one_was(driver: Driver) -> None:
    editor = driver.editor
    editor.setFocus()
    driver.press("Ctrl+Shift+F")
    assert driver.focused is driver.find(QLineEdit, "Search conversations")
    driver.press("Esc")
    assert driver.focused is editor


async def test_arrows_on_a_messages_buttons_go_to_the_messages(driver: Driver) -> None:
    await driver.answered("Why?")
    messages = driver.transcript()
    messages.setFocus()
    driver.press("Home")
    driver.press("Tab")
    assert isinstance(driver.focused, QToolButton)
    driver.press("Down")
    assert driver.focused is messages
    assert messages.currentIndex().row() == 1
