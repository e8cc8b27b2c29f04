"""Child processes end with their parent, even while they hold the GIL, and reach no network."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from desktop.system import child_bounds
from tests.processes import has_ended

ROOT = Path(__file__).resolve().parents[3]

_BUSY = r"""
import re, sys
from desktop.system import child_bounds
{bound}
print("bound", flush=True)
re.match("(a+)+$", "a" * 60 + "b")  # holds the lock for longer than anybody waits
"""

_STARTS = r"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
child.wait()
"""


def _has_ended_within(pid: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not has_ended(pid) and time.monotonic() < end:
        time.sleep(0.01)
    return has_ended(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone tells a child")
@pytest.mark.parametrize("bound", ["child_bounds.bind()", "child_bounds.end_with_parent()"])
def test_a_child_that_holds_the_lock_ends_with_its_program(bound: str) -> None:
    command = [sys.executable, "-c", _STARTS, _BUSY.format(bound=bound)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        child = int(program.stdout.readline())
        assert not has_ended(child)
        program.kill()
    try:
        assert _has_ended_within(child, 10)
    finally:
        if not has_ended(child):
            os.kill(child, signal.SIGKILL)


_CALLS = """
import socket, sys
from desktop.system import child_bounds
{bound}
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[1]))).close()
except PermissionError:
    print("refused")
"""


@pytest.mark.skipif(not child_bounds.can_leave_network(), reason="this kernel refuses no sockets")
@pytest.mark.parametrize(("bound", "said"), [("", ""), ("child_bounds.bind()", "refused\n")])
def test_a_bound_child_reaches_no_network(bound: str, said: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        command = [sys.executable, "-c", _CALLS.format(bound=bound), str(server.getsockname()[1])]
        assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True).stdout == said


def test_windows_is_told_limits_as_it_lays_them_out() -> None:
    """Windows expects 144 bytes on 64 bits, with the memory of a process after fourteen words."""
    assert ctypes.sizeof(child_bounds.JobLimits) == 144
    assert child_bounds.JobLimits.process_memory.offset == 112


def test_what_takes_longer_ends_the_child_by_itself() -> None:
    code = _BUSY.format(bound="held = child_bounds.ended_after(0.2); held.__enter__()")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=200)
    assert (done.returncode, done.stdout, done.stderr) == (1, b"bound\n", b"")
