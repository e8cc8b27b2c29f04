"""Encrypting, decrypting, restoring and moving, killed at every step and at any moment: all is old or all is new."""

# ruff: noqa: ASYNC240 - these tests look at files, and nothing else runs in their loop

from __future__ import annotations

import asyncio
import errno
import os
import random
import shutil
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.errors import StoreCorrupt, StoreFull
from desktop.store.opening.store_opener import FILE, Options
from desktop.store.sqlite import backups, database_header
from desktop.store.store import Store
from desktop.text.phrases import english
from tests.desktop.store import made
from tests.desktop.store.conftest import Children
from tests.desktop.store.test_traces import SECRETS, traces
from tests.desktop.store.vaults import FileVault, MemoryVault

KILLS = int(os.environ.get("PARAGONE_TEST_KILLS", "20"))
MOST_STEPS = 40


ENCRYPTING = ("copied", "ready", "exchanged", "wiped", "done")
"""How the steps of encrypting begin, in order."""


def stopped(at: str, stop: Callable[[], None]) -> Options:
    """Options that do something the first time that a step comes whose name begins so."""
    left = [at]

    def step(name: str) -> None:
        if left and name.startswith(at):
            left.clear()
            stop()

    return Options(step=step)


def full() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
async def source(tmp_path: Path) -> Path:
    """A data folder with a secret, a backup of it, and something said since."""
    folder = tmp_path / "source"
    async with await Store.open(folder, clock=made.Clock()) as store:
        await store.conversations.create(made.said("Zanzibar", title="old"))
        await store.backup_daily()
        await store.conversations.create(made.said("Quokka", title="new"))
    (folder / "presets.toml").write_text("mine")
    return folder


async def whole(folder: Path, vault: Path, expected: set[str]) -> bool:
    """See that the data folder is as it was or as it was to be; whether it is encrypted."""
    async with await Store.open(folder, vault=FileVault(vault)) as store:
        assert store.notices == ()
        assert {found.title for found in await store.conversations.list()} == expected
        backups = await store.safety.backups()
        assert [backup.conversations for backup in backups] == [1]
        assert await store.conversations.create(made.said("and on"))
        on = store.encryption.on
    assert not (folder / "exchange").exists()
    if on:
        assert traces(folder) == set()
    else:
        assert {database_header.shape(path) for path in folder.rglob("*.db")} == {
            database_header.DatabaseShape.DATABASE
        }
    return on


async def test_encrypting_and_decrypting_killed_at_each_step(source: Path, tmp_path: Path, children: Children) -> None:
    ended: list[bool] = []
    folder = vault = tmp_path
    on = False
    for step in range(1, MOST_STEPS):
        folder, vault = tmp_path / f"on-{step}", tmp_path / f"vault-{step}"
        shutil.copytree(source, folder)
        done = children.start("encrypt", folder, vault, str(step)).communicate()[0].endswith("done\n")
        on = await whole(folder, vault, {"old", "new"})
        ended.append(on)
        if done:
            break
    assert on
    assert len(ended) > 6
    assert ended == sorted(ended)
    encrypted, keyring = folder, vault
    ended.clear()
    for step in range(1, MOST_STEPS):
        folder, vault = tmp_path / f"off-{step}", tmp_path / f"vault-off-{step}"
        shutil.copytree(encrypted, folder)
        shutil.copy(keyring, vault)
        done = children.start("encrypt", folder, vault, str(step)).communicate()[0].endswith("done\n")
        ended.append(not await whole(folder, vault, {"old", "new", "Sky"}))
        if done:
            break
    assert ended[-1]
    assert ended == sorted(ended)


@pytest.mark.slow
@pytest.mark.timeout(4 * (30 + 3 * KILLS))
async def test_encrypting_and_decrypting_killed_at_any_moment(source: Path, tmp_path: Path, children: Children) -> None:
    chance = random.Random(11)
    vault = tmp_path / "vault"
    expected = {"old", "new"}
    needed = 0.0
    for number in range(KILLS + 1):
        child = children.start("encrypt", source, vault, "0")
        assert child.stdout is not None
        assert child.stdout.readline() == "begun\n"
        begun = time.monotonic()
        if not number:  # how long it takes here, so that any moment of it may be the last
            assert child.stdout.readline() == "done\n"
            needed = time.monotonic() - begun
        time.sleep(chance.random() * needed)  # noqa: ASYNC251 - nothing else runs
        child.kill()
        child.wait()
        assert await whole(source, vault, expected) or number
        expected.add("Sky")


@pytest.mark.parametrize("at", ENCRYPTING)
async def test_a_key_that_encrypted_before_its_use_was_given_up_stays(folder: Path, at: str) -> None:
    """As when Ctrl-C comes while encryption is turned on: the files are written to the end, and their key is there."""
    vault, came, go = MemoryVault(), threading.Event(), threading.Event()

    def hold() -> None:
        came.set()
        assert go.wait(20)

    async with await Store.open(folder, vault=vault, options=stopped(at, hold)) as store:
        await store.conversations.create(made.said("Zanzibar"))
        new = await store.encryption.prepare()
        turning = asyncio.create_task(store.encryption.turn_on(new))
        assert await asyncio.to_thread(came.wait, 20)
        turning.cancel()
        with pytest.raises(asyncio.CancelledError):
            await turning
        giving_up = asyncio.create_task(store.encryption.give_up(new))
        await asyncio.sleep(0.05)
        go.set()
        await giving_up
    async with await Store.open(folder, vault=vault) as store:
        assert store.notices == ()
        assert store.encryption.on
        assert len(await store.search("Zanzibar")) == 1


