"""Comparisons come back as they were, and as well as they can where a later version wrote them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from desktop.domain.comparison import Arrangement, Comparison, ContextRule, PaneState, new_comparison, without
from desktop.domain.conversation_types import Message, ModelRef, Parameters, now
from desktop.errors import ComparisonUnknown
from desktop.store import purge
from desktop.store.store import Store
from tests.cpu_time import within
from tests.desktop.store import made
from tests.desktop.store.test_traces import traces

GROK = ModelRef(connection="lab", name="grok-3")


def two_panes() -> Comparison:
    first = PaneState(conversation="c1", model=GROK, parameters=Parameters(values={"temperature": 0.2}), size=2.0)
    second = PaneState(conversation="c2", model=ModelRef.parse("embedded/smollm2"), on=False, system="Be brief.")
    held = new_comparison((first, second))
    return msgspec.structs.replace(
        held,
        title="Capitals",
        rule=ContextRule.SHARED,
        arrangement=Arrangement.GRID,
        maximised=1,
        winners=(None, 1),
        draft="?",
    )


async def test_a_comparison_comes_back_as_it_was(store: Store) -> None:
    kept = two_panes()
    await store.comparisons.save(kept)
    assert await store.comparisons.get(kept.id) == kept
    changed = msgspec.structs.replace(kept, panes=(kept.panes[0], msgspec.structs.replace(kept.panes[1], on=True)))
    await store.comparisons.save(changed)
    assert (await store.comparisons.get(kept.id)).panes[1].on
    (listed,) = await store.comparisons.list()
    assert (listed.title, listed.models, listed.conversations) == (
        "Capitals", (GROK, kept.panes[1].model), ("c1", "c2"),
    )  # fmt: skip


async def test_the_trash_and_the_title(store: Store) -> None:
    kept = two_panes()
    await store.comparisons.save(kept)
    await store.comparisons.rename(kept.id, "Cities")
    await store.comparisons.trash(kept.id)
    assert await store.comparisons.list() == ()
    assert [each.title for each in await store.comparisons.list(trashed=True)] == ["Cities"]
    await store.comparisons.restore(kept.id)
    assert [each.title for each in await store.comparisons.list()] == ["Cities"]


@pytest.mark.parametrize(
    "state",
    ["x" * (17 << 20), '{"x":' + "[" * 200_000, '{"panes":' + "[" * 900 + "]" * 900 + "}"],
    ids=["large", "deep", "odd"],
)
async def test_one_that_is_too_large_or_deep_keeps_no_other_from_the_list(store: Store, state: str) -> None:
    kept = two_panes()
    await store.comparisons.save(kept)
    other = msgspec.structs.replace(two_panes(), id="other")
    await store.comparisons.save(other)
    await store._database.write(lambda sql: sql.run("UPDATE comparisons SET state = ? WHERE id = 'other'", (state,)))
    listed = {each.id: each for each in await store.comparisons.list()}
    assert listed[kept.id].models == (GROK, kept.panes[1].model)
    assert (listed["other"].title, listed["other"].models) == ("Capitals", ())


async def test_many_comparisons_are_listed_in_no_time(store: Store) -> None:
    """Each start and each change in the list of conversations waits for it."""
    kept = two_panes()
    await store.comparisons.save(kept)
    copied = "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r LIMIT 20000)"
    copied += " INSERT INTO comparisons (id, title, created_at, updated_at, state)"
    copied += " SELECT 'c' || n, title, 1, 1, state FROM comparisons, r"
    await store._database.write(lambda sql: sql.run(copied))
    for attempt in within(1):
        with attempt:
            await store.comparisons.list()
    listed = await store.comparisons.list()
    assert len(listed) == 20_001
    assert {each.models for each in listed} == {(GROK, kept.panes[1].model)}
    assert {each.conversations for each in listed} == {("c1", "c2")}


async def test_an_unknown_comparison_is_said_to_be(store: Store) -> None:
    for what in (store.comparisons.get, store.comparisons.trash, store.comparisons.restore):
        with pytest.raises(ComparisonUnknown):
            await what("nobody")


@dataclass(frozen=True)
class Broken:
    text: str
    panes: int
    left_out: int = 1


PANE = '{"conversation":"c1","model":{"connection":"lab","name":"grok-3"},"later":7}'


@pytest.mark.parametrize(
    "broken",
    [
        Broken(f'{{"panes":[{PANE}],"rule":"vote","arrangement":"spiral","maximised":9}}', 1, 2),
        Broken(f'{{"panes":[{PANE},{{"conversation":5}},"x"],"maximised":"yes"}}', 1, 3),
        Broken('{"panes":7}', 0),
        Broken("[1]", 0),
        Broken("{", 0),
    ],
)
async def test_what_a_later_version_wrote_is_shown_as_well_as_it_can_be(store: Store, broken: Broken) -> None:
    kept = two_panes()
    await store.comparisons.save(kept)
    await store._database.write(lambda sql: sql.run("UPDATE comparisons SET state = ?", (broken.text,)))
    found = await store.comparisons.get(kept.id)
    assert (found.title, len(found.panes), found.rule, found.arrangement, found.maximised) == (
        "Capitals", broken.panes, ContextRule.OWN, Arrangement.ROW, None,
    )  # fmt: skip
    assert found.left_out == broken.left_out
    await store.comparisons.save(found)
    assert (await store.comparisons.get(kept.id)).left_out == 0
    assert len(await store.comparisons.list()) == 1


async def test_of_many_that_are_deleted_each_takes_its_comparison_along_at_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the program ends before all are deleted."""
    monkeypatch.setattr(purge, "_AT_ONCE", 0)
    monkeypatch.setattr(purge, "_SLICE", 5)
    talks = [made.said("Zanzibar plain words") for _ in range(12)]
    for each in talks:
        await store.conversations.create(each)
        pane = PaneState(conversation=each.id, model=each.model, said=True)
        await store.comparisons.save(new_comparison((pane,)))

    class Ended(Exception):
        pass

    def ended(done: int, total: int) -> None:
        if 0 < done < total:
            raise Ended

    with pytest.raises(Ended):
        await store.conversations.purge([each.id for each in talks], ended)
    left = {each for held in await store.comparisons.list() for each in held.conversations}
    assert left == (await store.conversations.states([each.id for each in talks])).keys()
    assert 0 < len(left) < len(talks)


