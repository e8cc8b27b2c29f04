"""Menus of a pane and of the title: what the command palette offers for the conversation is in them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QWidget

from desktop.domain.events import TextDelta
from desktop.services import Services
from tests.desktop.session.fakes import ScriptedProvider, said
from tests.desktop.store.made import answer, conversation, finished, prompt
from tests.ui.driver import Driver, driven
from ui.base.tasks import Tasks
from ui.base.theme import Themes

OF_WHAT_IS_SHOWN = {"Rename", "Export this conversation", "Move to trash"}


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, qapp: QApplication) -> AsyncIterator[Driver]:
    del qapp
    asked = prompt("About the sky?")
    kept = conversation(asked, finished(answer(asked), "It is blue."), title="Sky")
    async with driven(services, tasks, themes, kept) as driver:
        yield driver


def right_click(control: QWidget) -> None:
    at = QPoint(control.width() // 2, 4)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, control.mapToGlobal(at))
    QApplication.sendEvent(control, event)


def texts(driver: Driver) -> set[str]:
    """What the open menu offers; it is closed."""
    found = {each.text() for each in driver.menu.actions() if each.text()}
    driver.menu.close()
    driver.come_back()
    return found


def choose(driver: Driver, control: QWidget, text: str) -> None:
    right_click(control)
    menu = driver.menu
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    (action,) = (each for each in menu.actions() if each.text() == text)
    menu.close()
    driver.come_back()  # before it is done: a window system leaves the window active all along
    action.trigger()


async def test_a_pane_goes_with_its_conversation_and_comes_back_with_it_by_key(driver: Driver) -> None:
    driver.press("Ctrl+D")
    driver.press("Return")
    first, second = driver.window.workspace.line
    thrown = first.conversation_id
    choose(driver, first.header, "Move to trash")
    await driver.until(lambda: [*driver.window.workspace.line] == [second])
    driver.press("Ctrl+Alt+Z")
    await driver.until(lambda: [*driver.window.workspace.line] == [first, second])
    assert first.conversation_id == thrown
    assert len(driver.messages()) == 2
    library = driver.window.sidebar.library
    await driver.until(lambda: (found := library.known(thrown)) is not None and found.trashed_at is None)
    assert driver.notices == []


async def test_a_pane_offers_by_button_and_by_right_click_what_the_palette_does(driver: Driver) -> None:
    driver.push("More actions for this conversation")
    by_button = texts(driver)
    right_click(driver.window.pane.header)
    assert texts(driver) == by_button >= OF_WHAT_IS_SHOWN | {"Regenerate", "Find in conversation", "Parameters…"}
    assert "Stop response" not in by_button
    driver.press("Ctrl+N")
    right_click(driver.window.pane.header)
    assert not texts(driver) & (OF_WHAT_IS_SHOWN | {"Regenerate", "Find in conversation"})


async def test_one_pane_of_several_is_stopped_by_mouse_while_the_other_goes_on(
    driver: Driver, provider: ScriptedProvider
) -> None:
    driver.press("Ctrl+D")
    driver.press("Return")
    provider.scripts = [[TextDelta(text="a"), None], [TextDelta(text="b"), None]]
    driver.type("Go on?")
    driver.press("Return")
    panes = driver.window.workspace.line
    await driver.until(lambda: all(pane.answers for pane in panes))
    choose(driver, panes[1].header, "Stop response")
    await driver.until(lambda: not panes[1].answers)
    assert panes[0].answers


async def test_an_answer_is_made_again_from_the_pane(driver: Driver, provider: ScriptedProvider) -> None:
    choose(driver, driver.window.pane.header, "Regenerate")
    await driver.until(lambda: provider.requests and not driver.window.workspace.is_answering)
    assert driver.messages()[-1].startswith("An answer.")


async def test_a_chat_is_renamed_exported_and_thrown_away_from_its_pane_and_its_title(driver: Driver) -> None:
    for control in (driver.window.pane.header, driver.window.title):
        choose(driver, control, "Rename")
        assert isinstance(driver.focused, QLineEdit)
        driver.press("Esc")
        choose(driver, control, "Export this conversation")
        (dialog,) = (each for each in driver.window.findChildren(QDialog) if each.isVisible())
        dialog.reject()
        driver.come_back()
    choose(driver, driver.window.title, "Move to trash")
    await driver.until(lambda: any("“Sky” is in the trash." in each for each in driver.notices))


async def test_a_pane_of_several_is_renamed_as_the_conversation_that_it_shows(driver: Driver) -> None:
    driver.press("Ctrl+B")
    assert not driver.window.sidebar.isVisible()
    driver.press("Ctrl+D")
    driver.press("Return")
    panes = driver.window.workspace.line
    right_click(panes[1].header)
    assert not texts(driver) & OF_WHAT_IS_SHOWN
    choose(driver, panes[0].header, "Rename")
    assert isinstance(driver.focused, QLineEdit)
    driver.press("Ctrl+A")
    driver.type("Heaven")
    driver.press("Return")
    library = driver.window.sidebar.library
    await driver.until(lambda: library.title(panes[0].conversation_id) == "Heaven")


async def test_a_comparison_that_was_renamed_keeps_its_name_when_it_goes_on(
    driver: Driver, services: Services, provider: ScriptedProvider
) -> None:
    driver.press("Ctrl+D")
    driver.press("Return")
    provider.scripts = [said("yes")] * 4
    driver.ask("Which?")
    await driver.until(lambda: driver.window.desk.shown_id and not driver.window.workspace.is_answering)
    shown = driver.window.desk.shown_id
    await driver.until(lambda: driver.window.sidebar.library.title(shown))
    driver.window.sidebar.library.rename(shown, "Heaven")
    await driver.until(lambda: driver.window.title.text == "Heaven")
    store = await services.store()
    kept = await store.comparisons.get(shown)
    driver.ask("And again?")
    await driver.until(lambda: not driver.window.workspace.is_answering)
    driver.press("Ctrl+N")  # what is due is kept before another is shown
    async with asyncio.timeout(10):
        while (await store.comparisons.get(shown)).updated_at == kept.updated_at:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert [each.title for each in await store.comparisons.list()] == ["Heaven"]
    assert driver.window.sidebar.library.title(shown) == "Heaven"
