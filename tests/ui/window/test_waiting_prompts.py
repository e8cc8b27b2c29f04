"""A prompt that waits for an answer's end is sent or given back: never lost, and never sent while the window closes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtGui import QGuiApplication, QImage
from pytestqt.qtbot import QtBot

from desktop.comparison import PaneState, new_comparison
from desktop.domain import ModelRef
from desktop.services import Services
from desktop.session.session import new_conversation
from tests.desktop.session.fakes import REF, ScriptedProvider, said
from tests.ui.driver import Driver, driven
from ui.tasks import Tasks
from ui.theme import Themes
from ui.window.main_window import MainWindow

OTHER = ModelRef(connection="lab", name="other")
SLOW = [None, *said("one")]
"""It never comes by itself."""


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[Driver]:
    """A window with an empty comparison of two models."""
    del qtbot
    async with driven(services, tasks, themes, width=1600, height=900) as made:
        states = tuple(PaneState(conversation=new_conversation(ref).id, model=ref) for ref in (REF, OTHER))
        made.window.workspace.show_comparison(new_comparison(states), {})
        yield made


def send(driver: Driver, text: str) -> None:
    """Send a prompt from the field of all, as one types it."""
    driver.window.workspace.focus_composer()
    driver.type(text)
    driver.press("Return")


def fields(driver: Driver) -> list[str]:
    """What stands in the field of all, and in those of the panes that are seen."""
    workspace = driver.window.workspace
    composers = (workspace.composer, *(pane.composer for pane in workspace.line))
    return [each.text if each.isVisible() else "" for each in composers]


async def wait_in_one(driver: Driver, provider: ScriptedProvider) -> str:
    """A prompt waits for the first pane's answer, the second has had it; the comparison's id."""
    provider.scripts = [SLOW, said("quick")]
    send(driver, "first")
    await driver.until(lambda: len(driver.messages(1)) == 2 and not driver.window.workspace.line[1].answers)
    provider.scripts = [said("quick")]
    send(driver, "second important prompt")
    await driver.until(lambda: driver.window.workspace.sending.waiting == 1 and len(provider.requests) == 3)
    comparison = driver.window.workspace.comparison
    assert comparison is not None
    return comparison.id


async def reopen(driver: Driver, comparison: str) -> None:
    """Open it again from the store."""
    window = driver.window
    window.desk.open_comparison(comparison)
    await driver.until(lambda: window.workspace.comparison is not None and window.workspace.comparison.id == comparison)


async def test_it_stands_in_its_pane_when_another_chat_was_shown_meanwhile(
    driver: Driver, provider: ScriptedProvider
) -> None:
    comparison = await wait_in_one(driver, provider)
    driver.press("Ctrl+N")
    await driver.until(lambda: driver.window.workspace.comparison is None)
    driver.window.workspace.stop_all()
    await driver.until(lambda: not driver.window.workspace.is_answering)
    await reopen(driver, comparison)
    assert fields(driver) == ["", "second important prompt", ""]
    assert len(provider.requests) == 3


async def test_what_no_model_had_yet_stands_in_the_field_of_all(driver: Driver, provider: ScriptedProvider) -> None:
    provider.scripts = [SLOW]
    send(driver, "first")
    await driver.until(lambda: len(provider.requests) == 2)
    for text in ("second", "third"):
        send(driver, text)
    driver.type("and more")
    comparison = driver.window.workspace.comparison
    assert comparison is not None
    driver.press("Ctrl+N")
    driver.window.workspace.stop_all()
    await driver.until(lambda: not driver.window.workspace.is_answering)
    await reopen(driver, comparison.id)
    assert fields(driver) == ["second\n\nthird\n\nand more", "", ""]


async def test_stop_gives_it_back(driver: Driver, provider: ScriptedProvider) -> None:
    provider.scripts = [SLOW]
    send(driver, "first")
    await driver.until(lambda: len(provider.requests) == 2)
    send(driver, "second")
    driver.click(driver.window.workspace.composer.line.button)
    await driver.until(lambda: not driver.window.workspace.is_answering)
    assert fields(driver) == ["second", "", ""]
    assert len(provider.requests) == 2


async def test_a_picture_that_waits_comes_back_with_it(driver: Driver, provider: ScriptedProvider) -> None:
    provider.scripts = [SLOW]
    send(driver, "first")
    await driver.until(lambda: len(provider.requests) == 2)
    workspace = driver.window.workspace
    workspace.focus_composer()
    picture = QImage(20, 20, QImage.Format.Format_RGB32)
    picture.fill(0)
    QGuiApplication.clipboard().setImage(picture)
    driver.press("Ctrl+V")
    await driver.until(lambda: workspace.composer.attached.parts)
    send(driver, "look")
    assert workspace.sending.waiting == 2
    comparison = workspace.comparison
    assert comparison is not None
    driver.press("Ctrl+N")
    driver.window.workspace.stop_all()
    await driver.until(lambda: not driver.window.workspace.is_answering)
    await reopen(driver, comparison.id)
    assert [(pane.composer.text, len(pane.composer.attached.parts)) for pane in workspace.line] == [("look", 1)] * 2


async def test_quitting_sends_nothing_and_the_next_start_shows_it(
    driver: Driver, provider: ScriptedProvider, services: Services, tasks: Tasks, themes: Themes
) -> None:
    comparison = await wait_in_one(driver, provider)
    driver.press("Ctrl+Q")
    driver.window.workspace.stop_all()
    await driver.until(lambda: not driver.window.workspace.is_answering)
    await tasks.settle(2)
    assert len(provider.requests) == 3
    window = MainWindow(services, tasks, themes)
    again = Driver(window)
    try:
        window.resize(1600, 900)
        window.show()
        await window.settle_in()
        await again.until(lambda: window.workspace.comparison is not None)
        shown = window.workspace.comparison
        assert shown is not None
        assert shown.id == comparison
        assert fields(again) == ["", "second important prompt", ""]
    finally:
        window.close()
        window.deleteLater()


async def test_another_model_is_chosen_for_the_pane_it_waits_in(driver: Driver, provider: ScriptedProvider) -> None:
    await wait_in_one(driver, provider)
    pane = driver.window.workspace.line[0]
    pane._going_on.choose_model(ModelRef(connection="lab", name="third"))
    assert fields(driver) == ["", "first\n\nsecond important prompt", ""]
    driver.window.workspace.stop_all()
    await driver.until(lambda: not driver.window.workspace.is_answering)
    assert len(provider.requests) == 3
