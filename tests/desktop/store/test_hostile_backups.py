"""Backups that somebody else made, to lock the store or to keep it busy without end, are refused with a sentence."""

# ruff: noqa: ASYNC240 - these tests look at files, and nothing else runs in their loop

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import apsw
import pytest

from desktop.domain.conversation_types import Conversation
from desktop.domain.message_parts import PartKind
from desktop.errors import StoreCorrupt, TransferError
from desktop.store.backup import restore
from desktop.store.retention import RetentionRule
from desktop.store.sqlite import database_files
from desktop.store.sqlite.sql import Sql
from desktop.store.store import Store
from desktop.transfer.export import export
from desktop.transfer.export.export import ExportFormat
from desktop.transfer.importer import open_file
from tests.desktop.store import made

DEEP = "[" * 200_000 + "]" * 200_000
NOT_UTF8 = "CAST(x'ff00fe' AS TEXT)"
ENDLESS = """
    PRAGMA foreign_keys = off;
    DROP TABLE conversations;
    CREATE VIEW conversations AS WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r)
    SELECT n AS seq, 'i' || n AS id, 't' AS title, n AS updated_at, NULL AS trashed_at FROM r;
"""
REINDEXED = """CREATE TRIGGER messages_reindexed AFTER UPDATE OF words ON messages BEGIN
    INSERT INTO messages_index (messages_index, rowid, words) VALUES ('delete', old.seq, old.words);
    INSERT INTO messages_index (rowid, words) VALUES (new.seq, new.words);
END"""
STREAMING = "UPDATE messages SET status = 'streaming', run = {run} WHERE role = 'assistant';"
LAST = (1 << 63) - 1
"""The number after which SQLite draws lots."""

FOREIGN = {
    "trigger": "CREATE TRIGGER zz BEFORE UPDATE ON messages BEGIN SELECT RAISE (ABORT, 'no'); END",
    "view": "CREATE VIEW zz AS SELECT 1",
    "table": "CREATE TABLE zz (x)",
    "index": "CREATE INDEX zz ON messages (hex(zeroblob(length(id))))",
    "column": "ALTER TABLE comparisons ADD COLUMN zz TEXT",
    "lacking index": "DROP INDEX messages_dated",
    "UTF-16": "UTF-16",
    "endless view": ENDLESS,
}
UNREADABLE = {
    "ring": "PRAGMA foreign_keys = off; UPDATE messages SET parent = seq + 1",
    "nobody's message": "PRAGMA foreign_keys = off; UPDATE messages SET conversation = 99",
    "last message": f"""INSERT INTO messages SELECT {LAST}, 'last', conversation, seq, role, status, run, created_at,
        facts, parts, '' FROM messages LIMIT 1""",
    "last journal": f"INSERT INTO journal VALUES ({LAST}, 1, 'text', 'x')",
    "last comparison": f"INSERT INTO comparisons VALUES ({LAST}, 'x', 't', 1, 1, NULL, '{{}}')",
}
DAMAGED = {
    "id": f"UPDATE conversations SET id = {NOT_UTF8}",
    "title": f"UPDATE conversations SET title = {NOT_UTF8}",
    "model": f"UPDATE conversations SET model = {NOT_UTF8}",
    "tag": f"INSERT INTO conversation_tags SELECT seq, 'k', {NOT_UTF8} FROM conversations",
    "run": STREAMING.format(run=NOT_UTF8),
    "message's id": f"UPDATE messages SET id = {NOT_UTF8} WHERE seq = 1",
    "facts": "UPDATE messages SET facts = 'nonsense'",
    "deep facts": f"""UPDATE messages SET facts = '{{"x":{DEEP}}}'""",
    "parts": f"UPDATE messages SET parts = {NOT_UTF8}",
    "deep parts": f"UPDATE messages SET parts = '{DEEP}'",
    "deep parameters": f"""UPDATE conversations SET parameters = '{{"values":{{"x":{DEEP}}}}}'""",
    "comparison": f"INSERT INTO comparisons VALUES (9, {NOT_UTF8}, 't', 1, 1, NULL, '{{}}')",
    "comparison's title": f"INSERT INTO comparisons VALUES (9, 'x', {NOT_UTF8}, 1, 1, NULL, '{{}}')",
    "state": f"INSERT INTO comparisons VALUES (9, 'x', 't', 1, 1, NULL, {NOT_UTF8})",
}
"""What a flipped bit does to one row, which keeps nothing else from being read."""


