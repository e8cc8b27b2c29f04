"""Start of child processes with a minimal environment, and limits on their memory and time."""

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
"""Variables that Python needs to start on Windows, or frozen; none is secret."""

_LOOK_S = 0.05
"""Interval of checks of a child's memory: a fast-growing child exceeded 1 GB by 40 MB at most."""

_MAY_ASK = 0x1000
"""PROCESS_QUERY_LIMITED_INFORMATION, in Windows' <winnt.h>."""

NO_WINDOW = subprocess.CREATE_NO_WINDOW if sys.platform == "win32" else 0


def child_environment(environ: Mapping[str, str] | None = None, more: Collection[str] = ()) -> dict[str, str]:
    """Return the environment of a child, without variables that may hold keys.

    Args:
        environ: the environment to choose from; this process's by default.
        more: names of variables that the child needs too, in upper case.

    """
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
    """Start a child for a thread that waits for it. Raises OSError and ValueError."""
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
    """Watch over a working child, which is killed if it takes too much memory; for systems that limit none."""

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
    """Kill a child that a thread waits for if a block takes longer than `seconds`, or it takes too much memory."""
    done, end = threading.Event(), time.monotonic() + seconds

    def look() -> None:
        while not done.wait(min(_LOOK_S, max(0.0, end - time.monotonic()))):
            if time.monotonic() >= end or resident(child.pid) > most:
                child.kill()
                return

    watcher = threading.Thread(target=look, name="child-bounds", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def resident(pid: int) -> int:
    """Return the bytes of memory of a process, 0 if they cannot be determined."""
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
    """Return the memory of a process on macOS: `ri_phys_footprint` of <sys/resource.h>'s rusage_info_v0."""
    import ctypes

    words = (ctypes.c_uint64 * 12)()  # two of an id, then ten figures
    failed = ctypes.CDLL("/usr/lib/libproc.dylib").proc_pid_rusage(pid, 0, ctypes.byref(words))
    return 0 if failed else words[2 + 7]


def _commit_charge(pid: int) -> int:
    """Return the committed memory of a process on Windows: `PagefileUsage` of <psapi.h>'s PROCESS_MEMORY_COUNTERS."""
    import ctypes

    windll: Any = getattr(ctypes, "windll", None)
    if windll is None:
        return 0
    kernel = windll.kernel32
    kernel.OpenProcess.restype = ctypes.c_void_p
    words = (ctypes.c_size_t * 9)(72)  # its own size first
    process = ctypes.c_void_p(kernel.OpenProcess(_MAY_ASK, 0, pid))
    succeeded = kernel.K32GetProcessMemoryInfo(process, ctypes.byref(words), words[0])
    kernel.CloseHandle(process)
    return words[7] if succeeded else 0
