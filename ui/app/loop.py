"""asyncio event loop on top of Qt's, based on qasync, with one queue and one timer for all callbacks.

qasync creates a Qt timer for every callback and time-out, and reads sockets through an extra callback. With eight
responses of 100 tokens per second, this used a sixth of the window thread's time. qasync also wakes the loop from other
threads by a signal; if the signal is disconnected while a thread emits it, PySide frees a function without holding the
interpreter lock, and the program may crash.
"""

from __future__ import annotations

import asyncio
import heapq
import math
import time
from collections import deque
from collections.abc import Callable
from contextvars import Context
from typing import Protocol, TypeVarTuple, Unpack

from PySide6.QtCore import QMetaObject, QObject, QSocketNotifier, Qt, QTimerEvent, Slot
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

# ruff: noqa: N802 - Qt names what is overridden here

Ts = TypeVarTuple("Ts")


class HasFileno(Protocol):
    """A socket or other file object that asyncio accepts."""

    def fileno(self) -> int:
        """Return the file descriptor number."""
        ...


FileDescriptor = int | HasFileno

_AT_ONCE_S = 0.002
"""Time for which callbacks run before Qt processes events."""

_FEW, _BUSY_S, _REST_MS = 4, 0.06, 11
"""If more than this many sockets were read within this many seconds, each is paused for this many milliseconds."""

_LONGEST_MS = 24 * 3_600_000
"""Longest timer interval, because Qt counts milliseconds in 31 bits. Later deadlines are checked again after it."""

_CANCELLED, _SHARE = 100, 0.5
"""Canceled timers are removed from the heap once they exceed both this count and this share of the heap."""


