# ruff: noqa: ASYNC240 - these tests look at files, and nothing else runs in their loop

from __future__ import annotations

import contextlib
import os
import random
import shutil
import stat
from pathlib import Path

import apsw
import pytest

from desktop.errors import StoreBusy, StoreCorrupt, StoreError, StoreNewer, StoreReadOnly
from desktop.store.migrations import MIGRATIONS
from desktop.store.opening import schema_probe, store_opener
from desktop.store.opening.store_opener import Options, opening_lock
from desktop.store.sqlite import database, database_header
from desktop.store.sqlite.database import connect
from desktop.store.sqlite.sql import Sql
from desktop.store.store import Store
from tests.desktop.store import made
from tests.desktop.store.conftest import Children
from tests.rights import bound_by_modes

FILE = "conversations.db"


def content(folder: Path) -> dict[str, bytes | None]:
    """Every file with its bytes, and every folder."""
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


async def filled(folder: Path, options: Options | None = None) -> str:
    """Make a database of one conversation and return its id."""
    async with await Store.open(folder, clock=made.Clock(), options=options) as store:
        talk = made.said("kept")
        await store.conversations.create(talk)
    return talk.id


def crashed(folder: Path) -> None:
    """Leave what a run leaves that was killed."""
    (folder / "runs" / "dead.lock").touch(0o600)


async def test_what_was_kept_is_there_after_a_restart(folder: Path) -> None:
    kept = await filled(folder)
    assert not (folder / f"{FILE}-wal").exists()
    async with await Store.open(folder) as store:
        assert (await store.conversations.get(kept)).messages[0].text == "kept"
        assert (store.notices, store.recovered) == ((), 0)


async def test_files_and_folders_are_their_owners_alone_under_any_umask(folder: Path) -> None:
    """Check 37."""
    before = os.umask(0)
    try:
        await filled(folder)
        (folder / FILE).write_bytes(b"broken")
        async with await Store.open(folder, clock=made.Clock()) as store:
            await store.conversations.create(made.said("x"))
            await store.backup(folder / "backups" / "one.db")
            modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*"))}
    finally:
        os.umask(before)
    assert len(modes) >= 9
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}


async def test_rights_of_others_are_taken_from_an_old_file(folder: Path) -> None:
    await filled(folder)
    (folder / FILE).chmod(0o644)
    async with await Store.open(folder):
        assert stat.S_IMODE((folder / FILE).stat().st_mode) == 0o600


async def test_a_newer_database_is_refused_and_every_byte_stays(folder: Path) -> None:
    """Check 31."""
    await filled(folder, made.LATER)
    shutil.rmtree(folder / "runs")
    (folder / "opening.lock").unlink()
    before = content(folder)
    with pytest.raises(StoreNewer):
        await Store.open(folder)
    assert content(folder) == before


async def test_a_newer_version_that_stands_only_in_the_log_is_refused(folder: Path, tmp_path: Path) -> None:
    await filled(folder)
    connection = Sql(apsw.Connection(str(folder / FILE)))
    connection.pragma("user_version", len(MIGRATIONS) + 1)
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    connection.close()
    assert database_header._version((copy / FILE).read_bytes()) == len(MIGRATIONS)
    before = content(copy)
    with pytest.raises(StoreNewer):
        await Store.open(copy)
    assert content(copy) == before


async def test_an_older_database_is_backed_up_and_migrated(folder: Path) -> None:
    kept = await filled(folder)
    async with await Store.open(folder, clock=made.Clock(), options=made.LATER) as store:
        assert (await store.conversations.get(kept)).title == "Sky later"
    (backup,) = (folder / "backups").iterdir()
    assert backup.name.startswith(f"conversations-v{len(MIGRATIONS)}-20260101-")
    shutil.copy(backup, folder / FILE)
    async with await Store.open(folder) as store:
        assert (await store.conversations.get(kept)).title == "Sky"


