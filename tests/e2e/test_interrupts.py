"""Ctrl+C and requests to end: the answer stops, what was said is kept, nothing is left running."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import pytest

from tests.e2e.program import Program
from tests.processes import children, has_ended
from tests.servers.faults import FaultServer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals and /proc are Linux's")


def read_until(process: subprocess.Popen[str], text: str) -> str:
    """Output up to the first appearance of a text."""
    assert process.stdout is not None
    seen = ""
    while text not in seen:
        char = process.stdout.read(1)
        assert char, f"ended before “{text}”: {seen}"
        seen += char
    return seen


def messages(program: Program) -> list[dict[str, object]]:
    (only,) = program("conversations", "list", "--json").json
    found: list[dict[str, object]] = program("conversations", "export", only["id"]).json["conversations"][0]["messages"]
    return found


def test_ctrl_c_stops_the_answer_and_not_the_chat(lab: Program, server: FaultServer) -> None:
    with lab.start("chat", "--model", "lab/slow:50") as process:
        assert process.stdin is not None
        process.stdin.write("a long one\n")
        process.stdin.flush()
        read_until(process, "word5")
        process.send_signal(signal.SIGINT)
        process.stdin.write("/model lab/echo\nstill there\n")
        process.stdin.flush()
        read_until(process, "still there")
        process.stdin.close()
        assert process.wait(20) == 0
    stored = [each for each in lab("conversations", "list", "--json").json if each["model"] == "lab/slow:50"]
    whole = lab("conversations", "export", stored[0]["id"]).json["conversations"][0]["messages"]
    assert whole[1]["status"] == "stopped"
    assert "word5" in whole[1]["parts"][0]["text"]
    assert server.asked("slow:50")[-1].gone


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_ask_that_is_ended_keeps_its_text_as_interrupted(lab: Program, number: signal.Signals) -> None:
    with lab.start("ask", "--save", "--model", "lab/slow:50", "a long one") as process:
        read_until(process, "word5")
        process.send_signal(number)
        assert process.wait(20) == 130
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
    answer = messages(lab)[1]
    assert answer["status"] == "interrupted"


def test_as_json_every_model_has_its_end_also_where_the_program_is_ended(lab: Program) -> None:
    with lab.start("ask", "--json", "--model", "lab/slow:50", "--model", "lab/gpt-4o", "a long one") as process:
        seen = read_until(process, "word5")
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        assert process.stdout is not None
        lines = [json.loads(line) for line in (seen + process.stdout.read()).splitlines()]
    ends = [(line["index"], line["event"]) for line in lines if line["event"] in ("finish", "error")]
    assert sorted(ends) == [(0, "error"), (1, "finish")]


def test_the_embedded_engine_ends_with_a_killed_program(paragone: Program) -> None:
    with paragone.start("ask", "--json", "Tell me a very long story about the sea.") as process:
        read_until(process, '"text"')
        engines = children(process.pid)
        assert engines
        process.kill()
    for engine in engines:
        wait_until_gone(engine)


def wait_until_gone(pid: int) -> None:
    """Until a process has ended; a zombie has."""
    for _ in range(200):
        if has_ended(pid):
            return
        time.sleep(0.05)
    raise AssertionError(f"the engine {pid} is still running")