class Loop(QEventLoop):  # pyright: ignore[reportUntypedBaseClass]
    """Event loop of the window. Runs callbacks in the order in which they were scheduled."""

    def __init__(self, app: QApplication) -> None:
        self._soon: deque[asyncio.Handle] = deque()  # `_ready` is the name of asyncio's own
        self._queue = _Queue(self._soon)
        self._alarm = _Alarm(self._soon, self._queue.wake)
        self._readers: dict[int, QSocketNotifier] = {}
        self._rest = _Rest(self._readers)
        super().__init__(app)  # pyright: ignore[reportUnknownMemberType]

    def call_soon(
        self, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """Schedule a callback after Qt's pending events, or after the callbacks that are running now."""
        handle = asyncio.Handle(callback, args, self, context=context)
        self._soon.append(handle)
        self._queue.wake()
        return handle

    def call_later(
        self, delay: float, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """Schedule a callback after at least `delay` seconds."""
        if delay <= 0:
            return self.call_soon(callback, *args, context=context)
        return self.call_at(time.monotonic() + delay, callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Schedule a callback at a time of the loop's clock, or as soon as possible after that time."""
        handle = asyncio.TimerHandle(when, callback, args, self, context=context)
        self._alarm.set(handle)
        return handle

    def call_soon_threadsafe(  # pyright: ignore[reportIncompatibleMethodOverride] - qasync forgets asyncio's handle
        self, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """Like `call_soon`, from any thread. Ignored once the loop is closed."""
        handle = asyncio.Handle(callback, args, self, context=context)
        if not self.is_closed():
            self._queue.post(handle)
        return handle

    def close(self) -> None:
        """Release all resources and drop pending callbacks."""
        super().close()
        for fd in tuple(self._readers):
            self._remove_reader(fd)
        self._queue.stop()
        self._alarm.stop()
        self._rest.stop()

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Count a canceled timer; called by asyncio's handles."""
        del handle
        self._alarm.cancelled()

    def _add_reader(  # pyright: ignore[reportIncompatibleMethodOverride] - qasync forgets asyncio's handle
        self, fd: FileDescriptor, callback: Callable[..., object], *args: object
    ) -> asyncio.Handle:
        """Run a callback whenever a socket is readable; called by asyncio's transports."""
        if self.is_closed():
            raise RuntimeError("Event loop is closed")
        self._remove_reader(fd)
        handle = asyncio.Handle(callback, args, self)
        number = fd if isinstance(fd, int) else fd.fileno()
        notifier = QSocketNotifier(number, QSocketNotifier.Type.Read)

        def read() -> None:
            if not handle.cancelled():
                handle._run()  # noqa: SLF001
                self._rest.was_read(number)

        notifier.activated.connect(read)
        self._readers[number] = notifier
        return handle

    def _remove_reader(self, fd: FileDescriptor) -> bool:
        """Stop watching a socket; may be called from its own notifier. Returns whether it was watched."""
        number = fd if isinstance(fd, int) else fd.fileno()
        notifier = self._readers.pop(number, None)
        if notifier is None:
            return False
        self._rest.forget(number)
        notifier.setEnabled(False)
        if not self.is_closed():
            self.call_soon(notifier.deleteLater)  # it lives until Qt has left it
        return True


class _Rest(QObject):
    """Pauses sockets after each read while many are busy, so that more data arrives at once.

    Reading tokens one at a time costs more than reading several, and each streaming response is painted only 15 times a
    second. Data that arrives after an idle time is read at once; the kernel buffers the rest during the pause.
    """

    def __init__(self, readers: dict[int, QSocketNotifier]) -> None:
        super().__init__()
        self._readers = readers
        self._read_at: dict[int, float] = {}
        self._resting: set[int] = set()
        self._timer = 0

    def was_read(self, number: int) -> None:
        """Record that a socket was just read."""
        now = time.monotonic()
        before = self._read_at.get(number, 0.0)
        self._read_at[number] = now
        if now - before > _BUSY_S or len(self._read_at) <= _FEW or number not in self._readers:
            return
        busy = sum(now - at <= _BUSY_S for at in self._read_at.values())
        if busy <= _FEW:
            self._read_at = {each: at for each, at in self._read_at.items() if now - at <= _BUSY_S}
            return
        self._readers[number].setEnabled(False)
        self._resting.add(number)
        if not self._timer:
            self._timer = self.startTimer(_REST_MS, Qt.TimerType.PreciseTimer)

    def forget(self, number: int) -> None:
        """Forget a closed socket, whose number may be reused."""
        self._read_at.pop(number, None)
        self._resting.discard(number)

    def stop(self) -> None:
        """Stop the timer and end all pauses."""
        if self._timer:
            self.killTimer(self._timer)
            self._timer = 0

    def timerEvent(self, event: QTimerEvent) -> None:
        """Resume all paused sockets."""
        del event
        self.stop()
        resting, self._resting = self._resting, set()
        for number in resting:
            if (notifier := self._readers.get(number)) is not None:
                notifier.setEnabled(True)


class _Queue(QObject):
    """Runs handles in order, with one timer for all of them."""

    def __init__(self, ready: deque[asyncio.Handle]) -> None:
        super().__init__()
        self._ready = ready
        self._posted: deque[asyncio.Handle] = deque()
        self._called = self._stopped = False
        self._timer = 0

    def wake(self) -> None:
        """Start the timer if it is not running."""
        if not self._timer:
            self._timer = self.startTimer(0)

    def post(self, handle: asyncio.Handle) -> None:
        """Queue a handle from any thread. All handles posted before the queue's thread wakes run together."""
        self._posted.append(handle)
        if not self._called:
            self._called = True
            QMetaObject.invokeMethod(self, "take_posted", Qt.ConnectionType.QueuedConnection)

    @Slot()
    def take_posted(self) -> None:
        """Take over posted handles; called by Qt on the queue's own thread."""
        self._called = False
        if self._stopped:
            return
        while self._posted:
            self._ready.append(self._posted.popleft())
        self.wake()

    def stop(self) -> None:
        """Drop all handles and accept no new ones."""
        self._stopped = True
        self._posted.clear()
        self._ready.clear()
        self._pause()

    def timerEvent(self, event: QTimerEvent) -> None:
        """Run waiting handles and those they schedule for a short time, even inside a menu's nested loop."""
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


class _Alarm(QObject):
    """Moves handles into the queue when they are due, with one timer for the earliest."""

    def __init__(self, ready: deque[asyncio.Handle], wake: Callable[[], None]) -> None:
        super().__init__()
        self._ready = ready
        self._wake = wake
        self._heap: list[asyncio.TimerHandle] = []
        self._cancelled = 0
        self._timer, self._rings_at = 0, math.inf

    def set(self, handle: asyncio.TimerHandle) -> None:
        """Schedule a handle for its due time."""
        heapq.heappush(self._heap, handle)
        handle._scheduled = True  # noqa: SLF001 - then it tells that it was cancelled
        if handle.when() < self._rings_at:
            self._ring_at(handle.when())

    def cancelled(self) -> None:
        """Count a canceled handle and clean up the heap once there are many."""
        self._cancelled += 1
        if self._cancelled > _CANCELLED and self._cancelled > len(self._heap) * _SHARE:
            for handle in self._heap:
                handle._scheduled = not handle.cancelled()  # noqa: SLF001
            self._heap = [handle for handle in self._heap if not handle.cancelled()]
            heapq.heapify(self._heap)
            self._cancelled = 0

    def stop(self) -> None:
        """Drop all waiting handles."""
        self._heap.clear()
        self._ring_at(math.inf)

    def timerEvent(self, event: QTimerEvent) -> None:
        """Move all due handles into the queue."""
        del event
        now = time.monotonic()
        while self._heap and (self._heap[0].when() <= now or self._heap[0].cancelled()):
            handle = heapq.heappop(self._heap)
            handle._scheduled = False  # noqa: SLF001
            if handle.cancelled():
                self._cancelled -= 1
            else:
                self._ready.append(handle)
                self._wake()
        self._ring_at(self._heap[0].when() if self._heap else math.inf)

    def _ring_at(self, when: float) -> None:
        if self._timer:
            self.killTimer(self._timer)
        self._timer, self._rings_at = 0, when
        if when < math.inf:
            wait_ms = max(math.ceil((when - time.monotonic()) * 1000), 0)
            self._timer = self.startTimer(min(wait_ms, _LONGEST_MS), Qt.TimerType.PreciseTimer)
