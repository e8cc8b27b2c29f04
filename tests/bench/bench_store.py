"""What keeping and finding conversations costs, in a store of some hundred and in one of fifty thousand."""

from __future__ import annotations

import asyncio
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

from desktop.domain.conversation_types import (
    Conversation,
    Message,
    ModelRef,
    Role,
    Status,
    new_id,
    now,
)
from desktop.domain.message_parts import PartKind, TextPart
from desktop.store.store import Store
from tests.bench import history

_TEXT = "The sky is blue because short waves are scattered more than long ones. " * 15  # about 1 KB
_PLAIN = 200


_ANSWERS = """
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100000)
INSERT INTO messages (id, conversation, role, status, created_at, facts, parts, words)
SELECT 'timed' || n, (SELECT min(seq) FROM conversations), 'assistant', 'complete', 1790000000000 + n * 60000,
    json_object('model', json_object('connection', 'lab', 'name', 'model-' || (n % 9)),
        'usage', json_object('output_tokens', 100 + n % 300),
        'figures', json_object('ttft_ms', 300.5 + n % 700, 'duration_ms', 4000.5 + n % 2000,
            'tokens_per_second', 40.5 + n % 80, 'finish_reason', 'stop')),
    '[]', '' FROM numbers
"""
"""A hundred thousand answers that were measured."""


def measure() -> list[dict[str, object]]:
    """Rows of name, value, unit, target and met; milliseconds, medians."""
    with tempfile.TemporaryDirectory() as folder:
        small = asyncio.run(_measure(Path(folder)))
    return [*small, *history.measure()]


async def _measure(folder: Path) -> list[dict[str, object]]:
    async with await Store.open(folder) as store:
        figures = await _streaming(store)
        long = _conversation(1000)
        await store.conversations.create(long)
        figures["store.get_1000_messages"] = await _median(20, lambda: store.conversations.get(long.id)), 50.0
        for _ in range(500):
            await store.conversations.create(_conversation(4))
        figures["store.list_500"] = await _median(20, store.conversations.list), 50.0
        figures["store.search"] = await _median(20, lambda: store.search("scattered wav")), 100.0
    begun = time.perf_counter()
    async with await Store.open(folder):
        figures["store.open"] = (time.perf_counter() - begun) * 1000, 100.0
    async with await Store.open(folder) as store:
        await store.conversations._database.write(lambda sql: sql.run(_ANSWERS))
        figures["store.timings_of_100000_answers"] = await _median(10, store.timings.since), 200.0
    plain = _plain_insert_ms(folder / "plain.db")
    return [
        *(
            {"name": name, "value": round(value, 3), "unit": "ms", "target": target, "met": value < target}
            for name, (value, target) in figures.items()
        ),
        {"name": "one plain insert into SQLite", "value": round(plain, 3), "unit": "ms", "target": None, "met": None},
        *(
            {
                "name": f"{name}, in plain inserts",
                "value": round(figures[name][0] / plain, 2),
                "unit": "times",
                "target": None,
                "met": None,
            }
            for name in ("store.append_delta", "store.begin", "store.finish")
        ),
    ]


def _plain_insert_ms(path: Path) -> float:
    """One row of a message's size, written to the disk by the plain library: what any store on this disk pays."""
    taken: list[float] = []
    with closing(sqlite3.connect(path)) as sql:
        sql.execute("PRAGMA journal_mode = WAL")
        sql.execute("PRAGMA synchronous = FULL")
        sql.execute("CREATE TABLE plain (id INTEGER PRIMARY KEY, text TEXT)")
        for _ in range(_PLAIN):
            begun = time.perf_counter()
            sql.execute("INSERT INTO plain (text) VALUES (?)", (_TEXT,))
            sql.commit()
            taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken)


async def _streaming(store: Store) -> dict[str, tuple[float, float]]:
    talk = _conversation(1)
    begins: list[float] = []
    deltas: list[float] = []
    finishes: list[float] = []
    for _ in range(30):
        answer = _message(Role.ASSISTANT, talk.messages[0].id, "", Status.STREAMING)
        begins.append(await _timed(store.conversations.begin(talk, None, answer)))
        deltas += [await _timed(store.conversations.append(answer.id, [(PartKind.TEXT, "word ")])) for _ in range(50)]
        done = _message(Role.ASSISTANT, answer.parent, _TEXT, Status.COMPLETE, answer.id)
        finishes.append(await _timed(store.conversations.finish(done)))
    return {
        "store.append_delta": (statistics.median(deltas), 1.0),
        "store.append_delta_p99": (statistics.quantiles(deltas, n=100)[98], 10.0),
        "store.begin": (statistics.median(begins), 50.0),
        "store.finish": (statistics.median(finishes), 50.0),
    }


async def _timed(work: Awaitable[object]) -> float:
    begun = time.perf_counter()
    await work
    return (time.perf_counter() - begun) * 1000


async def _median(times: int, work: Callable[[], Awaitable[object]]) -> float:
    return statistics.median([await _timed(work()) for _ in range(times)])


def _message(role: Role, parent: str | None, text: str, status: Status, id_: str | None = None) -> Message:
    parts = (TextPart(text=text),) if text else ()
    return Message(id=id_ or new_id(), parent=parent, role=role, parts=parts, status=status, created_at=now())


def _conversation(length: int) -> Conversation:
    messages: list[Message] = []
    for number in range(length):
        role = Role.ASSISTANT if number % 2 else Role.USER
        parent = messages[-1].id if messages else None
        messages.append(_message(role, parent, _TEXT, Status.COMPLETE))
    at = now()
    model = ModelRef(connection="embedded", name="smollm2")
    return Conversation(
        id=new_id(),
        title="Bench",
        model=model,
        created_at=at,
        updated_at=at,
        current=messages[-1].id,
        messages=tuple(messages),
    )


if __name__ == "__main__":
    for row in measure():
        sys.stdout.write(
            f"{row['name']:28} {row['value']:>9} {row['unit']}  target {row['target']}  met {row['met']}\n"
        )
