"""Parent's side of a child process: minimal environment, memory and time limits, and restarts."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import subprocess
import sys
import threading
import time
from collections.abc import AsyncGenerator, Collection, Generator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from desktop.system.child_bounds import MOST_MEMORY, READY, framed
from desktop.system.log import logger

_log = logger("children")

_NEEDED = frozenset({"SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"})
"""Variables that Python needs to start on Windows or when frozen. None of them contains a secret."""

_POLL_S = 0.05
"""Seconds between checks of a busy child's memory. A fast one exceeded its limit of 1 GB by 40 MB in between."""

_QUERY_LIMITED_INFORMATION = 0x1000
"""PROCESS_QUERY_LIMITED_INFORMATION, in Windows' <winnt.h>."""

NO_WINDOW = subprocess.CREATE_NO_WINDOW if sys.platform == "win32" else 0


class ChildFailure(StrEnum):
    """Reasons for which a child gave no reply."""

    START = "did not start"
    LATE = "took too long"
    MEMORY = "took too much memory"
    BROKEN = "exited, or sent something else than a reply"


class ChildFailed(Exception):
    """The child sent no reply and was killed; the next request starts another."""

    def __init__(self, failure: ChildFailure) -> None:
        super().__init__(failure.value)
        self.failure = failure


class ChildSupervisor:
    """One child that serves frames (`child_bounds.serve`): started on first use, killed on failure, then restarted.

    Belongs to one event loop. Requests are not queued: the owner makes them one at a time, and closes the supervisor.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        start_s: float = 15.0,
        memory: int = MOST_MEMORY,
        most: int = 1 << 26,
    ) -> None:
        """`name` is for the log; `most` is the maximum bytes of a reply."""
        self._name = name
        self._command = tuple(command)
        self._start_s = start_s
        self._memory = memory
        self._most = most
        self._process: asyncio.subprocess.Process | None = None
        self._closed = False
        self.starts = 0
        """Number of children so far, so that an owner notices a restart."""

    @property
    def pid(self) -> int:
        """The child's process id; 0 if it is not running."""
        return self._process.pid if self._process is not None else 0

    async def start(self) -> None:
        """Start the child unless it is running. Raises ChildFailed."""
        await self._running()

    @contextlib.asynccontextmanager
    async def exchange(self, seconds: float) -> AsyncGenerator[ChildExchange]:
        """Exchange frames with the child within a time limit, which excludes starting it.

        If the block exits early or with an error, the child is killed, so that nobody receives a reply meant for
        another request. Raises ChildFailed, also if the block raises msgspec.DecodeError.
        """
        process = await self._running()
        watch = MemoryWatch(process, self._memory)
        is_complete = False
        try:
            async with asyncio.timeout(seconds):
                with watch:
                    yield ChildExchange(process, self._most)
            is_complete = True
        except TimeoutError:
            raise self._failed(ChildFailure.LATE) from None
        except (ConnectionError, EOFError, msgspec.DecodeError):
            raise self._failed(ChildFailure.MEMORY if watch.ended else ChildFailure.BROKEN) from None
        finally:
            if not is_complete:
                await self.end()

    async def end(self) -> None:
        """Kill the child and wait until it has exited; the next request starts another."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()

    async def aclose(self) -> None:
        """Terminate the child process and prevent restarts. Safe to call more than once."""
        self._closed = True
        await self.end()

    async def _running(self) -> asyncio.subprocess.Process:
        if self._closed:
            raise self._failed(ChildFailure.START)
        if self._process is not None and self._process.returncode is None:
            return self._process
        await self.end()
        is_ready = False
        try:
            async with asyncio.timeout(self._start_s):
                self._process = process = await start_child(self._command)
                self.starts += 1
                assert process.stdout is not None
                is_ready = await process.stdout.readline() == READY
        except (OSError, ValueError, TimeoutError) as error:
            _log.error("the child for %s could not be started: %s", self._name, type(error).__name__)
            raise self._failed(ChildFailure.START) from None
        finally:
            if not is_ready:
                await self.end()
        if not is_ready:
            raise self._failed(ChildFailure.START)
        return process

    def _failed(self, failure: ChildFailure) -> ChildFailed:
        if not self._closed:
            _log.warning("the child for %s %s", self._name, failure.value)
        return ChildFailed(failure)


class ChildExchange:
    """Exchange of the frames of one request and its reply."""

    def __init__(self, process: asyncio.subprocess.Process, most: int) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._stdin, self._stdout = process.stdin, process.stdout
        self._most = most

    async def send(self, data: bytes) -> None:
        """Send a frame. Raises ConnectionError if the child has exited."""
        self._stdin.write(framed(data))
        await self._stdin.drain()

    async def receive(self) -> bytes:
        """Return the child's next frame. Raises EOFError if the child has exited or the frame is too long."""
        size = int.from_bytes(await self._stdout.readexactly(4), "big")
        if size > self._most:
            raise EOFError
        return await self._stdout.readexactly(size)

    async def ask(self, data: bytes) -> bytes:
        """Send a frame and return the next one. Raises the same errors as `send` and `receive`."""
        await self.send(data)
        return await self.receive()


