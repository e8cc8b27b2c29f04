"""What answers cost, by the figures that are kept with them."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from desktop.domain.conversation_types import Conversation, Figures, now
from desktop.session.session import copied, new_conversation
from desktop.store.sqlite.database import connect
from desktop.store.store import Store
from tests.desktop.store import made


async def answered(store: Store, figures: Figures, at: datetime) -> Conversation:
    """A conversation with an answer that ended here."""
    question = made.prompt()
    streaming = msgspec.structs.replace(made.answer(question), created_at=at)
    talk = made.conversation()
    await store.conversations.begin(talk, question, streaming)
    done = msgspec.structs.replace(made.finished(streaming, "x"), created_at=at, figures=figures, model=made.MODEL)
    await store.conversations.finish(done)
    return await store.conversations.get(talk.id)


async def test_only_answers_since_a_time_that_have_a_price_count(store: Store) -> None:
    begin = now() - timedelta(minutes=1)
    for cost, at in ((1.5, now()), (0.25, now()), (None, now()), (9.0, begin - timedelta(days=1))):
        await answered(store, Figures(cost=cost), at)
    assert await store.spent(begin) == 1.75
    assert await store.spent(now() + timedelta(days=1)) == 0


async def test_a_part_of_a_continued_answer_is_counted_once(store: Store) -> None:
    begin = now() - timedelta(minutes=1)
    await answered(store, Figures(cost=1.5), now())
    await answered(store, Figures(cost=2.25, own_cost=0.75), now())
    assert await store.spent(begin) == 2.25


async def test_what_an_import_or_a_copy_brings_was_not_spent_here(store: Store) -> None:
    begin = now() - timedelta(minutes=1)
    talk = await answered(store, Figures(cost=1.5), now())
    copy = copied(talk, new_conversation(talk.model))
    await store.conversations.create(copy)
    assert copy.messages[1].figures == Figures(cost=1.5)
    other = copied(talk, new_conversation(talk.model))
    going_on = made.prompt(parent=other.messages[1])
    await store.conversations.begin(other, going_on, made.answer(going_on))
    for cost in (1e9, -1e9, float("inf")):
        question = made.prompt()
        answer = made.finished(made.answer(question), "x")
        brought = msgspec.structs.replace(answer, created_at=now(), figures=Figures(cost=cost), imported=True)
        await store.conversations.create(made.conversation(question, brought))
    assert await store.spent(begin) == 1.5


async def test_damaged_facts_of_one_answer_keep_nothing_from_being_counted(store: Store, folder: Path) -> None:
    begin = now() - timedelta(minutes=1)
    for cost in (0.5, 0.25):
        await answered(store, Figures(cost=cost), now())
    sql = connect(folder / "conversations.db")
    sql.run("UPDATE messages SET facts = 'x' || substr(facts, 2) WHERE seq = (SELECT max(seq) FROM messages)")
    sql.close()
    assert await store.spent(begin) == 0.5


async def test_a_cost_below_nothing_takes_nothing_back(store: Store) -> None:
    begin = now() - timedelta(minutes=1)
    for cost in (1.5, -9.0, float("nan")):
        await answered(store, Figures(cost=cost), now())
    assert await store.spent(begin) == 1.5


async def test_costs_by_model_and_time_add_up_to_what_was_spent(store: Store, folder: Path) -> None:
    begin = now() - timedelta(days=3)
    early, late = begin + timedelta(hours=1), begin + timedelta(days=2)
    for cost, at in ((1.5, early), (0.25, early), (0.5, late), (None, late), (9.0, begin - timedelta(days=1))):
        await answered(store, Figures(cost=cost), at)
    await answered(store, Figures(cost=2.25, own_cost=0.75), late)
    sql = connect(folder / "conversations.db")
    sql.run("UPDATE messages SET facts = 'x' || substr(facts, 2) WHERE facts LIKE '%9.0%'")
    sql.close()
    found = await store.timings.costs(begin)
    assert sorted((each.connection, each.name, each.usd) for each in found) == [
        ("embedded", "smollm2", 1.25),
        ("embedded", "smollm2", 1.75),
    ]
    assert [each.at for each in sorted(found, key=lambda each: each.at)] == [
        round(at.timestamp() * 1000) // 900_000 * 900_000 for at in (early, late)
    ]
    assert sum(each.usd for each in found) == await store.spent(begin)
    assert sum(each.usd for each in await store.timings.costs()) == 3.0
