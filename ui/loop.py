"""asyncio on Qt's event loop: qasync's, but what is to be called soon waits in one queue instead of a timer each.

A timer for every callback costs a third of what an answer's tokens cost: each token is read, wakes its task, and is
given on, which are three callbacks. Eight answers of 100 tokens a second spent 6 % of a processor on such timers.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextvars import Context
from typing import TypeVarTuple, Unpack

from PySide6.QtCore import QObject, QTimerEvent
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

# ruff: noqa: N802 - Qt names what is overridden here

Ts = TypeVarTuple("Ts")

_AT_ONCE_S = 0.002
"""How long callbacks are run one after the other before Qt's events have their turn."""


class Loop(QEventLoop):  # pyright: ignore[reportUntypedBaseClass]
    """The loop of a window. Callbacks run in the order in which they were asked for."""

    def __init__(self, app: QApplication) -> None:
        self._soon: deque[asyncio.Handle] = deque()  # `_ready` is the name of asyncio's own
        self._queue = _Queue(self._soon)
        super().__init__(app)  # pyright: ignore[reportUnknownMemberType]

    def call_soon(
        self, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """Run a callback once Qt has had its turn, or right after those that are running now."""
        handle = asyncio.Handle(callback, args, self, context=context)
        self._soon.append(handle)
        self._queue.wake()
        return handle

    def close(self) -> None:
        """Release what is held; callbacks that wait are not run any more."""
        super().close()
        self._queue.stop()


class _Queue(QObject):
    """Runs handles from their beginning, with one timer for all of them."""

    def __init__(self, ready: deque[asyncio.Handle]) -> None:
        super().__init__()
        self._ready = ready
        self._timer = 0

    def wake(self) -> None:
        """There is something to run."""
        if not self._timer:
            self._timer = self.startTimer(0)

    def stop(self) -> None:
        """Nothing is run any more."""
        self._ready.clear()
        self._pause()

    def timerEvent(self, event: QTimerEvent) -> None:
        """Run what waits and what it asks for, for a short time; also within a menu's own loop."""
        del event
        until = time.perf_counter() + _AT_ONCE_S
        while self._ready:
            handle = self._ready.popleft()
            if not handle.cancelled():
                handle._run()  # noqa: SLF001 - as every loop of asyncio does
            if time.perf_counter() > until:
                return
        self._pause()

    def _pause(self) -> None:
        if self._timer:
            self.killTimer(self._timer)
            self._timer = 0