@pytest.mark.parametrize("damage", [b"", b"not a database, but text" * 100, b"SQLite format 3\0", b"\0" * 5000])
async def test_what_is_no_database_is_set_aside_whole(folder: Path, damage: bytes) -> None:
    """Check 30."""
    await filled(folder)
    (folder / FILE).write_bytes(damage)
    (folder / f"{FILE}-wal").write_bytes(b"log")
    for name in (FILE, f"{FILE}-wal"):
        (folder / name).chmod(0o666)
    async with await Store.open(folder, clock=made.Clock()) as store:
        place = folder / "broken-20260101-000001"
        if os.name == "posix":  # Windows has other rights
            assert {stat.S_IMODE(each.stat().st_mode) for each in place.iterdir()} == {0o600}
        assert str(place) in store.notices[0]
        assert await store.conversations.list() == ()
        await store.conversations.create(made.said("new"))
    assert (place / f"{FILE}-wal").read_bytes() == b"log"
    assert (place / FILE).read_bytes() == damage


async def test_setting_aside_never_overwrites(folder: Path) -> None:
    for number in range(3):
        folder.mkdir(exist_ok=True)
        (folder / FILE).write_bytes(b"broken %d" % number)
        async with await Store.open(folder, clock=made.Clock()):
            pass
    assert [path.parent.name for path in sorted(folder.glob(f"broken-*/{FILE}"))] == [
        "broken-20260101-000001",
        "broken-20260101-000001-2",
        "broken-20260101-000001-3",
    ]


def scramble(folder: Path) -> None:
    """Damage the page that lists of conversations begin with, which opening does not read."""
    sql = Sql(apsw.Connection(str(folder / FILE)))
    page = sql.integer("SELECT rootpage FROM sqlite_schema WHERE name = 'conversations'") or 0
    sql.close()
    with (folder / FILE).open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xa5" * 4096)


@pytest.mark.slow
async def test_flipped_bits_are_set_aside_or_named_but_never_crash(folder: Path, tmp_path: Path) -> None:
    """Check 30."""
    await filled(folder)
    chance = random.Random(5)
    for number in range(60):
        copy = tmp_path / str(number)
        shutil.copytree(folder, copy)
        held = bytearray((copy / FILE).read_bytes())
        for _ in range(chance.choice([1, 20])):
            held[chance.randrange(chance.choice([100, len(held)]))] ^= 1 << chance.randrange(8)
        (copy / FILE).write_bytes(held)
        crashed(copy)
        with contextlib.suppress(StoreError):
            async with await Store.open(copy) as store:
                for summary in await store.conversations.list():
                    await store.conversations.get(summary.id)
                await store.search("kept")
                await store.conversations.create(made.said("new"))


@pytest.mark.parametrize("renamed", ["status TEXT", "messages_index", "messages_reindexed AFTER UPDATE OF words"])
async def test_a_schema_with_a_flipped_bit_is_set_aside(folder: Path, renamed: str) -> None:
    await filled(folder)
    held = (folder / FILE).read_bytes()
    (folder / FILE).write_bytes(held.replace(renamed.encode(), renamed.replace("s", "r").encode()))
    async with await Store.open(folder) as store:
        assert len(store.notices) == 1


@pytest.mark.parametrize("said", [*range(len(MIGRATIONS)), *(len(MIGRATIONS) ^ 1 << bit for bit in range(10, 32))])
async def test_a_version_that_is_not_that_of_the_schema_is_put_right(folder: Path, said: int) -> None:
    """One flipped bit: it is neither a newer program's nor an older one's."""
    kept = await filled(folder)
    with (folder / FILE).open("r+b") as file:
        file.seek(60)
        file.write(said.to_bytes(4, "big"))
    async with await Store.open(folder) as store:
        assert (store.aside, (await store.conversations.get(kept)).id) == (None, kept)
    sql = connect(folder / FILE)
    assert sql.pragma("user_version") == len(MIGRATIONS)
    sql.close()


@pytest.mark.parametrize(
    "renaming",
    [
        "ALTER TABLE comparisons RENAME COLUMN state TO stat",
        "ALTER TABLE comparisons RENAME TO comparisonr",
        "ALTER TABLE conversation_tags RENAME COLUMN tag TO tab",
        "ALTER TABLE conversations RENAME COLUMN pinned_at TO pinned_au",
    ],
)
async def test_damage_to_whatever_a_list_reads_is_found_at_the_start(folder: Path, renaming: str) -> None:
    await filled(folder)
    sql = Sql(apsw.Connection(str(folder / FILE)))
    sql.run(renaming)
    sql.close()
    async with await Store.open(folder) as store:
        assert store.aside is not None
        await store.comparisons.list()
        await store.conversations.list()


