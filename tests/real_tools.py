"""Published MCP servers through the tool host: `python -m tests.real_tools`. Installs them from PyPI and npm.

Each is installed into a folder of its own, opened, and a few of its tools are called with known results. Prints
how many checks were tried, right and wrong, per server. Not part of the tests, because it needs the network.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from desktop.domain.tool_types import ToolOutput
from desktop.errors import ToolError
from desktop.tools.host.host_wire import ElicitAction, Elicitation, ElicitationAnswer, ServerSpec
from desktop.tools.host.tool_host import ToolHost
from main import TOOLS_SWITCH, child_command


@dataclass(frozen=True, kw_only=True)
class Check:
    """A call and what its result must contain. `is_error` is what the tool must say of it."""

    tool: str
    arguments: Mapping[str, object]
    contains: str = ""
    images: int = 0
    is_error: bool = False

    def holds(self, output: ToolOutput) -> bool:
        """Whether a result is the expected one."""
        told = output.text + output.structured
        return self.contains in told and len(output.images) == self.images and output.is_error == self.is_error


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A published server: its package, what it needs beside, how it is started in its folder, and checks."""

    name: str
    package: str
    command: Callable[[Path], Sequence[str]]
    checks: Sequence[Check]
    beside: Sequence[str] = ()
    with_npm: bool = False


def python_command(module: str, *arguments: str) -> Callable[[Path], Sequence[str]]:
    """Return the command of a server in a virtual environment."""
    return lambda folder: (str(folder / "venv" / "bin" / "python"), "-m", module, *_filled(arguments, folder))


def node_command(package: str, *arguments: str) -> Callable[[Path], Sequence[str]]:
    """Return the command of a server in a folder of npm."""

    def command(folder: Path) -> Sequence[str]:
        room = folder / "node_modules" / package
        entry = json.loads((room / "package.json").read_text())["bin"]
        file = entry if isinstance(entry, str) else next(iter(entry.values()))
        return ("node", str(room / file), *_filled(arguments, folder))

    return command


def _filled(arguments: Sequence[str], folder: Path) -> list[str]:
    return [argument.replace("FOLDER", str(folder / "data")) for argument in arguments]


NPM = "@modelcontextprotocol/server-"
CANDIDATES = (
    Candidate(
        name="time",
        package="mcp-server-time",
        command=python_command("mcp_server_time"),
        checks=(
            Check(tool="get_current_time", arguments={"timezone": "Asia/Tokyo"}, contains="+09:00"),
            Check(
                tool="convert_time",
                arguments={"source_timezone": "UTC", "time": "12:00", "target_timezone": "Asia/Tokyo"},
                contains="T21:00",
            ),
            Check(tool="get_current_time", arguments={"timezone": "Nowhere"}, contains="Nowhere", is_error=True),
        ),
    ),
    Candidate(
        name="git",
        package="mcp-server-git",
        command=python_command("mcp_server_git", "--repository", "FOLDER"),
        checks=(
            Check(tool="git_status", arguments={"repo_path": "FOLDER"}, contains="branch"),
            Check(tool="git_log", arguments={"repo_path": "FOLDER"}, contains="The first commit"),
        ),
    ),
    Candidate(
        name="sqlite",
        package="mcp-server-sqlite",
        beside=("mcp<2",),
        command=lambda folder: (str(folder / "venv/bin/mcp-server-sqlite"), "--db-path", str(folder / "data/test.db")),
        checks=(
            Check(tool="create_table", arguments={"query": "CREATE TABLE a (b TEXT)"}, contains="success"),
            Check(tool="list_tables", arguments={}, contains="'a'"),
        ),
    ),
    Candidate(
        name="everything",
        package=f"{NPM}everything",
        command=node_command(f"{NPM}everything"),
        checks=(
            Check(tool="echo", arguments={"message": "Grüße"}, contains="Echo: Grüße"),
            Check(tool="get-sum", arguments={"a": 2, "b": 40}, contains="42"),
            Check(tool="get-tiny-image", arguments={}, images=1),
            Check(tool="get-structured-content", arguments={"location": "Chicago"}, contains="temperature"),
            Check(tool="trigger-long-running-operation", arguments={"duration": 1, "steps": 2}, contains="completed"),
            Check(tool="trigger-elicitation-request", arguments={}, contains="declined"),
            Check(tool="echo", arguments={}, contains="", is_error=True),
        ),
        with_npm=True,
    ),
    Candidate(
        name="memory",
        package=f"{NPM}memory",
        command=node_command(f"{NPM}memory"),
        checks=(
            Check(
                tool="create_entities",
                arguments={"entities": [{"name": "Ada", "entityType": "person", "observations": ["counts"]}]},
                contains="Ada",
            ),
            Check(tool="search_nodes", arguments={"query": "counts"}, contains="person"),
        ),
        with_npm=True,
    ),
    Candidate(
        name="filesystem",
        package=f"{NPM}filesystem",
        command=node_command(f"{NPM}filesystem", "FOLDER"),
        checks=(
            Check(tool="write_file", arguments={"path": "FOLDER/a.txt", "content": "written"}, contains="Successfully"),
            Check(tool="read_text_file", arguments={"path": "FOLDER/a.txt"}, contains="written"),
            Check(tool="read_text_file", arguments={"path": "/etc/passwd"}, contains="denied", is_error=True),
        ),
        with_npm=True,
    ),
)


