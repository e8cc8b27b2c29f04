"""Types fit one another: pyright, beside the other tests since it takes a minute."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

PROGRAM = ("main.py", "desktop", "ui", "packaging")


@pytest.mark.slow
@pytest.mark.timeout(2400)
@pytest.mark.parametrize(
    "looked_at", [pytest.param(PROGRAM, id="program"), pytest.param((), id="program and tests", marks=pytest.mark.long)]
)
def test_types_fit(looked_at: tuple[str, ...]) -> None:
    """Those of tests take as long again, and are what `make lint` and `make test-long` look at."""
    done = subprocess.run(
        [sys.executable, "-m", "pyright", *looked_at],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 errors" in done.stdout
