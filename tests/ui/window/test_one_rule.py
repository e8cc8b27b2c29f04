"""Keys and presses mean what one sees: while an answer is made, on a message's buttons, beside the text of a field."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from desktop.domain.conversation_types import ModelRef
from desktop.services import Services
from tests.desktop.session.fakes import REF, ScriptedProvider, said
from tests.ui.driver import Driver, driven
from tests.ui.sidebar.test_sidebar_by_key import spoken
from tests.ui.window.test_given_files import drop, tiles, written
from tests.ui.window.test_held_back import comparison
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.composer.prompt import Prompt
from ui.window import tab_order

EDITS = "You can edit prompts after the response ends. Press Esc to stop the response."


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[Driver]:
    """A window with a new chat."""
    del qtbot
    async with driven(services, tasks, themes, width=1400, height=820) as made:
        yield made


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a screen reader is told to say."""
    heard = list[str]()

    def hear(event: QAccessibleEvent) -> None:
        if isinstance(event, QAccessibleAnnouncementEvent):
            heard.append(event.message())

    QAccessible.setActive(True)
    monkeypatch.setattr(QAccessible, "updateAccessibility", hear)
    return heard


async def test_what_has_to_wait_for_the_answers_end_says_so_as_long_as_it_has_to(
    driver: Driver, provider: ScriptedProvider
) -> None:
    provider.scripts = [[None, *said("one")]]
    driver.ask("w one")
    await driver.until(lambda: provider.requests)
    driver.press("Up")
    assert driver.notices == [EDITS]
    driver.press("Esc")
    await driver.until(lambda: not driver.window.workspace.is_answering)
    assert driver.notices == []


@pytest.mark.parametrize("row", [0, 1])
@pytest.mark.parametrize("button", [True, False])
async def test_f2_on_a_message_edits_the_prompt_of_its_turn_and_never_renames(
    driver: Driver, row: int, button: bool
) -> None:
    await driver.answered("Why?")
    driver.transcript().setFocus()
    driver.press("End")
    if row == 0:
        driver.press("Up")
    if button:
        driver.button("Copy").setFocus()
    driver.press("F2")
    assert driver.window.pane.composer.is_editing
    assert driver.editor.toPlainText() == "Why?"
    assert not [each for each in driver.window.findChildren(QLineEdit) if each.accessibleName() == "Title"]


async def test_a_chat_beside_which_a_pane_is_put_is_marked_as_that_comparison(driver: Driver, told: list[str]) -> None:
    await driver.answered("Why?")
    driver.press("Ctrl+D")
    driver.press("Return")
    shown = driver.window.workspace.comparison
    assert shown is not None
    assert driver.window.sidebar.list.delegate.opened == shown.id
    assert any(each.startswith("Added: Pane 2") for each in told)


async def test_tab_goes_through_a_field_as_it_is_drawn(driver: Driver, tmp_path: Path) -> None:
    workspace = driver.window.workspace
    workspace.show_comparison(comparison(REF, ModelRef.parse("lab/other")), {})
    drop(workspace.composer.editor.viewport(), *(written(tmp_path, f"{n}.txt", n.encode()) for n in ("a", "bb")))
    await driver.until(lambda: len(tiles(driver)) == 2)
    composer = workspace.composer
    composer.back.strip.put((Prompt("wait A"),))
    driver.pixels(composer)
    controls = tab_order.controls_of(composer)
    tops = [each.mapTo(composer, QPoint(0, each.height() // 2)).y() for each in controls]
    assert controls.index(composer.editor) > 3
    assert [round(each / 12) for each in tops] == sorted(round(each / 12) for each in tops)
    composer.editor.setFocus()
    driver.press("Shift+Tab")
    assert driver.focused.accessibleName().startswith("bb.txt")
    driver.press("Home")
    assert driver.focused.accessibleName().startswith("a.txt")
    driver.press("End")
    assert driver.focused.accessibleName().startswith("bb.txt")


async def test_a_press_beside_the_text_of_a_field_puts_the_keyboard_into_it(driver: Driver) -> None:
    composer = driver.window.pane.composer
    driver.window.sidebar.list.setFocus()
    QTest.mouseClick(composer.frame, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(4, 4))
    assert driver.focused is composer.editor


async def test_the_list_follows_the_chat_that_becomes_the_newest(
    services: Services, tasks: Tasks, themes: Themes
) -> None:
    chats = [spoken(f"Chat {hours}", "text", REF, hours) for hours in range(1, 9)]
    async with driven(services, tasks, themes, *chats, width=1000, height=400) as driver:
        rows = driver.window.sidebar.list
        await driver.open(chats[-1])
        rows.scrollTo(rows.entries.index(rows.entries.row_of(chats[-1].id)))
        driver.pixels(rows)
        assert rows.verticalScrollBar().value() > 0
        await driver.answered("Again?")
        first = rows.entries.index(1)
        await driver.until(lambda: rows.entries.row_of(chats[-1].id) == 1)
        assert rows.viewport().rect().intersects(rows.visualRect(first))


async def test_what_came_back_from_the_trash_is_said(
    services: Services, tasks: Tasks, themes: Themes, told: list[str]
) -> None:
    async with driven(services, tasks, themes, spoken("Chat", "text", REF, 1)) as driver:
        driver.window.desk.trash()
        await driver.until(lambda: driver.notices)
        driver.press("Ctrl+Alt+Z")
        assert "1 conversation was restored." in told


async def test_a_title_is_typed_to_its_end_whatever_the_list_hears_meanwhile(
    services: Services, tasks: Tasks, themes: Themes
) -> None:
    chats = [spoken(f"Chat {hours}", "text", REF, hours) for hours in range(1, 4)]
    async with driven(services, tasks, themes, *chats) as driver:
        library = driver.window.sidebar.library
        await driver.open(chats[-1])
        driver.window.sidebar.rename(chats[1].id)
        driver.press("Ctrl+A")
        driver.type("new na")
        await (await services.store()).conversations.rename(chats[-1].id, "Other")
        library.refresh()
        await driver.until(lambda: library.title(chats[-1].id) == "Other")
        driver.window.sidebar.mark_opened(chats[-1].id)
        driver.type("me")
        assert driver.window.pane.composer.text == ""
        driver.press("Return")
        await driver.until(lambda: library.title(chats[1].id) == "new name")
        assert any(each.startswith("Other") for each in driver.rows("Conversations"))
