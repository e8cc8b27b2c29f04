"""Resources of this process: the limit of open files and sockets, and freed memory."""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import sys
from collections.abc import Callable

_WANTED = 8_192
"""Wanted limit of open files. Sixteen panes and a database need some hundred; shells often allow only 256 or 1,024."""


def raise_limit(wanted: int = _WANTED) -> int:
    """Raise the soft limit of open files up to `wanted`, as far as allowed. Return the limit, 0 if there is none."""
    if sys.platform == "win32":
        return 0
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        with contextlib.suppress(ValueError, OSError):  # macOS allows less than it reports
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def are_spent(error: BaseException) -> bool:
    """Whether an error means that the program or the whole system has too many open files."""
    return getattr(error, "errno", None) in {errno.EMFILE, errno.ENFILE}


def none_is_left() -> bool:
    """Whether no more files can be opened now, in which case resolving a host name fails as if it did not exist."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return are_spent(error)
    return False


def free_memory() -> bool:
    """Return freed heap memory to the system (glibc's malloc_trim), and return whether any was released.

    Takes milliseconds, so call it on a thread. Other C libraries release memory by themselves or have no such function.
    """
    trim = _trim()
    return trim is not None and bool(trim(0))


@functools.cache
def _trim() -> Callable[[int], int] | None:
    if sys.platform != "linux":
        return None
    import ctypes  # takes a millisecond, and most runs hold no large file

    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError):
        return None