async def test_a_thing_of_a_tool_in_the_users_own_database_is_left_alone(folder: Path) -> None:
    sql = Sql(apsw.Connection(str(made.database(folder, 2))))
    sql.run("CREATE INDEX by_a_tool ON messages (role)")
    sql.close()
    async with await Store.open(folder) as store:
        assert store.notices == ()


async def test_damage_within_is_found_after_a_crash(folder: Path) -> None:
    await filled(folder)
    scramble(folder)
    crashed(folder)
    async with await Store.open(folder) as store:
        assert len(store.notices) == 1
        await store.conversations.create(made.said("new"))
    assert not (folder / "runs" / "dead.lock").exists()


async def test_damage_that_is_met_while_running_is_set_aside_at_the_next_start(folder: Path) -> None:
    await filled(folder)
    scramble(folder)
    async with await Store.open(folder) as store:
        with pytest.raises(StoreCorrupt):
            await store.conversations.list()
    async with await Store.open(folder) as store:
        assert store.aside is not None


def flip_unseen(path: Path, page: int) -> None:
    """Flip a bit of an index such that no list can be read by it, and the quick check passes."""
    sound = path.read_bytes()
    for at in range(page * 4096 - 1, (page - 1) * 4096, -1):
        path.write_bytes(sound[:at] + bytes([sound[at] ^ 0x80]) + sound[at + 1 :])
        sql = connect(path)
        passes = False
        try:
            passes = sql.pragma("quick_check") == "ok"
            sql.rows("SELECT * FROM conversations WHERE trashed_at IS NULL ORDER BY updated_at DESC, seq DESC")
        except apsw.CorruptError:
            if passes:
                return
        finally:
            sql.close()
    raise AssertionError("no bit of the index is like that")


async def test_a_damaged_index_is_made_anew_at_the_next_start_and_nothing_is_set_aside(folder: Path) -> None:
    async with await Store.open(folder) as store:
        for number in range(40):
            await store.conversations.create(made.said(f"words {number}"))
    sql = connect(folder / FILE)
    (root,) = sql.rows("SELECT rootpage FROM sqlite_schema WHERE name = 'conversations_recent'")[0]
    sql.close()
    flip_unseen(folder / FILE, root)
    async with await Store.open(folder) as store:
        with pytest.raises(StoreCorrupt):
            await store.conversations.list()
    async with await Store.open(folder) as store:
        assert store.notices == ()
        assert len(await store.conversations.list()) == 40
        assert len(await store.search("words")) == 40
    assert not [*folder.glob("*-damaged"), *folder.glob("broken-*")]


