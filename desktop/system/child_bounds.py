"""What a child process of ours binds itself with: memory, time, no network, and the life of its program."""

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
"""Bytes of address space, or of what Windows commits. macOS bounds neither: there the program looks (child_process)."""

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
    """Leave Ctrl+C to the program, which closes stdin; take no more memory than is allowed, and give way to it.

    No socket is made from then on, where the system can refuse that.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    if sys.platform == "win32":
        join_job()
        return
    leave_network()
    import resource

    with contextlib.suppress(ValueError, OSError):  # macOS bounds no address space
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    for bound in (resource.RLIMIT_CORE, *(() if writes_files else (resource.RLIMIT_FSIZE,))):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(bound, (0, 0))
    with contextlib.suppress(OSError):
        os.nice(5)


_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
"""PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP and SECCOMP_MODE_FILTER, in Linux's <sys/prctl.h> and <linux/seccomp.h>."""
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
"""Of a filter's steps: take a word of what is called, compare it (jumps where it is so, and where not), answer."""
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EACCES
_SOCKET_CALLS = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
"""By machine: the architecture as a filter sees it, and its number of the call `socket`."""
_IO_URING_SETUP, _X32_CALLS = 425, 0x40000000
"""A ring makes sockets too; from the second number on, Intel's processors know each call once more."""


def can_leave_network() -> bool:
    """Whether the kernel refuses sockets to a process that asks for it."""
    if sys.platform != "linux" or os.uname().machine not in _SOCKET_CALLS:
        return False
    with contextlib.suppress(OSError, AttributeError):
        # A filter that is nowhere cannot be read, where there are filters; nothing changes in either case.
        ctypes.CDLL(None, use_errno=True).prctl(_SET_SECCOMP, _FILTER, None)
        return ctypes.get_errno() == errno.EFAULT
    return False


def leave_network() -> None:
    """Have Linux refuse every further socket, also to the session's bus; what cannot be refused stays as it is."""
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
    """Have Windows commit no more memory to this process; whether it does. Nobody holds the job, so it stays."""
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
    """End the process by itself where a block takes longer: nobody may be left to end it.

    A thread of C's keeps the time: a library, or a regular expression, may hold Python's lock for ever.
    """
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - no path
        faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
