"""After a full disk: once there is room what was refused is written, and nothing says any more that there is none."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import apsw
import pytest

from desktop.domain.comparison import Comparison
from desktop.domain.conversation_types import Message
from desktop.errors import StoreFull
from desktop.receipts.receipt import Receipt
from desktop.services import Services
from desktop.store.comparisons import Comparisons
from desktop.store.conversations import Conversations
from desktop.store.sqlite import database
from desktop.store.sqlite.sql import Sql
from desktop.store.store import Store
from desktop.text.phrases import english
from tests.ui.driver import driven
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.pane import disk_room


class FullDisk:
    """Refuses ends of answers, and any proof that there is room, while it is full."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full, self.looked, self.kept = True, 0, 0
        finish, prove = Conversations.finish, Store.prove_room

        async def finished(conversations: Conversations, message: Message, receipt: Receipt | None = None) -> None:
            self.refuse()
            await finish(conversations, message, receipt)
            self.kept += 1

        async def proved(store: Store) -> None:
            self.looked += 1
            self.refuse()
            await prove(store)

        monkeypatch.setattr(Conversations, "finish", finished)
        monkeypatch.setattr(Store, "prove_room", proved)

    def refuse(self) -> None:
        if self.full:
            raise StoreFull(english("The disk is full."))


async def test_once_there_is_room_the_answer_is_kept_and_the_notice_goes(
    services: Services, tasks: Tasks, themes: Themes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk_room, "LOOK_MS", 20)
    disk = FullDisk(monkeypatch)
    async with driven(services, tasks, themes) as driver:

        def full() -> Sequence[str]:
            return [each for each in driver.notices if "The disk is full." in each]

        await driver.answered("Hello")
        asked = driver.window.pane.conversation_id
        await driver.until(full)
        driver.window.desk.say_error(StoreFull(english("The disk is full. Nothing can be kept.")))
        driver.window.desk.new_chat()  # whatever is shown meanwhile
        await driver.until(lambda: disk.looked > 1)
        assert full()
        disk.full = False
        await driver.until(lambda: not full())
        kept = await (await services.store()).conversations.get(asked)
        assert [each.text for each in kept.path()] == ["Hello", "An answer."]


async def test_an_answer_whose_conversation_was_deleted_meanwhile_keeps_no_other_back(
    services: Services, tasks: Tasks, themes: Themes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk_room, "LOOK_MS", 20)
    disk = FullDisk(monkeypatch)
    async with driven(services, tasks, themes) as driver:
        store = await services.store()
        asked: list[str] = []
        for prompt in ("Hello", "Once more"):
            await driver.answered(prompt)
            asked.append(driver.window.pane.conversation_id)
            looked = disk.looked
            await driver.until(lambda looked=looked: disk.looked > looked + 1)
            driver.window.desk.new_chat()
        await store.conversations.purge(asked[:1])  # as another program does
        disk.full = False
        await driver.until(lambda: disk.kept)
        kept = await store.conversations.get(asked[1])
        assert [each.text for each in kept.path()] == ["Once more", "An answer."]
        looked = disk.looked
        with pytest.raises(TimeoutError):
            await driver.until(lambda: disk.looked > looked, 0.15)


async def test_what_waits_is_written_at_quit_once_there_is_room(
    services: Services, tasks: Tasks, themes: Themes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk_room, "LOOK_MS", 3_600_000)
    disk = FullDisk(monkeypatch)
    async with driven(services, tasks, themes) as driver:
        await driver.answered("Hello")
        asked = driver.window.pane.conversation_id
        await driver.until(lambda: [each for each in driver.notices if "The disk is full." in each])
        disk.full = False
        await driver.window.disk_room.write_now()
        kept = await (await services.store()).conversations.get(asked)
        assert [each.text for each in kept.path()] == ["Hello", "An answer."]


async def test_what_is_typed_to_all_panes_of_a_comparison_is_kept_once_there_is_room(
    services: Services, tasks: Tasks, themes: Themes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk_room, "LOOK_MS", 20)
    disk = FullDisk(monkeypatch)
    save = Comparisons.save

    refused: list[str] = []

    async def saved(comparisons: Comparisons, comparison: Comparison) -> bool:
        refused.append(comparison.draft)
        disk.refuse()
        return await save(comparisons, comparison)

    monkeypatch.setattr(Comparisons, "save", saved)
    async with driven(services, tasks, themes) as driver:
        driver.window.desk.new_comparison()
        driver.type("What is")
        await driver.until(lambda: [each for each in driver.notices if "The disk is full." in each])
        driver.type(" blue?")
        await driver.until(lambda: "What is blue?" in refused)
        shown = driver.window.desk.shown_id
        store = await services.store()
        assert not await store.comparisons.list()
        disk.full = False
        await driver.until(lambda: driver.window.sidebar.library.comparisons)
        assert (await store.comparisons.get(shown)).draft == "What is blue?"


async def test_a_comparison_that_went_to_the_trash_while_it_waited_stays_there(
    services: Services, tasks: Tasks, themes: Themes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk_room, "LOOK_MS", 20)
    disk = FullDisk(monkeypatch)
    disk.full = False
    save = Comparisons.save

    async def saved(comparisons: Comparisons, comparison: Comparison) -> bool:
        disk.refuse()
        return await save(comparisons, comparison)

    monkeypatch.setattr(Comparisons, "save", saved)
    async with driven(services, tasks, themes) as driver:
        library = driver.window.sidebar.library
        driver.window.desk.new_comparison()
        driver.type("What is")
        await driver.until(lambda: library.comparisons)
        shown = driver.window.desk.shown_id
        disk.full = True
        driver.type(" blue?")
        await driver.until(lambda: [each for each in driver.notices if "The disk is full." in each])
        library.trash(shown)
        await driver.until(lambda: not library.comparisons)
        disk.full = False
        await driver.until(lambda: not [each for each in driver.notices if "The disk is full." in each])
        assert not await (await services.store()).comparisons.is_listed(shown)


async def test_what_another_program_hinders_at_quit_is_tried_before_the_end(
    services: Services, tasks: Tasks, themes: Themes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "SHORT_S", 0.2)
    async with driven(services, tasks, themes) as driver:
        store = await services.store()
        other = Sql(apsw.Connection(str(store.path)))
        driver.window.desk.new_comparison()
        other.run("BEGIN IMMEDIATE")
        driver.type("What is blue?")
        driver.window.workspace.kept.flush()
        await asyncio.sleep(0.05)
        shown = driver.window.desk.shown_id
        quitting = asyncio.create_task(driver.window.disk_room.write_now())
        await asyncio.sleep(0.1)
        other.run("ROLLBACK")
        await quitting
        assert (await store.comparisons.get(shown)).draft == "What is blue?"
        other.close()


async def test_a_proof_of_room_changes_nothing(services: Services) -> None:
    store = await services.store()
    before = await store._database.read(lambda sql: sql.pragma("user_version"))
    await store.prove_room()
    assert await store._database.read(lambda sql: sql.pragma("user_version")) == before


async def test_without_a_free_megabyte_there_is_no_room(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    store = await services.store()

    def usage(path: Path) -> SimpleNamespace:
        assert path == store.path.parent
        return SimpleNamespace(free=4096)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    with pytest.raises(StoreFull):
        await store.prove_room()
