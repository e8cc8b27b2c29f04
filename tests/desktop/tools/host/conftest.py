"""A real host with real servers, none of which outlives its test."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from desktop.tools.host.host_wire import Elicitation, ElicitationAnswer, ServerSpec
from desktop.tools.host.tool_host import ToolHost
from main import TOOLS_SWITCH, child_command
from tests.processes import descendants, has_ended

SERVERS = Path(__file__).parents[3] / "servers" / "mcp"
PYTHON = (sys.executable, "-S", "-E")
"""Starts fast: without site and the environment."""


async def until(condition: Callable[[], bool], within_s: float = 20) -> None:
    """Wait for a condition of another process, which tells nobody when it comes true."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


class Running:
    """A host, the changes it told of, and the servers of these tests."""

    def __init__(self, folder: Path, elicit: Callable[[Elicitation], Awaitable[ElicitationAnswer]] | None) -> None:
        self.folder = folder
        self.changes: list[str] = []
        self.host = ToolHost(
            child_command(TOOLS_SWITCH), logs=folder / "logs", on_changed=self.changes.append, elicit=elicit
        )

    def echo(self, name: str = "echo", **more: object) -> ServerSpec:
        """The specification of a server that behaves."""
        return ServerSpec(name=name, command=(*PYTHON, str(SERVERS / "echo_server.py")), **more)  # type: ignore[arg-type]

    def hostile(self, mode: str, **more: object) -> ServerSpec:
        """The specification of a server that misbehaves."""
        command = (*PYTHON, str(SERVERS / "hostile_server.py"), mode, str(self.folder))
        return ServerSpec(name="hostile", command=command, **more)  # type: ignore[arg-type]

    @property
    def pids(self) -> list[int]:
        """The processes that hostile servers told of."""
        file = self.folder / "pids"
        return [int(line) for line in file.read_text().split()] if file.exists() else []

    async def act(self, mode: str, *, timeout_s: float = 10, most_bytes: int = 1 << 20, **more: object) -> object:
        """Open a hostile server and call its tool."""
        await self.host.open(self.hostile(mode, **more))
        return await self.host.call("hostile", "act", "{}", timeout_s=timeout_s, most_bytes=most_bytes)


@pytest.fixture
async def make_running(tmp_path: Path) -> AsyncIterator[Callable[..., Running]]:
    """Makes hosts, and checks that nothing of them is left."""
    made: list[Running] = []

    def make(elicit: Callable[[Elicitation], Awaitable[ElicitationAnswer]] | None = None) -> Running:
        made.append(Running(tmp_path, elicit))
        return made[-1]

    yield make
    for each in made:
        host = each.host.pid
        pids = {host, *descendants(host), *each.pids} if host else {*each.pids}
        async with asyncio.timeout(5):
            await each.host.aclose()
        await until(lambda pids=pids: all(has_ended(pid) for pid in pids if pid), within_s=1)


@pytest.fixture
def running(make_running: Callable[..., Running]) -> Running:
    """A host without a user who could be asked."""
    return make_running()