def talk() -> Conversation:
    question = made.prompt("kept words")
    return made.conversation(question, made.answer(question, "yes", made.Status.COMPLETE))


async def backup_with(folder: Path, statements: str) -> Path:
    """A backup of a store with one conversation, changed by somebody else."""
    other, path = folder.parent / "other", folder.parent / "evil.db"
    async with await Store.open(other) as store:
        await store.conversations.create(talk())
        await store.backup(path)
    sql = Sql(apsw.Connection(str(path)))
    if statements == "UTF-16":
        in_utf_16(sql, path)
    else:
        sql.run(statements)
    sql.close()
    return path


def in_utf_16(sql: Sql, path: Path) -> None:
    """The same schema in a file of another encoding, as a tool would make it."""
    made_of = [
        row[0] for row in sql.rows("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT GLOB '*_index_*'")
    ]
    path.unlink()
    other = Sql(apsw.Connection(str(path)))
    other.run(f"PRAGMA encoding = 'UTF-16le'; {';'.join(made_of)}; PRAGMA user_version = 5")
    other.close()


@pytest.mark.parametrize("statements", FOREIGN.values(), ids=FOREIGN)
async def test_a_backup_with_what_paragone_does_not_make_is_refused(
    folder: Path, store: Store, statements: str
) -> None:
    path = await backup_with(folder, statements)
    await store.conversations.create(made.said("here"))
    deeds: list[Callable[[], Awaitable[object]]] = [
        lambda: store.safety.preview(path),
        lambda: store.safety.restore(path),
        lambda: store.safety.add_missing(path),
    ]
    for deed in deeds:
        with pytest.raises(StoreCorrupt, match=r"evil\.db"):
            await asyncio.wait_for(deed(), 20)
    assert [each.title for each in await store.conversations.list()] == ["Sky"]
    assert not [*folder.glob("replaced-*"), *folder.glob("exchange")]


@pytest.mark.parametrize("statements", UNREADABLE.values(), ids=UNREADABLE)
async def test_a_backup_that_cannot_be_read_takes_nothing_s_place(folder: Path, store: Store, statements: str) -> None:
    path = await backup_with(folder, statements)
    await store.conversations.create(made.said("here"))
    with pytest.raises(StoreCorrupt, match=r"evil\.db"):
        await store.safety.restore(path)
    assert len(await store.search("here")) == 1
    assert not [*folder.glob("replaced-*"), *folder.glob("exchange")]


@pytest.mark.parametrize("number", [1 << 53, 1 << 62])
async def test_what_follows_rows_of_the_highest_numbers_can_be_restored_as_well(
    folder: Path, store: Store, number: int
) -> None:
    answer, talks = f"(SELECT max(seq) FROM messages) + {number} - 2", f"{number} - 1 + seq"
    path = await backup_with(
        folder,
        f"""PRAGMA foreign_keys = off;
        UPDATE conversations SET current = {answer}; UPDATE messages SET conversation = {talks.replace("seq", "1")};
        UPDATE messages SET parent = {number} - 1 WHERE parent IS NOT NULL;
        UPDATE messages SET seq = {number} - 2 + seq;
        UPDATE conversations SET seq = {talks}; INSERT INTO conversation_tags SELECT seq, 'k', 'K' FROM conversations;
        INSERT INTO comparisons VALUES ({number}, 'x', 't', 1, 1, NULL, '{{}}');
        INSERT INTO messages_index (messages_index) VALUES ('rebuild');
        INSERT INTO conversations_index (conversations_index) VALUES ('rebuild');""",
    )
    await store.safety.restore(path)
    await store.conversations.create(made.said("here"))
    again = path.with_name("again.db")
    await store.backup(again)
    await store.safety.restore(again)
    (first,) = [each for each in await store.conversations.list() if each.tags]
    assert [each.text for each in (await store.conversations.get(first.id)).path()] == ["kept words", "yes"]
    assert len(await store.search("here")) == len(await store.search("kept")) == 1


