"""Comparisons as they change, into the store: what it refuses for a while is kept later, the list is told."""

from __future__ import annotations

import asyncio
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
        self._unkept: dict[str, Comparison] = {}
        """By their ids, those that the store refused last, as they are by now."""

    @Slot(object)
    def keep(self, comparison: Comparison) -> None:
        """Keep it as it stands."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:  # the loop has ended before the window: it was kept when the window closed
            return
        self._tasks.start(self._keep(comparison), name="window.keep", failed=self.failed.emit)

    @Slot(str)
    def forget(self, comparison_id: str) -> None:
        """Delete one in which nothing is."""
        self._listed = ()
        self._unkept.pop(comparison_id, None)
        self._tasks.start(self._forget(comparison_id), name="window.forget", failed=self.failed.emit)

    async def _keep(self, comparison: Comparison) -> None:
        try:
            await (await self._services.store()).comparisons.save(comparison)
        except (StoreFull, StoreBusy):
            if comparison.id not in self._unkept:
                self._room.keep(partial(self._keep_later, comparison.id))
            self._unkept[comparison.id] = comparison
            raise
        self._unkept.pop(comparison.id, None)
        self._list(comparison)

    async def _keep_later(self, comparison_id: str) -> None:
        """Keep what was refused. Raises StoreError as long as it is; what was kept meanwhile is kept."""
        comparison = self._unkept.get(comparison_id)
        if comparison is None:
            return
        await (await self._services.store()).comparisons.save(comparison)
        if self._unkept.get(comparison_id) is comparison:
            del self._unkept[comparison_id]
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
