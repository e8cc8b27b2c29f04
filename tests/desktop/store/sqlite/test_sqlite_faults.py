from __future__ import annotations

import asyncio
import contextlib
import errno
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from desktop.domain.conversation_types import Status
from desktop.domain.message_parts import PartKind
from desktop.errors import StoreBusy, StoreCorrupt, StoreError, StoreFull, StoreReadOnly
from desktop.store.conversation_list import Wanted
from desktop.store.migrations import MIGRATIONS, READABLE_FROM
from desktop.store.opening.store_opener import Options
from desktop.store.records import row_mapping
from desktop.store.sqlite import sqlite_faults
from desktop.store.sqlite.database import BUSY_TIMEOUT_MS
from desktop.store.sqlite.sql import Sql
from desktop.store.store import Store
from tests.desktop.store import made
from tests.desktop.store.conftest import Children
from tests.desktop.store.vaults import FileVault, MemoryVault
from tests.examples import alike


class FaultyDisk(apsw.VFS):
    """The usual files, but the disk fails with `trouble` once `left` more writes went well."""

    def __init__(self) -> None:
        self.name = f"faulty-{id(self)}"
        self.trouble: Callable[[], Exception] | None = None
        self.left = 0
        self.database_only = False
        self.failed = 0
        self.errno = errno.EIO
        super().__init__(self.name, base="")

    def xGetLastError(self) -> tuple[int, str]:  # noqa: N802
        return self.errno, ""

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return FaultyFile(self, name, flags)

    def wrote(self, *, database: bool) -> None:
        if self.database_only and not database:
            return
        self.left -= 1
        if self.trouble is not None and self.left < 0:
            self.failed += 1
            raise self.trouble()


