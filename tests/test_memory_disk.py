"""Where tests write, and what is told of a test."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import memory_disk

ROOT = Path(__file__).resolve().parents[1]

_TESTS = """
import pytest

@pytest.fixture
def no_way_in():
    raise ValueError("in")

@pytest.fixture
def no_way_out():
    yield
    raise ValueError("out")

def test_in(no_way_in): pass
def test_out(no_way_out): pass
def test_wrong(): assert 1 == 2
def test_right(): pass
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no such place")
def test_what_a_killed_run_left_goes_and_what_another_one_uses_stays(tmp_path: Path) -> None:
    left, used = tmp_path / f"paragone-{2**30}-x", tmp_path / f"paragone-{os.getpid()}-x"
    left.mkdir()
    used.mkdir()
    assert memory_disk.begin(tmp_path, 1 << 60) is None
    made = memory_disk.begin(tmp_path, 0)
    assert made is not None
    assert made.is_dir()
    assert {*tmp_path.glob("paragone-*")} == {used, made}


@pytest.mark.parametrize("processes", ["0", "1"])
def test_ways_in_and_out_that_fail_are_told(tmp_path: Path, processes: str) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]")
    (tmp_path / "test_ways.py").write_text(_TESTS)
    words = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-n", processes, "-c", "pytest.ini", "."]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "1 failed, 2 passed, 2 errors" in done.stdout
    assert "ValueError: in" in done.stdout
    assert "ValueError: out" in done.stdout
