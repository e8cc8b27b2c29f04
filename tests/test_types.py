"""Types fit one another in the whole program and its tests: pyright, beside the other tests since it takes a minute."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_types_fit() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pyright"], cwd=ROOT, env=os.environ, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 errors" in done.stdout