@pytest.mark.parametrize("statements", DAMAGED.values(), ids=DAMAGED)
async def test_one_damaged_row_keeps_no_backup_from_coming_back_nor_anything_from_being_read(
    folder: Path, store: Store, statements: str
) -> None:
    path = await backup_with(folder, statements)
    assert await store.safety.add_missing(path) == 1
    whole = made.said("here")
    await store.safety.preview(path)
    await store.safety.restore(path)
    assert len(await store.conversations.list()) == 1
    await store.conversations.create(whole)
    assert len(await store.search("here")) == 1
    choice = await export.choose_all(store)
    text: list[str] = []
    assert await export.write(store, choice, ExportFormat.JSON, text.append) == ()
    assert whole.id in "".join(text)


async def test_one_damaged_row_keeps_no_other_from_being_read_where_it_is(folder: Path) -> None:
    for number, statements in enumerate(DAMAGED.values()):
        data = folder.parent / f"data-{number}"
        async with await Store.open(data) as store:
            await store.conversations.create(talk())
            await store.conversations.create(whole := made.said("here"))
        sql = Sql(apsw.Connection(str(data / "conversations.db")))
        first = "WHERE seq = (SELECT min(seq) FROM {})"
        table = "messages" if "messages" in statements else "conversations"
        is_update = statements.startswith("UPDATE") and "WHERE" not in statements
        sql.run(f"{statements} {first.format(table)}" if is_update else statements)
        sql.close()
        async with await Store.open(data) as store:
            assert whole.title in [each.title for each in await store.conversations.list()]
            assert len(await store.conversations.list()) == 2
            assert len(await store.search("here")) == 1
            text: list[str] = []
            unread = await export.write(store, await export.choose_all(store), ExportFormat.JSON, text.append)
            assert unread == ()
            assert whole.id in "".join(text)


@pytest.mark.parametrize(
    "statements",
    [
        "INSERT INTO messages_index (messages_index) VALUES ('delete-all')",
        "INSERT INTO messages_index (messages_index, rowid, words) VALUES ('delete', 1, 'never said')",
        "UPDATE messages_index_data SET block = x'00' WHERE id = 1",
        "DELETE FROM messages_index_docsize",
        "UPDATE conversations_index_data SET block = CAST('{}' AS BLOB) WHERE id = 10",
        "UPDATE messages_index_data SET block = -5 WHERE id = 1",
        "INSERT INTO messages_index_config VALUES ('rank', 'nosuch()')",
        "DROP TRIGGER messages_reindexed; UPDATE messages SET words = words || ' more'; " + REINDEXED,
    ],
)
async def test_an_index_that_does_not_fit_its_rows_is_made_anew(folder: Path, store: Store, statements: str) -> None:
    path = await backup_with(folder, statements)
    await store.safety.restore(path)
    later = made.said("later words")
    await store.conversations.create(later)
    assert len(await store.search("later")) == 1
    await store.conversations.purge([later.id])
    (hit,) = await store.search("kept")
    await store.conversations.purge([hit.conversation.id])
    assert not await store.search("kept")
    assert not await store.conversations.list()


@pytest.mark.parametrize(
    "words", [NOT_UTF8, "'never said'", "printf('%*c', 9000000, 'x')"], ids=["bytes", "lie", "many"]
)
async def test_the_words_that_a_backup_is_searched_by_are_those_that_were_said(
    folder: Path, store: Store, words: str
) -> None:
    path = await backup_with(folder, f"UPDATE messages SET words = {words}; UPDATE conversations SET words = {words}")
    await store.safety.restore(path)
    assert len(await store.search("kept")) == 1
    assert len(await store.search("sky")) == 1
    assert not await store.search("never")
    assert await store._database.read(lambda sql: sql.integer("SELECT max(octet_length(words)) FROM messages")) == 10
    await store.conversations.rename((await store.conversations.list())[0].id, "Sea")
    assert len(await store.search("sea")) == 1
    assert not await store.search("sky")


