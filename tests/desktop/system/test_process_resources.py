"""The limit of open files, and freed memory that is returned to the system."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.system.process_resources import free_memory

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
@pytest.mark.parametrize(
    ("soft", "hard", "wanted", "then"), [(64, 512, 256, 256), (64, 128, 256, 128), (200, 512, 100, 200)]
)
def test_the_soft_limit_is_raised_as_far_as_is_wanted_and_allowed(soft: int, hard: int, wanted: int, then: int) -> None:
    script = (
        "import resource\nfrom desktop.system.process_resources import raise_limit\n"
        f"resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))\nprint(raise_limit({wanted}))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) == then


@pytest.mark.skipif(sys.platform != "linux", reason="other systems return it by themselves")
def test_memory_freed_below_a_block_in_use_is_returned() -> None:
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "malloc_trim"):
        pytest.skip("another library than glibc")
    libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
    blocks = [libc.malloc(60_000) for _ in range(400)]
    for block in blocks[:-1]:
        libc.free(block)
    assert free_memory()
    libc.free(blocks[-1])
