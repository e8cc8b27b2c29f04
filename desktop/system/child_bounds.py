"""Limits that a child process of ours sets itself: memory, time, no network, and the lifetime of its parent."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import faulthandler
import os
import signal
import struct
import sys
from collections.abc import Generator

MOST_MEMORY = 1 << 30
"""Bytes of address space, or of committed memory on Windows. macOS limits neither: MemoryWatch does."""

_DIES_WITH_PARENT = 1
"""PR_SET_PDEATHSIG, in Linux's <sys/prctl.h>."""


def end_with_parent() -> None:
    """Have this process killed when its parent ends, on Linux.

    On other systems, and if the parent ended before, the child ends because its stdin does.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGKILL)


def bind(*, writes_files: bool = True) -> None:
    """Limit this process: bounded memory, lower priority, no Ctrl+C, and no new sockets where those can be refused.

    Args:
        writes_files: whether this process may write files.

    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    if sys.platform == "win32":
        join_job()
        return
    leave_network()
    import resource

    with contextlib.suppress(ValueError, OSError):  # macOS has no such limit
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    for bound in (resource.RLIMIT_CORE, *(() if writes_files else (resource.RLIMIT_FSIZE,))):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(bound, (0, 0))
    with contextlib.suppress(OSError):
        os.nice(5)


_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
"""PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP and SECCOMP_MODE_FILTER, in Linux's <sys/prctl.h> and <linux/seccomp.h>."""
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
"""Steps of a filter: load a word of the call, compare it (with jumps for true and false), return."""
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EACCES
_SOCKET_CALLS = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
"""For each machine, its architecture as a filter sees it, and the number of the system call `socket`."""
_IO_URING_SETUP, _X32_CALLS = 425, 0x40000000
"""io_uring creates sockets too; from the second number on, x86 has a second number for each call (x32)."""


def can_leave_network() -> bool:
    """Whether this kernel can refuse sockets to a process."""
    if sys.platform != "linux" or os.uname().machine not in _SOCKET_CALLS:
        return False
    with contextlib.suppress(OSError, AttributeError):
        # Where filters exist, one at a null pointer fails with EFAULT; nothing changes either way
        ctypes.CDLL(None, use_errno=True).prctl(_SET_SECCOMP, _FILTER, None)
        return ctypes.get_errno() == errno.EFAULT
    return False


def leave_network() -> None:
    """Have Linux refuse all new sockets, those to the session bus included; do nothing where it cannot."""
    if not can_leave_network():
        return
    architecture, socket_call = _SOCKET_CALLS[os.uname().machine]
    steps = (
        (_LOAD, 0, 0, 4),
        (_EQUAL, 0, 5, architecture),  # a call of another architecture has another number
        (_LOAD, 0, 0, 0),
        (_AT_LEAST, 3, 0, _X32_CALLS),
        (_EQUAL, 2, 0, socket_call),
        (_EQUAL, 1, 0, _IO_URING_SETUP),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    )
    packed = b"".join(struct.pack("=HBBI", *step) for step in steps)
    held = ctypes.create_string_buffer(packed, len(packed))
    program = ctypes.create_string_buffer(struct.pack("@HP", len(steps), ctypes.addressof(held)))
    c = ctypes.CDLL(None)
    c.prctl(_NO_NEW_PRIVILEGES, *(ctypes.c_ulong(word) for word in (1, 0, 0, 0)))
    c.prctl(_SET_SECCOMP, _FILTER, program)


class JobLimits(ctypes.Structure):
    """Windows' JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

    _fields_ = (
        ("user_times", ctypes.c_int64 * 2),
        ("flags", ctypes.c_uint32),
        ("working_set", ctypes.c_size_t * 2),
        ("processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("classes", ctypes.c_uint32 * 2),
        ("transfers", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peaks", ctypes.c_size_t * 2),
    )


_EXTENDED_LIMITS, _LIMIT_PROCESS_MEMORY = 9, 0x100


def join_job(most: int = MOST_MEMORY) -> bool:
    """Limit the committed memory of this process on Windows; whether that worked. The job outlives its handle."""
    windll = getattr(ctypes, "windll", None)
    if windll is None:
        return False
    kernel = windll.kernel32
    kernel.CreateJobObjectW.restype = kernel.GetCurrentProcess.restype = ctypes.c_void_p
    job, this = (ctypes.c_void_p(found) for found in (kernel.CreateJobObjectW(None, None), kernel.GetCurrentProcess()))
    limits = JobLimits(flags=_LIMIT_PROCESS_MEMORY, process_memory=most)
    set_limits = kernel.SetInformationJobObject(job, _EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits))
    is_bound = bool(set_limits and kernel.AssignProcessToJobObject(job, this))
    kernel.CloseHandle(job)
    return is_bound


@contextlib.contextmanager
def ended_after(seconds: float) -> Generator[None]:
    """End this process if a block takes longer than `seconds`: its parent may be gone.

    A C thread keeps the time, since a library or a regular expression may hold the GIL forever.
    """
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - no path
        faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
