"""One flipped bit in the head of a row, which says of what kind its cells are, costs no other row and is put right."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.domain.conversation_types import Conversation
from desktop.errors import StoreCorrupt
from desktop.store.opening import database_healing
from desktop.store.sqlite.database import connect
from desktop.store.store import Store
from tests.desktop.store import made
from tests.desktop.store.opening.test_store_opener import content
from tests.desktop.store.other_kinds import call_another_kind

FILE = "conversations.db"

FLIPPED = [
    ("conversations", "title", "CAST(title AS BLOB)"),
    ("conversations", "model", "CAST(model AS BLOB)"),
    ("conversations", "parameters", "CAST(parameters AS BLOB)"),
    ("conversations", "updated_at", "CAST(updated_at AS REAL) + 0.5"),
    ("conversations", "updated_at", "NULL"),
    ("conversation_tags", "tag", "CAST(tag AS BLOB)"),
    ("messages", "parts", "CAST(parts AS BLOB)"),
    ("messages", "facts", "CAST(facts AS BLOB)"),
    ("messages", "created_at", "CAST(created_at AS TEXT)"),
    ("messages", "words", "CAST(words AS BLOB)"),
]


async def kept(folder: Path) -> None:
    async with await Store.open(folder) as store:
        for number in range(3):
            talk = made.said(f"words {number}")
            await store.conversations.create(talk)
            await store.tags.add([talk.id], "tag")


async def seen(store: Store) -> tuple[list[str], list[str]]:
    """Titles, and what was said first."""
    listed = await store.conversations.list()
    talks = [await store.conversations.get(each.id) for each in listed]
    return sorted(each.title for each in listed), sorted(talk.messages[0].text for talk in talks)


@pytest.mark.parametrize(("table", "column", "value"), FLIPPED)
async def test_it_is_read_with_all_others_and_put_right_after_an_unclean_end(
    folder: Path, table: str, column: str, value: str
) -> None:
    await kept(folder)
    async with await Store.open(folder) as store:
        before = await seen(store)
    call_another_kind(folder / FILE, table, column, value)
    async with await Store.open(folder) as store:
        assert await seen(store) == before
        assert len(await store.search("words")) == 3
    (folder / "runs" / "dead.lock").touch(0o600)
    async with await Store.open(folder) as store:
        assert (store.notices, await seen(store)) == ((), before)
    sql = connect(folder / FILE)
    assert sql.pragma("integrity_check") == "ok"
    sql.close()


@pytest.mark.parametrize("table", ["messages", "conversations"])
async def test_words_that_are_nothing_any_more_keep_nothing_else_from_being_found(folder: Path, table: str) -> None:
    await kept(folder)
    call_another_kind(folder / FILE, table, "words", "NULL")
    async with await Store.open(folder) as store:
        assert len(await store.search("words")) >= 2
        await store.conversations.create(made.said("words anew"))
        assert len(await store.search("anew")) == 1


@pytest.mark.parametrize("value", ["'x'", "x'ff'", "NULL"])
@pytest.mark.parametrize("column", ["version", "message", "conversation"])
async def test_a_place_of_the_renewal_that_is_no_number_begins_it_anew(folder: Path, column: str, value: str) -> None:
    await kept(folder)
    async with await Store.open(folder) as store:
        await store.index_renewal.run()
    call_another_kind(folder / FILE, "index_renewal", column, value, row=1)
    async with await Store.open(folder) as store:
        assert (await store.index_renewal.state()).left == 6
        await store.index_renewal.run()
        assert (await store.index_renewal.state()).left == 0
        assert len(await store.search("words")) == 3


@pytest.mark.parametrize("column", ["updated_at", "created_at"])
async def test_a_number_that_became_one_beyond_all_keeps_no_start_from_coming(folder: Path, column: str) -> None:
    await kept(folder)
    call_another_kind(folder / FILE, "conversations", column, "1e300")
    async with await Store.open(folder) as store:
        assert len((await seen(store))[0]) == 3
    database_healing.doubt(folder / FILE)
    async with await Store.open(folder) as store:
        assert len((await seen(store))[0]) == 3
        assert len(await store.search("words")) == 3


async def test_healing_after_damage_was_met_puts_it_right_too(folder: Path) -> None:
    await kept(folder)
    call_another_kind(folder / FILE, "conversations", "title", "CAST(title AS BLOB)")
    database_healing.doubt(folder / FILE)
    async with await Store.open(folder) as store:
        assert (store.notices, len((await seen(store))[0])) == ((), 3)
    assert not any(name.endswith("-damaged") for name in content(folder))


def make_unreadable(folder: Path, talk: Conversation, behind: str = "") -> None:
    """Flip a bit of a conversation's id in all places, or in the one before a text."""
    sound, whole, end = talk.id.encode(), (folder / FILE).read_bytes(), behind.encode()
    assert sound + end in whole
    (folder / FILE).write_bytes(whole.replace(sound + end, sound[:-1] + bytes([sound[-1] | 128]) + end))


async def test_a_conversation_whose_id_is_no_text_any_more_is_opened_by_the_id_that_is_listed(folder: Path) -> None:
    async with await Store.open(folder) as store:
        await store.conversations.create(talk := made.said("words", "Here"))
    make_unreadable(folder, talk, behind="Here")  # as a flipped bit does it: in the row alone
    async with await Store.open(folder) as store:
        (listed,) = await store.conversations.list()
        assert listed.id == f"{talk.id[:-1]}\N{REPLACEMENT CHARACTER}"
        assert (await store.conversations.get(listed.id)).messages[0].text == "words"
        with pytest.raises(StoreCorrupt):
            await store.conversations.rename(listed.id, "There")
    async with await Store.open(folder) as store:
        await store.conversations.rename(listed.id, "There")
        assert (await store.conversations.get(listed.id)).title == "There"


@pytest.mark.parametrize("is_first_thrown", [False, True])
async def test_a_conversation_whose_id_is_no_text_any_more_is_deleted_for_good(
    folder: Path, *, is_first_thrown: bool
) -> None:
    async with await Store.open(folder) as store:
        await store.conversations.create(talk := made.said("Quokka"))
        await store.conversations.create(sound := made.said("words"))
    make_unreadable(folder, talk)
    async with await Store.open(folder) as store:
        (lost,) = {each.id for each in await store.conversations.list()} - {sound.id}
        if is_first_thrown:
            await store.conversations.trash([lost])
        await store.conversations.purge([lost])
        assert len(await store.conversations.list()) == 1
    assert b"Quokka" not in (folder / FILE).read_bytes()
