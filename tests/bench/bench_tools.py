"""The tool host: start to the first open server, cost of a call, memory, and import of the parent's side."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from desktop.system.child_process import resident
from desktop.tools.host.host_wire import ServerSpec
from desktop.tools.host.tool_host import ToolHost
from main import TOOLS_SWITCH, child_command

ROOT = Path(__file__).parents[2]
SERVER = (sys.executable, "-S", "-E", str(ROOT / "tests" / "servers" / "mcp" / "echo_server.py"))
STARTS, CALLS, PANES = 5, 50, 8
_IMPORT = "import asyncio, msgspec, time; t = time.perf_counter(); import desktop.tools.host.tool_host as _; "


async def run(logs: Path) -> list[dict[str, object]]:
    """Rows of some starts, and of calls one after the other and at once."""
    ready: list[float] = []
    calls: list[float] = []
    at_once: list[float] = []
    memory: list[float] = []
    for _ in range(STARTS):
        host = ToolHost(child_command(TOOLS_SWITCH), logs=logs, on_changed=print)
        try:
            began = time.perf_counter()
            await host.open(ServerSpec(name="echo", command=SERVER))
            ready.append(time.perf_counter() - began)
            for _ in range(CALLS):
                began = time.perf_counter()
                await host.call("echo", "echo", '{"text": "hello"}', timeout_s=10)
                calls.append((time.perf_counter() - began) * 1000)
            began = time.perf_counter()
            await asyncio.gather(*(host.call("echo", "echo", "{}", timeout_s=10) for _ in range(PANES)))
            at_once.append((time.perf_counter() - began) * 1000)
            memory.append(resident(host.pid) / (1 << 20))
        finally:
            await host.aclose()
    return [
        _row("tool host, start to first open server", ready, "s", 1.5),
        _row("tool call over stdio", calls, "ms", 20),
        _row(f"tool calls, {PANES} at once", at_once, "ms"),
        _row("tool host, memory", memory, "MB"),
    ]


def imports() -> list[float]:
    """Milliseconds to import the parent's side beside what every window has imported."""
    command = [sys.executable, "-c", f"{_IMPORT}print((time.perf_counter() - t) * 1000)"]
    return [float(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout) for _ in range(STARTS)]


def _row(name: str, values: Sequence[float], unit: str, target: float | None = None) -> dict[str, object]:
    value = statistics.median(values)
    met = None if target is None else value <= target
    return {"name": name, "value": value, "unit": unit, "target": target, "met": met}


def measure() -> list[dict[str, object]]:
    """Rows of name, value, unit, target and met."""
    with tempfile.TemporaryDirectory() as logs:
        rows = asyncio.run(run(Path(logs)))
    return [*rows, _row("tool host, import of the parent's side", imports(), "ms")]
