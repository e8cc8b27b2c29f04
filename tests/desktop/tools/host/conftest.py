"""A real host with real servers, none of which outlives its test."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path

import pytest
import pytest_asyncio

from desktop.domain.tool_types import ToolOutput
from desktop.tools.host.host_wire import Elicitation, ElicitationAnswer, ServerSpec
from desktop.tools.host.tool_host import Browse, ToolHost
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

    def __init__(
        self,
        logs: Path,
        elicit: Callable[[Elicitation], Awaitable[ElicitationAnswer]] | None = None,
        browse: Browse | None = None,
    ) -> None:
        self.logs = self.folder = logs
        self.changes: list[str] = []
        self.saved: list[str] = []
        self.host = ToolHost(
            child_command(TOOLS_SWITCH),
            logs=logs,
            on_changed=self.changes.append,
            elicit=elicit,
            browse=browse,
            on_credentials=lambda _, saved: self.saved.append(saved),
        )

    def echo(self, name: str = "echo", *, env: Mapping[str, str] | None = None, folder: str = "") -> ServerSpec:
        """The specification of a server that behaves."""
        command = (*PYTHON, str(SERVERS / "echo_server.py"))
        return ServerSpec(name=name, command=command, env=env or {}, folder=folder)

    def hostile(self, mode: str, *, env: Mapping[str, str] | None = None, start_s: float = 30) -> ServerSpec:
        """The specification of a server that misbehaves."""
        command = (*PYTHON, str(SERVERS / "hostile_server.py"), mode, str(self.folder))
        return ServerSpec(name="hostile", command=command, env=env or {}, start_s=start_s)

    @property
    def pids(self) -> list[int]:
        """The processes that hostile servers told of."""
        file = self.folder / "pids"
        return [int(line) for line in file.read_text().split()] if file.exists() else []

    @property
    def log(self) -> str:
        """The log of the hostile server."""
        return (self.logs / "hostile.log").read_text()

    async def act(
        self, mode: str, *, timeout_s: float = 10, most_bytes: int = 1 << 20, env: Mapping[str, str] | None = None
    ) -> ToolOutput:
        """Open a hostile server and call its tool."""
        await self.host.open(self.hostile(mode, env=env))
        return await self.host.call("hostile", "act", "{}", timeout_s=timeout_s, most_bytes=most_bytes)

    async def aclose(self) -> None:
        """Close the host, and check that nothing of it is left."""
        host = self.host.pid
        pids = {host, *descendants(host), *self.pids} if host else {*self.pids}
        async with asyncio.timeout(5):
            await self.host.aclose()
        await until(lambda: all(has_ended(pid) for pid in pids), within_s=1)


@pytest_asyncio.fixture(loop_scope="module")
async def make_running(tmp_path: Path) -> AsyncIterator[Callable[..., Running]]:
    """Makes hosts for one test."""
    made: list[Running] = []

    def make(
        elicit: Callable[[Elicitation], Awaitable[ElicitationAnswer]] | None = None, browse: Browse | None = None
    ) -> Running:
        made.append(Running(tmp_path, elicit, browse))
        return made[-1]

    yield make
    for each in made:
        await each.aclose()


@pytest.fixture
def own(make_running: Callable[..., Running]) -> Running:
    """A host for one test, without a user who could be asked."""
    return make_running()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """A host for the tests of one module, which start most of a second sooner."""
    made = Running(tmp_path_factory.mktemp("tools"))
    yield made
    await made.aclose()


@pytest_asyncio.fixture(loop_scope="module")
async def running(shared: Running, tmp_path: Path) -> AsyncIterator[Running]:
    """The shared host with a folder of this test; its servers end with the test."""
    shared.folder = tmp_path
    shared.changes.clear()
    for log in shared.logs.glob("*.log*"):
        log.unlink()
    yield shared
    for server in ("hostile", "echo", "web", "bad", "other"):
        await shared.host.close(server)
    await until(lambda: all(has_ended(pid) for pid in shared.pids), within_s=1)
