"""A round becomes a comparison whatever is there already, and one that is no round keeps nothing up."""

from __future__ import annotations

from datetime import datetime

import msgspec
import pytest

from desktop.domain.conversation_types import Message, Role, Status
from desktop.store.store import Store
from desktop.voting.blind_round import BlindRound
from tests.desktop.store import made
from tests.desktop.store.test_rounds import asked


def with_messages(held: BlindRound, *messages: Message) -> BlindRound:
    first = msgspec.structs.replace(held.conversations[0], messages=messages, current=messages[-1].id)
    return held.with_conversation(first)


async def test_what_is_there_already_stays_and_messages_of_a_name_get_new_ones(store: Store) -> None:
    held = asked(1)  # the messages of both conversations have the same ids
    first, second = held.conversations
    await store.conversations.create(msgspec.structs.replace(first, title="Brought back"))
    await store.rounds.save(held, 0)
    await store.revealed_rounds.keep(held)
    assert (await store.conversations.get(first.id)).title == "Brought back"
    kept = await store.conversations.get(second.id)
    assert [each.text for each in kept.path()] == [each.text for each in second.path()]
    assert {each.id for each in kept.messages}.isdisjoint(each.id for each in first.messages)
    assert [each.conversation for each in (await store.comparisons.get(held.id)).panes] == [first.id, second.id]
    assert not await store.rounds.list()


async def test_what_the_program_does_not_write_is_no_round(store: Store) -> None:
    """A restored backup may hold anything."""
    question = made.prompt("?")
    answer = made.answer(question, "!", Status.COMPLETE)
    naive = msgspec.structs.replace(question, created_at=datetime(2026, 1, 1))
    odd = (
        (naive,),
        (msgspec.structs.replace(question, role=Role.SYSTEM),),
        (msgspec.structs.replace(question, parent="gone"),),
        (question, msgspec.structs.replace(answer, id=question.id)),
        (question, msgspec.structs.replace(answer, parent=None)),
    )
    for number, messages in enumerate(odd):
        await store.rounds.save(with_messages(asked(number), *messages), 0)
    await store.rounds.save(whole := asked(9), 0)
    assert await store.rounds.list() == (whole,)


@pytest.mark.parametrize("is_asked", [True, False])
async def test_a_round_that_was_not_asked_yet_is_whole(store: Store, *, is_asked: bool) -> None:
    held = asked(1)
    empty = held.with_conversation(msgspec.structs.replace(held.conversations[0], messages=(), current=None))
    await store.rounds.save(held if is_asked else empty, 0)
    assert len(await store.rounds.list()) == 1
