"""Listings: groups with how many there are, and of each the newest."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import pytest

from desktop.domain.conversation_types import Conversation, ModelRef
from desktop.store import conversation_list
from desktop.store.conversation_list import ConversationGroup, Wanted
from desktop.store.records import tags
from desktop.store.store import Store
from desktop.text.phrases import LONGEST
from tests.desktop.store import made

X, Y = ModelRef(connection="a", name="x"), ModelRef(connection="b", name="y")


def talk(title: str, model: ModelRef = X, days: float = 0) -> Conversation:
    return made.conversation(made.prompt(title), title=title, model=model, updated_at=made.START + timedelta(days=days))


def titles(group: ConversationGroup) -> list[str]:
    return [each.title for each in group.conversations]


async def test_groups_by_model_come_with_the_newest_first(store: Store) -> None:
    await store.conversations.create_all([talk("old", X, 1), talk("middle", Y, 2), talk("new", X, 3)])
    found = await store.listings.by_model(Wanted())
    assert [(each.model, each.count, titles(each)) for each in found.groups] == [
        (X, 2, ["new", "old"]),
        (Y, 1, ["middle"]),
    ]


async def test_groups_by_date_leave_out_what_is_empty(store: Store) -> None:
    await store.conversations.create_all([talk("first", X, 0), talk("last", Y, 70), talk("future", Y, 400)])

    def periods(oldest: datetime) -> list[datetime]:
        assert oldest == made.START
        return [made.START + timedelta(days=days) for days in (90, 60, 30, 0)]

    found = await store.listings.by_date(Wanted(), periods)
    assert [titles(each) for each in found.groups] == [["future"], ["last"], ["first"]]
    assert found.groups[1].since == made.START + timedelta(days=60)
    assert (await store.listings.by_date(Wanted(), periods)).pinned.count == 0


async def test_pinned_archived_and_trashed_ones_stand_apart(store: Store) -> None:
    talks = [talk(name, days=day) for day, name in enumerate(("plain", "pinned", "archived", "trashed"))]
    await store.conversations.create_all(talks)
    await store.conversations.pin([talks[1].id, talks[2].id])
    await store.conversations.archive([talks[2].id])
    await store.conversations.trash([talks[3].id])
    found = await store.listings.by_model(Wanted(archive=True, trash=True))
    assert [titles(each) for each in (found.pinned, *found.groups, found.archive, found.trash)] == [
        *(["pinned"], ["plain"], ["archived"], ["trashed"]),
    ]
    assert found.trash.conversations[0].trashed_at is not None
    hidden = await store.listings.by_model(Wanted(also=(talks[3].id, "nobody")))
    assert (titles(hidden.archive), hidden.archive.count, titles(hidden.trash), hidden.trash.count) == ([], 1, [], 1)
    assert [each.title for each in hidden.also] == ["trashed"]


@pytest.mark.parametrize("by_date", [False, True])
async def test_chats_that_stand_within_a_comparison_are_neither_listed_nor_counted(
    store: Store, *, by_date: bool
) -> None:
    alone, within, thrown = talk("alone"), talk("within", days=1), talk("thrown", Y, 1)
    await store.conversations.create_all([alone, within, thrown])
    await store.conversations.trash([thrown.id])
    wanted = Wanted(trash=True, within=(within.id, thrown.id, "never sent"), also=(within.id,))
    reading = store.listings.by_date(wanted, lambda oldest: [oldest]) if by_date else store.listings.by_model(wanted)
    found = await reading
    assert [(each.count, titles(each)) for each in (*found.groups, found.trash)] == [(1, ["alone"]), (0, [])]
    assert ([each.title for each in found.also], found.thrown) == (["within"], frozenset({thrown.id}))


async def test_a_great_store_is_listed_in_part(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"WHOLE": 4, "_AT_FIRST": 4, "_LEAST": 1}.items():
        monkeypatch.setattr(conversation_list, name, value)
    await store.conversations.create_all([talk(f"x{day}", X, day) for day in range(5)] + [talk("y", Y)])
    found = await store.listings.by_model(Wanted())
    assert [(each.count, titles(each)) for each in found.groups] == [(5, ["x4", "x3"]), (1, ["y"])]
    more = await store.listings.by_model(Wanted(most={found.groups[0].key: 4}))
    assert titles(more.groups[0]) == ["x4", "x3", "x2", "x1"]


async def test_what_was_long_in_the_trash_is_purged(store: Store) -> None:
    old, young = talk("old"), talk("young")
    await store.conversations.create_all([old, young])
    await store.conversations.trash([old.id])
    between = (await store.conversations.list(trashed=True))[0].trashed_at
    assert between is not None
    await store.conversations.trash([young.id])
    assert await store.conversations.purge_trashed(between) == 0
    assert await store.conversations.purge_trashed(between + timedelta(milliseconds=1)) == 1
    assert [each.title for each in await store.conversations.list(trashed=True)] == ["young"]


async def test_states_know_what_is_there_in_the_trash_too(store: Store) -> None:
    here, gone = talk("here"), talk("gone")
    await store.conversations.create_all([here, gone])
    await store.conversations.trash([gone.id])
    found = await store.conversations.states([here.id, gone.id, "nobody"])
    assert {id_: each.trashed_at is None for id_, each in found.items()} == {here.id: True, gone.id: False}
    assert msgspec.structs.asdict(found[here.id])["message_count"] == 1


async def test_what_is_archived_and_in_the_trash_counts_there_alone(store: Store) -> None:
    talks = [talk(f"t{day}", days=day) for day in range(4)]
    await store.conversations.create_all(talks)
    await store.conversations.archive([each.id for each in talks[:3]])
    await store.conversations.trash([talks[0].id, talks[3].id])
    found = await store.listings.by_model(Wanted())
    assert (found.archive.count, found.trash.count) == (2, 2)


@pytest.mark.parametrize("most", [200, 3])
async def test_all_models_are_known_the_one_spoken_to_last_first(
    store: Store, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """Also those that have no conversation in a list, and as they are where there are too many to be looked up."""
    monkeypatch.setattr(conversation_list, "MOST_MODELS", most)
    models = [ModelRef(connection=connection, name=name) for connection in ("a", "b", "ß") for name in ("x", "", "é/y")]
    talks = [talk(f"t{day}", models[day * 5 % 9], day) for day in range(20)]
    await store.conversations.create_all(talks)
    await store.conversations.archive([each.id for each in talks[19:]])
    await store.conversations.trash([each.id for each in talks[15:19]])
    spoken_to = [each.model for each in reversed([*talks[:15], talks[19]])]
    assert (await store.listings.by_model(Wanted())).models == tuple(dict.fromkeys(spoken_to))[:most]


async def test_models_beyond_the_most_share_one_group_and_tags_beyond_the_most_are_not_listed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation_list, "MOST_MODELS", 2)
    monkeypatch.setattr(tags, "MOST", 2)
    models = [ModelRef(connection="a", name=f"m{day}") for day in range(4)]
    talks = [talk(f"t{day}", model, day) for day, model in enumerate(models)]
    await store.conversations.create_all(talks, tags={each.id: [f"tag {each.title}", "all"] for each in talks})
    await store.conversations.create(talk("older", models[3], -1))
    found = await store.listings.by_model(Wanted())
    assert [(each.key, each.count, titles(each)) for each in found.groups] == [
        ("a/m3", 2, ["t3", "older"]),
        ("a/m2", 1, ["t2"]),
        (conversation_list.OTHERS, 2, ["t1", "t0"]),
    ]
    assert found.models == (models[3], models[2])
    assert [(each.tag, each.count) for each in found.tags] == [("all", 4), ("tag t0", 1)]


async def test_a_conversation_is_listed_with_a_hundred_tags_whatever_it_carries(store: Store) -> None:
    await store.conversations.create(talk("one"))
    many = "WITH r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r LIMIT 500)"
    many += " INSERT INTO conversation_tags SELECT seq, 't' || n, printf('%*c', 9000, 'x') FROM conversations, r"
    await store._database.write(lambda sql: sql.run(many))
    found = await store.listings.by_model(Wanted())
    (one,) = found.groups[0].conversations
    assert (len(one.tags), {*map(len, (*one.tags, *(each.tag for each in found.tags)))}) == (100, {60})


async def test_a_models_name_without_an_end_is_listed_in_short(store: Store) -> None:
    """As in a backup that somebody made up."""
    long = ModelRef(connection="lab", name="m" * 1_000_000)
    await store.conversations.create(msgspec.structs.replace(made.said("words"), model=long))
    [kept] = await store.conversations.list()
    listing = await store.listings.by_model(Wanted())
    counted = await store.conversations.counts()
    whole = await store.conversations.get(kept.id)
    names = [kept.model.name, whole.model.name, *(ref.name for ref, _ in counted)]
    names += [group.model.name for group in listing.groups if group.model is not None]
    assert len(names) == 4
    assert max(map(len, names)) <= LONGEST


async def test_titles_are_found_whatever_their_case_the_newest_first_and_none_of_the_trash(store: Store) -> None:
    kept = [talk("Über die See", X, 1), talk("die ÜBERfahrt", Y, 2), talk("die Fahrt", X, 3), talk("über die", X, 4)]
    await store.conversations.create_all(kept, archived=[kept[0].id])
    await store.conversations.trash([kept[3].id])
    assert [each.title for each in await store.listings.titled(("über", "DIE"), 9)] == ["die ÜBERfahrt", "Über die See"]
    assert [each.title for each in await store.listings.titled(("die",), 1)] == ["die Fahrt"]
