"""`storage backups` and `storage restore` work where a newer version wrote the database."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from desktop.errors import StoreError, StoreNewer
from desktop.store.store import Store
from tests.desktop.store import made
from tests.desktop.terminal.conftest import Desk, type_in
from tests.desktop.terminal.test_storage_command import keep, titles


@pytest.fixture
async def newer(desk: Desk) -> Desk:
    """A conversation of this version, then a start of a newer one."""
    await keep(desk)
    await desk.services.aclose()
    async with await Store.open(desk.services.paths.data, options=made.LATER):
        pass
    desk.services._store = None
    desk.look()
    return desk


async def test_backups_that_fit_are_listed_with_the_reason(newer: Desk) -> None:
    assert await newer.run("storage", "backups", "--json") == 0
    (backup,) = json.loads(newer.out)
    assert backup["conversations"] == 1
    assert "written by a newer version" in newer.err


async def test_the_newest_is_restored_after_the_question(newer: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(monkeypatch, "n\n")
    assert await newer.run("storage", "restore") == 1
    with pytest.raises(StoreNewer):
        await newer.services.store()
    assert await newer.run("storage", "restore", "--dry-run", "--json") == 0
    assert await newer.run("storage", "restore", "--yes") == 0
    assert "The database of the newer version is in" in newer.out
    assert await titles(newer) == {"why?"}


async def test_what_cannot_be_restored_is_refused(newer: Desk, tmp_path: Path) -> None:
    for words in (("--add",), (str(tmp_path / "none.db"),)):
        with pytest.raises(StoreError):
            await newer.run("storage", "restore", *words)
    for backup in (newer.services.paths.data / "backups").glob("*.db"):
        backup.unlink()
    with pytest.raises(StoreError, match="cannot read any of the backups"):
        await newer.run("storage", "restore", "--yes")
