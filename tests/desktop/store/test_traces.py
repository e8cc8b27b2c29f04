"""What is in the files' bytes, and what must not be."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from desktop.domain.conversation_types import Parameters, Status
from desktop.domain.message_parts import PartKind
from desktop.errors import StoreCorrupt
from desktop.store.sqlite import backups
from desktop.store.sqlite.sql import Sql
from desktop.store.store import Store
from tests.desktop.store import made

SECRETS = ("Zanzibar", "zanzibar", "Quokka", "quokka", "Xylophon", "xylophon", "Marmalade", "10677104eac")


def traces(folder: Path) -> set[str]:
    """Which secrets stand in any file, as they are or as the index spells 東京."""
    held = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    return {secret for secret in SECRETS if secret.encode() in held}


async def keep_secrets(store: Store, number: int) -> str:
    question = made.prompt(f"Zanzibar 東京 {number} " + "Zanzibar plain " * 500)
    streaming = made.answer(question)
    talk = made.conversation(title=f"Xylophon {number}")
    await store.conversations.begin(talk, question, streaming)
    await store.conversations.append(streaming.id, [(PartKind.TEXT, "Quokka " * 300)])
    await store.conversations.set_prompting(talk.id, "Marmalade", Parameters())
    if number % 2:
        await store.conversations.finish(made.finished(streaming, "Quokka " * 400, Status.STOPPED))
    return talk.id


async def test_purging_leaves_no_trace_in_any_file(store: Store, folder: Path) -> None:
    """Check 39."""
    others = [made.said(f"plain words {number} " * 50) for number in range(20)]
    ids: list[str] = []
    for number, other in enumerate(others):
        await store.conversations.create(other)
        ids.append(await keep_secrets(store, number))
    assert len(traces(folder)) >= len(SECRETS) - 1
    await store.conversations.trash(ids[:5])
    await store.conversations.purge(ids)
    assert traces(folder) == set()
    assert {hit.conversation.id for hit in await store.search("plain")} == {other.id for other in others}
    await store._database.write(
        lambda sql: sql.run("INSERT INTO messages_index (messages_index) VALUES ('integrity-check')")
    )


@pytest.mark.slow
async def test_a_trace_in_a_log_that_another_reads_is_removed_after_the_next_write(store: Store, folder: Path) -> None:
    purged = await keep_secrets(store, 1)
    other = Sql(apsw.Connection(str(store.path)))
    other.run("BEGIN; SELECT * FROM messages")
    await store.conversations.purge([purged])
    assert traces(folder)
    other.close()
    await store.conversations.create(made.said("next"))
    assert traces(folder) == set()


async def test_a_finished_answer_leaves_no_journal(store: Store) -> None:
    await keep_secrets(store, 1)
    assert await store._database.read(lambda sql: sql.rows("SELECT * FROM journal")) == []


async def test_a_backup_taken_while_streaming_is_one_whole_file(store: Store, folder: Path, tmp_path: Path) -> None:
    """Check 35."""
    talk = await keep_secrets(store, 0)
    target = tmp_path / "copies" / "conversations.db"
    await store.backup(target)
    await store.backup(target)
    assert [path.name for path in target.parent.iterdir()] == ["conversations.db"]
    async with await Store.open(target.parent) as copy:
        found = await copy.conversations.get(talk)
        assert (found.messages[1].status, copy.recovered) == (Status.STREAMING, 0) or copy.recovered == 1
        assert found.messages[1].text == "Quokka " * 300


def test_a_copy_that_fails_its_check_replaces_nothing(tmp_path: Path) -> None:
    source = Sql(apsw.Connection(str(tmp_path / "source.db")))
    source.run("CREATE TABLE t (x UNIQUE); INSERT INTO t VALUES (1); PRAGMA writable_schema = ON")
    source.run("UPDATE sqlite_schema SET sql = 'CREATE TABLE t (x UNIQUE, y NOT NULL)' WHERE name = 't'")
    target = tmp_path / "copy" / "conversations-1.db"
    target.parent.mkdir()
    target.write_bytes(b"the good one")
    with pytest.raises(StoreCorrupt):
        backups.copy(source, target)
    source.close()
    assert [path.name for path in target.parent.iterdir()] == [target.name]
    assert target.read_bytes() == b"the good one"
