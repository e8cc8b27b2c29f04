from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from desktop.errors import StoreCorrupt, StoreError, StoreNewer
from desktop.store.store import Store
from tests.desktop.store import made


async def test_a_backup_is_made_once_a_day_and_seven_are_kept(folder: Path) -> None:
    clock = made.Clock()
    async with await Store.open(folder, clock=clock) as store:
        migration = folder / "backups" / "conversations-v1-20250101-000000.db"
        for _ in range(9):
            assert await store.backup_daily() is not None
            assert await store.backup_daily() is None
            migration.touch()
            clock.at += timedelta(days=1)
        names = sorted(path.name for path in (folder / "backups").iterdir())
    assert names == [*(f"conversations-2026010{day}.db" for day in range(3, 10)), migration.name]


async def test_a_damaged_database_is_replaced_and_its_backup_brings_all_back(folder: Path) -> None:
    question = made.prompt("kept 東京")
    kept, binned = made.conversation(question, made.answer(question, "x", made.Status.COMPLETE)), made.said("binned")
    async with await Store.open(folder, clock=made.Clock()) as store:
        await store.conversations.create(kept)
        await store.conversations.create(binned)
        await store.conversations.trash([binned.id])
        backup = await store.backup_daily()
    assert backup is not None
    before = backup.read_bytes()
    (folder / "conversations.db").write_bytes(b"flipped")
    async with await Store.open(folder, clock=made.Clock()) as store:
        assert str(backup) in store.notices[0]
        await store.conversations.create(made.said("since then"))
        assert await store.restore_backup(backup) == 2
        assert await store.restore_backup(backup) == 0
        assert await store.conversations.get(kept.id) == kept
        assert [one.id for one in await store.conversations.list(trashed=True)] == [binned.id]
        assert len(await store.conversations.list()) == 2
        assert [hit.message_id for hit in await store.search("東")] == [question.id]
    assert backup.read_bytes() == before
    assert list(backup.parent.iterdir()) == [backup]


async def test_what_is_no_backup_is_refused_and_the_store_goes_on(store: Store, tmp_path: Path) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("notes")
    with pytest.raises(StoreCorrupt):
        await store.restore_backup(other)
    with pytest.raises(StoreError):
        await store.restore_backup(tmp_path / "missing.db")
    async with await Store.open(tmp_path / "newer", options=made.LATER) as newer:
        await newer.backup(tmp_path / "newer.db")
    with pytest.raises(StoreNewer):
        await store.restore_backup(tmp_path / "newer.db")
    assert await store.conversations.create(made.said("on"))
    assert not store._database.damaged
