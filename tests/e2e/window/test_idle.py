"""An idle window sends nothing: counted by the system's own counters, in a network of the window's own.

`PARAGONE_TEST_IDLE_S=60` waits for as many seconds; in the suite it is a few, after a start and an answer.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.program import Program
from tests.e2e.window.atspi import wait
from tests.e2e.window.window import Desk

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.platform != "linux" or os.geteuid() != 0 or shutil.which("unshare") is None,
        reason="only root on Linux can give a process a network of its own",
    ),
]

IDLE_S = float(os.environ.get("PARAGONE_TEST_IDLE_S", "12"))
_SETTLE_S = 3.0
_TRIED = {
    *("OutRequests", "OutNoRoutes", "OutDatagrams", "ActiveOpens"),
    *("Ip6OutRequests", "Ip6OutNoRoutes", "Udp6OutDatagrams"),
}


@dataclass(frozen=True)
class Alone(Program):
    """Runs the program in a network namespace of its own, without any interface that is up."""

    def command(self, words: Sequence[str]) -> list[str]:
        """The command line, which becomes the program itself: the process id stays."""
        return ["unshare", "--net", *super().command(words)]


def tried(pid: int) -> dict[str, int]:
    """How often a process's network was asked to send anything, also what found no way out."""
    counted: dict[str, int] = {}
    lines = Path(f"/proc/{pid}/net/snmp").read_text("ascii").splitlines()
    for names, values in zip(lines[::2], lines[1::2], strict=True):
        protocol, *fields = names.split()
        counted |= {f"{protocol}{name}": int(value) for name, value in zip(fields, values.split()[1:], strict=True)}
    for line in Path(f"/proc/{pid}/net/snmp6").read_text("ascii").splitlines():
        name, value = line.split()
        counted[name] = int(value)
    found = {name: value for name, value in counted.items() if name.rpartition(":")[2] in _TRIED}
    assert len(found) >= len(_TRIED)
    return found


@pytest.mark.timeout(4 * (IDLE_S + 60))
def test_an_idle_window_sends_nothing(desk: Desk) -> None:
    program = Alone(desk.program.folder, desk.program.environ)
    program.add("lab", "http://127.0.0.1:9/v1")
    program.add("far", "https://models.example/v1")
    window = desk.open(program)
    window.type_into("Message", "Hello")
    window.find("push button", "Send").press()
    assert window.answer()
    time.sleep(_SETTLE_S)
    before = tried(window.process.pid)
    time.sleep(IDLE_S)
    assert tried(window.process.pid) == before


@pytest.mark.parametrize("kind", ["SOCK_STREAM", "SOCK_DGRAM"])
def test_whatever_a_process_tries_to_send_is_counted(kind: str) -> None:
    script = (
        f"import socket; input(); socket.socket(socket.AF_INET, socket.{kind}).connect_ex(('192.0.2.1', 9)); input()"
    )
    words = ["unshare", "--net", sys.executable, "-c", script]
    with subprocess.Popen(words, stdin=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        wait(
            lambda: Path(f"/proc/{process.pid}/ns/net").readlink() != Path("/proc/self/ns/net").readlink(),
            "its network",
        )
        before = tried(process.pid)
        process.stdin.write("\n")
        process.stdin.flush()
        wait(lambda: tried(process.pid) != before, "the attempt")
        process.stdin.close()
