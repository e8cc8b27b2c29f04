"""The fault server on a thread of its own, for tests of the program as a process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator
from contextlib import contextmanager

from tests.servers.faults import FaultServer


@contextmanager
def fault_server(key: str = "", port: int = 0) -> Generator[FaultServer]:
    """A FaultServer, running until the block is left. Read its `url` and `requests` freely."""
    ready = threading.Event()
    made: list[FaultServer] = []
    ends: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def run() -> None:
        end = asyncio.Event()
        async with FaultServer(key=key, port=port) as server:
            made.append(server)
            ends.append((asyncio.get_running_loop(), end))
            ready.set()
            await end.wait()

    thread = threading.Thread(target=lambda: asyncio.run(run()), name="fault-server")
    thread.start()
    try:
        if not ready.wait(10):
            raise RuntimeError("the fault server did not start")
        yield made[0]
    finally:
        for loop, end in ends:
            loop.call_soon_threadsafe(end.set)
        thread.join(10)
