"""Searches with filters, phrases, marks, and in a store where the newest messages do not answer everything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.domain.conversation_types import Conversation, Message, ModelRef
from desktop.store.search import filters, seeker
from desktop.store.store import Store
from tests.desktop.store import made
from tests.examples import examples

GROK, GPT = ModelRef(connection="foundry", name="grok-3"), ModelRef(connection="lab", name="gpt-4.1")


def at(message: Message, days: float) -> Message:
    return msgspec.structs.replace(message, created_at=made.START + timedelta(days=days))


def talk(
    text: str, answered: str = "", *, title: str = "Talk", model: ModelRef = made.MODEL, days: float = 0
) -> Conversation:
    asked = at(made.prompt(text), days)
    messages = (asked, at(made.finished(made.answer(asked), answered), days)) if answered else (asked,)
    return made.conversation(*messages, title=title, model=model, updated_at=made.START + timedelta(days=days))


async def keep(store: Store, *talks: Conversation) -> None:
    await store.conversations.create_all(talks)


async def found(store: Store, text: str, limit: int = 50) -> list[str]:
    return [hit.snippet for hit in await store.search(text, limit)]


async def test_filters_by_model_connection_role_and_code(store: Store) -> None:
    code = "so:\n```python\nsky = 1\n```"
    await keep(store, talk("sky one", code, model=GROK), talk("sky two", "the sky is blue", model=GPT, days=1))
    assert await found(store, "sky model:grok role:user") == ["sky one"]
    assert await found(store, "sky connection:lab role:assistant") == ["the sky is blue"]
    assert [each.split("\n")[0][:3] for each in await found(store, "sky has:code")] == ["so:"]
    assert await found(store, "sky has:code role:user") == []
    assert await found(store, 'sky model:"gpt"') == []
    assert len(await found(store, "sky model:grok model:gpt")) == 4


async def test_filters_by_date(store: Store) -> None:
    await keep(store, *(talk(f"sky {days}", days=days) for days in (0, 31, 62)))
    assert await found(store, "sky from:2026-02") == ["sky 62", "sky 31"]
    assert await found(store, "sky to:2026-02") == ["sky 31", "sky 0"]
    assert await found(store, "from:2026-02 to:2026-02") == ["sky 31"]


async def test_filters_by_marks_and_tags_of_conversations(store: Store) -> None:
    talks = [talk(f"sky {number}", days=number) for number in range(4)]
    await keep(store, *talks)
    await store.conversations.pin([talks[0].id])
    await store.conversations.archive([talks[1].id])
    await store.tags.add([talks[2].id], "Rome trip")
    await store.tags.add([talks[3].id], "Romeo")
    assert await found(store, "is:pinned") == ["sky 0"] == await found(store, "sky is:pinned")
    assert await found(store, "is:archived") == ["sky 1"]
    assert await found(store, "tag:rome") == ["sky 3", "sky 2"]
    assert await found(store, 'tag:"rome TRIP" sk') == ["sky 2"]
    assert await found(store, "tag:paris") == []


async def test_conversations_that_are_many_are_found_as_few_are(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    days = (2, 0, 3, 1)
    await keep(store, *(talk(f"sky {day}", title="Blue sky", model=GROK, days=day) for day in days))
    await keep(store, talk("sky of others", title="Blue sky", model=GPT, days=9))
    thrown = talk("sky thrown away", title="Blue sky", model=GROK, days=8)
    await keep(store, thrown)
    await store.conversations.trash([thrown.id])
    searches = ("model:grok", "model:grok sky", "model:grok blue sky", "model:grok blue", "model:grok blue 3")
    few = [await found(store, each, limit) for each in searches for limit in (2, 50)]
    monkeypatch.setattr(filters, "_MANY", 0)
    assert [await found(store, each, limit) for each in searches for limit in (2, 50)] == few
    assert few[1] == ["sky 3", "sky 2", "sky 1", "sky 0"]


async def test_filters_alone_find_messages_or_conversations(store: Store) -> None:
    await keep(store, talk("a prompt", "an answer"))
    assert await found(store, "role:user") == ["a prompt"]
    assert await found(store, "model:smollm") == ["an answer"]
    await store.conversations.trash([each.id for each in await store.conversations.list()])
    assert await found(store, "role:user") == [] == await found(store, "model:smollm")


async def test_a_phrase_in_quotes_is_found_as_it_stands(store: Store) -> None:
    await keep(store, talk("the blue sky over Köln"), talk("sky, blue", days=1), talk("blue skyline", days=2))
    assert await found(store, '"blue sky"') == ["the blue sky over Köln"]
    assert await found(store, '"over koln"') == ["the blue sky over Köln"]
    assert await found(store, "blue sky") == ["blue skyline", "sky, blue", "the blue sky over Köln"]


@pytest.mark.parametrize(
    ("text", "search", "marked"),
    [
        ("the Blue sky", "sky blu", ["Blu", "sky"]),
        ("東京都に行く", "京都", ["京都"]),
        ("السماء زرقاء", "زرقاء", ["زرقاء"]),
        ("a 🙂 Straße", "strasse", ["Straße"]),
        ("so blue  sky", '"blue sky"', ["blue sky"]),
    ],
)
async def test_what_was_found_is_marked(store: Store, text: str, search: str, marked: list[str]) -> None:
    await keep(store, talk(text))
    (hit,) = await store.search(search)
    assert [hit.snippet[start:end] for start, end in hit.marks] == marked


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only few of the newest are looked at, so that the index has to answer."""
    for name, value in {"LOOKED_AT": 5, "_TITLES": 2, "_FEW": 3, "_CHUNK": 2}.items():
        monkeypatch.setattr(seeker, name, value)


