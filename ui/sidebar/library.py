"""What the sidebar knows of the store: what it lists, kept up to date, and what is done with it."""

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
"""Does something with the store, under a name, and reads again what is listed."""
Purge = Callable[[Callable[["Store"], Awaitable[Sequence[str]]]], None]
"""The same, and tells the ids of what is no more."""


class ConversationMarks:
    """What is done with conversations from their list alone. Every call returns at once."""

    def __init__(self, change: Change, purge: Purge) -> None:
        self._change = change
        self._purge = purge

    def pin(self, ids: Sequence[str], *, pinned: bool) -> None:
        """Pin conversations to the top, or take them from there."""
        self._change(lambda store: store.conversations.pin(ids, pinned=pinned), "pin")

    def set_tag(self, ids: Sequence[str], tag: str, *, on: bool) -> None:
        """Put a tag on conversations, or take it off."""
        self._change(partial(changes.set_tag, ids=ids, tag=tag, on=on), "tag")

    def rename_tag(self, tag: str, name: str) -> None:
        """Call a tag otherwise, on all conversations."""
        self._change(lambda store: store.tags.rename(tag, name), "rename_tag")

    def delete_tag(self, tag: str) -> None:
        """Take a tag off all conversations."""
        self._change(lambda store: store.tags.delete(tag), "delete_tag")

    def purge(self, ids: Sequence[str]) -> None:
        """Delete conversations and comparisons of the trash for good."""
        self._purge(partial(changes.purge, ids=ids))

    def empty_trash(self) -> None:
        """Delete all that is in the trash for good."""
        self._purge(changes.empty_trash)


HITS = 100
"""So many messages are found at most."""

_MORE = 200
_LOOK_MS = 1_000
"""How often it is looked whether another process wrote something: a terminal may import or answer meanwhile."""