def install(candidate: Candidate, folder: Path) -> None:
    """Install a server, and give it a repository with one commit to work on."""
    data = folder / "data"
    data.mkdir(parents=True)
    if candidate.with_npm:
        words = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder)]
        _run([*words, candidate.package])
    else:
        _run([sys.executable, "-m", "venv", str(folder / "venv")])
        _run([str(folder / "venv" / "bin" / "pip"), "install", "-q", candidate.package, *candidate.beside])
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    _run(["git", "-C", str(data), "init", "-q"])
    _run(["git", "-C", str(data), *identity, "commit", "-q", "--allow-empty", "-m", "The first commit"])


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=600)


async def declined(question: Elicitation) -> ElicitationAnswer:
    """Decline whatever a server asks."""
    print(f"    asked: {question.message[:80]}")
    return ElicitationAnswer(action=ElicitAction.DECLINE)


async def tried(host: ToolHost, candidate: Candidate, folder: Path) -> tuple[int, int]:
    """Return the numbers of checks that were right and wrong; opening the server is one."""
    right = wrong = 0
    spec = ServerSpec(name=candidate.name, command=tuple(candidate.command(folder)), folder=str(folder / "data"))

    async def attempt(name: str, work: Awaitable[str]) -> None:
        nonlocal right, wrong
        try:
            problem = await work
        except ToolError as error:
            problem = str(error)
        right, wrong = (right + 1, wrong) if not problem else (right, wrong + 1)
        print(f"    {'right' if not problem else 'WRONG'}  {name}  {problem[:300]}")

    async def opened() -> str:
        tools = {tool.tool for tool in await host.open(spec)}
        missing = {check.tool for check in candidate.checks} - tools
        return f"missing: {sorted(missing)}, has {sorted(tools)}" if missing else ""

    async def checked(check: Check) -> str:
        arguments = json.dumps(check.arguments).replace("FOLDER", str(folder / "data"))
        output = await host.call(candidate.name, check.tool, arguments, timeout_s=60)
        return "" if check.holds(output) else repr(output)

    await attempt("opened", opened())
    for check in candidate.checks:
        await attempt(check.tool, checked(check))
    return right, wrong


async def main() -> int:
    """Try each candidate, or those named on the command line, and print a table. Returns 1 if anything was wrong."""
    wanted = sys.argv[1:]
    table: list[str] = []
    failed = False
    with tempfile.TemporaryDirectory(prefix="paragone-tools-") as name:
        folder = Path(name)
        host = ToolHost(child_command(TOOLS_SWITCH), logs=folder / "logs", on_changed=print, elicit=declined)
        try:
            for candidate in CANDIDATES:
                if (wanted and candidate.name not in wanted) or (candidate.with_npm and shutil.which("npm") is None):
                    continue
                print(candidate.name, flush=True)
                try:
                    await asyncio.to_thread(install, candidate, folder / candidate.name)
                except subprocess.SubprocessError:
                    traceback.print_exc()
                    table.append(f"{candidate.name:<12} could not be installed")
                    continue
                right, wrong = await tried(host, candidate, folder / candidate.name)
                failed = failed or wrong > 0
                table.append(f"{candidate.name:<12} {right + wrong:>5} tried {right:>5} right {wrong:>5} wrong")
        finally:
            await host.aclose()
    print("\n" + "\n".join(table))
    return int(failed)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
