"""The blind round under way in the list of conversations: one neutral item, opened, left and discarded by keyboard."""

# ruff: noqa: ASYNC110 - the store tells nobody what is kept

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox

from desktop.services import Services
from tests.desktop.session.fakes import ScriptedProvider, said
from tests.ui.driver import Driver
from tests.ui.voting.conftest import Begin
from tests.ui.voting.test_blind_view import ask, votes
from ui.sidebar.list_view import ListView

ITEM = ["In progress", "Blind round, now"]


def conversations(driver: Driver) -> ListView:
    return driver.find(ListView, "Conversations")


async def question(driver: Driver) -> QMessageBox:
    """What is asked before anything is discarded."""
    found: list[QMessageBox] = []
    await driver.until(lambda: bool(found) or found.extend(driver.window.findChildren(QMessageBox)))
    return found[0]


async def kept_rounds(services: Services) -> list[str]:
    return [each.id for each in await (await services.store()).rounds.list()]


async def test_it_stands_there_from_the_shuffle_and_enter_leads_back(driver: Driver, begin: Begin) -> None:
    await begin(2)
    assert driver.rows("Conversations") == ITEM
    driver.type("Half a prompt")
    driver.press("Ctrl+N")
    assert not driver.sees("Prompt for this round")
    assert driver.rows("Conversations") == ITEM
    conversations(driver).setFocus(Qt.FocusReason.ShortcutFocusReason)
    driver.press("Return")
    await driver.until(lambda: driver.sees("Prompt for this round"))
    driver.press("Return")
    await driver.until(lambda: driver.sees("Your vote"))
    driver.press("Ctrl+N")
    conversations(driver).setFocus(Qt.FocusReason.ShortcutFocusReason)
    driver.press("Return")
    assert driver.sees("Your vote")
    driver.press("1")
    await driver.until(lambda: "".join(driver.rows("Conversations")[1:]).startswith("Half a prompt, Comparison, "))
    rows = driver.rows("Conversations")
    assert (rows[0], len(rows)) == ("Today", 2)


@pytest.mark.parametrize("how", ["click", "double-click", "menu"])
async def test_the_mouse_opens_it(driver: Driver, begin: Begin, how: str) -> None:
    await begin(2)
    await ask(driver)
    driver.press("Ctrl+N")
    rows = conversations(driver)
    place = rows.visualRect(rows.entries.index(1)).center()
    if how == "menu":
        rows.customContextMenuRequested.emit(place)
        assert [each.text() for each in driver.menu.actions()][:2] == ["Open", "Discard round…"]
        driver.choose("Open")
    else:
        driver.click(rows.viewport(), place)
        if how == "double-click":
            QTest.mouseDClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place))
    await driver.until(lambda: driver.sees("Your vote"))


async def test_delete_asks_and_discards_it_without_a_trace(
    driver: Driver, services: Services, provider: ScriptedProvider, begin: Begin
) -> None:
    provider.scripts[:] = [said("One."), [*said("Two.")[:1], None]]
    await begin(2)
    driver.type("Which is up?")
    driver.press("Return")
    await asyncio.wait_for(provider.waiting.wait(), 10)
    assert len(await kept_rounds(services)) == 1
    conversations(driver).setFocus(Qt.FocusReason.ShortcutFocusReason)
    driver.press("Delete")
    box = await question(driver)
    assert box.text() == "Discard this blind round?"
    QTest.keyClick(box, Qt.Key.Key_Escape)
    driver.come_back()
    assert driver.rows("Conversations") == ITEM
    conversations(driver).setFocus(Qt.FocusReason.ShortcutFocusReason)
    driver.press("Delete")
    (discard,) = (each for each in (await question(driver)).buttons() if each.text() == "Discard")
    discard.click()
    driver.come_back()
    await driver.until(lambda: not driver.rows("Conversations"))
    assert not driver.sees("Prompt for this round")
    async with asyncio.timeout(10):
        while provider.cancelled == 0 or await kept_rounds(services):
            await asyncio.sleep(0.01)
    store = await services.store()
    assert (await store.comparisons.list(), await store.conversations.list(), (await store.votes.list()).votes) == (
        (), (), (),
    )  # fmt: skip


async def test_a_round_without_a_prompt_ends_with_blind_rounds(driver: Driver, begin: Begin) -> None:
    await begin(2)
    driver.push("End blind rounds")
    assert not driver.rows("Conversations")
    assert driver.editor.hasFocus()


async def test_a_round_with_answers_goes_on_when_blind_rounds_are_left(driver: Driver, begin: Begin) -> None:
    await begin(2)
    await ask(driver)
    driver.push("End blind rounds")
    assert driver.rows("Conversations") == ITEM


async def test_it_is_neither_renamed_nor_dragged_nor_gone_to_as_a_chat(
    driver: Driver, services: Services, begin: Begin
) -> None:
    await begin(2)
    await ask(driver)
    rows = conversations(driver)
    rows.setFocus(Qt.FocusReason.ShortcutFocusReason)
    driver.press("F2")
    assert not driver.sees("Title")
    flags = rows.entries.flags(rows.entries.index(1))
    assert not flags & (Qt.ItemFlag.ItemIsDragEnabled | Qt.ItemFlag.ItemIsEditable)
    driver.press("Ctrl+PgDown")
    await asyncio.sleep(0.05)
    assert driver.sees("Your vote")
    assert not driver.notices
    del services


async def test_keys_begin_the_next_round_once_the_names_are_told(
    driver: Driver, services: Services, begin: Begin
) -> None:
    await begin(2)
    await ask(driver)
    driver.press("1")
    await driver.until(lambda: driver.sees("Next round"))
    driver.press("Ctrl+Shift+B")
    await driver.until(lambda: driver.sees("Prompt for this round"))
    assert len(await votes(services)) == 1
    QApplication.processEvents()
    assert driver.rows("Conversations")[:2] == ITEM


async def test_it_is_not_exported_before_its_reveal_which_is_said(driver: Driver, begin: Begin) -> None:
    await begin(2)
    await ask(driver)
    driver.press("Ctrl+Shift+S")
    await driver.until(lambda: "not been revealed yet" in "".join(driver.notices))
    assert not driver.window.findChildren(QDialog)


async def test_quitting_while_its_answers_arrive_asks_first(
    driver: Driver, begin: Begin, provider: ScriptedProvider
) -> None:
    provider.scripts = [[None], [None]]
    await begin(2)
    driver.type("Why?")
    driver.press("Return")
    await driver.until(lambda: len(provider.requests) == 2)
    driver.window.close()
    asked = await question(driver)
    assert asked.text() == "2 responses are still in progress"
    QTest.keyClick(asked, Qt.Key.Key_Escape)
    assert driver.window.isVisible()
    driver.window.quitting.session_ends()