def child_environment(environ: Mapping[str, str] | None = None, more: Collection[str] = ()) -> dict[str, str]:
    """Return the environment for a child: the variables that Python needs and `more`, never one with a key."""
    environ = os.environ if environ is None else environ
    return {name: value for name, value in environ.items() if name.upper() in _NEEDED or name.upper() in more}


async def start_child(command: Sequence[str]) -> asyncio.subprocess.Process:
    """Start a child with pipes for stdin and stdout. Raises OSError and ValueError."""
    return await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
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
    """Context manager that polls a busy child's memory and kills the child above its limit, on any system."""

    def __init__(self, child: asyncio.subprocess.Process, most: int = MOST_MEMORY) -> None:
        self._child = child
        self._most = most
        self._timer: asyncio.TimerHandle | None = None
        self.ended = False
        """Whether the child was killed for its memory."""

    def __enter__(self) -> None:
        self._wait()

    def __exit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _wait(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(_POLL_S, self._check)

    def _check(self) -> None:
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
    """Kill a child that a thread waits for if the block takes longer or the child uses more memory."""
    done, end = threading.Event(), time.monotonic() + seconds

    def poll() -> None:
        while not done.wait(min(_POLL_S, max(0.0, end - time.monotonic()))):
            if time.monotonic() >= end or resident(child.pid) > most:
                child.kill()
                return

    thread = threading.Thread(target=poll, name="child-bounds", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def resident(pid: int) -> int:
    """Return a process's memory in bytes; 0 if the system does not report it."""
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
    """Return a process's memory on macOS: `ri_phys_footprint` of rusage_info_v0 in <sys/resource.h>."""
    import ctypes

    words = (ctypes.c_uint64 * 12)()  # two of an id, then ten figures
    failed = ctypes.CDLL("/usr/lib/libproc.dylib").proc_pid_rusage(pid, 0, ctypes.byref(words))
    return 0 if failed else words[2 + 7]


def _commit_charge(pid: int) -> int:
    """Return a process's committed memory on Windows: `PagefileUsage` of PROCESS_MEMORY_COUNTERS in <psapi.h>."""
    import ctypes

    windll: Any = getattr(ctypes, "windll", None)
    if windll is None:
        return 0
    kernel = windll.kernel32
    kernel.OpenProcess.restype = ctypes.c_void_p
    words = (ctypes.c_size_t * 9)(72)  # its own size first
    process = ctypes.c_void_p(kernel.OpenProcess(_QUERY_LIMITED_INFORMATION, 0, pid))
    succeeded = kernel.K32GetProcessMemoryInfo(process, ctypes.byref(words), words[0])
    kernel.CloseHandle(process)
    return words[7] if succeeded else 0
