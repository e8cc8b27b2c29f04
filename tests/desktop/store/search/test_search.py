from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import msgspec
import pytest

from desktop.domain.conversation_types import Status
from desktop.domain.message_parts import PartKind, ReasoningPart
from desktop.store.opening.store_opener import FILE
from desktop.store.search import query as queries
from desktop.store.search import seeker
from desktop.store.search.newest_texts import NewestTexts, NewestTitles
from desktop.store.search.seeker import Seeker
from desktop.store.sqlite.database import Access
from desktop.store.sqlite.sql import Cell, Sql
from desktop.store.store import Store
from tests.cpu_time import within
from tests.desktop.store import made


class AskedSql(Sql):
    """Remembers which rows it is asked for."""

    def __init__(self, sql: Sql) -> None:
        super().__init__(sql.connection)
        self.asked: list[str] = []

    def each(self, statement: str, values: Sequence[Cell] = ()) -> Iterable[tuple[Any, ...]]:
        self.asked.append(statement)
        return super().each(statement, values)


async def found(store: Store, text: str) -> list[str]:
    return [hit.snippet for hit in await store.search(text)]


async def test_a_hit_names_message_and_conversation(store: Store) -> None:
    talk = made.said("The sky is blue because of Rayleigh scattering.", title="Physics")
    await store.conversations.create(talk)
    (hit,) = await store.search("blue rayl")
    assert hit.message_id == talk.messages[0].id
    assert hit.conversation == (await store.conversations.list())[0]
    assert hit.snippet == talk.messages[0].text


async def test_all_words_must_stand_in_one_message_or_its_title(store: Store) -> None:
    first, second = made.prompt("alpha beta"), made.prompt("gamma")
    await store.conversations.create(made.conversation(first, second, title="delta"))
    assert await found(store, "beta alpha") == ["alpha beta"]
    assert await found(store, "alpha gamma") == []
    assert await found(store, "delta gamma") == ["gamma"]
    assert await found(store, "alpha del") == ["alpha beta"]
    assert await found(store, "delta omega") == []


@pytest.mark.parametrize(
    ("sought", "said"),
    [
        ("1.2.3", "Since v1.2.3-beta it works"),
        ("v1.2.3", "Since 1.2.3 it works"),
        *((one, f"About {other} today") for one, other in permutations(("nodejs", "node.js"))),
        *((one, f"About {other} today") for one, other in permutations(("email", "e-mail"))),
        *((one, f"About {other} today") for one, other in permutations(("windenergy", "wind-energy"))),
    ],
)
async def test_words_are_found_however_they_are_joined(store: Store, sought: str, said: str) -> None:
    await store.conversations.create(made.conversation(made.prompt(said), title="Other"))
    assert await found(store, sought) == [said]
    assert await found(store, f"{sought} ") == [said]
    assert await found(store, f'"{sought}"') == [], "a phrase is exact"


async def test_a_title_alone_is_one_hit_on_the_current_leaf(store: Store) -> None:
    first = made.prompt("alpha")
    await store.conversations.create(made.conversation(first, made.prompt("beta", first), title="Delta plan"))
    assert await found(store, "plan delta") == ["beta"]
    empty = made.conversation(title="Empty plan")
    await store.conversations.create(empty)
    (hit,) = await store.search("empty")
    assert (hit.conversation.id, hit.message_id, hit.snippet) == (empty.id, "", "")


async def test_a_word_in_title_and_text_is_found_once_each_message(store: Store) -> None:
    first = made.prompt("plan one")
    await store.conversations.create(made.conversation(first, made.prompt("nothing"), title="plan"))
    assert await found(store, "plan") == ["plan one"]


async def test_a_title_of_a_book_is_found_and_not_read_with_each_message(store: Store, folder: Path) -> None:
    first = made.prompt("alpha")
    await store.conversations.create(made.conversation(first, made.prompt("beta", first), title="Delta plan " * 2_000))
    assert (await found(store, "plan delta"), await found(store, "delta alpha")) == (["beta"], ["alpha"])
    newest, sql = NewestTexts(), Access(path=folder / FILE).connect_to_read()
    Seeker(sql, queries.parse("omega", made.START), 50, newest=newest).find()
    assert [each.title for each in newest.messages(sql, list)] == ["", ""]
    assert newest.titles(sql, lambda: NewestTitles([], are_all=True)) == NewestTitles([], are_all=False)
    sql.close()


