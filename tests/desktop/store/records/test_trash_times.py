"""What was thrown away while the clock was years behind has its whole term in the trash all the same."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from desktop.domain.comparison import PaneState, new_comparison
from desktop.store.store import Store
from tests.desktop.store import made
from tests.desktop.store.new_database import put_database

BEHIND = datetime(1970, 1, 2, tzinfo=UTC)
MONTH = timedelta(days=30)


@pytest.fixture
def clock() -> made.Clock:
    return made.Clock()


@pytest.fixture
async def store(tmp_path: Path, clock: made.Clock) -> AsyncGenerator[Store]:
    async with await Store.open(put_database(tmp_path), clock=clock) as opened:
        yield opened


async def thrown_away(store: Store, clock: made.Clock) -> None:
    """A conversation and a comparison, moved to the trash on a machine whose battery is empty."""
    talk = made.conversation(made.prompt("Zanzibar"), updated_at=clock())
    empty = new_comparison((PaneState(conversation="", model=made.MODEL),))
    comparison = msgspec.structs.replace(empty, updated_at=clock())
    await store.conversations.create(talk)
    await store.comparisons.save(comparison)
    clock.at = BEHIND
    await store.conversations.trash([talk.id])
    await store.comparisons.trash(comparison.id)


async def emptied(store: Store, before: datetime) -> tuple[int, int]:
    return await store.conversations.purge_trashed(before), await store.comparisons.purge_trashed(before)


async def test_what_a_clock_was_behind_for_is_in_the_trash_from_now_on(store: Store, clock: made.Clock) -> None:
    await thrown_away(store, clock)
    clock.at = now = made.START + timedelta(days=1)
    assert await emptied(store, clock() - MONTH) == (0, 0)
    (talk,) = await store.conversations.list(trashed=True)
    assert talk.trashed_at is not None
    assert talk.trashed_at >= now
    clock.at += 2 * MONTH
    assert await emptied(store, clock() - MONTH) == (1, 1)


async def test_what_was_begun_while_the_clock_was_behind_too_has_its_whole_term(
    store: Store, clock: made.Clock
) -> None:
    """What was begun before it, at a later time, tells."""
    await store.conversations.create(made.conversation(made.prompt("Zanzibar"), updated_at=clock()))
    clock.at = BEHIND
    early = made.conversation(made.prompt("Zanzibar"), updated_at=clock())
    early = msgspec.structs.replace(early, created_at=clock())
    await store.conversations.create(early)
    await store.conversations.trash([early.id])
    clock.at = made.START + timedelta(days=1)
    assert await emptied(store, clock() - MONTH) == (0, 0)
    clock.at += 2 * MONTH
    assert await emptied(store, clock() - MONTH) == (1, 0)


async def test_the_trash_is_emptied_by_hand_whatever_the_times(store: Store, clock: made.Clock) -> None:
    await thrown_away(store, clock)
    clock.at = made.START + timedelta(days=1)
    assert await emptied(store, clock() + MONTH) == (1, 1)


async def test_what_was_said_at_a_time_still_to_come_goes_by_when_it_was_thrown_away(
    store: Store, clock: made.Clock
) -> None:
    talk = made.conversation(made.prompt("Zanzibar"), updated_at=clock() + 99 * MONTH)
    await store.conversations.create(talk)
    await store.conversations.trash([talk.id])
    clock.at += 2 * MONTH
    assert await emptied(store, clock() - MONTH) == (1, 0)
