"""Waits for free space after the disk was full, then writes pending data and removes the notices."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

from desktop.errors import ConversationUnknown, ParagoneError, RoundEnded, StoreError
from desktop.system.log import logger
from ui.widgets.notice_bar import NoticeBar

if TYPE_CHECKING:
    from desktop.services import Services
    from ui.base.tasks import Tasks

_log = logger(__name__)

LOOK_MS = 3_000
_TOLD_S = 0.01

Keep = Callable[[], Awaitable[None]]


class DiskRoom(QObject):
    """Retries writes that failed because the disk was full, even if the window shows another conversation by then."""

    def __init__(self, services: Services, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._tasks = tasks
        self._bars: list[NoticeBar] = []
        self._unkept: list[Keep] = []
        self._writing = asyncio.Lock()
        self._timer = QTimer(self, singleShot=True, interval=LOOK_MS)
        self._timer.timeout.connect(self._look)

    def say(self, bar: NoticeBar) -> None:
        """Register a notice that is removed once there is space."""
        if bar not in self._bars:
            self._bars.append(bar)
            bar.dismissed.connect(lambda: self._forget(bar))
            self._timer.start()

    def keep(self, write: Keep) -> None:
        """Retry a failed write once there is space. The function raises StoreError until it succeeds."""
        self._unkept.append(write)
        self._timer.start()

    @Slot()
    def _look(self) -> None:
        try:
            asyncio.get_running_loop()
        except RuntimeError:  # the loop has ended before the window
            return
        self._tasks.start(self._try(), name="pane.room", failed=self._wait)

    async def write_now(self) -> None:
        """Try each pending write once, before quitting. Writes that fail are logged and lost."""
        await self._services.hurry()
        await asyncio.sleep(_TOLD_S)  # who was refused by that hands it on to here
        errors = await self._written()
        if errors:
            _log.error("%d things that the store refused were not kept: %s", len(errors), type(errors[0]).__name__)

    async def _try(self) -> None:
        await (await self._services.store()).prove_room()
        if left := await self._written():
            raise left[0]
        for bar in tuple(self._bars):
            bar.dismiss()

    async def _written(self) -> list[StoreError]:
        """Run all pending writes and return the errors of those that fail again."""
        refused: list[StoreError] = []
        async with self._writing:  # at quit it may be under way already
            for write in (*self._unkept,):
                try:
                    with suppress(ConversationUnknown, RoundEnded):
                        await write()
                except StoreError as error:
                    refused.append(error)
                else:
                    self._unkept.remove(write)
        return refused

    def _wait(self, error: ParagoneError) -> None:
        """Try again later."""
        del error
        self._timer.start()

    def _forget(self, bar: NoticeBar) -> None:
        if bar in self._bars:
            self._bars.remove(bar)
