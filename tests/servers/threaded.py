"""Loopback servers on a thread of their own, for tests of the program as a process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from functools import partial
from typing import TypeVar

from tests.servers.faults import FaultServer

T = TypeVar("T")


@contextmanager
def fault_server(
    key: str = "", port: int = 0, *, deployments: Sequence[str] | None = None, keys: Mapping[str, str] | None = None
) -> Generator[FaultServer]:
    """A FaultServer, running until the block is left. Read its `url` and `requests` freely."""
    deployed = True if deployments is None else deployments
    made = partial(FaultServer, key=key, port=port, deployments=deployed, keys=keys)
    with on_a_thread(made, "fault-server") as server:
        yield server


@contextmanager
def on_a_thread(make: Callable[[], AbstractAsyncContextManager[T]], name: str) -> Generator[T]:
    """A server that is made and runs on a thread's own loop, until the block is left."""
    ready = threading.Event()
    made: list[T] = []
    ends: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def run() -> None:
        end = asyncio.Event()
        async with make() as server:
            made.append(server)
            ends.append((asyncio.get_running_loop(), end))
            ready.set()
            await end.wait()

    thread = threading.Thread(target=lambda: asyncio.run(run()), name=name)
    thread.start()
    try:
        if not ready.wait(10):
            raise RuntimeError(f"the {name} did not start")
        yield made[0]
    finally:
        for loop, end in ends:
            loop.call_soon_threadsafe(end.set)
        thread.join(10)
