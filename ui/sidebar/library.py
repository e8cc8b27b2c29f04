"""What the sidebar knows of the store: all conversations, kept up to date, searched, renamed, trashed, restored."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.domain import ConversationSummary, SearchHit
from desktop.errors import ParagoneError
from desktop.services import Services
from desktop.workspace import ComparisonSummary
from ui.sidebar.entries import newest_first
from ui.tasks import Tasks

if TYPE_CHECKING:
    from desktop.store.conversations import Conversations

_FRESH = 32
"""So many of the newest are read again when something was kept; the rest is known already."""


class Library(QObject):
    """Summaries of all conversations, newest first. Every slot returns at once; the signals say what came of it."""

    changed = Signal()
    """The conversations are others, or others by name or order."""
    found = Signal(str, object)
    """The words searched for, and the hits."""
    trashed = Signal(str, str)
    """A conversation's id and title: it is in the trash."""
    archived = Signal(str, str)
    """A conversation's id and title: it is in the archive."""
    failed = Signal(object)
    """The store refused; a ParagoneError."""

    def __init__(self, services: Services, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._tasks = tasks
        self._known: dict[str, ConversationSummary] = {}
        self._searching: asyncio.Task[None] | None = None
        self.loaded = False
        self.conversations: Sequence[ConversationSummary] = ()
        self.comparisons: Sequence[ComparisonSummary] = ()
        self.thrown_away: Sequence[ConversationSummary] = ()
        """What is in the trash, where that was asked for."""
        self._with_trash = False

    def show_trash(self, *, shown: bool) -> None:
        """Read what is in the trash too, or not."""
        self._with_trash = shown
        self.load()

    def load(self) -> None:
        """Read them all."""
        self._start(self._load(), "sidebar.load")

    def refresh(self) -> None:
        """Read the newest again, after something was kept."""
        self._start(self._refresh(), "sidebar.refresh")

    def search(self, text: str) -> None:
        """Find messages; the search before this one is given up."""
        if self._searching is not None:
            self._searching.cancel()
        self._searching = self._start(self._search(text), "sidebar.search")

    def rename(self, conversation_id: str, title: str) -> None:
        """Give a conversation a title."""
        self._start(self._rename(conversation_id, title), "sidebar.rename")

    def trash(self, conversation_id: str) -> None:
        """Move a conversation to the trash."""
        self._start(self._trash(conversation_id), "sidebar.trash")

    def restore(self, conversation_id: str) -> None:
        """Bring a conversation back from the trash."""
        self._start(self._restore(conversation_id), "sidebar.restore")

    def purge(self, conversation_id: str) -> None:
        """Delete a conversation of the trash for good."""
        self._start(self._purge(conversation_id), "sidebar.purge")

    def pin(self, conversation_id: str, *, pinned: bool) -> None:
        """Pin a conversation to the top, or take it from there."""
        self._start(self._pin(conversation_id, pinned=pinned), "sidebar.pin")

    def archive(self, conversation_id: str, *, archived: bool) -> None:
        """Put a conversation into the archive, or take it out."""
        self._start(self._archive(conversation_id, archived=archived), "sidebar.archive")

    def title(self, conversation_id: str) -> str:
        """The title of a conversation or a comparison, empty where it is not known."""
        known = self._known.get(conversation_id) or self.comparison(conversation_id)
        return known.title if known else ""

    def comparison(self, id_: str) -> ComparisonSummary | None:
        """The comparison of this id; None where it is a conversation's."""
        return next((each for each in self.comparisons if each.id == id_), None)

    def _start(self, coroutine: object, name: str) -> asyncio.Task[None]:
        assert asyncio.iscoroutine(coroutine)
        return self._tasks.start(coroutine, name=name, failed=self._fail)

    def _fail(self, error: ParagoneError) -> None:
        self.failed.emit(error)

    async def _kept(self) -> Conversations:
        return (await self._services.store()).conversations

    async def _load(self) -> None:
        self.comparisons = await (await self._services.store()).comparisons.list()
        self.thrown_away = await (await self._kept()).list(trashed=True) if self._with_trash else ()
        self._take(await (await self._kept()).list(), anew=True)
        self.loaded = True

    async def _refresh(self) -> None:
        self.comparisons = await (await self._services.store()).comparisons.list()
        self._take(await (await self._kept()).list(limit=_FRESH))

    async def _search(self, text: str) -> None:
        hits: tuple[SearchHit, ...] = await (await self._services.store()).search(text)
        self.found.emit(text, hits)

    async def _rename(self, conversation_id: str, title: str) -> None:
        store = await self._services.store()
        of_comparison = self.comparison(conversation_id) is not None
        await (store.comparisons if of_comparison else store.conversations).rename(conversation_id, title)
        await self._load()

    async def _pin(self, conversation_id: str, *, pinned: bool) -> None:
        await (await self._kept()).pin([conversation_id], pinned=pinned)
        await self._load()

    async def _archive(self, conversation_id: str, *, archived: bool) -> None:
        title = self.title(conversation_id)
        await (await self._kept()).archive([conversation_id], archived=archived)
        await self._load()
        if archived:
            self.archived.emit(conversation_id, title)

    async def _trash(self, conversation_id: str) -> None:
        title = self.title(conversation_id)
        store = await self._services.store()
        if self.comparison(conversation_id) is not None:
            await store.comparisons.trash(conversation_id)
            self.comparisons = await store.comparisons.list()
        else:
            await store.conversations.trash([conversation_id])
        self._known.pop(conversation_id, None)
        if self._with_trash:
            self.thrown_away = await store.conversations.list(trashed=True)
        self._take(())
        self.trashed.emit(conversation_id, title)

    async def _restore(self, conversation_id: str) -> None:
        store = await self._services.store()
        if conversation_id in {each.id for each in await store.comparisons.list(trashed=True)}:
            await store.comparisons.restore(conversation_id)
        else:
            await store.conversations.restore([conversation_id])
        await self._load()

    async def _purge(self, conversation_id: str) -> None:
        await (await self._kept()).purge([conversation_id])
        await self._load()

    def _take(self, summaries: Iterable[ConversationSummary], *, anew: bool = False) -> None:
        if anew:
            self._known.clear()
        self._known.update((each.id, each) for each in summaries)
        self.conversations = newest_first(self._known.values())
        self.changed.emit()
