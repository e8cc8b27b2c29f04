from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import apsw
import pytest

from desktop.domain.message_parts import PartKind
from desktop.errors import StoreBusy, StoreReadOnly
from desktop.store.sqlite.database import SHORT_S, Database, connect
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


@asynccontextmanager
async def held(database: Database) -> AsyncGenerator[list[None]]:
    """The writer's thread is busy; what is given counts the transactions that it commits after it."""
    begun, free, committed = threading.Event(), threading.Event(), list[None]()
    writer = database._connected_writer()
    writer.connection.set_commit_hook(lambda: committed.append(None) or False)

    def hold() -> bool:
        begun.set()
        return free.wait(10)

    holding = database._writing.submit(hold)
    assert await asyncio.to_thread(begun.wait, 10)  # it no longer stands in the queue, whose length a test reads
    try:
        yield committed
    finally:
        free.set()
        assert await asyncio.wrap_future(holding)


def noting(said: list[str], word: str) -> Callable[[Sql], str]:
    def note(sql: Sql) -> str:
        sql.run("CREATE TABLE IF NOT EXISTS noted (word UNIQUE)")
        sql.run("INSERT INTO noted VALUES (?)", (word,))
        said.append(word)
        return word

    return note


def noted(sql: Sql) -> list[str]:
    return [word for (word,) in sql.rows("SELECT word FROM noted ORDER BY rowid")]


async def test_short_jobs_that_wait_together_take_one_transaction(store: Store) -> None:
    said = list[str]()
    async with held(store._database) as committed:
        jobs = [asyncio.ensure_future(store._database.write_together(noting(said, word))) for word in "abcd"]
        await asyncio.sleep(0)
    assert await asyncio.gather(*jobs) == said == list("abcd")
    assert len(committed) == 1
    assert await store._database.read(noted) == said


async def test_of_jobs_that_wait_together_one_that_fails_does_not_take_the_others_along(store: Store) -> None:
    said = list[str]()
    async with held(store._database):
        jobs = [asyncio.ensure_future(store._database.write_together(noting(said, word))) for word in "abab"]
        await asyncio.sleep(0)
    first, second, *again = await asyncio.gather(*jobs, return_exceptions=True)
    assert (first, second) == ("a", "b")
    assert [type(each) for each in again] == [apsw.ConstraintError] * 2
    assert await store._database.read(noted) == ["a", "b"]


async def test_short_jobs_keep_their_place_among_others(store: Store) -> None:
    said, database = list[str](), store._database
    async with held(database):
        jobs = [
            asyncio.ensure_future(write(noting(said, word)))
            for write, word in (
                (database.write_together, "a"),
                (database.write, "b"),
                (database.write_together, "c"),
                (database.write_together, "d"),
                (database.write, "e"),
            )
        ]
        jobs[3].cancel()  # before its first step: it is not asked for
        await asyncio.sleep(0)
        jobs[2].cancel()  # it is done all the same
    await asyncio.gather(*jobs, return_exceptions=True)
    assert said == list("abce")


async def test_a_short_job_that_is_asked_for_after_an_exchange_of_the_files_is_done_after_it(store: Store) -> None:
    said, database = list[str](), store._database
    async with held(database):
        first = asyncio.ensure_future(database.write_together(noting(said, "a")))
        exchange = asyncio.ensure_future(database.offline(lambda: said.append("exchanged"), database.access.connect))
        async with asyncio.timeout(10):
            while database._writing._executor._work_queue.qsize() < 2:  # noqa: ASYNC110 - no event tells it
                await asyncio.sleep(0.001)
        later = asyncio.ensure_future(database.write_together(noting(said, "b")))
        await asyncio.sleep(0)
    await asyncio.gather(first, exchange, later)
    assert said == ["a", "exchanged", "b"]


async def test_jobs_that_wait_together_wait_once_for_another_program(store: Store) -> None:
    database = store._database
    other = connect(database.path)
    database.hurry()
    begun = time.monotonic()
    with other.transaction():
        async with held(database):
            jobs = [asyncio.ensure_future(database.write_together(noting([], word))) for word in "abcd"]
            await asyncio.sleep(0)
        found = await asyncio.gather(*jobs, return_exceptions=True)
    other.close()
    assert {type(each) for each in found} == {StoreBusy}
    assert time.monotonic() - begun < 2 * SHORT_S


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
    for _ in range(2):
        with pytest.raises(RuntimeError):
            await store.conversations.append("any", [(PartKind.TEXT, "more")])


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
