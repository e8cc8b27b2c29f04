"""Encryption at rest: check 36 of the storage, and what a lost or changed key does."""

# ruff: noqa: ASYNC240 - these tests look at files, and nothing else runs in their loop

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from desktop.domain.message_parts import PartKind
from desktop.errors import (
    KeyringLocked,
    KeyringMissing,
    RecoveryCodeWrong,
    StoreBusy,
    StoreError,
    StoreLocked,
    StoreNewer,
    StoreReadOnly,
)
from desktop.store.encryption import encryption
from desktop.store.migrations import MIGRATIONS
from desktop.store.opening import keyfiles, recovery_codes
from desktop.store.opening.store_opener import Options
from desktop.store.sqlite import database_header
from desktop.store.sqlite.cipher import Key
from desktop.store.sqlite.sql import Sql
from desktop.store.store import Store
from desktop.text.phrases import english
from tests.desktop.store import made
from tests.desktop.store.conftest import Children
from tests.desktop.store.disks import WatchedDisk
from tests.desktop.store.opening.test_store_opener import FILE, content, crashed
from tests.desktop.store.test_traces import keep_secrets, traces
from tests.desktop.store.vaults import FileVault, LockedVault, MemoryVault
from tests.fork_server import Run


async def encrypted(folder: Path, vault: MemoryVault, options: Options | None = None) -> str:
    """Make an encrypted database of one conversation and return the recovery code."""
    async with await Store.open(folder, clock=made.Clock(), vault=vault, options=options) as store:
        await store.conversations.create(made.said("kept Zanzibar"))
        new = await store.encryption.prepare()
        await store.encryption.turn_on(new)
    return new.code


def log_left(folder: Path, vault: MemoryVault, copy: Path, version: int = len(MIGRATIONS)) -> Path:
    """A copy of a data folder whose schema's version stands in the log alone, without the index of the log."""
    key = Key.from_text(next(iter(vault.items.values())))
    assert key is not None
    connection = apsw.Connection(str(folder / FILE))
    key.apply(connection)
    Sql(connection).pragma("user_version", version)
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("*-shm"))
    connection.close()
    return copy


async def titles(folder: Path, vault: MemoryVault) -> list[str]:
    async with await Store.open(folder, vault=vault) as store:
        assert store.notices == ()
        return [found.title for found in await store.conversations.list()]


async def test_no_file_holds_text_before_while_or_after_it_streams(folder: Path) -> None:
    """Check 36."""
    vault = MemoryVault()
    async with await Store.open(folder, clock=made.Clock(), vault=vault) as store:
        for number in range(4):
            await keep_secrets(store, number)
        await store.backup_daily()
        assert traces(folder)
        await store.encryption.turn_on(await store.encryption.prepare())
        assert traces(folder) == set()
        streaming = await keep_secrets(store, 5)
        assert traces(folder) == set()
        assert {hit.message_id for hit in await store.search("zanzibar")}
        await store.backup(folder / "backups" / "conversations-by-hand.db")
        await store.conversations.rename(streaming, "Xylophon again")
        assert traces(folder) == set()
    assert traces(folder) == set()
    async with await Store.open(folder, vault=vault) as store:
        assert store.encryption.on
        assert len(await store.conversations.list()) == 5
        assert all(made_.conversations is not None for made_ in await store.safety.backups())


async def test_a_new_database_is_encrypted_from_its_first_byte(folder: Path) -> None:
    vault = MemoryVault()
    new = await encryption.make_key(folder, vault)
    async with await Store.open(folder, vault=vault, new_key=new.key) as store:
        assert store.encryption.on
        await keep_secrets(store, 1)
        assert traces(folder) == set()
    assert database_header.key_id(folder / FILE) == new.key.id


async def test_turned_off_all_is_plain_again_and_the_key_is_forgotten(folder: Path) -> None:
    vault = MemoryVault()
    await encrypted(folder, vault)
    async with await Store.open(folder, clock=made.Clock(), vault=vault) as store:
        await store.backup_daily()
        await store.encryption.turn_off()
        assert not store.encryption.on
        assert await store.search("zanzibar")
    assert vault.items == {}
    assert keyfiles.known(folder) == frozenset()
    assert {database_header.shape(path) for path in folder.rglob("*.db")} == {database_header.DatabaseShape.DATABASE}
    assert await titles(folder, MemoryVault()) == ["Sky"]


async def test_another_key_takes_the_place_of_the_first(folder: Path) -> None:
    vault = MemoryVault()
    old = await encrypted(folder, vault)
    async with await Store.open(folder, vault=vault) as store:
        new = await store.encryption.prepare()
        await store.encryption.turn_on(new)
    assert list(vault.items) == [new.key.id]
    vault.items.clear()
    with pytest.raises(RecoveryCodeWrong):
        await encryption.recover(folder, old, vault)
    assert await encryption.recover(folder, new.code, vault)
    assert await titles(folder, vault) == ["Sky"]