class FaultyFile(apsw.VFSFile):
    def __init__(self, disk: FaultyDisk, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        self._disk = disk
        self._database = bool(flags[0] & apsw.SQLITE_OPEN_MAIN_DB)
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._disk.wrote(database=self._database)
        super().xWrite(data, offset)  # pyright: ignore[reportUnknownMemberType]

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._disk.wrote(database=self._database)
        super().xSync(flags)


@pytest.fixture
def disk() -> Iterator[FaultyDisk]:
    made_ = FaultyDisk()
    yield made_
    made_.unregister()


@pytest.fixture
async def store(folder: Path, disk: FaultyDisk) -> AsyncIterator[Store]:
    async with await Store.open(folder, clock=made.Clock(), options=Options(vfs=disk.name)) as opened:
        yield opened
        disk.trouble = None


@pytest.mark.parametrize(
    ("trouble", "expected"), [(apsw.FullError, StoreFull), (apsw.IOError, StoreError)], ids=["full", "failing"]
)
async def test_a_disk_that_fails_at_any_write_loses_nothing_and_works_again(
    store: Store, disk: FaultyDisk, trouble: type[Exception], expected: type[StoreError]
) -> None:
    """Checks 27 and 28."""
    # SQLite itself overlooks a copying that fails after the commit; an exception of Python's would not be.
    await store._database.write(lambda sql: sql.pragma("wal_autocheckpoint", 0))
    writes = 0
    for writes in range(200):
        question = made.prompt(f"question {writes} " + "x" * 9000)
        streaming = made.answer(question)
        talk = made.conversation()
        steps: list[Callable[[], object]] = [
            lambda: store.conversations.begin(talk, question, streaming),  # noqa: B023
            lambda: store.conversations.append(streaming.id, [(PartKind.TEXT, "a" * 5000)]),  # noqa: B023
            lambda: store.conversations.append(streaming.id, [(PartKind.TEXT, "b" * 5000)]),  # noqa: B023
            lambda: store.conversations.finish(made.finished(streaming, "ab", Status.STOPPED)),  # noqa: B023
        ]
        disk.trouble, disk.left, disk.failed = trouble, writes, 0
        for step in steps:
            try:
                await step()  # type: ignore[misc]
            except expected:
                disk.trouble = None
                await step()  # type: ignore[misc]
        disk.trouble = None
        found = await store.conversations.get(talk.id)
        assert [message.text for message in found.messages] == [question.text, "ab"]
        if not disk.failed:
            break
    assert writes > 5
    assert not disk.failed


async def test_a_full_disk_at_opening_is_a_typed_error_and_leaves_a_folder_that_opens(
    folder: Path, disk: FaultyDisk
) -> None:
    for writes in range(0, 300, 5):
        disk.trouble, disk.left, disk.failed = apsw.FullError, writes, 0
        place = folder / str(writes)
        try:
            async with await Store.open(place, options=Options(vfs=disk.name)):
                pass
        except StoreFull:
            disk.trouble = None
            async with await Store.open(place, options=Options(vfs=disk.name)) as store:
                assert store.notices == ()
                await store.conversations.create(made.said("fits"))
        if not disk.failed:
            return
    pytest.fail("opening never got through")


async def test_purging_on_a_full_disk_is_done_and_the_log_is_emptied_later(store: Store, disk: FaultyDisk) -> None:
    talk = made.said("SECRETWORD")
    await store.conversations.create(talk)
    log = store.path.with_name(f"{store.path.name}-wal")
    disk.trouble, disk.left, disk.database_only = apsw.FullError, 0, True
    await store.conversations.purge([talk.id])
    assert disk.failed
    assert b"SECRETWORD" in log.read_bytes()
    disk.trouble = None
    await store.conversations.create(made.said("room again"))
    assert log.stat().st_size == 0


async def test_two_writers_wait_for_each_other_and_then_say_busy(store: Store) -> None:
    other = Sql(apsw.Connection(str(store.path)))
    other.run("BEGIN IMMEDIATE")
    assert store._database._writer is not None
    store._database._writer.connection.set_busy_timeout(10)
    with pytest.raises(StoreBusy):
        await store.conversations.create(made.said("x"))
    other.run("ROLLBACK")
    assert await store.conversations.create(made.said("x"))
    other.close()


async def test_at_quit_it_is_said_in_a_moment(store: Store) -> None:
    other = Sql(apsw.Connection(str(store.path)))
    other.run("BEGIN IMMEDIATE")
    store.hurry()
    begun = time.monotonic()
    with pytest.raises(StoreBusy):
        await store.conversations.create(made.said("x"))
    assert time.monotonic() - begun < BUSY_TIMEOUT_MS / 2000
    other.close()


async def test_a_wait_that_is_under_way_ends_in_a_moment_too(store: Store) -> None:
    other = Sql(apsw.Connection(str(store.path)))
    other.run("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(store.conversations.create(made.said("x")))
    await asyncio.sleep(0.05)
    begun = time.monotonic()
    store.hurry()
    with pytest.raises(StoreBusy):
        await waiting
    assert time.monotonic() - begun < BUSY_TIMEOUT_MS / 2000
    other.close()


async def test_what_waits_as_the_hurry_begins_is_written_where_the_other_lets_go_in_that_moment(store: Store) -> None:
    other = Sql(apsw.Connection(str(store.path)))
    other.run("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(store.conversations.create(made.said("x")))
    await asyncio.sleep(0.6)
    store.hurry()
    await asyncio.sleep(0.3)
    other.run("ROLLBACK")
    assert await waiting
    await store.settled()
    other.close()


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (apsw.ReadOnlyError(), StoreReadOnly),
        (apsw.CantOpenError(), StoreReadOnly),
        (apsw.LockedError(), StoreBusy),
        (apsw.NotADBError(), StoreCorrupt),
        (apsw.IOError(), StoreError),
        (OSError(28, "No space left on device"), StoreFull),
        (PermissionError(13, "Permission denied", "/x"), StoreReadOnly),
        (OSError(errno.EFBIG, "File too large"), StoreFull),
        (OSError(5, "Input/output error"), StoreError),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"), StoreCorrupt),
    ],
)
def test_errors_of_the_surroundings_are_typed(error: Exception, expected: type[StoreError]) -> None:
    with pytest.raises(StoreError) as caught, sqlite_faults.typed(Path("/the/file")):
        raise error
    assert type(caught.value) is expected
    assert "/" in caught.value.message


@pytest.mark.parametrize("error", [apsw.SQLError("x"), apsw.ConstraintError("x"), KeyError("x")])
def test_our_own_bugs_pass_as_they_are(error: Exception) -> None:
    with pytest.raises(type(error)), sqlite_faults.typed(Path("/the/file")):
        raise error


async def test_a_message_that_is_damaged_says_so_with_what_is_left_of_it(store: Store) -> None:
    talk = made.said("x")
    await store.conversations.create(talk)
    await store._database.write(lambda sql: sql.run("UPDATE messages SET parts = '[{', words = ''"))
    (message,) = (await store.conversations.get(talk.id)).messages
    assert message.text == f"{row_mapping.DAMAGED}\n\n[{{"
    await store._database.write(lambda sql: sql.run("UPDATE messages SET parts = '[]', status = 'odd'"))
    (message,) = (await store.conversations.get(talk.id)).messages
    assert message.status is Status.INTERRUPTED


async def test_on_a_disk_that_is_really_full_nothing_is_lost_and_writing_goes_on(small_disk: Path) -> None:
    """Check 27."""
    async with await Store.open(small_disk / "data") as store:
        question = made.prompt()
        streaming = made.answer(question)
        talk = made.conversation()
        await store.conversations.begin(talk, question, streaming)
        ballast = small_disk / "ballast"
        for _ in range(20):
            await store.conversations.append(streaming.id, [(PartKind.TEXT, "x" * 5000)])
        _fill(ballast)
        kept = 20
        with contextlib.suppress(StoreFull):
            for _ in range(1000):
                await store.conversations.append(streaming.id, [(PartKind.TEXT, "x" * 5000)])
                kept += 1
        assert kept < 1000
        assert (await store.conversations.get(talk.id)).messages[1].text == "x" * 5000 * kept
        with pytest.raises(StoreFull):
            await store.conversations.finish(made.finished(streaming, "y" * 100_000))
        ballast.unlink()
        await store.conversations.append(streaming.id, [(PartKind.TEXT, "room again")])
        await store.conversations.finish(made.finished(streaming, "z" * 10_000))
        assert (await store.conversations.get(talk.id)).messages[1].text == "z" * 10_000


async def test_beginning_on_a_full_disk_is_a_typed_error(small_disk: Path) -> None:
    _fill(small_disk / "ballast")
    with pytest.raises(StoreFull):
        await Store.open(small_disk / "data")
    (small_disk / "ballast").unlink()
    async with await Store.open(small_disk / "data") as store:
        assert store.notices == ()


async def test_on_a_disk_that_is_full_at_the_start_all_is_read_and_searched(small_disk: Path) -> None:
    folder = small_disk / "data"
    async with await Store.open(folder) as store:
        await store.conversations.create(made.said("kept words"))
    _fill(small_disk / "ballast")
    async with await Store.open(folder) as store:
        assert store.read_only
        assert [each for each in store.notices if "disk is full" in each] == list(store.notices) != []
        assert [hit.snippet for hit in await store.search("kept")] == ["kept words"]
        assert len((await store.conversations.get((await store.conversations.list())[0].id)).messages) == 1
        with pytest.raises(StoreFull, match="disk was full") as caught:
            await store.conversations.create(made.said("new"))
        assert "Free some disk space" in str(caught.value.hint)
    (small_disk / "ballast").unlink()
    async with await Store.open(folder) as store:
        assert (store.read_only, store.notices) == (False, ())
        await store.conversations.create(made.said("new"))


async def test_what_a_killed_run_said_last_is_read_on_a_full_disk(small_disk: Path, children: Children) -> None:
    folder = small_disk / "data"
    child = children.start("journal", folder)
    assert child.stdout is not None
    talk, *_ = [child.stdout.readline().strip() for _ in range(4)]
    child.kill()
    child.wait()
    _fill(small_disk / "ballast")
    async with await Store.open(folder) as store:
        assert store.read_only
        assert (await store.conversations.get(talk)).messages[1].text.startswith("0 1 2")
    (small_disk / "ballast").unlink()
    async with await Store.open(folder) as store:
        assert (store.read_only, store.recovered) == (False, 1)
        assert (await store.conversations.get(talk)).messages[1].text.startswith("0 1 2")


@pytest.mark.parametrize("encrypted", [False, True])
async def test_what_lies_in_the_log_alone_is_read_on_a_full_disk_without_its_index(
    small_disk: Path, tmp_path: Path, children: Children, encrypted: bool
) -> None:
    """As after a power cut: the index was never on the disk, and there is no room for another."""
    folder, keyring = small_disk / "data", tmp_path / "keyring.json"
    if encrypted:
        async with await Store.open(folder, vault=FileVault(keyring)) as store:
            await store.encryption.turn_on(await store.encryption.prepare())
    child = children.start("keep", folder, keyring)
    assert child.stdout is not None
    assert child.stdout.readline() == "kept\n"
    child.kill()
    child.wait()
    (folder / "conversations.db-shm").unlink()
    _fill(small_disk / "ballast")
    files = [folder / f"conversations.db{side}" for side in ("", "-wal")]
    before = [file.read_bytes() for file in files]
    async with await Store.open(folder, vault=FileVault(keyring)) as store:
        assert store.read_only
        assert [each for each in store.notices if "disk is full" in each] == list(store.notices) != []
        assert len(await store.search("child")) == 1
        await store.backup(tmp_path / "elsewhere.db")
        assert len(await store.conversations.list()) == 1
    assert [file.read_bytes() for file in files] == before
    (small_disk / "ballast").unlink()
    async with await Store.open(folder, vault=FileVault(keyring)) as store:
        assert (store.read_only, len(await store.search("child"))) == (False, 1)
        assert len((await store.safety.preview(tmp_path / "elsewhere.db")).lost.titles) == 0


async def test_on_a_full_disk_an_older_version_is_not_read_half(folder: Path, disk: FaultyDisk) -> None:
    async with await Store.open(folder) as store:
        await store.conversations.create(made.said("kept"))
    disk.trouble = apsw.FullError
    with pytest.raises(StoreFull, match="older version") as caught:
        await Store.open(folder, options=replace(made.LATER, vfs=disk.name))
    assert "start Paragone again" in caught.value.hint
    assert disk.failed
    disk.trouble = None
    async with await Store.open(folder, options=made.LATER) as store:
        assert (store.notices, len(await store.search("kept"))) == ((), 1)


@pytest.mark.parametrize("version", alike(2, reversed(range(1, len(MIGRATIONS)))))
async def test_on_a_full_disk_an_older_version_that_lacks_nothing_but_indexes_is_read(
    folder: Path, disk: FaultyDisk, version: int
) -> None:
    """The first start after an update: what reading needs is there, or it is said what to do."""
    talk = made.said("so:\n```\nneedle = 1\n```")
    path = made.database(folder, version, talk, *(made.said("needle too") for _ in range(30)))
    before = path.read_bytes()
    disk.trouble = apsw.FullError
    options = Options(vfs=disk.name)
    if version < READABLE_FROM:
        with pytest.raises(StoreFull, match="older version"):
            await Store.open(folder, options=options)
    else:
        async with await Store.open(folder, options=options) as store:
            assert store.read_only
            assert len(await store.search("needle", 40)) == 31
            assert len(await store.search("needle has:code from:2026-01")) == 1
            assert len(await store.conversations.list()) == 31
            assert (await store.conversations.get(talk.id)).title == talk.title
            assert await store.comparisons.list() == ()
            assert (await store.listings.by_model(Wanted(archive=True, trash=True))).models == (talk.model,)
    assert path.read_bytes() == before
    disk.trouble = None
    async with await Store.open(folder) as store:
        assert (store.read_only, store.notices, len(await store.search("needle", 40))) == (False, (), 31)


@pytest.mark.parametrize("number", [errno.EDQUOT, errno.EFBIG])
async def test_a_quota_that_is_used_up_is_a_full_disk(store: Store, disk: FaultyDisk, number: int) -> None:
    disk.trouble, disk.errno = apsw.IOError, number
    with pytest.raises(StoreFull):
        await store.conversations.create(made.said("more"))
    disk.trouble = None
    assert await store.conversations.create(made.said("more"))


@pytest.mark.parametrize(
    ("trouble", "number", "said"),
    [
        (apsw.FullError, errno.ENOSPC, "disk is full"),
        (apsw.IOError, errno.EDQUOT, "disk is full"),
        (apsw.IOError, errno.EIO, "is not writable"),
    ],
    ids=["full", "quota", "failing"],
)
async def test_a_disk_that_cannot_be_written_at_any_step_of_a_start_keeps_nothing_from_being_read(
    folder: Path, disk: FaultyDisk, trouble: type[Exception], number: int, said: str
) -> None:
    """Check 27, at every write and sync of a start after a run that died: what was there is read."""
    async with await Store.open(folder) as store:
        question = made.prompt("kept")
        streaming = made.answer(question)
        await store.conversations.begin(made.conversation(), question, streaming)
        await store.conversations.append(streaming.id, [(PartKind.TEXT, "said last")])
    whole = folder.with_name("whole")
    shutil.copytree(folder, whole)
    read_only = 0
    for writes in range(200):
        shutil.rmtree(folder)
        shutil.copytree(whole, folder)
        disk.trouble, disk.errno, disk.left, disk.failed = trouble, number, writes, 0
        async with await Store.open(folder, options=Options(vfs=disk.name)) as store:
            assert [each for each in store.notices if said in each] == list(store.notices)
            assert len(await store.search("kept")) == 1
            (talk,) = await store.conversations.list()
            assert (await store.conversations.get(talk.id)).messages[1].text == "said last"
            read_only += store.read_only
            disk.trouble = None
        async with await Store.open(folder) as store:
            assert (await store.conversations.get(talk.id)).messages[1].text == "said last"
            assert store.notices == ()
        if not disk.failed:
            break
    assert not disk.failed
    assert read_only


async def test_encrypting_without_room_changes_nothing(small_disk: Path) -> None:
    """Check 27 for the exchange of files."""
    folder, vault = small_disk / "data", MemoryVault()
    async with await Store.open(folder, vault=vault) as store:
        await store.conversations.create(made.said("kept " * 12_000))
        new = await store.encryption.prepare()
        _fill(small_disk / "ballast")
        with pytest.raises(StoreFull):
            await store.encryption.turn_on(new)
        assert not store.encryption.on
        assert not (folder / "exchange").exists()
        (small_disk / "ballast").unlink()
        assert len(await store.search("kept")) == 1
        await store.encryption.turn_on(new)
        assert store.encryption.on
        assert len(await store.search("kept")) == 1


def _fill(ballast: Path) -> None:
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 4096)