@pytest.mark.usefixtures("few")
async def test_old_messages_are_found_in_order_of_time(store: Store) -> None:
    # The older ones are kept later, as an import does.
    await keep(store, *(talk(f"needle {30 - number}", days=30 - number) for number in range(30)))
    assert await found(store, "needle", 50) == [f"needle {number}" for number in range(30, 0, -1)]
    assert await found(store, "needle 1", 3) == ["needle 19", "needle 18", "needle 17"]
    assert await found(store, "needle n", 8) == [f"needle {number}" for number in range(30, 22, -1)]


@pytest.mark.usefixtures("few")
async def test_words_of_title_and_message_go_together_however_old(store: Store) -> None:
    await keep(store, *(talk(f"word {number}", title="filler", days=50 + number) for number in range(20)))
    await keep(store, talk("about rome", "nothing", title="Holidays"))
    assert await found(store, "holidays rom") == ["about rome"]
    assert await found(store, "holid") == ["nothing"]


WORDS = ("sky", "skyline", "blau", "Straße", "東京", "京都", "é", "x_y", "a-b", "السماء", "12")


@given(
    st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4), min_size=1, max_size=8),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3),
    st.integers(1, 3),
)
@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_looking_and_asking_the_index_find_the_same(
    store: Store, said: Sequence[Sequence[str]], sought: Sequence[str], cut: int
) -> None:
    for each in await store.conversations.list():
        await store.conversations.purge([each.id])
    await keep(store, *(talk(" ".join(each), days=day) for day, each in enumerate(said)))
    text = " ".join(sought)[: max(1, len(" ".join(sought)) - cut + 1)]
    looked = await found(store, text)
    before, seeker._MOST_LOOKED_FOR = seeker._MOST_LOOKED_FOR, 0
    try:
        assert await found(store, text) == looked
    finally:
        seeker._MOST_LOOKED_FOR = before


@given(st.text(max_size=60))
@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_no_search_fails(store: Store, text: str) -> None:
    await store.search(text)


ODD = (
    '"',
    '"" AND',
    "NEAR(a b)",
    "a*",
    "model:",
    'tag:"',
    "-",
    "\0",
    "a\0b",
    "^x",
    "{a}:b",
    "x" * 10_000,
    "is:pinned " * 99,
)


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
async def test_odd_searches_are_answered(store: Store, text: str) -> None:
    await keep(store, talk("plain"))
    assert isinstance(await store.search(text), tuple)
