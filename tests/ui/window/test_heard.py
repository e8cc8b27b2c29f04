"""What changes without the keyboard going there is told to a screen reader, and keys go where one expects."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.domain.conversation_types import ModelRef
from desktop.services import Services
from tests.desktop.session.fakes import REF, ScriptedProvider, said
from tests.ui.driver import Driver, driven
from tests.ui.window.test_held_back import comparison
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.transcript.announcer import Announcer, Floor


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
    assert told[-1] == driver.editor.accessibleDescription() == "Editing a prompt. The previous version is kept."
    driver.press("Esc")
    assert told[-1] == "Editing canceled"
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
    assert told[-1] == "2 prompts queued"
    driver.press("Esc")
    assert "2 prompts were not sent and are back in the prompt field" in told


async def test_a_panel_that_opens_by_key(driver: Driver, told: list[str]) -> None:
    driver.window.workspace.show_comparison(comparison(REF, ModelRef.parse("lab/other")), {})
    driver.press("Ctrl+Shift+G")
    assert told[-1] == "The Figures panel is open beside the panes."
    driver.press("Ctrl+Shift+G")
    assert told[-1] == "The Figures panel is closed."


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


async def test_home_and_end_on_a_messages_buttons_go_to_the_messages(driver: Driver) -> None:
    await driver.answered("Why?")
    messages = driver.transcript()
    for key, row in (("End", 1), ("Home", 0)):
        messages.setFocus()
        driver.press("Home" if key == "End" else "End")
        driver.press("Tab")
        assert isinstance(driver.focused, QToolButton)
        driver.press(key)
        assert driver.focused is messages
        assert messages.currentIndex().row() == row


async def test_what_is_begun_and_gone_to_is_told_with_what_tells_it_from_others(
    driver: Driver, told: list[str]
) -> None:
    await driver.answered("Why?")
    driver.press("Ctrl+Shift+N")
    assert told[-1].startswith("New comparison: SmolLM2 135M, ")
    driver.press("Ctrl+N")
    assert told[-1] == "New chat with SmolLM2 135M"
    await driver.until(lambda: driver.window.sidebar.library.conversations)
    driver.press("Ctrl+PgDown")
    assert any(each.startswith("Why?, SmolLM2") for each in told)


async def test_rows_of_presets_and_the_one_that_was_taken(driver: Driver, told: list[str]) -> None:
    driver.push("Preset")
    driver.press("Down")
    await driver.until(lambda: told)
    title = told[-1].split(",")[0]
    driver.press("Return")
    assert told[-1] == f"Preset: {title}"


async def test_an_answer_of_a_pane_that_is_not_shown_any_more_is_not_read_out(
    driver: Driver, told: list[str], provider: ScriptedProvider
) -> None:
    workspace = driver.window.workspace
    workspace.show_comparison(comparison(REF, REF), {})
    provider.scripts = [[*said("First. ")[:1], 1.0, *said("The second one.")]]
    workspace.focus_composer()
    driver.type("Why?")
    driver.press("Return")
    await driver.until(lambda: len(provider.requests) == 2)
    panes = tuple(workspace.line)
    driver.press("Ctrl+N")
    told.clear()
    await driver.until(lambda: not any(pane.is_answering for pane in panes[1:]))
    assert [each for each in told if "second one" in each] == []


async def test_two_answers_that_wait_for_a_third_to_be_told_are_told_apart(told: list[str]) -> None:
    floor, places = Floor(), (QObject(), QObject())
    one, two = (Announcer(place, floor) for place in places)
    one.begin()
    one.more("Going on. ")
    for _ in range(2):
        two.begin()
        two.more("Hello.")
        two.end("Complete.")
    one.end()
    assert told[-1] == "Hello.\nComplete.\nHello.\nComplete."


async def test_the_palette_gives_the_keyboard_back_by_no_detour(driver: Driver) -> None:
    seen: list[QWidget | None] = []
    driver.editor.setFocus()
    driver.press("Ctrl+K")
    app = QApplication.instance()
    assert isinstance(app, QApplication)

    def hear(_old: QWidget | None, new: QWidget | None) -> None:
        seen.append(new)

    app.focusChanged.connect(hear)
    driver.press("Esc")
    assert seen == [driver.editor]


async def test_arrows_on_a_notices_buttons_stay_there(driver: Driver) -> None:
    await driver.answered("Why?")
    driver.window.notices.show_notice("Something", action="Undo", act=lambda: None)
    button = driver.button("Undo")
    button.setFocus()
    for key in ("Up", "Down", "Left", "Right"):
        driver.press(key)
        assert driver.focused is button
