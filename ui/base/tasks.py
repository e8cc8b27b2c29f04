"""The only place where slots start coroutines: owns the tasks, reports failures and cancels them at quit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal

from desktop.errors import ParagoneError
from desktop.system.log import logger

T = TypeVar("T")
Failed = Callable[[ParagoneError], None]

_log = logger("ui.base.tasks")


class Tasks(QObject):
    """Owns every coroutine of the window. Needs a running event loop."""

    failed = Signal(object)
    """Emitted with the ParagoneError of a task that has no failure handler."""
    bug = Signal(object)
    """Emitted with an unexpected exception of a task, which is already logged."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._running: set[asyncio.Task[Any]] = set()

    @property
    def names(self) -> tuple[str, ...]:
        """Sorted names of the running tasks."""
        return tuple(sorted(task.get_name() for task in self._running))

    def start(self, coroutine: Coroutine[Any, Any, T], *, name: str, failed: Failed | None = None) -> asyncio.Task[T]:
        """Run a coroutine as a task.

        A ParagoneError is passed to `failed`, or emitted by the signal of that name; any other exception is a
        bug.
        """
        task = asyncio.get_running_loop().create_task(coroutine, name=name)
        self._running.add(task)

        def done(ended: asyncio.Task[T]) -> None:
            self._running.discard(ended)
            self._report(ended, failed)

        task.add_done_callback(done)
        return task

    async def settle(self, timeout_s: float) -> bool:
        """Wait for the running tasks, and those that they start, without canceling them.

        Returns whether all of them finished in time.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while self._running:
                    await asyncio.wait(set(self._running))
                    await asyncio.sleep(0)  # what ended is removed by then
        return not self._running

    async def cancel_all(self, timeout_s: float = 1.0) -> bool:
        """Cancel the running tasks and wait for them. Returns whether all of them finished in time."""
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
