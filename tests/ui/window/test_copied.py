"""What is copied of a transcript is said so, by a word in its corner that goes by itself."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent, QGuiApplication
from PySide6.QtWidgets import QLabel

from desktop.domain.conversation_types import Role
from desktop.services import Services
from tests.desktop.store.made import conversation, message
from tests.examples import alike
from tests.ui.driver import Driver, driven
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.transcript.transcript_view import CopiedNote

ASKED = message(Role.USER, "Code?")
TALK = conversation(ASKED, message(Role.ASSISTANT, "So:\n\n```python\nx = 1\n```\n", ASKED), title="Code")


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a screen reader is told to say."""
    said = list[str]()

    def hear(event: QAccessibleEvent) -> None:
        if isinstance(event, QAccessibleAnnouncementEvent):
            said.append(event.message())

    monkeypatch.setattr(QAccessible, "updateAccessibility", hear)
    return said


def by_key(driver: Driver) -> str:
    driver.transcript().setFocus()
    driver.press("Ctrl+C")
    return "So:\n\nx = 1"


def by_button(driver: Driver) -> str:
    by_key(driver)
    driver.push("Copy")
    return "So:\n\nx = 1"


def by_enter_on_the_button(driver: Driver) -> str:
    by_key(driver)
    driver.button("Copy").setFocus()
    driver.press("Return")
    return "So:\n\nx = 1"


def by_menu(driver: Driver) -> str:
    shown = driver.transcript()
    shown.setFocus()
    row = shown.current_row()
    assert row is not None
    shown.menu_wanted.emit(row, shown.mapToGlobal(shown.rect().center()))
    (name,) = (each.text() for each in driver.menu.actions() if each.text().startswith("Copy code"))
    driver.choose(name)
    return "x = 1\n"


@pytest.mark.parametrize("copy", alike(2, [by_key, by_menu, by_button, by_enter_on_the_button]))
async def test_copied_is_said_in_the_corner_and_to_screen_readers_and_goes_by_itself(
    services: Services, tasks: Tasks, themes: Themes, heard: list[str], copy: object
) -> None:
    async with driven(services, tasks, themes, TALK) as driver:
        assert "Copied" not in driver.said(driver.transcript())
        assert callable(copy)
        text = copy(driver)
        assert QGuiApplication.clipboard().text() == text
        assert "Copied" in driver.said(driver.transcript()).splitlines()
        assert "Copied" in heard
        (note,) = driver.transcript().findChildren(CopiedNote)
        assert isinstance(note, QLabel)
        around = driver.transcript().viewport().rect()
        assert around.contains(note.geometry())
        assert note.geometry().right() > around.width() - 20
        await driver.until(lambda: "Copied" not in driver.said(driver.transcript()))


async def test_how_many_hits_there_are_is_heard(
    services: Services, tasks: Tasks, themes: Themes, heard: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with driven(services, tasks, themes, TALK) as driver:
        monkeypatch.setattr(QAccessible, "isActive", lambda: True)
        driver.transcript().setFocus()
        driver.press("Ctrl+F")
        driver.type("code?")
        await driver.until(lambda: "Hit 1 of 1" in heard)
        driver.type("less")
        await driver.until(lambda: heard[-1] == "No results")
