"""The limit of open files and connections, raised in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")


@pytest.mark.parametrize(
    ("soft", "hard", "wanted", "then"), [(64, 512, 256, 256), (64, 128, 256, 128), (200, 512, 100, 200)]
)
def test_the_soft_limit_is_raised_as_far_as_is_wanted_and_allowed(soft: int, hard: int, wanted: int, then: int) -> None:
    script = (
        "import resource\nfrom desktop.system.descriptors import raise_limit\n"
        f"resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))\nprint(raise_limit({wanted}))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) == then
