"""How long conversations are kept: ever, days, or one run; by setting, by connection, by policy."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from desktop.domain.comparison import PaneState, new_comparison
from desktop.domain.conversation_types import Connection, Conversation, Kind, ModelRef
from desktop.settings.schema import RETENTION, RETENTION_DAYS
from desktop.settings.values import Settings
from desktop.store.opening.store_opener import opening_lock
from desktop.store.retention import RetentionRule, rule_of
from desktop.store.store import Store
from tests.desktop.store import made
from tests.desktop.store.conftest import Children
from tests.desktop.store.test_traces import traces

OTHER = ModelRef(connection="lab", name="grok-3")


def spoken(days_ago: float, title: str, model: ModelRef = made.MODEL, now: datetime = made.START) -> Conversation:
    at = now - timedelta(days=days_ago)
    return made.conversation(made.prompt("Zanzibar"), title=title, model=model, updated_at=at)


async def left(store: Store) -> set[str]:
    kept = [*await store.conversations.list(), *await store.conversations.list(trashed=True)]
    return {found.title for found in kept}


async def fill(store: Store) -> None:
    pinned = spoken(99, "pinned")
    for talk in (spoken(0, "new"), spoken(8, "week"), spoken(99, "old"), spoken(8, "lab", OTHER), pinned):
        await store.conversations.create(talk)
    await store.conversations.pin([pinned.id])


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (RetentionRule(), {"new", "week", "old", "lab", "pinned"}),
        (RetentionRule(30), {"new", "week", "lab", "pinned"}),
        (RetentionRule(30, strict=True), {"new", "week", "lab"}),
        (RetentionRule(None, {"lab": 1}), {"new", "week", "old", "pinned"}),
        (RetentionRule(3, {"lab": 30}), {"new", "pinned"}),
        (RetentionRule(None, {"gone": 0}), {"new", "week", "old", "lab", "pinned"}),
    ],
)
async def test_what_is_older_goes(store: Store, rule: RetentionRule, expected: set[str]) -> None:
    await fill(store)
    assert await store.retention.tidy(rule) == 5 - len(expected)
    assert await left(store) == expected
    assert await store.retention.tidy(rule) == 0


async def test_what_is_for_one_run_goes_when_it_ends_and_leaves_no_trace(store: Store, folder: Path) -> None:
    await fill(store)
    assert await store.retention.tidy(RetentionRule(0), ending=True) == 4
    assert await left(store) == {"pinned"}
    assert await store.retention.tidy(RetentionRule(0, strict=True), ending=True) == 1
    assert traces(folder) == set()


async def test_after_a_crash_it_goes_at_the_next_start(folder: Path, children: Children) -> None:
    child = children.start("journal", folder)
    assert child.stdout is not None
    child.stdout.readline()
    child.kill()
    child.wait()
    async with await Store.open(folder) as store:
        assert await store.retention.tidy(RetentionRule(0)) == 1
        assert await left(store) == set()


async def test_what_another_run_speaks_in_stays(folder: Path, children: Children) -> None:
    child = children.start("hold", folder)
    assert child.stdout is not None
    child.stdout.readline()
    async with await Store.open(folder) as store:
        await store.conversations.create(spoken(1, "before"))
        assert await store.retention.tidy(RetentionRule(0)) == 1
        assert await store.retention.tidy(RetentionRule(0), ending=True) == 0
        assert len(await left(store)) == 1


async def test_a_comparison_goes_with_its_conversations(store: Store) -> None:
    for days, title in ((99, "old"), (0, "new")):
        talk = spoken(days, title)
        await store.conversations.create(talk)
        await store.comparisons.save(new_comparison((PaneState(conversation=talk.id, model=talk.model),)))
    await store.retention.tidy(RetentionRule(30))
    (kept,) = await store.comparisons.list()
    panes = (await store.comparisons.get(kept.id)).panes
    assert [pane.conversation for pane in panes] == [found.id for found in await store.conversations.list()]


def test_the_rule_is_what_the_settings_say() -> None:
    lab = Connection(name="lab", kind=Kind.OPENAI_V1, url="https://lab.example/v1", keep_days=0)
    settings = Settings().with_connection(lab)
    assert rule_of(settings) == RetentionRule(None, {"lab": 0})
    assert rule_of(settings.set(RETENTION, "run")).days == 0
    days = settings.set(RETENTION, "days").set(RETENTION_DAYS, 7)
    assert rule_of(days, {RETENTION.key}) == RetentionRule(7, {"lab": 0}, strict=True)
    assert [RetentionRule(7, {"lab": 9, "other": 2}).days_of(name) for name in ("lab", "other", "none")] == [7, 2, 7]


async def test_a_purge_of_many_that_was_killed_is_ended_at_the_next_tidying(folder: Path) -> None:
    """Check 39 for many conversations: nothing of them is left in the index either."""
    talks = [
        made.conversation(*(made.prompt(f"Zanzibar Quokka {number} {place}") for place in range(30)), title="Xylophon")
        for number in range(30)
    ]
    kept = made.said("plain words")
    async with await Store.open(folder) as store:
        await store.conversations.create_all([*talks, kept])
        done: list[int] = []

        def break_off(number: int, total: int) -> None:
            done.append(number)
            if number > 10:
                raise RuntimeError("killed")

        with pytest.raises(RuntimeError, match="killed"):
            await store.conversations.purge([talk.id for talk in talks], break_off)
        assert 10 < done[-1] < len(talks)
        assert [found.id for found in await store.conversations.list()] == [kept.id]
    async with await Store.open(folder) as store:
        trashed = await store.conversations.list(trashed=True)
        assert trashed
        await store.conversations.purge([found.id for found in trashed])
        await store.retention.tidy(RetentionRule())
        assert traces(folder) == set()
        assert [hit.conversation.id for hit in await store.search("plain")] == [kept.id]
        for index in ("messages_index", "conversations_index"):
            await store._database.write(
                lambda sql, index=index: sql.run(f"INSERT INTO {index} ({index}) VALUES ('integrity-check')")
            )
            assert await store._database.read(
                lambda sql, index=index: sql.integer(f"SELECT v FROM {index}_config WHERE k = 'secure-delete'")
            )


async def test_a_long_conversation_is_deleted_in_slices(store: Store, folder: Path) -> None:
    messages = [made.prompt("Zanzibar 0")]
    for number in range(999):
        messages.append(made.prompt(f"Zanzibar {number + 1}", messages[-1]))
    talk = made.conversation(*messages, title="Xylophon")
    await store.conversations.create(talk)
    await store.conversations.create(made.said("plain"))
    await store.conversations.purge([talk.id])
    assert traces(folder) == set()
    assert await left(store) == {"Sky"}


async def test_other_runs_locks_are_looked_at_while_none_of_them_begins(folder: Path) -> None:
    """A lock that is tried is held for a moment: a run that begins with it then would not be opened."""
    opening, tried = opening_lock(folder), asyncio.Event()
    async with await Store.open(folder) as store:
        with opening.acquire(timeout=0):
            tidying = asyncio.create_task(store.retention.tidy(RetentionRule(30)))
            tidying.add_done_callback(lambda _: tried.set())
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(tried.wait(), 0.3)
        assert await asyncio.wait_for(tidying, 20) == 0