class Library(QObject):
    """What is listed of the conversations. Every slot returns at once; the signals say what came of it.

    It never holds all of a great store: of each group so many as are shown, and what was found or opened.
    """

    changed = Signal()
    """What is listed is something else, or is called otherwise."""
    found = Signal(str, object)
    """The words searched for, and the hits."""
    trashed = Signal(object, str, object)
    """Ids that are in the trash now, a tuple, the title of the first, and the ids of chats that went with them."""
    own_chats_found = Signal(object, object)
    """Ids that are to go to the trash, and the chats of comparisons among them that were there before these."""
    purged = Signal(object)
    """Ids of what was deleted for good, a tuple."""
    restored = Signal()
    """Something came back from the trash."""
    archived = Signal(object, str)
    """Ids that are in the archive now, a tuple, and the title of the first."""
    failed = Signal(object)
    """The store refused; a ParagoneError."""

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
        """The conversations that are listed outside archive and trash, those spoken to last first."""
        if self.listing is None:
            return ()
        held = (each for group in (self.listing.pinned, *self.listing.groups) for each in group.conversations)
        return sorted(held, key=lambda each: (each.updated_at, each.id), reverse=True)

    @property
    def tags(self) -> dict[str, int]:
        """The tags there are, and how many conversations carry each."""
        return {each.tag: each.count for each in self.listing.tags} if self.listing is not None else {}

    def show(self, order: Order, *, archive: bool, trash: bool) -> None:
        """Say how to group, and whether archive and trash are listed too."""
        self._order, self._sides = order, (archive, trash)
        if self.loaded:
            self.load()

    def show_more(self, key: str, shown: int) -> None:
        """List more of a group of which so many are shown."""
        self._most[key] = shown + _MORE
        self.load()

    def unfold(self, comparison_id: str, *, on: bool) -> None:
        """List the chats of a comparison below it, or not any more."""
        (self.unfolded.add if on else self.unfolded.discard)(comparison_id)
        if self.loaded:
            self.refresh()  # the other rows keep their places

    def holder(self, conversation_id: str) -> str:
        """The id of the comparison whose row stands for a chat; empty where it has a row of its own."""
        return next((each.id for each in self.comparisons if conversation_id in each.conversations), "")

    def show_round(self, under_way: SidebarItem | None) -> None:
        """List the blind round under way, or none any more."""
        if under_way != self.under_way:
            self.under_way = under_way
            self.changed.emit()

    def watch(self, id_: str) -> None:
        """Keep knowing a conversation, wherever it stands: it is the one that the window shows."""
        self._opened = id_
        if id_ and self.loaded and not self.title(id_):
            self.load()

    def load(self) -> None:
        """Read what is listed."""
        self._start(self._load(), "sidebar.load")

    def refresh(self) -> None:
        """Read what is listed again, after something was kept."""
        self._start(self._load(unasked=True), "sidebar.refresh")

    def search(self, text: str) -> None:
        """Find messages; the search before this one is given up."""
        if self._searching is not None:
            self._searching.cancel()
        self._searching = self._start(self._search(text), "sidebar.search")

    def rename(self, id_: str, title: str) -> None:
        """Give a conversation or a comparison a title."""
        self._change(partial(changes.rename, id_=id_, title=title), "rename")

    def trash(self, ids: str | Sequence[str], *, keep: Sequence[str] | None = None) -> None:
        """Move conversations, and comparisons with their chats, to the trash.

        Where chats were there before their comparison, they are told of first: it is to be said which to `keep`.
        """
        self._start(self._trash(_several(ids), keep), "sidebar.trash")

    def restore(self, ids: str | Sequence[str]) -> None:
        """Bring conversations and comparisons back from the trash."""
        self._change(partial(changes.restore, ids=_several(ids)), "restore", self.restored.emit)

    def archive(self, ids: str | Sequence[str], *, archived: bool) -> None:
        """Put conversations into the archive, or take them out."""
        gone, title = _several(ids), self.title(_several(ids)[0])
        told = (lambda: self.archived.emit(gone, title)) if archived else None
        self._change(lambda store: store.conversations.archive(gone, archived=archived), "archive", told)

    def known(self, id_: str) -> ConversationSummary | None:
        """What is known of a conversation that is listed, was found or is shown."""
        return self._known.get(id_)

    def title(self, id_: str) -> str:
        """The title of a conversation or a comparison, empty where it is not known."""
        known = self._known.get(id_) or self.comparison(id_)
        return known.title if known else ""

    def lists(self, id_: str) -> bool:
        """Whether it is one of those in the list; what nothing was sent in has no title yet."""
        return bool(self.title(id_)) or self.comparison(id_) is not None

    def comparison(self, id_: str) -> ComparisonSummary | None:
        """The comparison of this id; None where it is a conversation's."""
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
            """Change the store, then show it anew, and only then tell."""
            await job(await self._services.store())
            await self._load()
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
        self.trashed.emit(ids, title, with_them)
        if keep:  # they were within the comparison as long as it was shown
            await self._load()

    def _purge(self, job: Callable[[Store], Awaitable[Sequence[str]]]) -> None:
        async def purge() -> None:
            """Delete, then show anew, and only then tell what is no more."""
            gone = await job(await self._services.store())
            await self._load()
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
        """List again what another process changed. Raises StoreError."""
        before, self._version = self._version, await (await self._services.store()).version()
        if before != self._version:
            await self._load(unasked=True)

    def _give_up(self, error: ParagoneError) -> None:
        """A store that cannot be read is said once, not each second."""
        self._looking.stop()
        self._fail(error)

    async def _expire(self) -> None:
        """Delete what has been in the trash for longer than its term."""
        settings = self._services.settings
        if not settings.is_sure(TRASH_DAYS):  # the term that was set may be longer
            return
        gone = await changes.empty_trash(await self._services.store(), settings.get(TRASH_DAYS))
        if gone:
            await self._load()
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
