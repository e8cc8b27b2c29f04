"""A comparison goes to the trash with its chats and comes back with them; a pane goes with its chat."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListView, QMessageBox
from pytestqt.qtbot import QtBot

from desktop.domain.comparison import Comparison, PaneState, new_comparison
from desktop.domain.conversation_types import Conversation, now
from desktop.services import Services
from tests.desktop.session.fakes import REF, ScriptedProvider, said
from tests.ui.driver import Driver, driven
from tests.ui.pane.conftest import talk
from ui.base.tasks import Tasks
from ui.base.theme import Themes


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[Driver]:
    """A window with an empty conversation with the scripted model."""
    del qtbot
    async with driven(services, tasks, themes) as made:
        made.window.workspace.start_new(REF)
        yield made


async def compared(driver: Driver, services: Services, *, own: bool = False) -> tuple[Comparison, list[Conversation]]:
    """A comparison of two chats, open and listed; one that they are older than where they were chats of their own."""
    talks = [await talk(services, ("Sky?", "Blue.")), await talk(services, ("Sky?", "Grey."))]
    made = new_comparison(tuple(PaneState(conversation=each.id, model=REF, said=True) for each in talks))
    begun = now() if own else talks[0].created_at - timedelta(hours=1)
    made = msgspec.structs.replace(made, title="Weather", created_at=begun)
    await (await services.store()).comparisons.save(made)
    driver.window.sidebar.library.load()
    await driver.until(lambda: "Weather" in titles(driver))
    driver.window.desk.open_comparison(made.id)
    await driver.until(lambda: driver.window.desk.shown_id == made.id)
    return made, talks


def titles(driver: Driver) -> list[str]:
    model = driver.find(QListView, "Conversations").model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


async def there(services: Services) -> tuple[set[str], set[str]]:
    """The ids of the chats, and of the comparisons, outside the trash."""
    store = await services.store()
    chats, held = await store.conversations.list(), await store.comparisons.list()
    return {each.id for each in chats}, {each.id for each in held}


async def test_a_comparison_goes_with_its_chats_and_undo_brings_all_back(driver: Driver, services: Services) -> None:
    made, talks = await compared(driver, services)
    driver.window.desk.trash()
    await driver.until(lambda: driver.notices == ["“Weather” is in the trash."])
    assert titles(driver) == []
    assert await there(services) == (set(), set())
    driver.push("Undo")
    await driver.until(lambda: driver.window.desk.shown_id == made.id and "Weather" in titles(driver))
    assert await there(services) == ({each.id for each in talks}, {made.id})
    assert [len(driver.messages(place)) for place in range(2)] == [2, 2]


async def test_it_is_one_row_of_the_trash_and_is_restored_from_there_or_deleted_with_its_chats(
    driver: Driver, services: Services
) -> None:
    made, talks = await compared(driver, services)
    driver.window.sidebar.show_trash(shown=True)
    for deleted in (False, True):
        driver.window.desk.trash()
        await driver.until(lambda: titles(driver)[:1] == ["Trash (items kept for 30 days)"])
        assert titles(driver)[1:] == ["Weather"]
        if deleted:
            driver.window.sidebar.library.marking.purge([made.id])
            await driver.until(lambda: titles(driver) == [])
        else:
            driver.window.sidebar.list.restore_asked.emit([made.id])
            await driver.until(lambda: "Today" in "".join(titles(driver)) or titles(driver)[-1] == "Weather")
            await driver.until(lambda: "Trash (items kept for 30 days)" not in titles(driver))
            assert await there(services) == ({each.id for each in talks}, {made.id})
            driver.window.desk.open_comparison(made.id)
            await driver.until(lambda: driver.window.desk.shown_id == made.id)
    store = await services.store()
    assert await store.conversations.list(trashed=True) == await store.comparisons.list(trashed=True) == ()


@pytest.mark.parametrize("button", ["Keep chats", "Move to trash", "Cancel"])
async def test_chats_that_are_older_than_the_comparison_are_asked_about(
    driver: Driver, services: Services, button: str
) -> None:
    made, talks = await compared(driver, services, own=True)
    driver.window.desk.trash()
    await driver.until(lambda: driver.window.sidebar.findChildren(QMessageBox))
    (box,) = driver.window.sidebar.findChildren(QMessageBox)
    assert (box.text(), box.informativeText()) == (
        "Move 2 chats to the trash too?",
        "These chats are older than the comparison.",
    )
    assert await there(services) == ({each.id for each in talks}, {made.id})
    QTest.mouseClick(next(each for each in box.buttons() if each.text() == button), Qt.MouseButton.LeftButton)
    driver.come_back()
    if button == "Cancel":
        assert await there(services) == ({each.id for each in talks}, {made.id})
        return
    await driver.until(lambda: driver.notices == ["“Weather” is in the trash."])
    kept = {each.id for each in talks} if button == "Keep chats" else set[str]()
    assert await there(services) == (kept, set())
    await driver.until(lambda: titles(driver).count("Sky?") == len(kept))


@pytest.mark.parametrize("slow", ["conversations.restore", "comparisons.save", "comparisons.get"])
async def test_a_pane_whose_chat_goes_to_the_trash_comes_back_by_undo_also_from_elsewhere(
    driver: Driver, services: Services, monkeypatch: pytest.MonkeyPatch, slow: str
) -> None:
    """Once, whichever of what happens then takes long."""
    made, talks = await compared(driver, services)
    room, name = slow.split(".")
    held = getattr(await services.store(), room)
    at_once = getattr(held, name)

    async def slowly(*args: object) -> object:
        await asyncio.sleep(0.3)
        return await at_once(*args)

    monkeypatch.setattr(held, name, slowly)
    driver.window.sidebar.library.trash(talks[0].id)
    await driver.until(lambda: len(driver.window.workspace.line) == 1)
    assert "Grey." in "".join(driver.messages())
    driver.window.desk.open_conversation(talks[1].id)
    await driver.until(lambda: driver.window.workspace.comparison is None)
    driver.press("Ctrl+Alt+Z")
    await driver.until(lambda: driver.window.desk.shown_id == made.id and len(driver.window.workspace.line) == 2)
    assert [pane.conversation_id for pane in driver.window.workspace.line] == [each.id for each in talks]


async def test_a_comparison_that_is_opened_leaves_out_the_chats_that_went_to_the_trash_meanwhile(
    driver: Driver, services: Services, provider: ScriptedProvider
) -> None:
    made, talks = await compared(driver, services)
    driver.press("Ctrl+N")
    driver.window.sidebar.library.trash(talks[0].id)
    await driver.until(lambda: any("in the trash" in each for each in driver.notices))
    driver.window.desk.open_comparison(made.id)
    await driver.until(lambda: driver.window.desk.shown_id == made.id)
    assert [pane.conversation_id for pane in driver.window.workspace.line] == [talks[1].id]
    provider.scripts = [said("yes")]
    driver.ask("And now?")
    await driver.until(lambda: len(driver.messages()) == 4 and not driver.window.workspace.is_answering)


async def test_a_comparison_in_the_trash_is_restored_before_it_is_opened(driver: Driver, services: Services) -> None:
    made, _ = await compared(driver, services)
    driver.window.sidebar.library.trash(made.id)
    driver.window.sidebar.show_archive(shown=False)
    driver.window.sidebar.show_trash(shown=True)
    await driver.until(lambda: driver.window.sidebar.library.trashed_comparisons)
    driver.window.desk.open_conversation(made.id)
    assert driver.notices[-1].startswith("“Weather” is in the trash. To open it, restore it first.")
    driver.push("Restore")
    await driver.until(lambda: driver.window.sidebar.library.comparison(made.id) is not None)
    driver.window.desk.open_conversation(made.id)
    await driver.until(lambda: driver.window.desk.shown_id == made.id)
