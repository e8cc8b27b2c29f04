"""Freed memory goes back to the system where C's library keeps it."""

from __future__ import annotations

import ctypes
import sys

import pytest

from desktop.system import heap


@pytest.mark.skipif(sys.platform != "linux", reason="other systems give it back by themselves")
def test_what_was_freed_below_what_is_still_needed_goes_back() -> None:
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "malloc_trim"):
        pytest.skip("another library than glibc")
    libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
    blocks = [libc.malloc(60_000) for _ in range(400)]
    for block in blocks[:-1]:
        libc.free(block)
    assert heap.give_back()
    libc.free(blocks[-1])
