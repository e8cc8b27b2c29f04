"""What is deleted for good at once: conversations and the comparison that they were in."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from desktop.domain.comparison import PaneState, new_comparison
from desktop.services import Services
from desktop.settings.schema import TRASH_DAYS
from desktop.store.store import Store
from tests.desktop.store import made
from ui.sidebar import changes


async def test_a_comparison_and_all_its_conversations_are_deleted_together(services: Services) -> None:
    store = await services.store()
    talks = [made.said("one"), made.said("two")]
    for each in talks:
        await store.conversations.create(each)
    held = new_comparison(tuple(PaneState(conversation=each.id, model=each.model, said=True) for each in talks))
    await store.comparisons.save(held)
    ids = [*(each.id for each in talks), held.id]
    await changes.trash(store, ids)
    assert set(await changes.purge(store, ids)) == {*ids}
    assert not await store.comparisons.list(trashed=True)
    assert not await store.conversations.list(trashed=True)


async def test_a_comparison_that_goes_with_its_conversations_is_told_of(services: Services) -> None:
    store = await services.store()
    talk = made.said("one")
    await store.conversations.create(talk)
    held = new_comparison((PaneState(conversation=talk.id, model=talk.model, said=True),))
    for empty in (False, True):
        await store.conversations.create(talk) if empty else None
        await store.comparisons.save(held)
        await changes.trash(store, [talk.id])
        gone = await (changes.empty_trash(store) if empty else changes.purge(store, [talk.id]))
        assert {*gone} == {talk.id, held.id}


async def test_the_trash_outlives_an_hour_of_a_clock_that_is_ahead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for days, gone in ((0, 0), (400, 0), (1, 0), (35, 0), (36, 1)):
        at = made.START + timedelta(days=days)
        monkeypatch.setattr(changes, "now", lambda at=at: at)
        async with await Store.open(tmp_path / "data", clock=lambda at=at: at) as store:
            if not days:
                thrown = made.conversation(made.prompt("Sky?"))
                await store.conversations.create(thrown)
                await store.conversations.trash([thrown.id])
            assert len(await changes.empty_trash(store, TRASH_DAYS.default)) == gone
