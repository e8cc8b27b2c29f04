"""What a press leaves behind: where the keyboard stands then, and what is called how."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QPushButton, QToolButton

from desktop.domain.comparison import PaneState, new_comparison
from desktop.domain.conversation_types import Role
from desktop.errors import RateLimited
from desktop.services import Services
from desktop.text.phrases import english
from tests.desktop.session.fakes import REF, ScriptedProvider, said
from tests.desktop.store.made import conversation, message
from tests.ui.driver import Driver, driven
from tests.ui.window.test_reading_keys import chat
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.transcript.list.message_list import MessageList

OLD = "An old draft that nobody wants to send"


def is_read(driver: Driver) -> bool:
    """Whether the keyboard is on the messages."""
    return isinstance(QApplication.focusWidget(), MessageList)


async def test_after_undo_of_a_deletion_enter_sends_no_old_draft(
    services: Services, tasks: Tasks, themes: Themes, provider: ScriptedProvider
) -> None:
    talk = chat("Long", 3)
    async with driven(services, tasks, themes, talk) as driver:
        driver.write(OLD)
        driver.window.desk.trash()
        await driver.until(lambda: any("trash" in each for each in driver.notices))
        undo = driver.button("Undo")
        undo.setFocus()
        QTest.keyClick(undo, Qt.Key.Key_Space)
        await driver.until(lambda: driver.window.desk.shown_id == talk.id and driver.messages())
        await driver.until(lambda: is_read(driver))
        driver.press("Return")
        assert provider.requests == []
        driver.press("Escape")
        driver.type("!")
        assert driver.editor.toPlainText() == f"{OLD}!"


async def test_after_retry_enter_sends_no_old_draft(
    services: Services, tasks: Tasks, themes: Themes, provider: ScriptedProvider
) -> None:
    provider.scripts[:] = [[RateLimited(english("Too many."))], said("Good.")]
    async with driven(services, tasks, themes) as driver:
        await driver.answered("Hello")
        driver.write(OLD)
        retry = driver.button("Retry")
        retry.setFocus()
        QTest.keyClick(retry, Qt.Key.Key_Space)
        await driver.until(lambda: not driver.window.workspace.is_answering and "Good." in driver.messages()[-1])
        assert is_read(driver)
        driver.press("Return")
        assert len(provider.requests) == 2
        assert driver.editor.toPlainText() == OLD


async def test_a_notice_that_is_dismissed_by_key_leaves_the_keyboard_where_enter_sends_nothing(
    services: Services, tasks: Tasks, themes: Themes, provider: ScriptedProvider
) -> None:
    async with driven(services, tasks, themes, chat("Long", 3)) as driver:
        driver.write(OLD)
        driver.window.desk.say("Something was said.")
        (dismiss,) = [each for each in driver.window.notices.findChildren(QToolButton) if each.isVisible()]
        dismiss.setFocus()
        QTest.keyClick(dismiss, Qt.Key.Key_Space)
        assert is_read(driver)
        driver.press("Return")
        assert provider.requests == []


@pytest.mark.parametrize(("key", "row", "at_end"), [("Down", -1, True), ("End", -1, True), ("Up", 0, False)])
async def test_a_key_that_leads_to_the_current_message_brings_it_back_into_view(
    services: Services, tasks: Tasks, themes: Themes, key: str, row: int, at_end: bool
) -> None:
    async with driven(services, tasks, themes, chat("Long", 30)) as driver:
        shown = driver.transcript()
        shown.setFocus()
        driver.press("End" if row else "Home")
        here = shown.currentIndex().row()
        shown.scroll_by(-900 if row else 900)
        assert here not in {each.row for each in shown.placed}
        driver.press(key)
        assert shown.currentIndex().row() == here
        assert here in {each.row for each in shown.placed}
        assert shown.at_end is at_end


async def test_merged_answers_are_called_after_what_was_asked_in_their_own_turn(
    services: Services, tasks: Tasks, themes: Themes
) -> None:
    talks = [
        conversation(
            first := message(Role.USER, "What is the capital?"),
            answer := message(Role.ASSISTANT, f"Canberra, says {name}.", first),
            second := message(Role.USER, "And how large is it?", answer),
            message(Role.ASSISTANT, f"Large, says {name}.", second),
        )
        for name in ("one", "two")
    ]
    async with driven(services, tasks, themes) as driver:
        states = tuple(PaneState(conversation=each.id, model=REF) for each in talks)
        driver.window.workspace.show_comparison(new_comparison(states), {each.id: each for each in talks})
        driver.press("Ctrl+Shift+M")
        assert driver.find(QComboBox, "Turn").currentText().startswith("2:")
        popover = driver.window.merging.popover
        assert popover is not None
        (merge,) = (each for each in popover.findChildren(QPushButton) if each.text() == "Merge")
        driver.click(merge)
        await driver.until(lambda: not driver.window.workspace.is_answering)
        panel = driver.window.merging.panel
        assert panel is not None
        assert panel.pane.conversation.title == "Merged: And how large is it?"


async def test_a_row_is_opened_by_the_click_that_leaves_the_search(
    services: Services, tasks: Tasks, themes: Themes
) -> None:
    """The chips below the field stay until the button is released: the rows do not move from under the mouse."""
    async with driven(services, tasks, themes, chat("Sea", 1), chat("Sky", 1)) as driver:
        box = driver.window.sidebar.finding
        driver.click(box.field)
        await driver.until(box.chips.isVisible)
        rows = driver.window.sidebar.list
        model = rows.model()
        (row,) = (n for n in range(model.rowCount()) if str(model.index(n, 0).data()).startswith("Sky"))
        place = rows.visualRect(model.index(row, 0)).center()
        left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        on_screen = rows.viewport().mapToGlobal(place)
        QTest.mousePress(rows.viewport(), left, none, place)
        QTest.qWait(80)
        QTest.mouseRelease(rows.viewport(), left, none, rows.viewport().mapFromGlobal(on_screen))
        await driver.until(lambda: driver.window.pane.conversation.title == "Sky")
        QTest.qWait(60)
        assert box.chips.isVisible()  # a second press, of a double click, meets the same row
        await driver.until(lambda: not box.chips.isVisible())