@pytest.mark.parametrize("many", [False, True])
async def test_a_comparison_goes_with_the_last_of_its_conversations(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch, *, many: bool
) -> None:
    """It is called by the prompt that was asked there."""
    if many:
        monkeypatch.setattr(purge, "_AT_ONCE", 0)
    talks = [made.said("Zanzibar plain words") for _ in range(3)]
    for each in talks:
        await store.conversations.create(each)
    model = talks[0].model
    held, other = (
        new_comparison(tuple(PaneState(conversation=each.id, model=model, said=True) for each in ones))
        for ones in (talks[:2], talks[2:])
    )
    for each in (held, other):
        await store.comparisons.save(msgspec.structs.replace(each, title="Zanzibar"))
    await store.conversations.purge([talks[0].id])
    assert {each.id for each in await store.comparisons.list()} == {held.id, other.id}
    await store.conversations.purge([talks[1].id, talks[2].id])
    assert not await store.comparisons.list()
    assert traces(folder) == set()


async def test_what_was_deleted_with_all_that_was_said_in_it_is_not_kept_once_more(store: Store) -> None:
    talk = made.said("Zanzibar plain words")
    await store.conversations.create(talk)
    held = new_comparison((PaneState(conversation=talk.id, model=talk.model, said=True),))
    await store.comparisons.save(held)
    await store.conversations.purge([talk.id])
    await store.comparisons.save(held)
    assert not await store.comparisons.list()


async def test_chats_go_to_the_trash_with_their_comparison_and_come_back_with_it(store: Store) -> None:
    talks = [made.said(name) for name in ("one", "two", "shared", "gone before")]
    for each in talks:
        await store.conversations.create(each)
    panes = [PaneState(conversation=each.id, model=each.model, said=True) for each in talks]
    held, other = new_comparison(tuple(panes)), new_comparison((panes[2],))
    for each in (held, other):
        await store.comparisons.save(each)
    await store.conversations.trash([talks[3].id])
    await store.comparisons.trash(held.id, keep=[talks[1].id])
    listed = {each.id for each in await store.conversations.list()}
    assert listed == {talks[1].id, talks[2].id}
    assert await store.comparisons.trashed_with([held.id]) == (talks[0].id,)
    await store.comparisons.restore(held.id)
    assert {each.id for each in await store.conversations.list(trashed=True)} == {talks[3].id}


async def test_a_comparison_that_is_saved_again_comes_out_of_the_trash_with_its_chats(store: Store) -> None:
    talk = made.said("one")
    await store.conversations.create(talk)
    held = new_comparison((PaneState(conversation=talk.id, model=talk.model, said=True),))
    await store.comparisons.save(held)
    await store.comparisons.trash(held.id)
    assert await store.conversations.list() == ()
    await store.comparisons.save(held)
    assert [each.id for each in await store.conversations.list()] == [talk.id]


async def test_chats_that_were_sent_to_before_their_comparison_are_told(store: Store) -> None:
    before, after = made.said("before"), made.said("after")
    later = msgspec.structs.replace(after, created_at=now(), messages=at(now(), *after.messages))
    for each in (before, later):
        await store.conversations.create(each)
    held = new_comparison(
        tuple(PaneState(conversation=id_, model=GROK) for id_ in (before.id, later.id, "never sent to"))
    )
    held = msgspec.structs.replace(held, created_at=made.START + timedelta(hours=1))
    await store.comparisons.save(held)
    assert [each.id for each in await store.comparisons.begun_before(held.id)] == [before.id]


def at(when: datetime, *messages: Message) -> tuple[Message, ...]:
    return tuple(msgspec.structs.replace(each, created_at=when) for each in messages)


def test_a_comparison_without_some_of_its_panes_keeps_what_was_chosen_of_the_others() -> None:
    panes = tuple(PaneState(conversation=id_, model=GROK) for id_ in ("a", "b", "c"))
    held = msgspec.structs.replace(new_comparison(panes), winners=(2, 0, None), maximised=2)
    left = without(held, {"a", "elsewhere"})
    assert [each.conversation for each in left.panes] == ["b", "c"]
    assert (left.winners, left.maximised) == ((1, None, None), None)
    assert without(held, {"a", "b", "c"}) is without(held, ()) is held