async def test_a_title_is_found_and_named_first_without_the_index_where_all_titles_are_looked_at(
    store: Store, folder: Path
) -> None:
    await store.conversations.create(made.said("nothing of it", title="Delta plan"))
    await store.conversations.create(made.said("delta plan", title="Other"))
    newest, sql = NewestTexts(), Access(path=folder / FILE).connect_to_read()
    asked = AskedSql(sql)
    found = Seeker(asked, queries.parse("delta plan", made.START), 50, newest=newest).find()
    assert [each.conversation for each in found] == [1, 2]
    assert newest.titles(asked, lambda: NewestTitles([], are_all=False)).are_all
    assert not [each for each in asked.asked if "conversations_index MATCH" in each]
    sql.close()


async def test_the_conversation_that_is_called_as_what_is_sought_comes_first(store: Store) -> None:
    called = made.said("nothing of it", title="Thousand Turns 1")
    await store.conversations.create(called)
    for number in range(10, 25):
        talk = made.said(f"thousand turns 1, said {number}", title=f"Thousand turns {number}")
        await store.conversations.create(talk)
    hits = await store.search("thousand turns 1", limit=5)
    assert [hit.conversation.title for hit in hits][:2] == ["Thousand Turns 1", "Thousand turns 24"]
    assert len(hits) == 5
    assert (await store.search("turns 1"))[0].conversation.title != "Thousand Turns 1"


@pytest.mark.parametrize("title", ["東京 new", "What's new in C++?", "Ärger", "京", "a-b_c.d", "Tom & Jerry", "x – y"])
async def test_any_title_is_found_first_by_itself(store: Store, title: str) -> None:
    await store.conversations.create(made.said("nothing", title=title))
    for _ in range(3):
        await store.conversations.create(made.said(f"{title} and {title}", title="Other"))
    assert (await store.search(title))[0].conversation.title == title


@pytest.mark.parametrize("title", ["the", "The Plan", "What? [a] *b*", "x – y", "Größe", "C++ 2"])
async def test_a_title_is_found_by_itself_however_many_newer_ones_begin_with_it(
    store: Store, monkeypatch: pytest.MonkeyPatch, title: str
) -> None:
    monkeypatch.setattr(seeker, "_TITLES", 2)
    await store.conversations.create(made.said("nothing", title=title))
    for number in range(4):
        await store.conversations.create(made.said(f"of {title}", title=f"{title} in part {number}"))
    assert (await store.search(title))[0].conversation.title == title


