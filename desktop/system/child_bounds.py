"""Child's side of a child process: memory and time limits, no network, and the loop that serves requests."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import faulthandler
import os
import signal
import struct
import sys
from collections.abc import Callable, Generator
from typing import TypeVar

MOST_MEMORY = 1 << 30
"""Limit of the address space (Linux) or of committed memory (Windows), in bytes.

macOS limits neither, so the parent polls the child's memory there (`child_process.MemoryWatch`).
"""

READY = b"paragone ready\n"
"""First line that a child writes once its limits are set and it has loaded the modules it always needs."""

REQUEST_S = 30.0
"""Seconds after which a child terminates itself during a request, in case its parent no longer exists."""

_READ_BYTES = 1 << 20
_Request = TypeVar("_Request")

_DIES_WITH_PARENT = 1
"""PR_SET_PDEATHSIG, in Linux's <sys/prctl.h>."""


def end_with_parent(*, gently: bool = False) -> None:
    """Have the kernel end this process when its parent exits, by SIGTERM if `gently`. Supported only by Linux.

    On other systems, and if the parent exited before this call, stdin closes instead.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # a C library without prctl
            ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGTERM if gently else signal.SIGKILL)


def bind(*, writes_files: bool = True) -> None:
    """Limit this process: memory, core dumps, priority and, where the kernel supports it, new sockets.

    Ctrl+C is handled by the parent, which then closes stdin.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    if sys.platform == "win32":
        join_job()
        return
    leave_network()
    import resource

    with contextlib.suppress(ValueError, OSError):  # macOS does not limit the address space
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    for limit in (resource.RLIMIT_CORE, *(() if writes_files else (resource.RLIMIT_FSIZE,))):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (0, 0))
    with contextlib.suppress(OSError):
        os.nice(5)


def serve(
    parse: Callable[[bytes], _Request], reply: Callable[[_Request], bytes], *, most: int, writes_files: bool = True
) -> int:
    """Reply to each frame on stdin with one on stdout until stdin closes. Return the exit status.

    Uses file descriptors, because a frozen program without a console has no sys.stdin and sys.stdout.

    Args:
        parse: Decodes a request. A ValueError makes the child exit with status 2.
        reply: Computes the reply and handles its own errors. It may write other frames before the reply.
        most: Maximum bytes of a request; the child exits if a request is longer.
        writes_files: Whether the child may write files.
    """
    bind(writes_files=writes_files)
    _write(READY)
    while (data := _read_frame(most)) is not None:
        with ended_after(REQUEST_S):
            try:
                request = parse(data)
            except ValueError:
                return 2
            answer = reply(request)
            del request, data  # a file of megabytes is not kept until the next one arrives
        write_frame(answer)
    return 0


def framed(data: bytes) -> bytes:
    """Return data prefixed with its length in four bytes."""
    return len(data).to_bytes(4, "big") + data


def write_frame(data: bytes) -> None:
    """Write a frame to stdout."""
    _write(framed(data))


def _read_frame(most: int) -> bytes | None:
    """Return the next frame from stdin; None at the end, or if the frame is too long."""
    head = _read(4)
    size = int.from_bytes(head or b"", "big")
    return None if head is None or size > most else _read(size)


def _read(size: int) -> bytes | None:
    data = bytearray()
    while len(data) < size:
        chunk = os.read(0, min(size - len(data), _READ_BYTES))
        if not chunk:
            return None
        data += chunk
    return bytes(data)


def _write(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]


_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
"""PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP and SECCOMP_MODE_FILTER, in Linux's <sys/prctl.h> and <linux/seccomp.h>."""
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
"""Opcodes of a BPF filter: load a word, jump if equal, jump if greater or equal, return a verdict."""
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EACCES
_SOCKET_CALLS = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
"""Audit architecture and system call number of `socket`, by machine."""
_IO_URING_SETUP, _X32_CALLS = 425, 0x40000000
"""io_uring can create sockets too. From the second number on, x86-64 repeats its calls for the x32 ABI."""


def can_leave_network() -> bool:
    """Whether the kernel supports seccomp filters and this machine's system call numbers are known."""
    if sys.platform != "linux" or os.uname().machine not in _SOCKET_CALLS:
        return False
    with contextlib.suppress(OSError, AttributeError):
        # A null filter fails with EFAULT if filters are supported, and changes nothing either way
        ctypes.CDLL(None, use_errno=True).prctl(_SET_SECCOMP, _FILTER, None)
        return ctypes.get_errno() == errno.EFAULT
    return False


def leave_network() -> None:
    """Have Linux reject every new socket, including those for the session bus. Does nothing if unsupported."""
    if not can_leave_network():
        return
    architecture, socket_call = _SOCKET_CALLS[os.uname().machine]
    steps = (
        (_LOAD, 0, 0, 4),
        (_EQUAL, 0, 5, architecture),  # calls of another architecture have other numbers
        (_LOAD, 0, 0, 0),
        (_AT_LEAST, 3, 0, _X32_CALLS),
        (_EQUAL, 2, 0, socket_call),
        (_EQUAL, 1, 0, _IO_URING_SETUP),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    )
    packed = b"".join(struct.pack("=HBBI", *step) for step in steps)
    buffer = ctypes.create_string_buffer(packed, len(packed))
    program = ctypes.create_string_buffer(struct.pack("@HP", len(steps), ctypes.addressof(buffer)))
    c = ctypes.CDLL(None)
    c.prctl(_NO_NEW_PRIVILEGES, *(ctypes.c_ulong(word) for word in (1, 0, 0, 0)))
    c.prctl(_SET_SECCOMP, _FILTER, program)


class JobLimits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION of the Windows API."""

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
    """Limit the memory that Windows commits to this process, and return whether the limit is set.

    The job remains in effect after its handle is closed, as long as the process runs.
    """
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
    """Terminate this process if a block takes longer, in case its parent no longer exists.

    faulthandler measures the time on a C thread, because a regular expression can hold the GIL forever.
    """
    with open(os.devnull, "w") as devnull:  # noqa: PTH123 - no path
        faulthandler.dump_traceback_later(seconds, exit=True, file=devnull)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
