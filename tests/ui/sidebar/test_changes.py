"""What is deleted for good at once: conversations and the comparison that they were in."""

from __future__ import annotations

from desktop.comparison import PaneState, new_comparison
from desktop.services import Services
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
