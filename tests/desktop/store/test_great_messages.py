"""Messages that are very large, or grow in the index: none of them keeps the store from being opened."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from desktop.domain.conversation_types import Message, Status
from desktop.domain.message_parts import PartKind
from desktop.store.records import index_text
from desktop.store.sqlite.sql import Sql
from desktop.store.store import Store
from tests.desktop.store import made

GROWS = "㌖"  # six letters when it is folded, each of which is a pair of twelve characters
LARGE = "begun " + GROWS * 1_000_000


async def begun(folder: Path, *texts: str) -> list[Message]:
    """What a run that died leaves: answers that stream, each with its text in the journal."""
    answers: list[Message] = []
    async with await Store.open(folder) as store:
        for text in texts:
            question = made.prompt()
            answers.append(made.answer(question))
            await store.conversations.begin(made.conversation(title=text[:5]), question, answers[-1])
            await store.conversations.append(answers[-1].id, [(PartKind.TEXT, text)])
    return answers


async def indexed(store: Store, message: Message) -> int:
    """Bytes of a message that are indexed."""
    asked = "SELECT octet_length(words) FROM messages WHERE id = ?"
    return await store._database.read(lambda sql: sql.integer(asked, (message.id,))) or 0


async def test_a_store_that_such_an_answer_locked_opens_again(folder: Path) -> None:
    (answer,) = await begun(folder, LARGE)
    async with await Store.open(folder) as store:
        assert (store.recovered, store.notices) == (1, ())
        (hit,) = await store.search("begun")
        found = next(each for each in (await store.conversations.get(hit.conversation.id)).messages if each.parent)
        assert (hit.message_id, found.text, found.status) == (answer.id, LARGE, Status.INTERRUPTED)
        assert index_text.LONGEST - index_text.BEHIND - 100 < await indexed(store, answer) <= index_text.LONGEST


@pytest.mark.parametrize("text", ["\n" * 2_200_000, " " * 2_200_000 + "end", "\u3000" * 3_000_000])
async def test_blanks_without_end_lock_no_store_and_end_no_answer(folder: Path, text: str) -> None:
    """As models that go round in a circle write them: what is indexed of them holds no word."""
    (broken,) = await begun(folder, text)
    async with await Store.open(folder) as store:
        assert (store.recovered, store.notices) == (1, ())
        question = made.prompt()
        streaming = made.answer(question)
        await store.conversations.begin(made.conversation(), question, streaming)
        await store.conversations.finish(made.finished(streaming, text))
        kept = [each for talk in await store.conversations.list() for each in await _answers(store, talk.id)]
        assert {each.id: each.text for each in kept} == {broken.id: text, streaming.id: text}


async def test_an_answer_that_nobody_can_make_sense_of_holds_up_none_of_the_others(folder: Path) -> None:
    odd, sound = await begun(folder, "odd", "sound")
    with closing(apsw.Connection(str(folder / "conversations.db"))) as other:
        Sql(other).run("UPDATE messages SET parts = 'no JSON' WHERE id = ?", (odd.id,))
    async with await Store.open(folder) as store:
        assert store.aside is None
        assert (store.recovered, len(store.notices)) == (2, 1)
        (hit,) = await store.search("sound")
        assert hit.message_id == sound.id


async def test_what_an_answer_ends_with_is_indexed_within_the_bound(store: Store) -> None:
    question = made.prompt()
    streaming = made.answer(question)
    await store.conversations.begin(made.conversation(), question, streaming)
    await store.conversations.finish(made.finished(streaming, LARGE))
    assert [hit.message_id for hit in await store.search("begun")] == [streaming.id]
    assert index_text.LONGEST - index_text.BEHIND - 100 < await indexed(store, streaming) <= index_text.LONGEST


@pytest.fixture
def small_rows() -> Iterator[list[int]]:
    """A SQLite whose rows may have so many bytes, once a number is in the list."""
    most: list[int] = []

    def limit(connection: apsw.Connection) -> None:
        for bound in most:
            connection.limit(apsw.SQLITE_LIMIT_LENGTH, bound)

    apsw.connection_hooks.append(limit)
    yield most
    apsw.connection_hooks.remove(limit)


async def test_one_message_that_is_too_large_for_the_index_is_kept_without_and_said(
    folder: Path, small_rows: list[int]
) -> None:
    large, other = await begun(folder, "large " + "x " * 600_000, "small words")
    small_rows.append(2_000_000)
    async with await Store.open(folder) as store:
        assert (store.recovered, len(store.notices)) == (2, 1)
        assert "too large for the search index" in store.notices[0]
        assert [hit.message_id for hit in await store.search("words")] == [other.id]
        assert await store.search("large x") == ()
        kept = [each for talk in await store.conversations.list() for each in await _answers(store, talk.id)]
        assert {each.id: len(each.text) for each in kept} == {large.id: 1_200_006, other.id: 11}
        assert {each.status for each in kept} == {Status.INTERRUPTED}
    async with await Store.open(folder) as store:
        assert (store.recovered, store.notices) == (0, ())


async def test_one_that_cannot_even_be_put_together_is_read_from_the_journal(
    folder: Path, small_rows: list[int]
) -> None:
    (answer,) = await begun(folder, "\x01" * 400_000)  # six times as long in JSON
    small_rows.append(2_000_000)
    async with await Store.open(folder) as store:
        assert (store.recovered, len(store.notices)) == (1, 1)
        (talk,) = await store.conversations.list()
        (kept,) = await _answers(store, talk.id)
        assert (kept.id, kept.status, len(kept.text)) == (answer.id, Status.INTERRUPTED, 400_000)


async def _answers(store: Store, id_: str) -> list[Message]:
    return [each for each in (await store.conversations.get(id_)).messages if each.parent]


@pytest.mark.long
async def test_hits_that_are_large_are_read_one_by_one(store: Store) -> None:
    text = "🧵 found " + "x " * 2_000_000
    size = 4 * len(text)  # a character beyond the usual ones takes four bytes, and so does each beside it
    for _ in range(8):
        question = made.prompt()
        streaming = made.answer(question)
        await store.conversations.begin(made.conversation(), question, streaming)
        await store.conversations.finish(made.finished(streaming, text))
    tracemalloc.start()
    try:
        assert len(await store.search("found")) == 8
        assert tracemalloc.get_traced_memory()[1] < 6 * size
    finally:
        tracemalloc.stop()