@pytest.mark.parametrize("kept", [None, "", "no key", Key.make().text], ids=["gone", "empty", "torn", "another"])
async def test_a_lost_or_changed_key_is_asked_for_and_nothing_is_touched(folder: Path, kept: str | None) -> None:
    vault = MemoryVault()
    code = await encrypted(folder, vault)
    key_id = database_header.key_id(folder / FILE)
    assert key_id is not None
    vault.items = {} if kept is None else {key_id: kept}
    before = content(folder)
    with pytest.raises(StoreLocked) as caught:
        await Store.open(folder, vault=vault)
    assert caught.value.key_id == key_id
    assert content(folder) == before
    assert await encryption.recover(folder, code.lower().replace("-", " "), vault)
    assert await titles(folder, vault) == ["Sky"]


async def test_a_locked_keyring_is_said_and_nothing_is_set_aside(folder: Path) -> None:
    await encrypted(folder, MemoryVault())
    before = content(folder)
    with pytest.raises(KeyringLocked):
        await Store.open(folder, vault=LockedVault())
    assert content(folder) == before


async def test_a_wrong_code_opens_nothing(folder: Path) -> None:
    vault = MemoryVault()
    code = await encrypted(folder, vault)
    for wrong in (recovery_codes.make(), code[:-1], code[:-1] + ("A" if code[-1] != "A" else "B"), "", "🤷", code * 2):
        with pytest.raises(RecoveryCodeWrong):
            await encryption.recover(folder, wrong, vault)
    with pytest.raises(StoreError, match="not encrypted"):
        await encryption.recover(folder / "elsewhere", code, vault)


async def test_a_new_code_takes_the_place_of_the_old_one(folder: Path) -> None:
    vault = MemoryVault()
    old = await encrypted(folder, vault)
    async with await Store.open(folder, vault=vault) as store:
        new = store.encryption.new_code()
        assert await encryption.recover(folder, old, vault)
        await store.encryption.use_code(new)
    with pytest.raises(RecoveryCodeWrong):
        await encryption.recover(folder, old, vault)
    assert await encryption.recover(folder, new, vault)


async def test_without_a_keyring_it_cannot_be_turned_on(folder: Path) -> None:
    async with await Store.open(folder) as store:
        with pytest.raises(KeyringMissing):
            await store.encryption.prepare()
        assert keyfiles.known(folder) == frozenset()
    async with await Store.open(folder, vault=LockedVault()) as store:
        with pytest.raises(KeyringLocked):
            await store.encryption.prepare()
        assert not store.encryption.on


async def test_while_another_run_has_the_database_nothing_is_changed(folder: Path, children: Children) -> None:
    other = children.start("hold", folder)
    assert other.stdout is not None
    other.stdout.readline()
    vault = MemoryVault()
    async with await Store.open(folder, vault=vault) as store:
        new = await store.encryption.prepare()
        with pytest.raises(StoreBusy):
            await store.encryption.turn_on(new)
        await store.encryption.give_up(new)
        assert (vault.items, keyfiles.known(folder)) == ({}, frozenset())
        assert not store.encryption.on
        assert await store.conversations.create(made.said("on"))


async def test_answers_go_on_streaming_into_the_encrypted_file(folder: Path) -> None:
    async with await Store.open(folder, vault=MemoryVault()) as store:
        question = made.prompt()
        streaming = made.answer(question)
        talk = made.conversation()
        await store.conversations.begin(talk, question, streaming)
        await store.conversations.append(streaming.id, [(PartKind.TEXT, "before, ")])
        await store.encryption.turn_on(await store.encryption.prepare())
        await store.conversations.append(streaming.id, [(PartKind.TEXT, "after")])
        assert (await store.conversations.get(talk.id)).messages[1].text == "before, after"


async def test_a_damaged_encrypted_database_is_set_aside_and_its_backup_restored(folder: Path) -> None:
    """Check 30 for an encrypted file."""
    vault = MemoryVault()
    await encrypted(folder, vault)
    async with await Store.open(folder, vault=vault) as store:
        backup = await store.backup_daily()
    assert backup is not None
    held = bytearray((folder / FILE).read_bytes())
    for place in range(20, len(held), 97):
        held[place] ^= 1
    (folder / FILE).write_bytes(held)
    crashed(folder)
    async with await Store.open(folder, vault=vault) as store:
        assert store.aside is not None
        assert (store.aside / FILE).read_bytes() == held
        assert store.encryption.on
        await store.safety.restore(backup)
        assert await store.search("zanzibar")
        assert traces(folder) == set()


