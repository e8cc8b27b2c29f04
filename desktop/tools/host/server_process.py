"""Process of a server: how it starts, and how it and all its descendants end."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from desktop.system.child_bounds import JobLimits
from desktop.system.child_process import NO_WINDOW
from desktop.tools.host.host_wire import GRACE_S, KILL_S

_INHERITED = frozenset(
    {
        *("PATH", "HOME", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LOGNAME", "SHELL", "TERM", "TMPDIR", "TZ", "USER"),
        *("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"),
        *("APPDATA", "COMSPEC", "HOMEDRIVE", "HOMEPATH", "LOCALAPPDATA", "PATHEXT", "PROCESSOR_ARCHITECTURE"),
        *("PROGRAMDATA", "PROGRAMFILES", "SYSTEMDRIVE", "SYSTEMROOT", "TEMP", "TMP", "USERNAME", "USERPROFILE"),
        "WINDIR",
    }
)
"""Environment variables that every server gets. None of them contains a secret."""

_POLL_S = 0.02
_REAP_S = 1.0
"""Maximum seconds for killed descendants to exit."""

_ADOPTS_ORPHANS = 36
"""PR_SET_CHILD_SUBREAPER, in Linux's <sys/prctl.h>."""
_KILL_ON_CLOSE, _EXTENDED_LIMITS = 0x2000, 9
_BATCH = (".bat", ".cmd")


def inherited(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables that every server gets; shell functions are left out."""
    return {
        name: value
        for name, value in environ.items()
        if name.upper() in _INHERITED and not value.startswith("()") and "\0" not in value
    }


def resolved(command: Sequence[str], environ: Mapping[str, str]) -> list[str]:
    """Return a command with its program's path. Windows runs batch files such as npx.cmd through its shell.

    Raises:
        FileNotFoundError: If there is no such program.
        ValueError: If an argument of a batch file contains a character that the shell of Windows interprets.
    """
    path = next((value for name, value in environ.items() if name.upper() == "PATH"), None)
    program = shutil.which(command[0], path=path) if command else None
    if program is None:
        raise FileNotFoundError(errno.ENOENT, f"{command[0] if command else ''}: {os.strerror(errno.ENOENT)}")
    if program.lower().endswith(_BATCH) and any(set(word) & set('"%&|<>^!\r\n') for word in command[1:]):
        raise ValueError('an argument of a batch file contains one of these characters: " % & | < > ^ !')
    return [program, *command[1:]]


async def start_server(command: Sequence[str], environ: Mapping[str, str], folder: str) -> asyncio.subprocess.Process:
    """Start a server in a session of its own with three pipes. Raises OSError and ValueError."""
    home = environ.get("HOME") or environ.get("USERPROFILE") or None
    return await asyncio.create_subprocess_exec(
        *resolved(command, environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(environ),
        cwd=folder or home,
        start_new_session=sys.platform != "win32",
        creationflags=NO_WINDOW,
    )


async def end_server(process: asyncio.subprocess.Process) -> None:
    """End a server and its descendants: close stdin, then SIGTERM, then SIGKILL. Takes at most three seconds."""
    family = descendants(process.pid)
    if process.stdin is not None:
        process.stdin.close()
    if not await _has_ended(process, GRACE_S):
        family = [*family, *descendants(process.pid)]
        _signal(process, family, signal.SIGTERM)
        if not await _has_ended(process, KILL_S):
            family = [*family, *descendants(process.pid)]
    # Also after a voluntary end: what the server started must not outlive it
    _signal(process, family, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
    await _has_ended(process, KILL_S)
    end = asyncio.get_running_loop().time() + _REAP_S
    while _reap(family) and asyncio.get_running_loop().time() < end:  # noqa: ASYNC110
        await asyncio.sleep(_POLL_S)
    transport = getattr(process, "_transport", None)  # a descendant may hold the pipes open forever
    if isinstance(transport, asyncio.SubprocessTransport):
        transport.close()


def _reap(family: Iterable[int]) -> bool:
    """Remove exited orphans that this process has adopted, and return whether one has not exited yet."""
    is_left = False
    for pid in family:
        with contextlib.suppress(ChildProcessError, AttributeError):
            is_left = os.waitpid(pid, os.WNOHANG)[0] == 0 or is_left
    return is_left


async def _has_ended(process: asyncio.subprocess.Process, within_s: float) -> bool:
    """Wait for the process alone: `Process.wait` also waits for pipes, which a descendant may hold open."""
    end = asyncio.get_running_loop().time() + within_s
    while process.returncode is None and asyncio.get_running_loop().time() < end:  # noqa: ASYNC110
        await asyncio.sleep(_POLL_S)
    return process.returncode is not None


def _signal(process: asyncio.subprocess.Process, family: Iterable[int], number: signal.Signals) -> None:
    if sys.platform == "win32":
        if process.returncode is None:
            process.kill()
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
    for pid in {*family}:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def kill_group(group: int) -> None:
    """Kill the process group of a server whose host died. Does nothing if it has ended, and on Windows."""
    if sys.platform != "win32" and group > 1:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


def descendants(pid: int) -> list[int]:
    """Return the processes that a process started, and theirs. Supported only by Linux; empty elsewhere."""
    found: list[int] = []
    if sys.platform != "linux":
        return found
    waiting = [pid]
    while waiting and len(found) < 4096:
        parent = waiting.pop()
        with contextlib.suppress(OSError, ValueError):
            for task in Path(f"/proc/{parent}/task").iterdir():
                children = [int(word) for word in (task / "children").read_text("ascii").split()]
                found += children
                waiting += children
    return found


def adopt_orphans() -> None:
    """Make this process the parent of descendants whose parent exits, so that they are found. Supported by Linux."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_ADOPTS_ORPHANS, 1, 0, 0, 0)


def kill_descendants() -> None:
    """Kill all that is left of the servers when the host ends, such as processes that left their server's session."""
    if sys.platform == "win32":
        return  # the job ends them
    for pid in descendants(os.getpid()):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def end_with_host() -> None:
    """Have Windows end all servers when this process exits: they belong to its job. Does nothing elsewhere."""
    windll = getattr(ctypes, "windll", None)
    if windll is None:
        return
    kernel = windll.kernel32
    kernel.CreateJobObjectW.restype = kernel.GetCurrentProcess.restype = ctypes.c_void_p
    job = ctypes.c_void_p(kernel.CreateJobObjectW(None, None))  # never closed: the system does it when we exit
    limits = JobLimits(flags=_KILL_ON_CLOSE)
    kernel.SetInformationJobObject(job, _EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits))
    kernel.AssignProcessToJobObject(job, ctypes.c_void_p(kernel.GetCurrentProcess()))
