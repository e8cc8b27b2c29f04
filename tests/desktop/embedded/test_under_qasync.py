"""The engine under the window's loop, in a program of its own: a process holds one Qt application at most."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.desktop.embedded.conftest import ROOT

PROGRAM = """
import asyncio, os, sys
from pathlib import Path
root, model = sys.argv[1:]
sys.path.insert(0, root)
from PySide6.QtWidgets import QApplication
from desktop.embedded.engine import Engine, EngineOptions
from desktop.errors import EngineCrashed
from ui.app.loop import Loop

async def main():
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {root!r});"
               "from desktop.embedded.engine_child import main; sys.exit(main())"]
    engine = Engine(command=command, options=EngineOptions(model=lambda: Path(model), threads=1, parallel=1))
    first = await engine.endpoint()
    os.kill(first.pid, 15)
    assert isinstance(await engine.death(first, within_s=10), EngineCrashed)
    second = await engine.endpoint()
    await engine.aclose()
    for pid in (first.pid, second.pid):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            print("gone")

with Loop(QApplication([])) as loop:
    loop.run_until_complete(main())
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_it_starts_restarts_and_ends_under_qasync(tmp_path: Path, model: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, "-W", "error", str(program), str(ROOT), str(model)],
        capture_output=True,
        text=True,
        timeout=200,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert (done.returncode, done.stdout.split()) == (0, ["gone", "gone"]), done.stderr
    assert "Warning" not in done.stderr
    assert "Traceback" not in done.stderr
