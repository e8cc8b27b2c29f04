"""How the window is looked at: larger and smaller text, the whole screen, its title, from chat to chat by key."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.domain.conversation_types import Conversation
from desktop.services import Services
from tests.desktop.store.made import answer, conversation, finished, prompt
from tests.ui.driver import Driver, driven
from ui.base.commands import COMMANDS, Command
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.window.main_window import MainWindow


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, qapp: QApplication) -> AsyncIterator[Driver]:
    del qapp
    kept = list[Conversation]()
    for title in ("Sky", "Sea", "Stone"):
        asked = prompt(f"About the {title}?")
        kept.append(conversation(asked, finished(answer(asked), "A long answer. " * 20), title=title))
    async with driven(services, tasks, themes, *kept) as driver:
        yield driver


def give(driver: Driver, command: Command) -> None:
    driver.press(COMMANDS[command].keys)
    for _ in range(3):  # a field's height, then the composer's, then the pane's
        QApplication.processEvents()


def turn(driver: Driver, eighths: int) -> None:
    at = QPointF(200, 200)
    view = driver.transcript().viewport()
    event = QWheelEvent(
        at,
        view.mapToGlobal(at),
        QPoint(),
        QPoint(0, eighths),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)
    QApplication.processEvents()


def sizes(driver: Driver) -> tuple[int, int]:
    """Letters of messages and of the field, in pixels."""
    return driver.transcript().look.fonts.body.pixelSize(), driver.editor.fontInfo().pixelSize()


async def test_text_grows_and_shrinks_at_once_by_key_and_comes_back(driver: Driver) -> None:
    give(driver, Command.LARGER_TEXT)
    give(driver, Command.USUAL_TEXT)
    usual, before = sizes(driver), driver.pixels(driver.transcript())
    height = driver.editor.height()
    give(driver, Command.LARGER_TEXT)
    driver.press("Ctrl+=")
    larger = sizes(driver)
    assert [new > old for new, old in zip(larger, usual, strict=True)] == [True, True]
    assert driver.editor.height() > height
    assert driver.pixels(driver.transcript()) != before
    for _ in range(4):
        give(driver, Command.SMALLER_TEXT)
    assert [new < old for new, old in zip(sizes(driver), usual, strict=True)] == [True, True]
    give(driver, Command.USUAL_TEXT)
    assert (sizes(driver), driver.editor.height()) == (usual, height)
    assert driver.pixels(driver.transcript()) == before


async def test_text_grows_with_the_wheel_in_whole_notches_only(driver: Driver) -> None:
    usual = sizes(driver)
    turn(driver, 60)
    assert sizes(driver) == usual
    turn(driver, 60)
    assert sizes(driver) > usual
    turn(driver, -240)
    assert sizes(driver) < usual


async def test_a_window_keeps_its_size_of_text_and_a_new_pane_has_it(
    driver: Driver, services: Services, tasks: Tasks, themes: Themes
) -> None:
    give(driver, Command.LARGER_TEXT)
    larger = sizes(driver)
    driver.window.desk.add_pane()
    assert driver.transcript(1).look.fonts.body.pixelSize() == larger[0]
    driver.window.remember()
    again = MainWindow(services, tasks, themes)
    assert again.pane.composer.editor.styleSheet() == driver.window.pane.composer.editor.styleSheet() != ""
    again.close()
    again.deleteLater()


async def test_the_next_and_the_previous_chat_are_those_beside_it_in_the_list(driver: Driver) -> None:
    titles = [name.split(",")[0] for name in driver.rows("Conversations") if name.startswith(("Sky", "Sea", "Stone"))]
    assert sorted(titles) == ["Sea", "Sky", "Stone"]
    give(driver, Command.NEW_CHAT)
    for command, title in (
        (Command.NEXT_CHAT, titles[0]),
        (Command.NEXT_CHAT, titles[1]),
        (Command.NEXT_CHAT, titles[2]),
        (Command.PREVIOUS_CHAT, titles[1]),
    ):
        give(driver, command)
        await driver.until(lambda title=title: driver.window.windowTitle() == f"{title} - Paragone")


async def test_a_chat_that_is_gone_to_while_ctrl_is_held_is_chosen_alone(driver: Driver) -> None:
    """Delete threw two away: the one before was chosen still."""
    give(driver, Command.NEW_CHAT)
    handle = driver.window.windowHandle()
    QTest.keyPress(handle, Qt.Key.Key_Control, Qt.KeyboardModifier.ControlModifier)
    try:
        assert QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ControlModifier
        for command in (Command.NEXT_CHAT, Command.NEXT_CHAT, Command.PREVIOUS_CHAT):
            before = driver.window.windowTitle()
            give(driver, command)
            await driver.until(lambda before=before: driver.window.windowTitle() != before)
            assert len(driver.window.sidebar.list.chosen) == 1
    finally:
        QTest.keyRelease(handle, Qt.Key.Key_Control)


async def test_the_window_is_named_after_what_it_shows(driver: Driver) -> None:
    assert driver.window.windowTitle() == "Sky - Paragone"
    give(driver, Command.NEW_CHAT)
    assert driver.window.windowTitle() == "Paragone"


async def test_the_message_field_is_reached_by_key_from_the_list_and_the_messages(driver: Driver) -> None:
    for place in (driver.transcript(), driver.window.sidebar.list):
        place.setFocus()
        give(driver, Command.GO_TO_PROMPT)
        assert driver.editor.hasFocus()


async def test_the_window_takes_the_whole_screen_and_gives_it_back(driver: Driver) -> None:
    give(driver, Command.FULL_SCREEN)
    assert driver.window.isFullScreen()
    give(driver, Command.FULL_SCREEN)
    assert not driver.window.isFullScreen()
