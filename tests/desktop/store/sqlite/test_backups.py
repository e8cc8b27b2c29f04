# ruff: noqa: ASYNC240 - these tests look at files, and nothing else runs in their loop

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import apsw
import pytest

from desktop.domain.comparison import PaneState, new_comparison
from desktop.errors import StoreCorrupt, StoreError, StoreFull, StoreNewer
from desktop.store.backup.restore import Preview, Some
from desktop.store.migrations import MIGRATIONS, migrate
from desktop.store.records import insert
from desktop.store.sqlite import backups, sqlite_faults
from desktop.store.sqlite.sql import Sql
from desktop.store.store import Store
from desktop.transfer.importer import Importer
from tests.desktop.store import made
from tests.desktop.store.conftest import Children


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


async def test_backups_of_days_to_come_cost_none_of_those_that_are_made(folder: Path) -> None:
    """A week's worth with a clock that stood in 2099, then the right one again."""
    clock = made.Clock()
    right, clock.at = clock.at, clock.at.replace(year=2099)
    async with await Store.open(folder, clock=clock) as store:
        for _ in range(7):
            assert await store.backup_daily() is not None
            clock.at += timedelta(days=1)
        clock.at = right
        for day in range(1, 9):
            backup = await store.backup_daily()
            assert backup is not None
            kept = sorted(path.name for path in backup.parent.iterdir())
            assert backup.name in kept
            assert len(kept) == 7
            assert len([name for name in kept if name < "conversations-2099"]) == min(day, 7)
            clock.at += timedelta(days=1)


async def test_the_last_backup_before_a_database_was_set_aside_stays(folder: Path) -> None:
    """Those that are made afterwards lack what was lost with it."""
    clock = made.Clock()
    async with await Store.open(folder, clock=clock) as store:
        good = await store.backup_daily()
        assert good is not None
        clock.at += timedelta(days=1)
        aside = folder / f"broken-{clock.at:%Y%m%d-%H%M%S}"
        aside.mkdir()
        for _ in range(9):
            await store.backup_daily()
            clock.at += timedelta(days=1)
        kept = [path.name for path in good.parent.iterdir()]
        assert (good.name in kept, len(kept)) == (True, 8)
        aside.rmdir()
        await store.backup_daily()
        assert not good.exists()


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
        assert await store.safety.add_missing(backup) == 2
        assert await store.safety.add_missing(backup) == 0
        assert await store.conversations.get(kept.id) == kept
        assert [one.id for one in await store.conversations.list(trashed=True)] == [binned.id]
        assert len(await store.conversations.list()) == 2
        assert [hit.message_id for hit in await store.search("東")] == [question.id]
    assert backup.read_bytes() == before
    assert list(backup.parent.iterdir()) == [backup]


async def test_pins_archive_tags_and_comparisons_come_back_too(folder: Path) -> None:
    kept, other = made.said("kept"), made.said("other")
    comparison = new_comparison((PaneState(conversation=kept.id, model=kept.model),))
    async with await Store.open(folder, clock=made.Clock()) as store:
        await store.conversations.create_all(
            [kept, other], pinned=[kept.id], archived=[other.id], tags={kept.id: ["Work"]}
        )
        await store.comparisons.save(comparison)
        backup = await store.backup_daily()
        assert backup is not None
        await store.conversations.purge([kept.id, other.id])
        assert not await store.comparisons.list()
        assert await store.safety.add_missing(backup) == 2
        found = {each.id: each for each in await store.conversations.list()}
        assert (found[kept.id].pinned, found[kept.id].tags, found[other.id].archived) == (True, ("Work",), True)
        assert [each.id for each in await store.comparisons.list()] == [comparison.id]


async def test_what_is_no_backup_is_refused_and_the_store_goes_on(store: Store, tmp_path: Path) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("notes")
    with pytest.raises(StoreCorrupt):
        await store.safety.add_missing(other)
    with pytest.raises(StoreError):
        await store.safety.add_missing(tmp_path / "missing.db")
    async with await Store.open(tmp_path / "newer", options=made.LATER) as newer:
        await newer.backup(tmp_path / "newer.db")
    with pytest.raises(StoreNewer):
        await store.safety.add_missing(tmp_path / "newer.db")
    assert await store.conversations.create(made.said("on"))
    assert not store._database.damaged


