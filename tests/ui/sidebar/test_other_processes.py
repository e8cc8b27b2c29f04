"""What another process writes into the store is listed in the open window soon afterwards."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QListView
from pytestqt.qtbot import QtBot

from desktop.services import Services
from desktop.store.store import Store
from tests.desktop.store import made
from tests.ui.driver import Driver, driven
from ui.base.tasks import Tasks
from ui.base.theme import Themes


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[Driver]:
    """A window with a new chat."""
    del qtbot
    async with driven(services, tasks, themes) as opened:
        yield opened


async def test_an_import_by_another_process_is_listed_within_two_seconds(driver: Driver, services: Services) -> None:
    path = (await services.store()).path
    for title in ("First", "Second"):
        async with await Store.open(path.parent) as other:
            await other.conversations.create(made.conversation(made.prompt("Sky?"), title=title))
        began = time.monotonic()
        await driver.until(
            lambda title=title: any(row.startswith(f"{title}, ") for row in driver.rows("Conversations"))
        )
        assert time.monotonic() - began < 2
    assert driver.find(QListView, "Conversations").model().rowCount() == 3


async def test_what_a_store_writes_itself_is_no_change_by_another(tmp_path: Path) -> None:
    async with await Store.open(tmp_path / "data") as own, await Store.open(tmp_path / "data") as other:
        before = await own.version()
        await own.conversations.create(made.said("own"))
        assert await own.version() == before
        await other.conversations.create(made.said("other"))
        assert await own.version() != before
