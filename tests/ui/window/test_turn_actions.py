"""Beside Send of a comparison: stop all, retry what failed, regenerate all, each while it does something."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop.domain.conversation_types import ModelRef
from desktop.errors import ServerFailed
from desktop.services import Services
from desktop.text.phrases import english
from tests.desktop.session.fakes import ScriptedProvider, said
from tests.ui.driver import Driver, driven
from tests.ui.window.test_held_back import comparison
from ui.base.tasks import Tasks
from ui.base.theme import Themes

NAMES = ("Stop all", "Retry failed", "Regenerate all")


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[Driver]:
    """A window with an empty comparison of two models."""
    del qtbot
    async with driven(services, tasks, themes, width=1400, height=820) as made:
        made.window.workspace.show_comparison(comparison(*(ModelRef.parse(f"lab/m{n}") for n in range(2))), {})
        yield made


def offered(driver: Driver) -> list[str]:
    """The names of those buttons of the shared prompt field that act on all panes."""
    buttons = driver.window.workspace.composer.findChildren(QPushButton)
    return [each.accessibleName() for each in buttons if each.isVisible() and each.accessibleName() in NAMES]


async def answered(driver: Driver) -> None:
    await driver.until(lambda: not driver.window.workspace.is_answering)


async def test_they_are_offered_while_they_do_something(driver: Driver, provider: ScriptedProvider) -> None:
    assert offered(driver) == []
    provider.scripts = [[*said("one")[:1], 0.3, *said("one")[1:]]] * 2
    driver.ask("Why?")
    assert offered(driver) == ["Stop all"]
    await driver.until(lambda: all("one" in driver.messages(place)[-1] for place in range(2)))
    driver.type("And then?")
    assert offered(driver) == ["Stop all"]
    assert driver.sees("Send")
    driver.push("Stop all")
    await answered(driver)
    assert driver.focused is driver.window.workspace.composer.editor
    assert offered(driver) == []
    driver.window.workspace.composer.editor.clear()
    assert offered(driver) == ["Regenerate all"]


async def test_what_failed_is_asked_again_and_nothing_else(driver: Driver, provider: ScriptedProvider) -> None:
    provider.scripts = [said("one"), [ServerFailed(english("It broke."))]]
    driver.ask("Why?")
    await answered(driver)
    await driver.until(lambda: "Retry failed" in offered(driver))
    provider.scripts = [*provider.scripts, said("two"), said("three"), said("four")]
    driver.button("Retry failed").setFocus()
    driver.press("Space")
    await answered(driver)
    assert len(provider.requests) == 3
    assert driver.focused is driver.window.workspace.composer.editor
    assert offered(driver) == ["Regenerate all"]
    driver.push("Regenerate all")
    await answered(driver)
    assert len(provider.requests) == 5


async def test_where_there_is_no_room_they_are_in_the_menu(driver: Driver) -> None:
    driver.ask("Why?")
    await answered(driver)
    driver.window.workspace.composer.setFixedWidth(300)
    driver.pixels(driver.window.workspace.composer)
    assert offered(driver) == []
    driver.push("More")
    assert [each.text() for each in driver.menu.actions()][-1] == "Regenerate all"
    driver.menu.close()