@pytest.mark.parametrize("at", ENCRYPTING)
async def test_a_disk_that_is_full_amid_encrypting_takes_neither_the_key_nor_what_is_said_later(
    folder: Path, at: str
) -> None:
    vault = MemoryVault()
    async with await Store.open(folder, vault=vault, options=stopped(at, full)) as store:
        await store.conversations.create(made.said("Zanzibar"))
        await store.backup_daily()
        new = await store.encryption.prepare()
        with pytest.raises(StoreFull):
            await store.encryption.turn_on(new)
        await store.encryption.give_up(new)
        await store.conversations.create(made.said("Quokka"))
    async with await Store.open(folder, vault=vault) as store:
        assert store.notices == ()
        assert [len(await store.search(word)) for word in ("Zanzibar", "Quokka")] == [1, 1]
        assert (new.key.id in vault.items) is store.encryption.on is (at not in ("copied", "ready"))
    assert not (folder / "exchange").exists()


async def test_what_needs_room_is_made_before_the_exchange_is_certain(source: Path) -> None:
    """Else a full disk could stop it halfway, with some files exchanged and others not."""
    made: list[bool] = []

    def look() -> None:
        made.extend((source / "exchange" / "leaving" / each).is_dir() for each in ("", "backups"))

    async with await Store.open(source, vault=MemoryVault(), options=stopped("ready", look)) as store:
        await store.encryption.turn_on(await store.encryption.prepare())
    assert made == [True, True]


@pytest.mark.parametrize("at", ["ready", "exchanged", "kept", "done"])
async def test_a_disk_that_is_full_amid_restoring_loses_nothing_that_is_said_later(folder: Path, at: str) -> None:
    async with await Store.open(folder, options=stopped(at, full)) as store:
        await store.conversations.create(made.said("Zanzibar"))
        backup = await store.backup_daily()
        assert backup is not None
        with pytest.raises(StoreFull):
            await store.safety.restore(backup)
        await store.conversations.create(made.said("Quokka"))
    async with await Store.open(folder) as store:
        assert store.notices == ()
        assert [len(await store.search(word)) for word in ("Zanzibar", "Quokka")] == [1, 1]
    assert len(list(folder.glob(f"replaced-*/{FILE}"))) == (at != "ready")


async def test_restoring_killed_at_each_step(source: Path, tmp_path: Path, children: Children) -> None:
    ended: list[bool] = []
    for step in range(1, MOST_STEPS):
        folder = tmp_path / str(step)
        shutil.copytree(source, folder)
        (backup,) = (folder / "backups").iterdir()
        done = children.start("restore", folder, backup, str(step)).communicate()[0].endswith("done\n")
        async with await Store.open(folder) as store:
            assert store.notices == ()
            found = {each.title for each in await store.conversations.list()}
        assert found in ({"old"}, {"old", "new"})
        ended.append(found == {"old"})
        kept = list(folder.glob(f"replaced-*/{FILE}"))
        assert len(kept) == (1 if ended[-1] else 0)
        assert not (folder / "exchange").exists()
        if done:
            break
    assert ended[-1]
    assert len(ended) > 3
    assert ended == sorted(ended)


async def test_moving_killed_at_each_step(source: Path, tmp_path: Path, children: Children) -> None:
    for step in range(1, MOST_STEPS):
        folder, target = tmp_path / str(step) / "data", tmp_path / str(step) / "new place"
        shutil.copytree(source, folder)
        done = children.start("move", folder, target, str(step)).communicate()[0].endswith("done\n")
        pointer = folder.parent / "pointer"
        place = Path(pointer.read_text().strip()) if pointer.exists() else folder
        async with await Store.open(place) as store:
            assert store.notices == ()
            assert {each.title for each in await store.conversations.list()} - {"Sky"} == {"old", "new"}
            assert len(await store.safety.backups()) == 1
            if not pointer.exists():  # what was broken off is begun anew
                await store.safety.move(target, pointer)
        assert (target / "presets.toml").read_text() == "mine"
        async with await Store.open(target) as store:
            assert len(await store.conversations.list()) == (3 if done else 2)
        async with await Store.open(folder) as store:
            assert len(await store.conversations.list()) == 2
        if done:
            assert step > 3
            return
    pytest.fail("moving never ended")


def fail_to_sync_folders(monkeypatch: pytest.MonkeyPatch, code: int, folder: Path | None = None) -> list[int]:
    """Have the system fail to sync folders, or one; each time is noted."""
    sync, failed = os.fsync, list[int]()

    def fsync(descriptor: int) -> None:
        found = os.fstat(descriptor)
        if stat.S_ISDIR(found.st_mode) and (folder is None or os.path.samestat(found, folder.stat())):
            failed.append(code)
            raise OSError(code, os.strerror(code))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    return failed


