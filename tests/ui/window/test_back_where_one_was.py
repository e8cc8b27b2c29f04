"""What closes, or takes another's place, leaves the keyboard where one was: nothing else is read out on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager

import pytest
from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from desktop.domain.events import TextDelta
from desktop.services import Services
from tests.desktop.session.fakes import ScriptedProvider, said
from tests.ui.driver import Driver, driven
from tests.ui.window.test_reading_keys import chat
from ui.base.tasks import Tasks
from ui.base.theme import Themes


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes) -> AsyncIterator[Driver]:
    """A window with a chat of two turns."""
    async with driven(services, tasks, themes, chat("Sky", 2)) as made:
        yield made


@contextmanager
def focus_of(names: list[str]) -> Generator[None]:
    """The names of all that has the keyboard meanwhile."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)

    def moved(_old: QWidget | None, new: QWidget | None) -> None:
        if new is not None:
            names.append(new.accessibleName())

    app.focusChanged.connect(moved)
    try:
        yield
    finally:
        app.focusChanged.disconnect(moved)


async def test_esc_in_the_find_bar_goes_back_to_the_message_field(driver: Driver) -> None:
    driver.write("half a")
    driver.press("Ctrl+F")
    assert driver.focused is driver.find(QLineEdit, "Find in conversation")
    went: list[str] = []
    with focus_of(went):
        driver.press("Esc")
    assert went == ["Message"]


async def test_esc_in_the_find_bar_goes_back_to_the_messages(driver: Driver) -> None:
    driver.transcript().setFocus()
    driver.press("Ctrl+F")
    went: list[str] = []
    with focus_of(went):
        driver.press("Esc")
    assert went == ["Transcript"]


async def test_esc_in_the_caret_reader_goes_back_to_the_messages(driver: Driver) -> None:
    driver.transcript().setFocus()
    driver.press("Return")
    assert driver.focused is not driver.transcript()
    went: list[str] = []
    with focus_of(went):
        driver.press("Esc")
    assert went == ["Transcript"]


async def test_another_answer_has_the_keyboard_that_the_old_one_had(driver: Driver, provider: ScriptedProvider) -> None:
    provider.scripts = [said("Anew."), [TextDelta(text="Once more"), None]]
    messages = driver.transcript()
    messages.setFocus()
    driver.press("End")
    rows: list[int] = []

    def went(now: QModelIndex, _before: QModelIndex) -> None:
        rows.append(now.row())

    messages.selectionModel().currentChanged.connect(went)
    driver.press("Ctrl+R")
    await driver.until(lambda: not driver.window.workspace.is_answering and driver.messages()[-1].startswith("Anew."))
    assert messages.currentIndex().row() == 3
    assert 2 not in rows  # the prompt above is not read
    driver.press("Alt+Left")
    await driver.until(lambda: "The answer 1 of Sky." in driver.messages()[-1])
