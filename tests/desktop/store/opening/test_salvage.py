"""A database that cannot be used as it is costs what is damaged alone: the rest is taken over into a new one."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import shutil
from pathlib import Path

import apsw
import pytest

from desktop.store.opening import database_schema, rebuilt_trees, salvage
from desktop.store.sqlite.database import Access, connect
from desktop.store.sqlite.sql import Sql
from desktop.store.store import Store
from tests.desktop.store import made

FILE = "conversations.db"
_LEAF = 13
"""What a page begins with that holds rows."""


async def filled(folder: Path) -> list[str]:
    """Thirty conversations, one with a tag and one with much to say; their ids."""
    async with await Store.open(folder) as store:
        talks = [made.said(f"words {number}" + " and more" * (5_000 if number == 20 else 150)) for number in range(30)]
        for talk in talks:
            await store.conversations.create(talk)
        await store.tags.add([talks[3].id], "kept")
    return [talk.id for talk in talks]


def crashed(folder: Path) -> None:
    (folder / "runs" / "dead.lock").touch(0o600)


def root_of(folder: Path, table: str) -> int:
    sql = connect(folder / FILE)
    try:
        return int(sql.rows("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,))[0][0])
    finally:
        sql.close()


def overwrite(folder: Path, at: int, data: bytes) -> None:
    with (folder / FILE).open("r+b") as file:
        file.seek(at)
        file.write(data)


async def seen(store: Store) -> dict[str, str]:
    """What was said first, by conversation."""
    listed = await store.conversations.list()
    talks = [await store.conversations.get(each.id) for each in listed]
    return {talk.id: talk.messages[0].text if talk.messages else "" for talk in talks}


async def test_damage_that_takes_no_row_costs_none(folder: Path) -> None:
    ids = await filled(folder)
    overwrite(folder, (root_of(folder, "conversations") - 1) * 4096 + 7, b"\x01")  # a page's count of fragments
    crashed(folder)
    async with await Store.open(folder) as store:
        assert "recovered 30 conversations and 30 messages into a new database; 0 rows" in store.notices[0]
        assert store.aside is not None
        assert sorted(await seen(store)) == sorted(ids)
        assert len(await store.search("words")) == 30
        assert [each.tag for each in await store.tags.list()] == ["kept"]
        assert await store.conversations.create(made.said("new"))
    async with await Store.open(folder) as store:
        assert (store.notices, len(await seen(store))) == ((), 31)
    sql = connect(folder / FILE)
    assert sql.pragma("integrity_check") == "ok"
    assert sql.rows("PRAGMA foreign_key_check") == []
    sql.close()


async def test_a_page_that_is_gone_costs_what_lay_in_it(folder: Path) -> None:
    ids = await filled(folder)
    held = (folder / FILE).read_bytes()
    page = next(
        at for at in range(len(held) // 4096) if held[at * 4096] == _LEAF and b"words 7" in held[at * 4096 :][:4096]
    )
    overwrite(folder, page * 4096, b"\xff" * 4096)
    crashed(folder)
    async with await Store.open(folder) as store:
        found = await seen(store)
        assert len(await store.search("words")) == 29
        assert "new database; 1 row" in store.notices[0]
    assert found.keys() == {*ids}
    assert [*found.values()].count("") == 1


@pytest.mark.parametrize("is_full", [False, True])
async def test_a_start_that_ended_meanwhile_leaves_it_to_the_next(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, is_full: bool
) -> None:
    ids = await filled(folder)
    overwrite(folder, (root_of(folder, "conversations") - 1) * 4096 + 7, b"\x01")
    crashed(folder)

    def ended(*_: object) -> salvage.Salvaged:
        raise apsw.FullError("full") if is_full else KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(salvage, "salvage", ended)
        if is_full:
            async with await Store.open(folder) as store:
                assert "a new one" in store.notices[0]
        else:
            with pytest.raises(KeyboardInterrupt):
                await Store.open(folder)
    async with await Store.open(folder) as store:
        assert "recovered 30 conversations" in store.notices[0]
        assert sorted(await seen(store)) == sorted(ids)
    assert not salvage.take_over(Sql(apsw.Connection(":memory:")), Access(path=folder / FILE), folder)


async def test_what_was_said_meanwhile_and_what_is_taken_over_later_stand_side_by_side(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk without room for both: the new rows have the numbers of the old ones by the time there is room."""
    ids = await filled(folder)
    async with await Store.open(folder) as store:
        both = await store.conversations.get(ids[2])
    overwrite(folder, (root_of(folder, "conversations") - 1) * 4096 + 7, b"\x01")
    crashed(folder)

    def full(*_: object) -> salvage.Salvaged:
        raise apsw.FullError("full")

    new = [made.said(f"meanwhile {number}") for number in range(3)]
    with monkeypatch.context() as patched:
        patched.setattr(salvage, "salvage", full)
        async with await Store.open(folder) as store:
            assert "not enough space to recover the readable part. Free" in store.notices[0]
            for talk in [*new, both]:  # the last is one that came back from a backup
                await store.conversations.create(talk)
            await store.tags.add([new[0].id], "new")
    async with await Store.open(folder) as store:
        assert "recovered 29 conversations and 29 messages into a new database; 0 rows" in store.notices[0]
        found = await seen(store)
        assert found.keys() == {*ids, *(talk.id for talk in new)}
        assert [found[talk.id] for talk in new] == [talk.messages[0].text for talk in new]
        assert all(found[ids[at]].startswith(f"words {at} ") for at in range(30))
        assert sorted(each.tag for each in await store.tags.list()) == ["kept", "new"]
        assert all([len((await store.conversations.get(each)).messages) == 1 for each in found])
    sql = connect(folder / FILE)
    assert (sql.pragma("integrity_check"), sql.rows("PRAGMA foreign_key_check")) == ("ok", [])
    sql.close()