async def test_words_that_are_no_text_keep_nothing_else_from_being_found(store: Store) -> None:
    first, second = talk(), made.said("kept too")
    for each in (first, second):
        await store.conversations.create(each)
    for table in ("messages", "conversations"):
        damage = f"UPDATE {table} SET words = {NOT_UTF8} WHERE seq = (SELECT max(seq) FROM {table})"
        await store._database.write(lambda sql, damage=damage: sql.run(damage))
    assert [hit.conversation.id for hit in await store.search("kept")] == [first.id]
    assert [hit.conversation.id for hit in await store.search("kept sky")] == [first.id]


async def test_what_a_backup_tells_the_planner_is_forgotten(folder: Path, store: Store) -> None:
    path = await backup_with(folder, "ANALYZE; UPDATE sqlite_stat1 SET stat = '1 1'")
    await store.safety.restore(path)
    found = await store._database.read(lambda sql: sql.rows("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'"))
    assert not found


@pytest.mark.parametrize("adds", [False, True])
async def test_a_backup_that_is_a_link_beside_somebody_s_log_brings_nothing_foreign(
    folder: Path, store: Store, *, adds: bool
) -> None:
    path = await backup_with(folder, "PRAGMA journal_mode = wal")
    real = path.parent / "real"
    real.mkdir()
    changing = Sql(apsw.Connection(str(path)))
    changing.run(FOREIGN["trigger"])
    for each in (path, path.with_name("evil.db-wal")):  # before the log is put into the file
        shutil.copy(each, real)
    changing.close()
    (path.parent / "linked").mkdir()
    link = path.parent / "linked" / "evil.db"
    link.symlink_to(real / "evil.db")
    with pytest.raises(StoreCorrupt, match=r"evil\.db"):
        await (store.safety.add_missing(link) if adds else store.safety.restore(link))
    await store.conversations.create(made.said("here"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such files there")
@pytest.mark.parametrize("kind", ["pipe", "/dev/zero"])
async def test_a_device_is_no_backup_and_no_export(folder: Path, store: Store, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "pipe" if kind == "pipe" else Path(kind)
    if kind == "pipe":
        os.mkfifo(path)
    async with asyncio.timeout(10):
        with pytest.raises(StoreCorrupt, match="not a backup"):
            await store.safety.restore(path)
        with pytest.raises(TransferError, match="is not a file"):
            await asyncio.to_thread(open_file, path)


async def test_a_backup_without_end_is_listed_as_one_that_cannot_be_read(folder: Path, store: Store) -> None:
    path = await backup_with(folder, ENDLESS)
    (folder / "backups").mkdir()
    path.rename(folder / "backups" / "conversations-20260101.db")
    (found,) = await asyncio.wait_for(store.safety.backups(), 20)
    assert found.conversations is None


@pytest.mark.parametrize("statements", ["ANALYZE", "PRAGMA user_version = 4", "PRAGMA user_version = 0"])
async def test_a_backup_that_a_tool_analysed_or_that_says_another_version_is_ours(
    folder: Path, store: Store, statements: str
) -> None:
    path = await backup_with(folder, statements)
    assert (await store.safety.preview(path)).added.number == 1
    await store.safety.restore(path)
    assert len(await store.search("kept")) == 1
    assert await store.safety.add_missing(path) == 0


async def test_deep_comparisons_and_parameters_of_a_backup_are_shown_as_far_as_possible(
    folder: Path, store: Store
) -> None:
    nested = "[" * 900 + "]" * 900
    path = await backup_with(
        folder,
        f"""UPDATE conversations SET parameters = '{{"values":{{"top_p":0.5,"x":{nested}}}}}';
        INSERT INTO comparisons VALUES (9, 'deep', 't', 1, 1, NULL, '{{"x":{DEEP}}}');
        INSERT INTO comparisons VALUES (8, 'nested', 't', 1, 1, NULL,
            '{{"panes":[{{"conversation":"c","model":"a/b","parameters":{{"values":{{"x":{nested}}}}}}}]}}')""",
    )
    assert await store.safety.add_missing(path) == 1
    assert {each.id for each in await store.comparisons.list()} == {"deep", "nested"}
    assert (await store.comparisons.get("nested")).panes[0].parameters.values == {}
    for id_ in ("deep", "nested"):
        await store.comparisons.save(await store.comparisons.get(id_))
    (summary,) = await store.conversations.list()
    assert (await store.conversations.get(summary.id)).parameters.values == {"top_p": 0.5}


@pytest.mark.parametrize("state", ["nonsense", '{"panes":5}', "[]", '{"panes":[{"conversation":5}]}', DEEP])
async def test_a_comparison_that_cannot_be_read_keeps_nothing_from_being_deleted(folder: Path, state: str) -> None:
    async with await Store.open(folder) as store:
        await store.conversations.create(talk())
        old = f"INSERT INTO comparisons VALUES (9, 'odd', 't', 1, 1, NULL, '{state}')"
        await store._database.write(lambda sql: sql.run(old))
        assert await store.retention.tidy(RetentionRule(0, {}, strict=False), ending=True) == 1
        assert not await store.comparisons.list()


@pytest.mark.parametrize("damage", [FOREIGN["trigger"], STREAMING.format(run=NOT_UTF8)], ids=["trigger", "run"])
async def test_an_answer_that_sqlite_does_not_let_recover_locks_nobody_out(folder: Path, damage: str) -> None:
    async with await Store.open(folder) as store:
        question = made.prompt("kept words")
        streaming = made.answer(question)
        await store.conversations.begin(made.conversation(), question, streaming)
        await store.conversations.append(streaming.id, [(PartKind.TEXT, "said last")])
        await store._database.write(lambda sql: sql.run("UPDATE messages SET run = 'dead' WHERE run IS NOT NULL"))
        await store._database.write(lambda sql: sql.run(damage))
    async with await Store.open(folder) as store:
        assert store.aside is None
        assert len(await store.search("kept")) == 1
        (summary,) = await store.conversations.list()
        assert (await store.conversations.get(summary.id)).messages[1].text == "said last"


async def test_an_answer_is_recovered_whose_words_the_index_lacks(folder: Path) -> None:
    async with await Store.open(folder) as store:
        question = made.prompt("kept words")
        streaming = made.answer(question)
        await store.conversations.begin(made.conversation(), question, streaming)
        await store.conversations.append(streaming.id, [(PartKind.TEXT, "said last")])
        lost = "UPDATE messages SET words = 'x y', run = 'dead' WHERE run IS NOT NULL"
        await store._database.write(lambda sql: sql.run(lost))
        await store._database.write(
            lambda sql: sql.run("INSERT INTO messages_index (messages_index) VALUES ('delete-all')")
        )
    async with await Store.open(folder) as store:
        assert store.aside is None
        (summary,) = await store.conversations.list()
        assert (await store.conversations.get(summary.id)).messages[1].text == "said last"


async def test_a_ring_of_messages_has_an_end(store: Store) -> None:
    await store.conversations.create(talk())
    damage = "PRAGMA defer_foreign_keys = on; UPDATE messages SET parent = (SELECT max(seq) FROM messages)"
    await store._database.write(lambda sql: sql.run(damage))
    (summary,) = await store.conversations.list()
    found = await store.conversations.get(summary.id)
    assert [each.text for each in found.path()] == ["yes"]


async def test_what_is_damaged_in_one_message_keeps_nothing_else_from_being_found_or_counted(store: Store) -> None:
    first, second = talk(), made.said("kept too")
    await store.conversations.create(first)
    await store.conversations.create(second)
    await store._database.write(lambda sql: sql.run("UPDATE messages SET facts = 'nonsense' WHERE role = 'assistant'"))
    assert await store.spent(made.START) == 0
    gone = "DROP TRIGGER messages_unindexed; UPDATE conversations SET current = NULL;"
    gone += f" DELETE FROM messages WHERE id = '{second.messages[0].id}'"
    await store._database.write(lambda sql: sql.run(gone))
    assert [hit.conversation.id for hit in await store.search("kept")] == [first.id]


async def test_a_log_that_another_user_put_beside_a_backup_is_none_of_it(store: Store, tmp_path: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("only root gives files away")
    backup = tmp_path / "backup.db"
    await store.backup(backup)
    log = backup.with_name("backup.db-wal")
    log.write_bytes(b"what they wrote")
    assert database_files.has_log(backup)
    os.chown(log, 12_345, 12_345)
    assert not database_files.has_log(backup)
    assert (await store.safety.preview(backup)).added == restore.Some(0, ())
    assert log.read_bytes() == b"what they wrote"
