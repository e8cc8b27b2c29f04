"""Ctrl+C and termination signals, delivered on the event loop's thread on every system."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def on_interrupt(handler: Callable[[], None]) -> Generator[None]:
    """Within the block, call `handler` on the event loop on Ctrl+C instead of ending the program."""
    loop = asyncio.get_running_loop()

    def from_signal(_number: int, _frame: FrameType | None) -> None:
        """Schedule the handler on the event loop, because a signal may interrupt any statement."""
        loop.call_soon_threadsafe(handler)

    before = signal.signal(signal.SIGINT, from_signal)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def end_on_signals(task: asyncio.Task[int]) -> None:
    """Cancel the task on SIGTERM or when the terminal closes, so that responses are still stored."""
    loop = asyncio.get_running_loop()
    for name in ("SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, lambda _number, _frame: loop.call_soon_threadsafe(task.cancel))
