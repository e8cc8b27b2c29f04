"""What the sidebar changes in the store: conversations and comparisons alike, several at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from desktop.domain import now

if TYPE_CHECKING:
    from desktop.store.store import Store


async def rename(store: Store, id_: str, title: str) -> None:
    """Give a conversation or a comparison a title. Raises StoreError."""
    _, comparisons = await parted(store, [id_])
    await (store.comparisons if comparisons else store.conversations).rename(id_, title)


async def trash(store: Store, ids: Sequence[str]) -> None:
    """Move conversations and comparisons to the trash. Raises StoreError."""
    conversations, comparisons = await parted(store, ids)
    await store.conversations.trash(conversations)
    for each in comparisons:
        await store.comparisons.trash(each)


async def restore(store: Store, ids: Sequence[str]) -> None:
    """Take conversations and comparisons out of the trash. Raises StoreError."""
    conversations, comparisons = await parted(store, ids)
    await store.conversations.restore(conversations)
    for each in comparisons:
        await store.comparisons.restore(each)


async def purge(store: Store, ids: Sequence[str]) -> None:
    """Delete conversations and comparisons for good. Raises StoreError."""
    conversations, comparisons = await parted(store, ids)
    if conversations:
        await store.conversations.purge(conversations)
    if comparisons:
        await store.comparisons.purge(comparisons)


async def empty_trash(store: Store, days: int = 0) -> int:
    """Delete for good what has been in the trash for so many days, or all of it; how much. Raises StoreError."""
    before = now() - timedelta(days=days) if days else now() + timedelta(days=1)
    return await store.conversations.purge_trashed(before) + await store.comparisons.purge_trashed(before)


async def set_tag(store: Store, ids: Sequence[str], tag: str, *, on: bool) -> None:
    """Put a tag on conversations, or take it off. Raises StoreError."""
    await (store.tags.add(ids, tag) if on else store.tags.remove(ids, tag))


async def parted(store: Store, ids: Sequence[str]) -> tuple[list[str], list[str]]:
    """Which of some ids are conversations', and which comparisons'. Raises StoreError."""
    listed = (*await store.comparisons.list(), *await store.comparisons.list(trashed=True))
    known = {each.id for each in listed}
    return [each for each in ids if each not in known], [each for each in ids if each in known]