async def test_messages_whose_conversation_cannot_be_read_are_kept_in_one_made_anew(folder: Path) -> None:
    ids = await filled(folder)
    overwrite(folder, (root_of(folder, "conversations") - 1) * 4096, b"\0" * 512)
    crashed(folder)
    async with await Store.open(folder) as store:
        listed = await store.conversations.list()
        assert len(listed) == len(ids)
        assert {each.title.split()[1] for each in listed} == {str(number) for number in range(len(ids))}
        assert all((await seen(store)).values())
        assert len(await store.search("words")) == len(ids)
    sql = connect(folder / FILE)
    assert (sql.pragma("integrity_check"), sql.rows("PRAGMA foreign_key_check")) == ("ok", [])
    sql.close()


async def test_a_row_that_is_told_and_not_found_ends_no_start(folder: Path) -> None:
    """An index tells it, the search for its number does not find it: healing cannot go on, taking over can."""
    await filled(folder)
    held = (folder / FILE).read_bytes()
    starts = [
        at for at in range(0, len(held), 512) if held[at // 4096 * 4096] == _LEAF and b"and more" in held[at:][:512]
    ]
    assert len(starts) > 20
    for at in starts[:: max(len(starts) // 12, 1)]:
        (folder / FILE).write_bytes(held)
        overwrite(folder, at, b"\0" * 512)
        for side in ("-damaged", "-wal", "-shm"):
            (folder / f"{FILE}{side}").unlink(missing_ok=True)
        (folder / f"{FILE}-damaged").touch(0o600)
        async with await Store.open(folder) as store:
            assert len(await seen(store)) >= 28


@pytest.mark.parametrize("pages", [1, 6])
async def test_a_file_whose_end_is_missing_costs_what_lay_there(folder: Path, pages: int) -> None:
    await filled(folder)
    os.truncate(folder / FILE, (folder / FILE).stat().st_size - pages * 4096)
    crashed(folder)
    async with await Store.open(folder) as store:
        assert len(await seen(store)) > 20
        assert store.aside is not None


@pytest.mark.parametrize("adds", [False, True])
async def test_what_can_be_read_of_a_damaged_backup_comes_back(folder: Path, tmp_path: Path, *, adds: bool) -> None:
    ids = await filled(folder)
    backup = tmp_path / "stick.db"
    (folder / FILE).rename(backup)
    shutil.rmtree(folder)
    sound = backup.read_bytes()
    at = sound.index(b"words 7 and more")
    backup.write_bytes(sound[: at // 4096 * 4096] + b"\xff" * 4096 + sound[at // 4096 * 4096 + 4096 :])
    async with await Store.open(folder) as store:
        own = made.said("said here")
        await store.conversations.create(own)
        change = await store.safety.preview(backup)
        assert (change.added.number, change.unreadable) == (30, 1)
        await (store.safety.add_missing(backup) if adds else store.safety.restore(backup))
        found = await seen(store)
        assert found.keys() == {*ids, *([own.id] if adds else [])}
        assert sorted(found.values()).count("") == 1
        assert not [*(folder / "backups").glob(".*")]


async def test_numbers_that_leap_behind_what_cannot_be_read_are_found_from_the_end(folder: Path) -> None:
    await filled(folder)
    sql = connect(folder / FILE)
    sql.pragma("foreign_keys", "off")
    sql.run("UPDATE messages SET seq = seq + (1 << 52) WHERE seq > 25")
    sql.run("UPDATE conversations SET current = current + (1 << 52) WHERE current > 25")
    sql.close()
    held = (folder / FILE).read_bytes()
    at = held.rindex(b"words 26 and more") // 4096 * 4096
    overwrite(folder, at, b"\xff" * 4096)
    crashed(folder)
    async with asyncio.timeout(20), await Store.open(folder) as store:
        assert len(await seen(store)) == 30
        assert sum(map(bool, (await seen(store)).values())) >= 25


@pytest.mark.parametrize(
    ("said", "bit"),
    [
        (b"status TEXT NOT NULL,", 0),  # of the messages: a column's name
        (b"title TEXT NOT NULL,\n    words", 7),  # of the conversations: no UTF-8 any more
        (b"CREATE TABLE messages (", 1),
        (b"tablemessagesmessages", 6),  # what kind of thing it is
        (b"messagesmessages", 0),  # its name
        (b"CREATE TRIGGER conversations_indexed", 2),
        (b"CREATE INDEX messages_parent", 3),
        (b"CREATE TABLE suite_runs", 0),
    ],
)
async def test_a_bit_of_the_schema_costs_nothing(folder: Path, said: bytes, bit: int) -> None:
    """It lies in four pages, and would cost all that the others hold."""
    ids = await filled(folder)
    held = (folder / FILE).read_bytes()
    at = held.index(said)
    overwrite(folder, at, bytes([held[at] ^ 1 << bit]))
    damaged = (folder / FILE).read_bytes()
    crashed(folder)
    async with await Store.open(folder) as store:
        assert store.aside is not None
        assert "recovered 30 conversations and 30 messages into a new database; 0 rows" in store.notices[0]
        found = await seen(store)
        assert sorted(found) == sorted(ids)
        assert all(found.values())
        assert [each.tag for each in await store.tags.list()] == ["kept"]
    assert (store.aside / FILE).read_bytes() == damaged


async def test_each_page_that_cannot_be_read_costs_its_own_rows_alone_and_they_are_counted(folder: Path) -> None:
    """Those of the schema, and those that lead to others, hold no conversation."""
    ids = await filled(folder)
    sql = connect(folder / FILE)
    told = sql.rows("SELECT pageno, name, pagetype, ncell FROM dbstat")
    sql.close()
    held = (folder / FILE).read_bytes()
    unread = re.compile("(\\d+) messages into a new database; (\\d+) row")
    for page, name, kind, cells in told:
        for side in ("-wal", "-shm"):
            (folder / f"{FILE}{side}").unlink(missing_ok=True)
        (folder / FILE).write_bytes(held[: (page - 1) * 4096] + b"\xa5" * 4096 + held[page * 4096 :])
        crashed(folder)
        own = cells if kind == "leaf" and name in {"messages", "conversations", "conversation_tags"} else 0
        torn = int(kind == "overflow" and name == "messages")  # a text's last page may be anything: it comes with it
        async with await Store.open(folder) as store:
            assert len(await store.conversations.list()) == len(ids)
            found = unread.search(store.notices[0])
            assert found is not None
            assert int(found[1]) >= len(ids) - (own + torn if name == "messages" else 0), (page, name, kind)
            assert own <= int(found[2]) <= own + torn, (page, name, kind)


async def test_a_copy_that_finds_no_room_is_made_at_a_later_start(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> Sql:
        raise OSError(errno.ENOSPC, "full")

    ids = await filled(folder)
    overwrite(folder, 0, b"\xa5" * 4096)
    crashed(folder)
    with monkeypatch.context() as patched:
        patched.setattr(rebuilt_trees, "hung_anew", full)
        async with await Store.open(folder) as store:
            assert "not enough space to recover the readable part. Free" in store.notices[0]
    async with await Store.open(folder) as store:
        assert sorted(await seen(store)) == sorted(ids)


async def test_a_first_page_that_cannot_be_read_costs_nothing_that_the_log_holds(folder: Path) -> None:
    """A killed run leaves its last words in the log alone."""
    async with await Store.open(folder) as store:
        early = made.said("early words")
        await store.conversations.create(early)
        kept = (folder / FILE).read_bytes(), (folder / f"{FILE}-wal").read_bytes()
        assert b"early words" in kept[1]
    (folder / FILE).write_bytes(b"\xa5" * 4096 + kept[0][4096:])
    (folder / f"{FILE}-wal").write_bytes(kept[1])
    crashed(folder)
    async with await Store.open(folder) as store:
        assert (await seen(store)) == {early.id: "early words"}


@pytest.mark.parametrize("change", ["name = NULL", "type = NULL", "name = 7", "sql = x'00ff'", "sql = 7"])
async def test_a_schema_with_cells_of_another_kind_keeps_nothing_from_opening(folder: Path, change: str) -> None:
    """A bit in a row's head makes them; to name or compare them ended the start in a bug."""
    ids = await filled(folder)
    sql = connect(folder / FILE)
    sql.connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 0)
    sql.pragma("writable_schema", "on")
    sql.run(f"UPDATE sqlite_schema SET {change} WHERE name = 'messages_parent'")
    sql.close()
    crashed(folder)
    async with await Store.open(folder) as store:
        assert store.aside is not None
        found = await seen(store)
    assert sorted(found) == sorted(ids)
    assert all(found.values())


async def test_a_schema_that_cannot_be_put_right_costs_what_is_damaged_in_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise apsw.CorruptError

    await filled(folder)
    held = (folder / FILE).read_bytes()
    at = held.index(b"title TEXT NOT NULL,\n    words")
    overwrite(folder, at, b"x")
    crashed(folder)
    monkeypatch.setattr(database_schema, "lay_anew", fails)
    monkeypatch.setattr(rebuilt_trees, "hung_anew", fails)
    async with await Store.open(folder) as store:
        assert "recovered 30 conversations and 30 messages into a new database; 1 rows" in store.notices[0]
        assert all((await seen(store)).values())


@pytest.mark.parametrize("present", [2, 5])
async def test_what_can_be_read_of_an_older_schema_is_taken_over_too(folder: Path, present: int) -> None:
    """The backup that is made before it is changed fails, and so would all."""
    made.database(folder, present, *(made.said(f"words {number}") for number in range(3)))
    overwrite(folder, (root_of(folder, "messages") - 1) * 4096 + 7, b"\x01")
    async with await Store.open(folder) as store:
        assert store.aside is not None
        assert sorted((await seen(store)).values()) == ["words 0", "words 1", "words 2"]


@pytest.mark.parametrize("is_empty", [False, True])
async def test_a_database_that_is_gone_is_told_and_its_newest_backup_stays(folder: Path, *, is_empty: bool) -> None:
    await filled(folder)
    async with await Store.open(folder) as store:
        daily = await store.backup_daily()
    assert daily is not None
    old = daily.rename(daily.with_name("conversations-20200101.db"))
    for number in range(2, 8):
        shutil.copy(old, old.with_name(f"conversations-2020010{number}.db"))
    (folder / FILE).write_bytes(b"") if is_empty else (folder / FILE).unlink()
    async with await Store.open(folder) as store:
        assert "is missing from" in store.notices[0]
        assert "conversations-20200107-kept.db" in store.notices[0]
        await store.conversations.create(made.said("new"))
        await store.backup_daily()
        kept = [each for each in await store.safety.backups() if each.conversations == 30]
        assert any(each.path.name.endswith("-kept.db") for each in kept)
    async with await Store.open(folder) as store:
        assert store.notices == ()
