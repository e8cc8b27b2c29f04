"""Tools in the terminal, with a real program, host and servers: what runs, what is denied, and that all of it ends."""

from __future__ import annotations

import importlib.util
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.program import Program
from tests.processes import descendants, has_ended

SERVERS = Path(__file__).parents[1] / "servers" / "mcp"
CALLER = ("--model", "lab/caller")
ECHO = 'echo {"text": "hello"}'


def add(program: Program, name: str, *arguments: str) -> None:
    words = ("-S", "-E", *arguments)
    ended = program("tools", "add", name, "--command", sys.executable, *(f"--arg={each}" for each in words))
    assert ended.status == 0, ended.err


@pytest.fixture
def echo(lab: Program) -> Program:
    """The program with a tool server `echo`."""
    add(lab, "echo", str(SERVERS / "echo_server.py"))
    return lab


def only(lines: list[dict[str, Any]], event: str) -> dict[str, Any]:
    (found,) = (line for line in lines if line["event"] == event)
    return found


def test_an_allowed_call_is_run_and_its_result_reaches_the_model(echo: Program) -> None:
    ended = echo("ask", *CALLER, "--tools", "echo", "--allow", "echo", "--json", ECHO)
    assert ended.status == 0, ended.err
    call, result = only(ended.lines, "tool_call"), only(ended.lines, "tool_result")
    assert (call["server"], call["tool"], call["arguments"]) == ("echo", "echo", {"text": "hello"})
    assert (result["id"], result["status"]) == (call["id"], "ok")
    assert result["text"].startswith("hello")
    assert result["duration_ms"] >= 0
    assert only(ended.lines, "usage")["input_tokens"] == 14  # of both rounds
    assert ended.lines[-1]["event"] == "finish"


@pytest.mark.parametrize("words", [(), ("--allow", "echo/sleep")])
def test_what_is_not_allowed_is_denied_and_the_model_and_the_user_are_told(
    echo: Program, words: tuple[str, ...]
) -> None:
    echo("tools", "test", "echo")
    assert echo("tools", "allow", "echo").status == 0  # lasting permissions are for the chat and the window
    ended = echo("ask", *CALLER, "--tools", "echo", *words, ECHO)
    assert ended.status == 0
    assert "not allowed" in ended.out
    assert "--allow echo/echo" in ended.err


def test_a_lasting_denial_beats_the_option(echo: Program) -> None:
    assert echo("tools", "deny", "echo").status == 0
    ended = echo("ask", *CALLER, "--tools", "echo", "--allow", "all", "--json", ECHO)
    assert only(ended.lines, "tool_result")["status"] == "denied"
    assert "paragone tools forget echo/echo" in ended.err


@pytest.mark.parametrize(
    "words", [("--tools", "nothing"), ("--allow", "echo"), ("--tools", "echo", "--allow", "time"), ("--schema", "no")]
)
def test_options_that_mean_nothing_are_invalid(echo: Program, words: tuple[str, ...]) -> None:
    ended = echo("ask", *CALLER, *words, "hello")
    assert ended.status == 2
    assert ended.out == ""


@pytest.mark.parametrize("answer", ["c", "l"])
def test_the_chat_asks_and_remembers(echo: Program, answer: str) -> None:
    """A server's own results are no reason to ask about it again."""
    lines = (ECHO, answer, ECHO, ECHO, "/tools off", ECHO)
    ended = echo("chat", *CALLER, "--tools", "echo", given="".join(f"{line}\n" for line in lines))
    assert ended.status == 0, ended.err
    assert ended.out.count("Results: hello") == 3
    assert "I have no tools." in ended.out
    assert ended.err.count("[a] once") == 1
    assert "contains text from outside" not in ended.err
    assert f"Server: {sys.executable} -S -E" in ended.err


def test_the_chat_denies_at_the_end_of_its_input(echo: Program) -> None:
    ended = echo("chat", *CALLER, "--tools", "echo", given=f"{ECHO}\n")
    assert "did not allow this call" in ended.out


def test_a_tool_that_was_always_allowed_is_asked_about_again_if_its_server_changes(echo: Program) -> None:
    for given in (f"{ECHO}\nl\n", f"{ECHO}\n"):
        ended = echo("chat", *CALLER, "--tools", "echo", given=given)
        assert "Results: hello" in ended.out
    echo("tools", "import", "-", "--replace", given=json.dumps({"mcpServers": {"echo": changed()}}))
    ended = echo("chat", *CALLER, "--tools", "echo", given=f"{ECHO}\nd\n")
    assert "did not allow this call" in ended.out
    assert "has changed since you allowed" in ended.err


def changed() -> dict[str, object]:
    return {"command": sys.executable, "args": ["-S", "-E", "-B", str(SERVERS / "echo_server.py")]}


def test_a_response_is_checked_against_the_schema(lab: Program, tmp_path: Path) -> None:
    (file := tmp_path / "s.json").write_text(json.dumps({"type": "object", "required": ["a"]}))
    asked = ("ask", "--model", "lab/echo", "--schema", str(file), "--json")
    for prompt, valid in (('{"a":1}', True), ("{}", False), ("a: 1", False)):
        ended = lab(*asked, prompt)
        assert ended.status == 0
        assert only(ended.lines, "schema")["valid"] is valid
        assert only(ended.lines, "finish")
    file.write_text('{"type": "nothing"}')
    assert lab(*asked, "{}").status == 2


@pytest.mark.skipif(sys.platform != "linux", reason="signals and /proc are Linux's")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_ask_ends_within_five_seconds_with_servers_that_ignore_it(
    lab: Program, tmp_path: Path, number: signal.Signals
) -> None:
    add(lab, "stuck", str(SERVERS / "hostile_server.py"), "stuck", str(tmp_path))
    with lab.start("ask", *CALLER, "--tools", "stuck", "--allow", "all", "--json", "act {}") as process:
        wait_for_call(process)
        started = [*descendants(process.pid)]
        assert len(started) >= 2
        began = time.monotonic()
        process.send_signal(number)
        assert process.wait(20) == 130
        assert time.monotonic() - began < 5
        assert process.stdout is not None
        assert [json.loads(line)["event"] for line in process.stdout] == ["error"]
    assert all(has_ended(pid) for pid in started)


def wait_for_call(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if '"tool_call"' in line:
            return
    raise AssertionError("it ended before the call")


@pytest.mark.skipif(importlib.util.find_spec("mcp_server_time") is None, reason="needs mcp-server-time")
def test_the_time_is_told_by_the_reference_server(lab: Program) -> None:
    words = ("--command", sys.executable, "--arg=-m", "--arg", "mcp_server_time")
    assert lab("tools", "add", "time", *words).status == 0
    prompt = 'get_current_time {"timezone": "Europe/Berlin"}'
    ended = lab("ask", *CALLER, "--tools", "time", "--allow", "time", prompt)
    assert ended.status == 0, ended.err
    assert '"timezone": "Europe/Berlin"' in ended.out
