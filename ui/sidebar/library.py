"""The sidebar's access to the store: updates the listing and runs changes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from desktop.domain.comparison import ComparisonSummary
from desktop.domain.conversation_types import ConversationSummary
from desktop.errors import ParagoneError
from desktop.services import Services
from desktop.settings.schema import TRASH_DAYS
from desktop.store.search.search_hit import SearchHit
from ui.base.tasks import Tasks
from ui.sidebar import changes
from ui.sidebar.entries import Order, SidebarItem

if TYPE_CHECKING:
    from desktop.store.conversation_list import Listing, Periods
    from desktop.store.store import Store

Change = Callable[[Callable[["Store"], Awaitable[object]], str], None]
"""Function that runs a named change of the store, reloads the listing and then calls another function."""
Purge = Callable[[Callable[["Store"], Awaitable[Sequence[str]]]], None]
"""Function that runs a permanent deletion, reloads the listing and reports the deleted IDs."""


class ConversationMarks:
    """Changes that the list can make to conversations. No call blocks."""

    def __init__(self, change: Change, purge: Purge) -> None:
        self._change = change
        self._purge = purge

    def pin(self, ids: Sequence[str], *, pinned: bool) -> None:
        """Pin conversations to the top, or unpin them."""
        self._change(lambda store: store.conversations.pin(ids, pinned=pinned), "pin")

    def set_tag(self, ids: Sequence[str], tag: str, *, on: bool) -> None:
        """Add a tag to conversations or remove it."""
        self._change(partial(changes.set_tag, ids=ids, tag=tag, on=on), "tag")

    def rename_tag(self, tag: str, name: str) -> None:
        """Rename a tag on all conversations."""
        self._change(lambda store: store.tags.rename(tag, name), "rename_tag")

    def delete_tag(self, tag: str) -> None:
        """Remove a tag from all conversations."""
        self._change(lambda store: store.tags.delete(tag), "delete_tag")

    def purge(self, ids: Sequence[str]) -> None:
        """Permanently delete conversations and comparisons in the trash."""
        self._purge(partial(changes.purge, ids=ids))

    def empty_trash(self) -> None:
        """Permanently delete everything in the trash."""
        self._purge(changes.empty_trash)


HITS = 100
"""Maximum number of messages that a search returns."""

_MORE = 200
_LOOK_MS = 1_000
"""Interval at which the listing is checked for changes by other processes, such as the command line."""


class Library(QObject):
    """Listing of conversations. No call blocks; signals report the results.

    Only the visible part of each group and conversations that were found or opened are in memory.
    """

    changed = Signal()
    """Emitted when the listing or a title changed."""
    altered = Signal()
    """Emitted after this window changed what is listed. Listings of other windows then call `follow`."""
    found = Signal(str, object)
    """Emitted with the query and its matches."""
    trashed = Signal(object, str, object)
    """Emitted after items were moved to the trash.

    Carries their IDs, the first title, and the IDs of chats that were moved with their comparison.
    """
    own_chats_found = Signal(object, object)
    """Emitted with the IDs to delete, and with their chats that are older than their comparison."""
    purged = Signal(object)
    """Emitted with the IDs of everything that was permanently deleted."""
    restored = Signal()
    """Emitted after something was restored from the trash."""
    archived = Signal(object, str)
    """Emitted with the IDs of archived conversations and the first title."""
    failed = Signal(object)
    """Emitted with a ParagoneError from the store."""

    def __init__(
        self, services: Services, tasks: Tasks, parent: QObject | None = None, *, periods: Callable[[], Periods]
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._tasks = tasks
        self._periods = periods
        self._known: dict[str, ConversationSummary] = {}
        self._searching: asyncio.Task[None] | None = None
        self._order = Order.RECENT
        self._sides = (False, False)
        self._most: dict[str, int] = {}
        self._opened = ""
        self.unfolded: set[str] = set()
        """Comparisons whose chats are listed below them."""
        self.chats_shown: Callable[[], Sequence[str]] = tuple
        """The ids of the chats in the panes of the comparison that is shown: it may not be in the store yet."""
        self._version = 0
        """The store's as it was last seen; 0 where it was not looked at yet."""
        self._looking = QTimer(self, interval=_LOOK_MS)
        self._looking.timeout.connect(self._look_soon)
        self.loaded = False
        self.unasked = False
        """Whether what is listed changed by itself, not at somebody's wish in the list."""
        self.listing: Listing | None = None
        self.comparisons: Sequence[ComparisonSummary] = ()
        self.under_way: SidebarItem | None = None
        """The blind round under way."""
        self.trashed_comparisons: Sequence[ComparisonSummary] = ()
        """Those in the trash, where that is shown."""
        self.marking = ConversationMarks(self._change, self._purge)

    @property
    def conversations(self) -> Sequence[ConversationSummary]:
        """Listed conversations that are not in the archive or the trash, most recent first."""
        if self.listing is None:
            return ()
        held = (each for group in (self.listing.pinned, *self.listing.groups) for each in group.conversations)
        return sorted(held, key=lambda each: (each.updated_at, each.id), reverse=True)

    @property
    def tags(self) -> dict[str, int]:
        """Number of conversations for each tag."""
        return {each.tag: each.count for each in self.listing.tags} if self.listing is not None else {}

    def show(self, order: Order, *, archive: bool, trash: bool) -> None:
        """Set the grouping, and whether the archive and the trash are listed."""
        self._order, self._sides = order, (archive, trash)
        if self.loaded:
            self.load()

    def show_more(self, key: str, shown: int) -> None:
        """List more rows of a group than the `shown` ones."""
        self._most[key] = shown + _MORE
        self.load()

    def unfold(self, comparison_id: str, *, on: bool) -> None:
        """List the chats of a comparison below it, or hide them."""
        (self.unfolded.add if on else self.unfolded.discard)(comparison_id)
        if self.loaded:
            self.follow()  # the other rows keep their places

    def holder(self, conversation_id: str) -> str:
        """Return the ID of the comparison that contains a chat, or an empty string."""
        return next((each.id for each in self.comparisons if conversation_id in each.conversations), "")

    def show_round(self, under_way: SidebarItem | None) -> None:
        """List the current blind round, or none for None."""
        if under_way != self.under_way:
            self.under_way = under_way
            self.changed.emit()

    def watch(self, id_: str) -> None:
        """Load the summary of the visible conversation even if it is not listed."""
        self._opened = id_
        if id_ and self.loaded and not self.title(id_):
            self.load()

    def load(self) -> None:
        """Load the listing."""
        self._start(self._load(), "sidebar.load")

    def refresh(self) -> None:
        """Reload the listing after a change that the user did not make in the list."""
        self.follow()
        self.altered.emit()

    def follow(self) -> None:
        """Reload the listing after a change in another window."""
        self._start(self._load(unasked=True), "sidebar.refresh")

    def search(self, text: str) -> None:
        """Search the messages, canceling the previous search."""
        if self._searching is not None:
            self._searching.cancel()
        self._searching = self._start(self._search(text), "sidebar.search")

    def rename(self, id_: str, title: str) -> None:
        """Rename a conversation or comparison."""
        self._change(partial(changes.rename, id_=id_, title=title), "rename")

    def trash(self, ids: str | Sequence[str], *, keep: Sequence[str] | None = None) -> None:
        """Move conversations, and comparisons with their chats, to the trash.

        If a chat is older than its comparison, `own_chats_found` is emitted instead, so that the user can
        decide.
        """
        self._start(self._trash(_several(ids), keep), "sidebar.trash")

    def restore(self, ids: str | Sequence[str], then: Callable[[], None] | None = None) -> None:
        """Restore conversations and comparisons from the trash, and then call the function, if one is given."""

        def told() -> None:
            self.restored.emit()
            if then is not None:
                then()

        self._change(partial(changes.restore, ids=_several(ids)), "restore", told)

    def archive(self, ids: str | Sequence[str], *, archived: bool) -> None:
        """Archive conversations, or remove them from the archive."""
        gone, title = _several(ids), self.title(_several(ids)[0])
        told = (lambda: self.archived.emit(gone, title)) if archived else None
        self._change(lambda store: store.conversations.archive(gone, archived=archived), "archive", told)

    def known(self, id_: str) -> ConversationSummary | None:
        """Return the summary of a conversation that is listed, found or open, or None."""
        return self._known.get(id_)

    def title(self, id_: str) -> str:
        """Return the title of a conversation or comparison, or an empty string."""
        known = self._known.get(id_) or self.comparison(id_)
        return known.title if known else ""

    def lists(self, id_: str) -> bool:
        """Whether a conversation or comparison is in the list. Unused comparisons have no title yet."""
        return bool(self.title(id_)) or self.comparison(id_) is not None

    def comparison(self, id_: str) -> ComparisonSummary | None:
        """Return the comparison with this id, or None."""
        return next((each for each in self.comparisons if each.id == id_), None)

    def _start(self, coroutine: object, name: str) -> asyncio.Task[None]:
        assert asyncio.iscoroutine(coroutine)
        return self._tasks.start(coroutine, name=name, failed=self._fail)

    def _fail(self, error: ParagoneError) -> None:
        self.failed.emit(error)

    def _change(
        self, job: Callable[[Store], Awaitable[object]], name: str, told: Callable[[], None] | None = None
    ) -> None:
        async def change() -> None:
            """Change the store, reload the listing, and then call the function that reports the change."""
            await job(await self._services.store())
            await self._load()
            self.altered.emit()
            if told is not None:
                told()

        self._start(change(), f"sidebar.{name}")

    async def _trash(self, ids: Sequence[str], keep: Sequence[str] | None) -> None:
        store, title = await self._services.store(), self.title(ids[0])
        if keep is None and (own := await changes.chats_of_their_own(store, ids)):
            self.own_chats_found.emit(ids, own)
            return
        with_them = await changes.trash(store, ids, keep or ())
        await self._load()
        self.altered.emit()
        self.trashed.emit(ids, title, with_them)
        if keep:  # they were within the comparison as long as it was shown
            await self._load()

    def _purge(self, job: Callable[[Store], Awaitable[Sequence[str]]]) -> None:
        async def purge() -> None:
            """Delete permanently, reload the listing, and then report the deleted IDs."""
            gone = await job(await self._services.store())
            await self._load()
            self.altered.emit()
            self.purged.emit(gone)

        self._start(purge(), "sidebar.purge")

    async def _load(self, *, unasked: bool = False) -> None:
        from desktop.store.conversation_list import Wanted

        store = await self._services.store()
        self._version = self._version or await store.version()
        archive, trash = self._sides
        compared = await store.comparisons.list()
        thrown = await store.comparisons.list(trashed=True) if trash else ()
        shown = [id_ for each in compared if each.id in {self._opened, *self.unfolded} for id_ in each.conversations]
        within = (*self.chats_shown(), *(id_ for each in (*compared, *thrown) for id_ in each.conversations))
        wanted = Wanted(
            archive=archive,
            trash=trash,
            most=dict(self._most),
            also=tuple(dict.fromkeys((self._opened, *self.chats_shown(), *shown))),
            within=tuple(dict.fromkeys(each for each in within if each)),
        )
        self.comparisons = compared
        self.trashed_comparisons = thrown
        if self._order is Order.MODEL:
            listing = await store.listings.by_model(wanted)
        else:
            listing = await store.listings.by_date(wanted, self._periods())
        self.unasked = unasked
        self._take(listing)
        if not self.loaded:
            self.loaded = True
            self._looking.start()
            self._start(self._expire(), "sidebar.expire")

    @Slot()
    def _look_soon(self) -> None:
        try:
            asyncio.get_running_loop()
        except RuntimeError:  # the loop has ended before the window
            self._looking.stop()
            return
        shown = self.parent()
        if isinstance(shown, QWidget) and shown.isVisible():  # nobody looks else
            self._tasks.start(self._look(), name="sidebar.look", failed=self._give_up)

    async def _look(self) -> None:
        """Reload the listing if another process has changed the store.

        Raises:
            StoreError: If the store cannot be read.
        """
        before, self._version = self._version, await (await self._services.store()).version()
        if before != self._version:
            await self._load(unasked=True)

    def _give_up(self, error: ParagoneError) -> None:
        """Report an unreadable store once, instead of every second."""
        self._looking.stop()
        self._fail(error)

    async def _expire(self) -> None:
        """Permanently delete what has been in the trash for longer than the settings allow."""
        settings = self._services.settings
        if not settings.is_sure(TRASH_DAYS):  # the term that was set may be longer
            return
        gone = await changes.empty_trash(await self._services.store(), settings.get(TRASH_DAYS))
        if gone:
            await self._load()
            self.altered.emit()
            self.purged.emit(gone)

    async def _search(self, text: str) -> None:
        hits: tuple[SearchHit, ...] = await (await self._services.store()).search(text, HITS)
        self._known.update((hit.conversation.id, hit.conversation) for hit in hits)
        self.found.emit(text, hits)

    def _take(self, listing: Listing) -> None:
        self.listing = listing
        groups = (listing.pinned, *listing.groups, listing.archive)
        listed = (each for group in groups for each in group.conversations)
        alive = (each for each in (*listed, *listing.also) if each.trashed_at is None)
        self._known = {each.id: each for each in alive}
        self.changed.emit()


def _several(ids: str | Iterable[str]) -> tuple[str, ...]:
    return (ids,) if isinstance(ids, str) else tuple(ids)
