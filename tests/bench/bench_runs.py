"""A run of a thousand cells: how long it takes where the server answers at once, and what memory it needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.bench_window import row
from tests.e2e.window.screen import x_server
from tests.servers.threaded import fault_server

CASES, AT_ONCE = 1_000, 16


def measure() -> list[dict[str, object]]:
    """Rows of name, value, unit, target and met."""
    with fault_server() as server, tempfile.TemporaryDirectory() as folder:
        words = [str(Path(folder) / "data"), server.url, str(CASES), str(AT_ONCE)]
        command = [sys.executable, "-m", "tests.bench.runs_child", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    with x_server() as screen, tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, "-m", "tests.bench.run_page_child", str(Path(folder) / "data"), "33334", "3"]
        environ = {**os.environ, **screen, "QT_QPA_PLATFORM": "xcb"}
        page = json.loads(subprocess.run(words, capture_output=True, text=True, check=True, env=environ).stdout)
    found = json.loads(done.stdout)
    named = f"a run, {CASES:,} cells, {AT_ONCE} at once"
    return [
        row(named, found["seconds"], "s", 8.0),
        row(f"{named}: growth", found["growth_mb"], "MB", 40.0),
        row("the page of a run of 100,000 cells, until answers are seen", page["opened"], "ms", 150.0),
        row("the same, until all is worked out that can be said", page["whole"], "ms", None),
        row("a step of the wheel through its table, 95 %", page["step95"], "ms", 16.0),
    ]