@pytest.mark.skipif(os.name != "posix", reason="folders are not synced there")
async def test_a_disk_that_syncs_no_folders_keeps_all(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As some network disks are."""
    failed = fail_to_sync_folders(monkeypatch, errno.EINVAL)
    async with await Store.open(source, vault=MemoryVault()) as store:
        await store.backup(source / "backups" / "conversations-by-hand.db")
        await store.encryption.turn_on(await store.encryption.prepare())
        await store.encryption.turn_off()
        await store.safety.restore(source / "backups" / "conversations-by-hand.db")
        await store.safety.move(tmp_path / "new place", tmp_path / "pointer")
        assert {each.title for each in await store.conversations.list()} == {"old", "new"}
    assert len(failed) > 10


@pytest.mark.skipif(os.name != "posix", reason="folders are not synced there")
@pytest.mark.parametrize("marked", [False, True])
async def test_a_move_that_fails_after_it_is_said_is_done(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, marked: bool
) -> None:
    """What is said from then on is found at the next start, which looks in the new place."""
    target, place = tmp_path / "new place", tmp_path / "config"
    mark = target / ".moving"

    def stay(step: str) -> None:
        if step == "switched" and marked:
            mark.unlink()
            mark.mkdir()

    place.mkdir()
    failed = fail_to_sync_folders(monkeypatch, errno.EIO, place)
    async with await Store.open(source, options=Options(step=stay)) as store:
        await store.safety.move(target, place / "pointer")
        await store.conversations.create(made.said("after the move"))
    assert failed
    if marked:
        mark.rmdir()
    async with await Store.open(Path((place / "pointer").read_text().strip())) as store:
        assert len(await store.search("move")) == 1


async def test_what_was_set_aside_moves_too_into_a_folder_that_was_open_to_others(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "new place"
    target.mkdir()
    target.chmod(0o777)
    async with await Store.open(source) as store:
        (backup,) = await store.safety.backups()
        kept = await store.safety.restore(backup.path)
        await store.safety.move(target, tmp_path / "pointer")
        assert target.stat().st_mode & 0o777 == 0o700
        (aside,) = await store.safety.set_aside()
        assert aside.folder == target / kept.name
        assert (aside.folder / FILE).read_bytes() == (kept / FILE).read_bytes()
        shutil.rmtree(source)
        assert await store.safety.add_missing(aside.folder / FILE) == 1


async def test_a_copy_that_a_killed_run_left_is_gone_before_its_text_is_encrypted(
    source: Path, children: Children
) -> None:
    other = children.start("hold", source)
    assert other.stdout is not None
    other.stdout.readline()
    (backup,) = (source / "backups").iterdir()
    left, vault = backup.with_name(f".{backup.name}.4711.draft"), MemoryVault()
    async with await Store.open(source, vault=vault) as store:
        shutil.copy(backup, left)
        other.kill()
        other.wait()
        with left.open("rb") as opened:
            await store.encryption.turn_on(await store.encryption.prepare())
            assert not left.exists()
            assert not opened.read().strip(b"\0")
        assert traces(source) == set()
        shutil.copy(source / FILE, left)
    async with await Store.open(source, vault=vault):
        assert not left.exists()


async def test_a_file_that_does_not_arrive_whole_stops_the_move(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def torn(_path: Path, copy: Path) -> None:
        copy.write_text("mi")

    async with await Store.open(source) as store:
        monkeypatch.setattr(shutil, "copyfile", torn)
        with pytest.raises(StoreCorrupt, match="copied completely"):
            await store.safety.move(tmp_path / "new place", tmp_path / "pointer")
        assert store.safety.folder == source
    assert not (tmp_path / "pointer").exists()


async def test_a_backup_is_there_only_once_it_was_checked_through(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(_sql: object, pragma: str) -> None:
        if pragma == "integrity_check":
            raise StoreCorrupt(english("It is damaged."))

    monkeypatch.setattr(backups, "check", damaged)
    async with await Store.open(source) as store:
        with pytest.raises(StoreCorrupt):
            await store.backup(source / "backups" / "conversations-by-hand.db")
    assert [path.name for path in (source / "backups").iterdir()] == ["conversations-20260101.db"]


def test_the_secrets_are_those_that_the_source_holds(source: Path) -> None:
    assert {"Zanzibar", "Quokka"} <= {*SECRETS}
    assert {"Zanzibar", "Quokka"} <= traces(source)


async def test_where_a_backup_finds_no_room_the_place_that_has_none_is_named(source: Path, small_disk: Path) -> None:
    great = made.said("x" * 3_000_000)
    async with await Store.open(source) as store:
        await store.conversations.create(great)
        await store.backup(source.parent / "great.db")
    async with await Store.open(small_disk / "data") as store:
        for deed in (store.safety.add_missing, store.safety.restore):
            with pytest.raises(StoreFull) as caught:
                await deed(source.parent / "great.db")
            assert str(small_disk / "data") in caught.value.message
            assert "great.db" not in caught.value.message
