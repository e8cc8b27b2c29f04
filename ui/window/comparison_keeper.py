"""Comparisons as they change, into the store: what it refuses for a while is kept later, the list is told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from desktop.comparison import Comparison
from desktop.errors import ComparisonUnknown, StoreBusy, StoreFull
from desktop.services import Services
from ui.pane.disk_room import DiskRoom
from ui.sidebar.library import Library
from ui.tasks import Tasks


class ComparisonKeeper(QObject):
    """Takes what the workspace hands on."""

    failed = Signal(object)
    """It is not kept now: the ParagoneError."""

    def __init__(self, services: Services, tasks: Tasks, library: Library, room: DiskRoom, parent: QObject) -> None:
        super().__init__(parent)
        self._services = services
        self._tasks = tasks
        self._library = library
        self._room = room
        self._listed: tuple[object, ...] = ()
        self._newest: dict[str, Comparison] = {}
        """By their ids, those that are not written as they are by now."""
        self._refused: set[str] = set()
        self._one_by_one = asyncio.Lock()
        library.trashed.connect(self._let_go)
        library.purged.connect(self._let_go)

    @Slot(object)
    def keep(self, comparison: Comparison) -> None:
        """Keep it as it stands."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:  # the loop has ended before the window: it was kept when the window closed
            return
        self._newest[comparison.id] = comparison
        self._tasks.start(self._keep(comparison.id), name="window.keep", failed=self.failed.emit)

    @Slot(str)
    def forget(self, comparison_id: str) -> None:
        """Delete one in which nothing is."""
        self._listed = ()
        self._newest.pop(comparison_id, None)
        self._tasks.start(self._forget(comparison_id), name="window.forget", failed=self.failed.emit)

    @Slot(object)
    def _let_go(self, ids: Sequence[str]) -> None:
        """What is in the trash, or nowhere, by now is not brought back by what waited."""
        for each in ids:
            if each in self._refused:
                self._newest.pop(each, None)

    async def _keep(self, comparison_id: str) -> None:
        try:
            await self._write(comparison_id)
        except (StoreFull, StoreBusy):
            if comparison_id not in self._refused:
                self._refused.add(comparison_id)
                self._room.keep(partial(self._keep_later, comparison_id))
            raise

    async def _keep_later(self, comparison_id: str) -> None:
        """Keep what was refused. Raises StoreError as long as it is."""
        await self._write(comparison_id)
        self._refused.discard(comparison_id)

    async def _write(self, comparison_id: str) -> None:
        """Keep it as it is by then; nothing where that is done, or it is gone."""
        async with self._one_by_one:
            comparison = self._newest.get(comparison_id)
            if comparison is None:
                return
            await (await self._services.store()).comparisons.save(comparison)
            if self._newest.get(comparison_id) is comparison:
                del self._newest[comparison_id]
        self._list(comparison)

    async def _forget(self, comparison_id: str) -> None:
        with suppress(ComparisonUnknown):  # it is gone already
            await (await self._services.store()).comparisons.purge([comparison_id])
        self._library.refresh()

    def _list(self, comparison: Comparison) -> None:
        models = tuple(pane.model for pane in comparison.panes)
        shown = (comparison.id, comparison.title, comparison.updated_at, models)
        if shown != self._listed:  # scrolling and dragging are kept too, and are nothing to a list
            self._listed = shown
            self._library.refresh()
