from __future__ import annotations

import asyncio
import time
from pathlib import Path

import apsw
import pytest

from desktop.errors import StoreReadOnly
from desktop.message_parts import PartKind
from desktop.store.sqlite.database import connect
from desktop.store.sqlite.sql import Sql
from desktop.store.store import Store
from tests.desktop.store import made


async def test_a_job_whose_awaiter_is_cancelled_is_still_done(store: Store) -> None:
    talk = made.said("kept all the same")
    task = asyncio.ensure_future(store.conversations.create(talk))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await store.conversations.rename(talk.id, "and after it")
    assert (await store.conversations.get(talk.id)).title == "and after it"


async def test_an_opening_whose_awaiter_is_cancelled_leaves_nothing_held(folder: Path) -> None:
    task = asyncio.ensure_future(Store.open(folder, run_id="gone"))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with await Store.open(folder) as store:
        assert (store.recovered, store.notices) == (0, ())


async def test_closing_twice_is_harmless_and_use_after_it_is_a_bug(folder: Path) -> None:
    store = await Store.open(folder)
    await store.aclose()
    await store.aclose()
    with pytest.raises(RuntimeError):
        await store.conversations.list()


async def test_the_reader_cannot_write(store: Store) -> None:
    with pytest.raises(StoreReadOnly):
        await store._database.read(lambda sql: sql.run("DELETE FROM messages"))


async def test_the_promised_pragmas_hold(store: Store) -> None:
    def pragmas(sql: Sql) -> dict[str, object]:
        return {name: sql.pragma(name) for name in ("journal_mode", "foreign_keys", "mmap_size", "secure_delete")}

    held = await store._database.write(pragmas)
    assert held == {"journal_mode": "wal", "foreign_keys": 1, "mmap_size": 0, "secure_delete": 1}
    full, normal = 2, 1
    assert await store._database.write(lambda sql: sql.pragma("synchronous")) == full
    assert await store._database.write(lambda sql: sql.pragma("synchronous"), durable=False) == normal
    assert await store._database.write(lambda sql: sql.pragma("synchronous")) == full


async def test_storing_a_delta_takes_far_under_ten_milliseconds(store: Store) -> None:
    question = made.prompt()
    streaming = made.answer(question)
    await store.conversations.begin(made.conversation(), question, streaming)
    taken: list[float] = []
    for _ in range(200):
        begun = time.perf_counter()
        await store.conversations.append(streaming.id, [(PartKind.TEXT, "word ")])
        taken.append(time.perf_counter() - begun)
    assert sorted(taken)[100] < 0.01


def test_a_file_that_another_run_writes_is_turned_to_a_log_once_that_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "new.db"
    other = Sql(apsw.Connection(str(path)))
    other.run("BEGIN IMMEDIATE; CREATE TABLE theirs (x)")

    def wait(_seconds: float) -> None:
        other.run("COMMIT")

    monkeypatch.setattr(time, "sleep", wait)
    sql = connect(path)
    assert (sql.pragma("journal_mode"), sql.rows("SELECT * FROM theirs")) == ("wal", [])
    sql.close()
    other.close()
