"""Starts the child processes of this program with few of its variables, and ends one that takes too much memory."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

from desktop.system.child_bounds import MOST_MEMORY
from desktop.system.log import logger

_log = logger("children")

_NEEDED = frozenset({"SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"})
"""What Python cannot start without on Windows, or where it is frozen; nothing that is secret."""

_LOOK_S = 0.05
"""So often the program looks how much memory a child has that works; a greedy one passed its gigabyte by 40 MB."""

_MAY_ASK = 0x1000
"""PROCESS_QUERY_LIMITED_INFORMATION, in Windows' <winnt.h>."""

NO_WINDOW = subprocess.CREATE_NO_WINDOW if sys.platform == "win32" else 0


def child_environment(environ: Mapping[str, str] | None = None, more: Collection[str] = ()) -> dict[str, str]:
    """What a child knows of the surroundings: no key that a variable holds."""
    given = os.environ if environ is None else environ
    return {name: value for name, value in given.items() if name.upper() in _NEEDED or name.upper() in more}


async def start_child(command: Sequence[str], *, longest_line: int = 1 << 16) -> asyncio.subprocess.Process:
    """Start a child that is asked on stdin and replies on stdout. Raises OSError and ValueError."""
    return await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=longest_line,
        env=child_environment(),
        start_new_session=sys.platform != "win32",
        creationflags=NO_WINDOW,
    )


def start_waited_child(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """The same for a thread that waits for it. Raises OSError and ValueError."""
    return subprocess.Popen(  # noqa: S603 - this program itself
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=child_environment(),
        start_new_session=sys.platform != "win32",
        creationflags=NO_WINDOW,
    )


class MemoryWatch:
    """Looks at a child while it works, and ends it where it has more memory than it may, whatever the system bounds."""

    def __init__(self, child: asyncio.subprocess.Process, most: int = MOST_MEMORY) -> None:
        self._child = child
        self._most = most
        self._timer: asyncio.TimerHandle | None = None
        self.ended = False

    def __enter__(self) -> None:
        self._wait()

    def __exit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _wait(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(_LOOK_S, self._look)

    def _look(self) -> None:
        if self._child.returncode is not None:
            return
        if resident(self._child.pid) <= self._most:
            self._wait()
            return
        _log.warning("a child took more than %d MB", self._most >> 20)
        self.ended = True
        with contextlib.suppress(ProcessLookupError):
            self._child.kill()


@contextlib.contextmanager
def ended_beyond(child: subprocess.Popen[bytes], seconds: float, most: int = MOST_MEMORY) -> Generator[None]:
    """End a child that is waited for on a thread, where a block takes longer, or it has more memory than it may."""
    done, end = threading.Event(), time.monotonic() + seconds

    def look() -> None:
        while not done.wait(min(_LOOK_S, max(0.0, end - time.monotonic()))):
            if time.monotonic() >= end or resident(child.pid) > most:
                child.kill()
                return

    looking = threading.Thread(target=look, name="child-bounds", daemon=True)
    looking.start()
    try:
        yield
    finally:
        done.set()
        looking.join()


def resident(pid: int) -> int:
    """Bytes of memory that a process has, 0 where nobody can tell."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, ValueError, IndexError):
            return int(Path(f"/proc/{pid}/statm").read_bytes().split()[1]) * _page_size()
        return 0
    try:
        return _footprint(pid) if sys.platform == "darwin" else _commit_charge(pid)
    except (OSError, AttributeError):
        return 0


@functools.cache
def _page_size() -> int:
    return os.sysconf("SC_PAGE_SIZE")


def _footprint(pid: int) -> int:
    """What macOS counts as a process's memory: `ri_phys_footprint` of <sys/resource.h>'s rusage_info_v0."""
    import ctypes

    words = (ctypes.c_uint64 * 12)()  # two of an id, then ten figures
    failed = ctypes.CDLL("/usr/lib/libproc.dylib").proc_pid_rusage(pid, 0, ctypes.byref(words))
    return 0 if failed else words[2 + 7]


def _commit_charge(pid: int) -> int:
    """What Windows has committed to a process: `PagefileUsage` of <psapi.h>'s PROCESS_MEMORY_COUNTERS."""
    import ctypes

    windll: Any = getattr(ctypes, "windll", None)
    if windll is None:
        return 0
    kernel = windll.kernel32
    kernel.OpenProcess.restype = ctypes.c_void_p
    words = (ctypes.c_size_t * 9)(72)  # its own size first
    process = ctypes.c_void_p(kernel.OpenProcess(_MAY_ASK, 0, pid))
    told = kernel.K32GetProcessMemoryInfo(process, ctypes.byref(words), words[0])
    kernel.CloseHandle(process)
    return words[7] if told else 0