async def test_a_newer_encrypted_database_is_refused_and_every_byte_stays(folder: Path) -> None:
    """Check 31 for an encrypted file."""
    vault = MemoryVault()
    await encrypted(folder, vault, made.LATER)
    before = content(folder)
    with pytest.raises(StoreNewer):
        await Store.open(folder, vault=vault)
    assert content(folder) == before


async def test_a_newer_version_that_stands_only_in_an_encrypted_log_is_refused(folder: Path, tmp_path: Path) -> None:
    vault = MemoryVault()
    await encrypted(folder, vault)
    copy = log_left(folder, vault, tmp_path / "copy", version=99)
    before = content(copy)
    with pytest.raises(StoreNewer):
        await Store.open(copy, vault=vault)
    assert content(copy) == before


@pytest.mark.parametrize("log", [False, True])
async def test_two_starts_at_the_same_moment_keep_what_both_are_told(
    folder: Path, tmp_path: Path, children: Children, log: bool
) -> None:
    """The first looks which version the file is of, when the second begins to write."""
    keyring = tmp_path / "keyring.json"
    await encrypted(folder, FileVault(keyring))
    if log:  # and nothing of what is shared, as in a folder that was copied
        left = log_left(folder, FileVault(keyring), tmp_path / "left")
        shutil.rmtree(folder)
        left.rename(folder)
    started: list[Run] = []

    def begin() -> None:
        started.append(children.start("keep", folder, keyring))
        assert _line(started[0]) == "kept\n"

    disk = WatchedDisk(FILE, begin)
    try:
        layered = Options(vfs=f"multipleciphers-{disk.name}")
        async with await Store.open(folder, vault=FileVault(keyring), options=layered) as store:
            (second,) = started
            for _ in range(3):
                await store.conversations.create(made.said("from the first"))
                print(file=second.stdin, flush=True)
                assert _line(second) == "kept\n"
            assert len(await store.conversations.list()) == 8
            second.communicate()
    finally:
        disk.unregister()
    async with await Store.open(folder, vault=FileVault(keyring)) as store:
        assert len(await store.conversations.list()) == 8
        assert store.notices == ()


def _line(child: Run) -> str:
    assert child.stdout is not None
    return child.stdout.readline()


_IN_USE = """
import fcntl, sys
with open(sys.argv[1], "r+b") as file:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 510, 0x40000002)  # as SQLite does before it cleans up
    except OSError:
        print("in use")
"""


