"""A window that is closed while answers arrive asks what becomes of them; what the system wants is not held up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QMessageBox

from desktop.domain.conversation_types import Conversation, Status
from desktop.domain.events import Finished, TextDelta
from desktop.services import Services
from desktop.settings.schema import QUITTING
from desktop.settings.values import Settings
from tests.desktop.session.fakes import LOOPBACK, ScriptedProvider
from tests.desktop.store.made import said
from tests.ui.driver import Driver, driven
from tests.ui.transcript.makers import heard
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.transcript.error_card import ErrorCard


@pytest.fixture
def release(provider: ScriptedProvider) -> asyncio.Event:
    """Answers begin with “Half”, and end once this is set."""
    event = asyncio.Event()

    provider.scripts = [[TextDelta(text="Half"), event, Finished(reason="stop")]]
    return event


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, release: asyncio.Event) -> AsyncIterator[Driver]:
    async with driven(services, tasks, themes, width=1366, height=768) as made:
        made.ask("One?")
        await made.until(lambda: "Half" in made.messages()[-1])
        yield made
        made.window.quitting.session_ends()


def box(driver: Driver) -> QMessageBox | None:
    found = [each for each in driver.window.findChildren(QMessageBox) if each.isVisible()]
    return found[0] if found else None


def push(driver: Driver, text: str) -> None:
    asked = box(driver)
    assert asked is not None
    (button,) = (each for each in asked.findChildren(QAbstractButton) if each.text() == text)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


async def kept(driver: Driver, services: Services) -> Conversation:
    return await (await services.store()).conversations.get(driver.window.pane.conversation_id)


async def test_quitting_asks_once_and_can_be_cancelled(driver: Driver) -> None:
    driver.press("Ctrl+Q")
    driver.window.close()
    asked = box(driver)
    assert asked is not None
    assert len([each for each in driver.window.findChildren(QMessageBox) if each.isVisible()]) == 1
    assert asked.text() == "1 response is still in progress"
    assert asked.grab().toImage() != driver.window.grab().toImage()
    QTest.keyClick(asked, Qt.Key.Key_Escape)
    await driver.until(lambda: box(driver) is None)
    assert driver.window.isVisible()
    assert driver.window.workspace.is_answering


async def test_stop_and_quit_keeps_what_came_as_broken_off_so_that_it_can_be_continued(
    driver: Driver, services: Services, tasks: Tasks
) -> None:
    closed = heard(driver.window.closed)
    driver.press("Ctrl+Q")
    push(driver, "Stop and quit")
    await driver.until(lambda: closed)
    driver.window.workspace.stop_all()
    await tasks.settle(2)
    talk = await kept(driver, services)
    assert (talk.path()[-1].text, talk.path()[-1].status) == ("Half", Status.INTERRUPTED)
    driver.window.quitting.session_ends()
    driver.window.show()
    driver.window.workspace.start_new()
    await driver.open(talk)
    more, continue_, retry = (driver.button(name) for name in ("Details", "Continue", "Retry"))
    (card,) = (each for each in driver.window.findChildren(ErrorCard) if each.isVisible())
    assert "This response was stopped when Paragone quit" in driver.said(card)
    assert (card.property("role"), continue_.property("role"), retry.property("role")) == ("card", "tinted", "")
    assert continue_.x() < retry.x() < more.x()


async def test_wait_quits_once_the_answer_is_whole_unless_that_is_taken_back(
    driver: Driver, services: Services, release: asyncio.Event
) -> None:
    closed = heard(driver.window.closed)
    driver.press("Ctrl+Q")
    push(driver, "Quit when finished")
    assert driver.notices == ["Paragone will quit when all responses are complete."]
    driver.push("Do not quit")
    assert driver.notices == []
    driver.press("Ctrl+Q")
    push(driver, "Quit when finished")
    assert not closed
    release.set()
    await driver.until(lambda: closed)
    assert (await kept(driver, services)).path()[-1].status is Status.COMPLETE


@pytest.mark.parametrize(("button", "choice"), [("Quit when finished", "wait"), ("Stop and quit", "stop")])
async def test_the_choice_is_remembered(driver: Driver, services: Services, button: str, choice: str) -> None:
    driver.press("Ctrl+Q")
    asked = box(driver)
    assert asked is not None
    (remember,) = asked.findChildren(QCheckBox)
    remember.click()
    push(driver, button)
    await driver.until(lambda: services.settings.get(QUITTING) == choice)


async def test_a_remembered_choice_asks_nothing(driver: Driver, services: Services) -> None:
    closed = heard(driver.window.closed)
    services.use(Settings(connections=(LOOPBACK,)).set(QUITTING, "wait"))
    driver.press("Ctrl+Q")
    assert (box(driver), driver.notices) == (None, ["Paragone will quit when all responses are complete."])
    driver.push("Do not quit")
    services.use(Settings(connections=(LOOPBACK,)).set(QUITTING, "stop"))
    driver.press("Ctrl+Q")
    await driver.until(lambda: closed)


@pytest.mark.parametrize("how", ["the session ends", "a signal"])
async def test_what_the_system_wants_is_not_held_up(driver: Driver, how: str) -> None:
    closed = heard(driver.window.closed)
    driver.press("Ctrl+Q")
    if how == "a signal":
        driver.window.quitting.quit()
    else:
        driver.window.remember()
        driver.window.close()
    assert closed


async def test_without_answers_nothing_is_asked(services: Services, tasks: Tasks, themes: Themes) -> None:
    async with driven(services, tasks, themes, said("Waves.")) as driver:
        closed = heard(driver.window.closed)
        driver.press("Ctrl+Q")
        assert closed
