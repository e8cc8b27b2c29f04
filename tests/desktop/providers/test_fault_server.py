"""The fault server itself: on a thread, by hand, and with every behaviour described."""

from __future__ import annotations

import subprocess
import sys
import urllib.request

from tests.servers.faults import BEHAVIOURS
from tests.servers.threaded import fault_server


def test_it_runs_on_a_thread_for_tests_of_the_program_as_a_process() -> None:
    with fault_server(key="K") as server:
        asked = urllib.request.Request(f"{server.url}/models", headers={"Authorization": "Bearer K"})
        with urllib.request.urlopen(asked, timeout=5) as reply:
            assert b"grok-3-mini" in reply.read()
        assert [received.path for received in server.requests] == ["/v1/models"]


def test_it_runs_by_hand_and_says_where_and_what() -> None:
    command = [sys.executable, "-m", "tests.servers.faults", "--port", "0", "--key", "K"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        lines = [running.stdout.readline() for _ in range(len(BEHAVIOURS) + 3)]
        running.terminate()
    assert [line.split()[0] for line in lines[:3]] == ["openai-v1", "azure-inference", "anthropic"]
    assert lines[0].split()[1].startswith("http://127.0.0.1:")
    assert {line.split()[0] for line in lines[3:]} == set(BEHAVIOURS)


def test_every_behaviour_says_what_it_does() -> None:
    assert all(behave.__doc__ for behave in BEHAVIOURS.values())
