"""Ctrl+C and requests to end, as calls on the loop's own thread, on every system."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def on_interrupt(handler: Callable[[], None]) -> Generator[None]:
    """Within the block Ctrl+C calls `handler` on the running loop instead of ending the program."""
    loop = asyncio.get_running_loop()

    def from_signal(_number: int, _frame: FrameType | None) -> None:
        """A signal may arrive within any statement, so the handler waits for the loop's turn."""
        loop.call_soon_threadsafe(handler)

    before = signal.signal(signal.SIGINT, from_signal)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def end_on_signals(task: asyncio.Task[int]) -> None:
    """Cancel the task when the system asks the program to end (SIGTERM, a closed terminal): answers are kept."""
    loop = asyncio.get_running_loop()
    for name in ("SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, lambda _number, _frame: loop.call_soon_threadsafe(task.cancel))