async def test_what_is_slow_holds_up_neither_reading_nor_writing(store: Store) -> None:
    going = threading.Event()
    slow = asyncio.ensure_future(store._database.beside(lambda: going.wait(10)))
    backup = asyncio.ensure_future(store.backup(store.path.with_name("copy.db")))
    await store.conversations.create(made.said("meanwhile"))
    assert len(await store.conversations.list()) == 1
    assert not backup.done()
    going.set()
    assert await slow
    await backup


async def test_a_copy_that_is_to_stop_leaves_nothing(store: Store, tmp_path: Path) -> None:
    await store.conversations.create(made.said("kept"))
    target = tmp_path / "copies" / "conversations-20260101.db"
    source = Sql(apsw.Connection(str(store.path), flags=apsw.SQLITE_OPEN_READONLY))
    with pytest.raises(apsw.InterruptError):
        backups.copy(source, target, stop=lambda: True)
    source.close()
    assert list(target.parent.iterdir()) == []


async def test_the_end_gives_a_backup_up(folder: Path) -> None:
    store = await Store.open(folder)
    await store.conversations.create(made.said("kept"))
    going = threading.Event()
    slow = asyncio.ensure_future(store._database.beside(lambda: going.wait(10)))
    backup = asyncio.ensure_future(store.backup_daily())
    await asyncio.sleep(0)
    ending = asyncio.ensure_future(store.aclose())
    await asyncio.sleep(0)
    going.set()
    with pytest.raises(StoreError, match="canceled because Paragone is closing"):
        await backup
    await ending
    assert await slow
    assert list((folder / "backups").iterdir()) == []


async def test_a_preview_says_what_would_come_back_change_and_be_lost(store: Store, folder: Path) -> None:
    same, changed, gone = (made.said("x", title=title) for title in ("same", "changed", "gone"))
    for talk in (same, changed, gone):
        await store.conversations.create(talk)
    backup = await store.backup_daily()
    assert backup is not None
    before = backup.read_bytes()
    await store.conversations.rename(changed.id, "changed since")
    await store.conversations.purge([gone.id])
    for number in range(7):
        await store.conversations.create(made.said("x", title=f"new {number}"))
    found = await store.safety.preview(backup)
    assert (found.added, found.changed) == (Some(1, ("gone",)), Some(1, ("changed since",)))
    assert (found.lost.number, len(found.lost.titles)) == (7, 5)
    assert backup.read_bytes() == before
    aside = await store.safety.restore(backup)
    assert await store.safety.preview(backup) == Preview(Some(0, ()), Some(0, ()), Some(0, ()))
    assert (await store.safety.preview(aside / "conversations.db")).added.number == 7
    assert await store.conversations.create(made.said("and on"))
    assert [path.name for path in folder.glob("replaced-*/*") if path.suffix == ".db"] == ["conversations.db"]


async def test_a_backup_of_an_older_version_is_previewed_and_restored(folder: Path) -> None:
    async with await Store.open(folder) as store:
        await store.conversations.create(made.said("kept"))
    old = folder / "backups" / "conversations-v1-20250101-000000.db"
    old.parent.mkdir()
    old.touch(0o600)
    sql = Sql(apsw.Connection(str(old)))
    migrate(sql, MIGRATIONS[:1])
    insert.insert(sql, made.said("of old", title="old"))
    sql.close()
    async with await Store.open(folder) as store:
        (listed,) = await store.safety.backups()
        assert listed.conversations == 1
        assert (await store.safety.preview(old)).added == Some(1, ("old",))
        await store.safety.restore(old)
        assert [found.title for found in await store.conversations.list()] == ["old"]
        await store.conversations.pin([(await store.conversations.list())[0].id])


