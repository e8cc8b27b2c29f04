"""Changes that the sidebar makes to the store, for conversations and comparisons alike."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from desktop.domain.conversation_types import now

if TYPE_CHECKING:
    from desktop.domain.comparison import ComparisonSummary
    from desktop.domain.conversation_types import ConversationSummary
    from desktop.store.store import Store

_ALL = 1 << 30


async def rename(store: Store, id_: str, title: str) -> None:
    """Rename a conversation or comparison.

    Raises:
        StoreError: If the store cannot be changed.
    """
    _, comparisons = await parted(store, [id_])
    await (store.comparisons if comparisons else store.conversations).rename(id_, title)


async def trash(store: Store, ids: Sequence[str], keep: Collection[str] = ()) -> tuple[str, ...]:
    """Move conversations and comparisons to the trash, including their chats except those in `keep`.

    Returns the IDs of chats that were moved with their comparison.

    Raises:
        StoreError: If the store cannot be changed.
    """
    conversations, comparisons = await parted(store, ids)
    for each in comparisons:
        await store.comparisons.trash(each, keep=keep)
    there = await store.conversations.states(conversations)  # some may have gone with their comparison
    await store.conversations.trash([id_ for id_ in conversations if id_ not in there or not there[id_].trashed_at])
    return await store.comparisons.trashed_with(comparisons)


async def chats_of_their_own(store: Store, ids: Sequence[str]) -> list[ConversationSummary]:
    """Return the chats of comparisons that had messages before the comparison began.

    Raises:
        StoreError: If the store cannot be read.
    """
    _, comparisons = await parted(store, ids)
    found = [chat for each in comparisons for chat in await store.comparisons.begun_before(each)]
    return [each for each in found if each.id not in ids]


async def restore(store: Store, ids: Sequence[str]) -> None:
    """Restore conversations and comparisons from the trash.

    Raises:
        StoreError: If the store cannot be changed.
    """
    conversations, comparisons = await parted(store, ids)
    await store.conversations.restore(conversations)
    for each in comparisons:
        await store.comparisons.restore(each)


async def purge(store: Store, ids: Sequence[str]) -> tuple[str, ...]:
    """Permanently delete conversations and comparisons, and return the IDs of everything that was deleted.

    Raises:
        StoreError: If the store cannot be changed.
    """
    conversations, comparisons = await parted(store, ids)
    panes = [each for each in await store.comparisons.list(trashed=True) if each.id in comparisons]
    before = await _comparisons(store)
    chats = [id_ for id_ in await store.comparisons.trashed_with(comparisons) if id_ not in ids]
    conversations += chats
    if comparisons:  # before they go with the last of their conversations
        await store.comparisons.purge(comparisons)
    if conversations:
        await store.conversations.purge(conversations)
    emptied = before - await _comparisons(store) - {*ids}
    return (*ids, *chats, *emptied, *await _never_sent(store, panes))


async def _comparisons(store: Store) -> set[str]:
    """Return the IDs of all comparisons, including those in the trash."""
    return {each.id for trashed in (False, True) for each in await store.comparisons.list(trashed=trashed)}


async def empty_trash(store: Store, days: int = 0) -> tuple[str, ...]:
    """Permanently delete what has been in the trash for `days`, or everything for 0. Returns the deleted IDs.

    Raises:
        StoreError: If the store cannot be changed.
    """
    thrown, compared = await _thrown(store), await _comparisons(store)
    panes = await store.comparisons.list(trashed=True)
    if days and not await store.retention.ages_count():
        return ()
    before = now() - timedelta(days=days) if days else now() + timedelta(days=1)
    if not await store.conversations.purge_trashed(before) + await store.comparisons.purge_trashed(before):
        return ()
    gone = (thrown - await _thrown(store)) | (compared - await _comparisons(store))
    return (*gone, *await _never_sent(store, [each for each in panes if each.id in gone]))


async def _thrown(store: Store) -> set[str]:
    """Return the IDs of everything in the trash."""
    from desktop.store.conversation_list import TRASH, Wanted  # the first paint needs none

    listing = await store.listings.by_model(Wanted(trash=True, most={TRASH: _ALL}))
    return {each.id for each in (*listing.trash.conversations, *await store.comparisons.list(trashed=True))}


async def _never_sent(store: Store, comparisons: Sequence[ComparisonSummary]) -> set[str]:
    """Return the IDs of comparison chats that were never sent anything; they may have drafts."""
    from desktop.store.conversation_list import Wanted

    panes = {id_ for each in comparisons for id_ in each.conversations if id_}
    known = (await store.listings.by_model(Wanted(also=tuple(panes)))).also if panes else ()
    return panes - {each.id for each in known}


async def set_tag(store: Store, ids: Sequence[str], tag: str, *, on: bool) -> None:
    """Add a tag to conversations, or remove it.

    Raises:
        StoreError: If the store cannot be changed.
    """
    await (store.tags.add(ids, tag) if on else store.tags.remove(ids, tag))


async def parted(store: Store, ids: Sequence[str]) -> tuple[list[str], list[str]]:
    """Split IDs into those of conversations and those of comparisons.

    Raises:
        StoreError: If the store cannot be read.
    """
    listed = (*await store.comparisons.list(), *await store.comparisons.list(trashed=True))
    known = {each.id for each in listed}
    return [each for each in ids if each not in known], [each for each in ids if each in known]
