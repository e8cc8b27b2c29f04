"""The one place where a slot starts a coroutine: owns the tasks, reports how they fail, cancels them at quit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal

from desktop.errors import ParagoneError
from desktop.system.log import logger

T = TypeVar("T")
Failed = Callable[[ParagoneError], None]

_log = logger("ui.base.tasks")


class Tasks(QObject):
    """Owns every coroutine that the window runs. Needs a running loop, qasync's or a plain one."""

    failed = Signal(object)
    """A task without a handler of its own ended with this ParagoneError."""
    bug = Signal(object)
    """A task ended with this exception, which nobody foresaw; it is logged already."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._running: set[asyncio.Task[Any]] = set()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the tasks that run, sorted."""
        return tuple(sorted(task.get_name() for task in self._running))

    def start(self, coroutine: Coroutine[Any, Any, T], *, name: str, failed: Failed | None = None) -> asyncio.Task[T]:
        """Run a coroutine. A ParagoneError goes to `failed`, or to the signal without one; all else is a bug."""
        task = asyncio.get_running_loop().create_task(coroutine, name=name)
        self._running.add(task)

        def done(ended: asyncio.Task[T]) -> None:
            """It is owned no longer, and what it raised is told."""
            self._running.discard(ended)
            self._report(ended, failed)

        task.add_done_callback(done)
        return task

    async def settle(self, timeout_s: float) -> bool:
        """Wait for the tasks that run, at most so long; whether all have ended. Cancels none."""
        if self._running:
            await asyncio.wait(set(self._running), timeout=timeout_s)
        return not self._running

    async def cancel_all(self, timeout_s: float = 1.0) -> bool:
        """Cancel what runs and wait for it, at most so long; whether all have ended."""
        current = asyncio.current_task()
        for task in self._running:
            if task is not current:
                task.cancel()
        others = self._running - {current} if current else set(self._running)
        if others:
            await asyncio.wait(others, timeout=timeout_s)
        return all(task.done() for task in others)

    def _report(self, task: asyncio.Task[Any], failed: Failed | None) -> None:
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            return
        if not isinstance(error, ParagoneError):
            _log.error("the task %s failed", task.get_name(), exc_info=error)
            self.bug.emit(error)
        elif failed is not None:
            failed(error)
        else:
            self.failed.emit(error)