@pytest.mark.skipif(os.name != "posix", reason="locks are a file's own there")
async def test_others_see_that_the_database_is_used_whatever_became_of_its_key(folder: Path) -> None:
    """A file that a process closes takes with it all locks that the process has on that file."""

    def in_use() -> bool:
        command = [sys.executable, "-c", _IN_USE, str(folder / FILE)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout == "in use\n"

    async with await Store.open(folder, vault=MemoryVault()) as store:
        assert in_use()
        unused = await store.encryption.prepare()
        await store.encryption.give_up(unused)
        assert in_use()
        await store.encryption.turn_on(await store.encryption.prepare())
        assert in_use()
        await store.encryption.turn_off()
        assert in_use()
    assert not in_use()


async def test_a_way_to_the_disk_that_cannot_encrypt_is_refused(folder: Path, tmp_path: Path) -> None:
    """What SQLite would do here in silence is write plain text."""
    disk = apsw.VFS("plain-files", base="unix")
    try:
        new = await encryption.make_key(folder, MemoryVault())
        with pytest.raises(StoreError, match="does not support encryption"):
            await Store.open(folder, options=Options(vfs="plain-files"), new_key=new.key)
        layered = Options(vfs="multipleciphers-plain-files")
        async with await Store.open(tmp_path / "layered", options=layered, new_key=Key.make()) as store:
            await keep_secrets(store, 1)
            assert traces(tmp_path / "layered") == set()
    finally:
        disk.unregister()


async def test_big_sorts_leave_no_plain_file(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("SQLITE_TMPDIR", str(scratch))
    vault = MemoryVault()
    new = await encryption.make_key(folder, vault)
    async with await Store.open(folder, vault=vault, new_key=new.key) as store:

        def sort(sql: Sql) -> int | None:
            assert sql.integer("PRAGMA temp_store") == 2
            return sql.integer(
                "WITH n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
                " SELECT count(*) FROM (SELECT 'Zanzibar' || i || hex(zeroblob(200)) AS x FROM n ORDER BY x DESC)"
            )

        assert await store._database.read(sort) == 20000
        assert list(scratch.iterdir()) == []


async def test_a_newer_encrypted_backup_is_refused(folder: Path) -> None:
    vault = MemoryVault()
    await encrypted(folder, vault)
    async with await Store.open(folder, vault=vault) as store:
        backup = await store.backup_daily()
        assert backup is not None
        key = Key.from_text(next(iter(vault.items.values())))
        assert key is not None
        connection = apsw.Connection(str(backup))
        key.apply(connection)
        Sql(connection).pragma("user_version", 99)
        connection.close()
        for work in (store.safety.restore, store.safety.add_missing):
            with pytest.raises(StoreNewer):
                await work(backup)
        assert len(await store.conversations.list()) == 1


async def test_what_cannot_be_written_is_not_encrypted(folder: Path) -> None:
    vault = MemoryVault()
    async with await Store.open(folder, vault=vault) as store:
        new = await store.encryption.prepare()
        store._database._close_writer()
        with pytest.raises(StoreReadOnly):
            await store.encryption.turn_on(new)
    assert database_header.shape(folder / FILE) is database_header.DatabaseShape.DATABASE


async def test_what_was_set_aside_as_plain_text_is_told(folder: Path) -> None:
    vault = MemoryVault()
    async with await Store.open(folder) as store:
        await store.conversations.create(made.said("Zanzibar"))
    (folder / FILE).write_bytes(b"damaged, but Zanzibar can be read")
    await encrypted(folder, vault)
    async with await Store.open(folder, vault=vault, clock=made.Clock()) as store:
        backup = await store.backup_daily()
        assert backup is not None
        await store.safety.restore(backup)
        found = await store.safety.set_aside()
    assert {(aside.damaged, aside.plain) for aside in found} == {(True, True), (False, False)}


@pytest.mark.skipif(os.name == "nt", reason="a file that is open elsewhere cannot be exchanged there")
async def test_the_plain_files_are_overwritten_and_not_only_removed(folder: Path, tmp_path: Path) -> None:
    """What a file held is still on the disk when only its name is gone: a second name shows what became of it."""
    held: list[Path] = []
    async with await Store.open(folder, clock=made.Clock(), vault=MemoryVault()) as store:
        await store.conversations.create(made.said("kept Zanzibar"))
        await store.backup_daily()
        for path in (*folder.rglob("*.db"), *folder.rglob("*.db-wal")):
            held.append(tmp_path / f"held-{path.name}")
            held[-1].hardlink_to(path)
        # The backup and the log hold it; the database does once the log is copied.
        assert [b"Zanzibar" in path.read_bytes() for path in sorted(held)] == [True, False, True]
        await store.encryption.turn_on(await store.encryption.prepare())
        assert len(await store.search("Zanzibar")) == 1
    for path in held:
        assert path.stat().st_nlink == 1
        assert path.stat().st_size > 0
        assert not path.read_bytes().strip(b"\0"), path


async def test_a_key_that_a_killed_run_made_and_never_used_is_gone_at_the_next_start(folder: Path) -> None:
    vault = MemoryVault()
    async with await Store.open(folder, vault=vault) as store:
        await store.conversations.create(made.said("kept"))
        unused = await store.encryption.prepare()
        (folder / "keys" / f".{unused.key.id}.recovery.1.draft").touch()
        async with await Store.open(folder, vault=vault):
            assert keyfiles.known(folder) == {unused.key.id}
    async with await Store.open(folder, vault=vault) as store:
        assert not [*(folder / "keys").iterdir()]
        assert vault.items == {}
        await store.encryption.turn_on(await store.encryption.prepare())
        assert len([*(folder / "keys").iterdir()]) == 1
    async with await Store.open(folder, vault=vault) as store:
        assert store.encryption.on
        assert len(keyfiles.known(folder)) == 1


class StuckVault(MemoryVault):
    """Takes keys, and forgets none while it is stuck."""

    stuck = True

    async def erase(self, key_id: str) -> None:
        if self.stuck:
            raise KeyringLocked(english("The keyring (memory) is locked."))
        await super().erase(key_id)


async def test_a_key_that_the_keyring_did_not_forget_goes_at_a_later_start(folder: Path) -> None:
    vault = StuckVault()
    for given_up in (False, True):
        async with await Store.open(folder, vault=vault) as store:
            unused = await store.encryption.prepare()
            if given_up:
                await store.encryption.give_up(unused)
        async with await Store.open(folder, vault=vault):
            assert [*vault.items] == [unused.key.id]
            assert keyfiles.known(folder) == frozenset()
        vault.stuck = False
        async with await Store.open(folder, vault=vault):
            assert vault.items == {}
            assert not [*(folder / "keys").iterdir()]
        vault.stuck = True


async def test_a_key_that_was_put_to_use_when_the_run_was_killed_stays(folder: Path) -> None:
    vault = MemoryVault()
    async with await Store.open(folder, vault=vault) as store:
        new = await store.encryption.prepare()
        await store.encryption.turn_on(new)
        keyfiles.mark_unused(folder, new.key.id)
    async with await Store.open(folder, vault=vault):
        assert [each.name for each in (folder / "keys").iterdir()] == [f"{new.key.id}.recovery"]