async def test_one_read_that_failed_sets_nothing_aside(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await filled(folder)
    failing = [apsw.CorruptError("a read failed")]

    def probe(sql: Sql) -> None:
        if failing:
            raise failing.pop()
        schema_probe.probe(sql)

    monkeypatch.setattr(store_opener, "probe", probe)
    async with await Store.open(folder) as store:
        assert store.notices == ()
        assert len(await store.conversations.list()) == 1


async def test_a_damaged_database_is_not_taken_from_a_run_that_lives(folder: Path) -> None:
    await filled(folder)
    async with await Store.open(folder):
        crashed(folder)
        copy = (folder / FILE).read_bytes()
        scramble(folder)
        with pytest.raises(StoreCorrupt, match="damaged"):
            await Store.open(folder)
        (folder / FILE).write_bytes(copy)


async def test_a_setting_aside_that_was_killed_is_ended_at_the_next_start(folder: Path) -> None:
    folder.mkdir()
    (folder / f"{FILE}-wal").write_bytes(b"what is left of a broken one")
    async with await Store.open(folder) as store:
        assert len(store.notices) == 1
    assert len(list(folder.glob(f"broken-*/{FILE}-wal"))) == 1


async def test_the_notice_names_the_newest_backup(folder: Path) -> None:
    await filled(folder)
    async with await Store.open(folder, options=made.LATER):
        pass
    (folder / FILE).write_bytes(b"broken")
    async with await Store.open(folder) as store:
        assert str(next((folder / "backups").iterdir())) in store.notices[0]


async def test_a_start_that_takes_too_long_makes_others_say_so(folder: Path) -> None:
    folder.mkdir()
    with opening_lock(folder), pytest.raises(StoreBusy):
        await Store.open(folder, options=Options(lock_timeout_s=0.05))


async def test_what_no_run_has_made_among_the_locks_hinders_none(folder: Path) -> None:
    (folder / "runs" / "x.lock").mkdir(parents=True)
    (folder / "runs" / "no run.lock").write_text("")
    async with await Store.open(folder) as store:
        assert not store.read_only
        assert list(store._opening.runs.living_since()) == [store.run_id]


async def test_a_run_id_that_is_no_file_name_is_refused_and_nothing_stays_open(folder: Path) -> None:
    with pytest.raises(ValueError, match="run"):
        await Store.open(folder, run_id="../evil")
    async with await Store.open(folder, run_id="good"):
        pass


async def test_a_folder_that_is_a_file_is_a_typed_error(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(StoreReadOnly):
        await Store.open(tmp_path / "data")


def test_an_old_sqlite_is_refused() -> None:
    database.check_sqlite("3.51.3")
    database.check_sqlite("3.54.0")
    with pytest.raises(StoreError, match="3.51.3"):
        database.check_sqlite("3.51.2")


async def test_with_an_old_sqlite_no_store_is_opened_and_no_byte_changes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Check 51 of the storage: the version is looked at before anything is opened."""
    await filled(folder)
    before = content(folder)
    monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: "3.51.2")
    with pytest.raises(StoreError, match="3.51.3 or newer"):
        await Store.open(folder)
    assert content(folder) == before


@pytest.mark.parametrize("path", ["", FILE], ids=["folder", "file"])
async def test_what_cannot_be_written_is_read(folder: Path, children: Children, path: str) -> None:
    """Check 29 of the storage."""
    await filled(folder)
    before = content(folder)
    mode = (folder / path).stat().st_mode
    (folder / path).chmod(mode & ~0o222)
    child = children.start("read_only", folder, before=bound_by_modes())
    assert child.communicate()[0].splitlines() == ["True 1", "kept 1", "store_read_only"]
    (folder / path).chmod(mode)
    assert content(folder) == before


async def test_a_folder_that_cannot_be_written_and_holds_nothing_is_a_typed_error(
    folder: Path, children: Children
) -> None:
    folder.mkdir(mode=0o500)
    child = children.start("read_only", folder / "below", before=bound_by_modes())
    assert child.communicate()[0] == ""
    assert child.returncode == 1


@pytest.mark.parametrize("copied", [False, True], ids=["as it was left", "copied without the log's index"])
async def test_what_an_end_left_in_the_log_is_read_from_a_folder_that_cannot_be_written(
    folder: Path, children: Children, copied: bool
) -> None:
    child = children.start("journal", folder)
    assert child.stdout is not None
    child.stdout.readline()
    child.kill()
    child.wait()
    assert (folder / f"{FILE}-wal").stat().st_size
    if copied:
        (folder / f"{FILE}-shm").unlink()
    before = content(folder)
    everything = [folder, *folder.rglob("*")]
    for path in everything:
        path.chmod(0o500)
    reader = children.start("read_only", folder, before=bound_by_modes())
    lines = reader.communicate()[0].splitlines()
    for path in everything:
        path.chmod(0o700)
    assert lines[-1] == "store_read_only"
    assert lines[0] == "True 1"
    assert len(lines) == 3
    assert content(folder) == before


async def test_a_database_of_the_first_version_gets_pins_and_an_archive(folder: Path) -> None:
    made.database(folder, 1, made.said("Sky"))
    async with await Store.open(folder) as store:
        (found,) = await store.conversations.list()
        assert not found.pinned
        await store.conversations.pin([found.id])
        await store.conversations.archive([found.id])
        (found,) = await store.conversations.list()
        assert found.pinned
        assert found.archived
        await store.conversations.pin([found.id], pinned=False)
        await store.conversations.archive([found.id], archived=False)
        (found,) = await store.conversations.list()
        assert not found.pinned
        assert not found.archived


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
async def test_a_link_that_leads_round_in_a_circle_is_told_and_left_as_it_is(folder: Path) -> None:
    await filled(folder)
    (folder / FILE).rename(folder / "kept.db")
    (folder / FILE).symlink_to(FILE)
    with pytest.raises(StoreError, match=FILE):
        await Store.open(folder)
    assert (folder / FILE).is_symlink()
    (folder / FILE).unlink()
    (folder / "kept.db").rename(folder / FILE)
    async with await Store.open(folder) as store:
        assert len(await store.conversations.list()) == 1
