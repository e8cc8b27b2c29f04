"""Freed memory, given back to the system: what held a great file is kept by C's library for the next one else."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable


def give_back() -> bool:
    """Give back what can be; whether there is a way to, and something went. Takes milliseconds: call it on a thread.

    Libraries other than Linux's common one give freed memory back by themselves, or have no such function.
    """
    trim = _trim()
    return trim is not None and bool(trim(0))


@functools.cache
def _trim() -> Callable[[int], int] | None:
    if sys.platform != "linux":
        return None
    import ctypes  # late: most runs hold no great file, and it takes a millisecond

    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError):  # another library than glibc
        return None