@pytest.mark.parametrize("word", ["*" * 398, "é" * 398, "漢" * 398, "漢字" * 199, "x" * 398])
async def test_the_longest_searches_are_answered(store: Store, monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setattr(seeker, "_TITLES", 1)  # so that the index is asked for them
    words = " ".join(f"{number}{word}" for number in range(10, 74))
    for _ in range(2):
        await store.conversations.create(made.said(words, title=words))
    assert len(await store.search(words, limit=1)) == 1
    assert len(await store.search(f'"{words}"', limit=1)) == 1


async def test_a_lone_sign_among_words_tells_nothing(store: Store) -> None:
    await store.conversations.create(made.said("Tom and Jerry"))
    await store.conversations.create(made.said("Tom & Jerry"))
    assert len(await found(store, "tom & jerry")) == 2
    assert await found(store, "&") == await found(store, 'tom "&" jerry') == ["Tom & Jerry"]


@pytest.mark.parametrize("sought", ["plan", "plan role:user", '"$" plan', '"$"', "C++ plan", "plan C++", "größe plan"])
async def test_the_same_is_found_among_old_messages_as_among_new_ones(
    store: Store, monkeypatch: pytest.MonkeyPatch, sought: str
) -> None:
    """Where only the index is asked, and where messages are looked at."""
    texts = "the plan for C++", "größe", "$5 for a plan", "nothing", "groesse $"
    for title in ("plan C++", "the größe $", "other"):
        first = made.prompt(title + " said")
        answers = [made.prompt(text, first) for text in texts]
        await store.conversations.create(made.conversation(first, *answers, title=title))
    looked_for = {hit.message_id for hit in await store.search(sought)}
    monkeypatch.setattr(seeker, "LOOKED_AT", 1)
    assert {hit.message_id for hit in await store.search(sought)} == looked_for
    assert len(looked_for) > 3


async def test_renaming_changes_what_a_title_is_found_by(store: Store) -> None:
    talk = made.said("text", title="old")
    await store.conversations.create(talk)
    await store.conversations.rename(talk.id, "東京 new")
    assert await found(store, "old") == []
    assert await found(store, "京") == ["text"]


async def test_a_streaming_answer_is_found_once_it_is_finished(store: Store) -> None:
    question = made.prompt()
    streaming = made.answer(question)
    await store.conversations.begin(made.conversation(), question, streaming)
    await store.conversations.append(streaming.id, [(PartKind.TEXT, "draft")])
    assert await found(store, "draft") == []
    await store.conversations.finish(made.finished(streaming, "final", Status.STOPPED))
    await store.conversations.finish(made.finished(streaming, "final again", Status.STOPPED))
    assert await found(store, "draft") == []
    assert await found(store, "final") == ["final again"]


async def test_reasoning_is_found(store: Store) -> None:
    question = made.prompt()
    thought = made.answer(question, "x", Status.COMPLETE)
    thought = msgspec.structs.replace(thought, parts=(ReasoningPart(text="pondering"),))
    await store.conversations.create(made.conversation(question, thought))
    assert await found(store, "ponder") == ["pondering"]


async def test_the_trash_is_not_found_until_it_is_restored(store: Store) -> None:
    talk = made.said("needle", title="haystack")
    await store.conversations.create(talk)
    await store.conversations.trash([talk.id])
    assert await found(store, "needle") == []
    assert await found(store, "haystack") == []
    await store.conversations.restore([talk.id])
    assert await found(store, "needle") == ["needle"]
    await store.conversations.purge([talk.id])
    assert await found(store, "needle") == []


async def test_hits_are_newest_first_and_limited(store: Store) -> None:
    for number in range(5):
        await store.conversations.create(made.said(f"word {number}"))
    assert [hit.snippet for hit in await store.search("word", limit=2)] == ["word 4", "word 3"]


@pytest.mark.parametrize("text", ["NOT x", "a AND b", "x NEAR y", 'say "x"', "c:\\x", "(x)", "x^2", "{x}", "-x", "x*"])
async def test_syntax_is_text(store: Store, text: str) -> None:
    await store.conversations.create(made.said(text))
    assert await found(store, text) == [text]


async def test_one_search_may_hold_very_many_words(store: Store) -> None:
    many = " ".join(f"w{number}" for number in range(2000))
    await store.conversations.create(made.said(many))
    assert len(await found(store, many)) == 1
    assert await found(store, f"missing {many}") == []


@pytest.mark.parametrize(
    "search",
    [" ".join(f"w{n}" for n in range(6_000)), "a_" * 16_000, "k*" * 16_000, '"' + "ab " * 10_000 + '"'],
    ids=["words", "underscores", "stars", "quoted"],
)
async def test_a_pasted_text_is_sought_in_no_time(store: Store, search: str) -> None:
    await store.conversations.create(made.said("hello"))
    for attempt in within(2):
        with attempt:
            assert not await found(store, search)


async def test_a_long_passage_finds_what_it_was_taken_from(store: Store) -> None:
    passage = " ".join(f"word{n}" for n in range(500))
    await store.conversations.create(made.said(passage))
    assert await found(store, passage)
    assert await found(store, f'"{passage}"')
    assert await found(store, passage.replace(" ", "_"))
    assert not await found(store, f'"{passage.replace("word30 ", "")}"')