async def test_a_damaged_backup_is_listed_and_restores_nothing(store: Store, folder: Path) -> None:
    await store.conversations.create(made.said("kept"))
    backup = await store.backup_daily()
    assert backup is not None
    held = bytearray(backup.read_bytes())
    held[4096:] = bytes(len(held) - 4096)
    backup.write_bytes(held)
    (listed,) = await store.safety.backups()
    assert listed.conversations is None
    with pytest.raises(StoreError):
        await store.safety.restore(backup)
    assert len(await store.conversations.list()) == 1
    assert not (folder / "exchange").exists()
    assert await store.conversations.create(made.said("and on"))


async def test_a_backup_in_a_folder_that_cannot_be_written_brings_back_what_is_missing(
    folder: Path, tmp_path: Path
) -> None:
    """Nothing of it is copied beside it, where everybody may look."""
    place = tmp_path / "stick" / "kept.db"
    async with await Store.open(folder) as store:
        talk = made.said("Zanzibar")
        await store.conversations.create(talk)
        await store.backup(place)
        await store.conversations.purge([talk.id])
        place.with_name(f".{place.name}.reading").mkdir()  # root may write wherever it wants
        place.parent.chmod(0o500)
        assert await store.safety.add_missing(place) == 1
        assert [path.name for path in (folder / "backups").iterdir()] == []
    place.parent.chmod(0o700)


def dangling(path: Path) -> None:
    path.symlink_to("nowhere")


@pytest.mark.skipif(os.name != "posix", reason="there are none of these")
@pytest.mark.parametrize("other", [Path.mkdir, os.mkfifo, dangling])
async def test_what_is_no_backup_is_not_listed_and_hinders_none(folder: Path, other: Callable[[Path], None]) -> None:
    (folder / "backups").mkdir(parents=True)
    other(folder / "backups" / "conversations-20200101.db")
    (folder / "broken-notes").write_text("mine")
    (folder / "broken-20260101-000000").mkdir()
    other(folder / "broken-20260101-000000" / "x.db")
    async with await Store.open(folder, clock=made.Clock()) as store:
        backup = await store.backup_daily()
        assert [each.path for each in await store.safety.backups()] == [backup]
        assert [each.plain for each in await store.safety.set_aside()] == [False]
    assert backups.newest(folder / "backups") == backup


@pytest.mark.parametrize("at", [-99_999_999_999, 253_402_300_805, 2**40])
async def test_a_backup_of_a_time_outside_the_calendar_is_listed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    stat = Path.stat

    def odd(path: Path, **options: bool) -> os.stat_result:
        found = stat(path, **options)
        return os.stat_result((*found[:7], at, at, at)) if path.suffix == ".db" else found

    async with await Store.open(folder, clock=made.Clock()) as store:
        backup = await store.backup_daily()
        monkeypatch.setattr(Path, "stat", odd)
        (listed,) = await store.safety.backups()
    assert listed.path == backup
    assert listed.made_at.astimezone().year in {1969, 1970, 9999}


async def test_the_database_in_use_is_no_backup_and_no_import(folder: Path, children: Children) -> None:
    """Reading it would give up this process's locks there, and another run would take what is said afterwards away."""
    async with await Store.open(folder) as store:
        await store.conversations.create(made.said("before"))
        link = folder / "link.db"
        link.symlink_to(store.path)
        for ask in (store.safety.preview, store.safety.restore, store.safety.add_missing):
            for path in (store.path, link):
                with pytest.raises(StoreError, match="in use"):
                    await ask(path)
        (report,) = (await Importer(store, [store.path]).look()).files
        assert "in use" in report.problem
        assert children.start("create", folder).communicate()[0] == "done\n"
        await store.conversations.create(made.said("after"))
    async with await Store.open(folder) as store:
        assert len(await store.conversations.list()) == 3


@pytest.mark.skipif(os.name != "posix", reason="limits are POSIX's")
async def test_a_copy_that_meets_a_limit_of_size_is_said_to_have_no_room(store: Store, tmp_path: Path) -> None:
    import resource

    await store.conversations.create(made.said("word " * 50_000))
    sql = Sql(apsw.Connection(str(store.path)))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200 << 10, limits[1]))
    try:
        with pytest.raises(StoreFull), sqlite_faults.typed(tmp_path):
            backups.copy(sql, tmp_path / "to" / "copy.db")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        sql.close()
