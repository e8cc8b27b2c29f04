"""What binds a child process of ours: memory, time, and the life of the program that started it."""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import os
import signal
import sys
from collections.abc import Generator

MOST_MEMORY = 1 << 30
"""Bytes of address space, where the system can bound that."""

_DIES_WITH_PARENT = 1
"""PR_SET_PDEATHSIG, in Linux's <sys/prctl.h>."""


def end_with_parent() -> None:
    """Be killed when the program that started this process is gone; Linux alone knows that.

    Elsewhere, and where the program ended before this was called, what is read from it ends.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # another C library: as elsewhere
            ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGKILL)


def bind(*, writes_files: bool = True) -> None:
    """Leave Ctrl+C to the program, which closes stdin; take no more memory than is allowed, and give way to it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    if sys.platform == "win32":
        return
    import resource

    with contextlib.suppress(ValueError, OSError):  # macOS bounds no address space
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    for bound in (resource.RLIMIT_CORE, *(() if writes_files else (resource.RLIMIT_FSIZE,))):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(bound, (0, 0))
    with contextlib.suppress(OSError):
        os.nice(5)


@contextlib.contextmanager
def ended_after(seconds: float) -> Generator[None]:
    """End the process by itself where a block takes longer: nobody may be left to end it.

    A thread of C's keeps the time: a library, or a regular expression, may hold Python's lock for ever.
    """
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - no path
        faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
