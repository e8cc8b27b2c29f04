"""Tags on conversations."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.errors import ConversationUnknown
from desktop.store.store import Store
from tests.desktop.store import made
from tests.examples import examples


async def some(store: Store, number: int = 2) -> list[str]:
    talks = [made.said(f"text {each}") for each in range(number)]
    await store.conversations.create_all(talks)
    return [each.id for each in talks]


async def carried(store: Store) -> dict[str, tuple[str, ...]]:
    return {each.id: each.tags for each in await store.conversations.list()}


async def test_a_tag_is_added_counted_and_removed_whatever_its_case(store: Store) -> None:
    one, two = await some(store)
    await store.tags.add([one, two], " Rome  trip ")
    await store.tags.add([one], "rome TRIP")
    await store.tags.add([two], "Zoo")
    assert await carried(store) == {one: ("Rome trip",), two: ("Rome trip", "Zoo")}
    assert [(each.tag, each.count) for each in await store.tags.list()] == [("Rome trip", 2), ("Zoo", 1)]
    await store.tags.remove([two], "ROME trip")
    assert (await carried(store))[two] == ("Zoo",)


async def test_renaming_joins_two_tags_and_deleting_takes_them_off(store: Store) -> None:
    one, two = await some(store)
    await store.tags.add([one, two], "a")
    await store.tags.add([one], "b")
    await store.tags.rename("A", "B")
    assert await carried(store) == {one: ("B",), two: ("B",)}
    await store.tags.rename("b", "   ")
    assert await store.tags.delete("b") == (one, two)
    assert await store.tags.list() == ()


async def test_all_or_none_are_tagged(store: Store) -> None:
    (one,) = await some(store, 1)
    with pytest.raises(ConversationUnknown):
        await store.tags.add([one, "nobody"], "x")
    await store.tags.add([one], "  ")
    assert await store.tags.list() == ()


async def test_purging_takes_the_tags_too_and_the_trash_keeps_them(store: Store) -> None:
    one, two = await some(store)
    await store.tags.add([one], "Zanzibar")
    await store.tags.add([two], "kept")
    await store.conversations.trash([one, two])
    assert [(each.tag, each.count) for each in await store.tags.list()] == [("kept", 0), ("Zanzibar", 0)]
    await store.conversations.purge([one])
    assert [each.tag for each in await store.tags.list()] == ["kept"]
    held = b"".join(path.read_bytes() for path in store.path.parent.rglob("*") if path.is_file())
    assert b"anzibar" not in held


@given(st.text())
@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_text_is_a_tag_or_none(store: Store, text: str) -> None:
    ids = [each.id for each in await store.conversations.list()] or await some(store, 1)
    await store.tags.add(ids, text)
    for each in await store.tags.list():
        assert each.tag == " ".join(each.tag.split())
        await store.tags.delete(each.tag)
    assert await store.tags.list() == ()
