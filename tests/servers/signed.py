"""The stand-in for the authority on a thread of its own, for the real program."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.authority import StandIn
from tests.servers.tls import make_certificates


@dataclass
class Running:
    """An authority that runs, and the file that makes it trusted."""

    authority: StandIn
    ca_file: Path


@contextmanager
def running_authority(folder: Path) -> Generator[Running]:
    """A StandIn, running until the block is left; read and set its fields freely."""
    ready = threading.Event()
    made: list[StandIn] = []
    ends: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []
    ca_file, context = make_certificates(folder)

    async def run() -> None:
        end = asyncio.Event()
        async with StandIn(context) as authority:
            made.append(authority)
            ends.append((asyncio.get_running_loop(), end))
            ready.set()
            await end.wait()

    thread = threading.Thread(target=lambda: asyncio.run(run()), name="authority")
    thread.start()
    try:
        if not ready.wait(10):
            raise RuntimeError("the authority did not start")
        yield Running(made[0], ca_file)
    finally:
        for loop, end in ends:
            loop.call_soon_threadsafe(end.set)
        thread.join(10)
