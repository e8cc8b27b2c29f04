"""How long answers took, read without their texts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec
from msgspec.structs import replace

from desktop.domain.conversation_types import Conversation, Figures, ModelRef, Status, Usage, now
from desktop.errors import StoreError
from desktop.session.session import copied, new_conversation
from desktop.store.migrations import WITH_TIMINGS
from desktop.store.migrations.m009_timings import TIMED
from desktop.store.opening.store_opener import Options
from desktop.store.sqlite.database import connect
from desktop.store.sqlite.sql import Sql
from desktop.store.store import Store
from desktop.store.timings import _ALL, _READ
from desktop.text.phrases import english
from tests.desktop.store import made

FIGURES = Figures(ttft_ms=412.5, duration_ms=5300.0, tokens_per_second=88.0)


async def answered(
    store: Store, figures: Figures = FIGURES, status: Status = Status.COMPLETE, name: str = "scripted"
) -> Conversation:
    """A conversation with an answer that ended here."""
    question = made.prompt()
    streaming = msgspec.structs.replace(made.answer(question), model=ModelRef(connection="lab", name=name))
    talk = made.conversation()
    await store.conversations.begin(talk, question, streaming)
    usage = Usage(output_tokens=231, reasoning_tokens=31)
    done = made.finished(streaming, "x", status)
    done = msgspec.structs.replace(done, model=streaming.model, figures=figures, usage=usage)
    await store.conversations.finish(done)
    return await store.conversations.get(talk.id)


async def test_an_answer_is_told_by_its_figures_its_model_and_how_it_ended(store: Store) -> None:
    talk = await answered(store)
    await answered(store, status=Status.FAILED)
    first, second = await store.timings.since()
    answer = talk.messages[1]
    assert (first.connection, first.name) == ("lab", "scripted")
    assert (first.ttft_ms, first.duration_ms, first.tokens_per_second) == (412.5, 5300.0, 88.0)
    assert (first.output_tokens, first.reasoning_tokens) == (231, 31)
    assert (first.status, second.status) == ("complete", "failed")
    assert first.at == round(answer.created_at.timestamp() * 1000)
    assert await store.timings.since(now() + timedelta(days=400)) == []


async def test_copies_imports_and_what_is_in_the_trash_are_none_of_it(store: Store) -> None:
    talk = await answered(store)
    copy = copied(talk, new_conversation(talk.model))
    await store.conversations.create(copy)
    question = made.prompt()
    brought = msgspec.structs.replace(made.finished(made.answer(question), "x"), imported=True)
    await store.conversations.create(made.conversation(question, brought))
    assert len(await store.timings.since()) == 1
    await store.conversations.trash([talk.id])
    assert await store.timings.since() == []


async def test_damaged_facts_hide_one_answer_alone(store: Store) -> None:
    for _ in range(3):
        await answered(store)
    damage = "UPDATE messages SET facts = 'x' || facts WHERE seq = (SELECT max(seq) FROM messages)"
    await store._database.write(lambda sql: sql.run(damage))
    strange = """UPDATE messages SET facts = '{"figures": {"ttft_ms": "soon"}}' WHERE seq = 2"""
    await store._database.write(lambda sql: sql.run(strange))
    assert [each.ttft_ms for each in await store.timings.since()] == [412.5]


async def test_no_text_is_looked_at(store: Store) -> None:
    statement = _READ.format(selected=_ALL, index="INDEXED BY messages_timed", timed=TIMED)

    def columns(sql: Sql) -> list[int]:
        """The table's own cursor is moved only where something beside the index is asked for."""
        plan = sql.rows(f"EXPLAIN {statement}", (0, 1 << 60))
        (table,) = {row[2] for row in plan if row[1] == "OpenRead" and row[3] == _root(sql)}
        return [row[3] for row in plan if row[1] == "Column" and row[2] == table]

    assert await store._database.read(columns) == []


def _root(sql: Sql) -> int:
    return sql.integer("SELECT rootpage FROM sqlite_schema WHERE name = 'messages'") or 0


async def test_a_store_of_a_version_before_them_is_read_as_it_is(folder: Path) -> None:
    question = made.prompt()
    answer = msgspec.structs.replace(made.finished(made.answer(question), "x"), figures=FIGURES)
    path = made.database(folder, WITH_TIMINGS - 1, made.conversation(question, answer))
    sql = connect(path)
    sql.run("UPDATE messages SET facts = json_remove(facts, '$.uncounted')")
    sql.close()
    hindered = Options(hinders=StoreError(english("not now")))
    async with await Store.open(folder, options=hindered) as store:
        before = await store.timings.since()
    async with await Store.open(folder) as store:
        assert await store.timings.since() == before
        assert len(before) == 1


async def test_where_a_router_chose_times_and_costs_are_those_of_the_model_that_answered(store: Store) -> None:
    await answered(store, replace(FIGURES, cost=1.0, server_model="gpt-5"), name="model-router")
    await answered(store, replace(FIGURES, cost=2.0, server_model="scripted-2026"))
    await answered(store, replace(FIGURES, cost=4.0), name="model-router")
    assert {each.name for each in await store.timings.since()} == {"gpt-5", "scripted", "model-router"}
    costs = {each.name: each.usd for each in await store.timings.costs()}
    assert costs == {"gpt-5": 1.0, "scripted": 2.0, "model-router": 4.0}
