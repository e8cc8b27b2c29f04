"""The host from outside: opening, calling, canceling, closing, and the death of either side."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.domain.tool_types import ToolOutput
from desktop.errors import ToolHostFailed, ToolServerFailed, ToolTimedOut
from desktop.tools.host.host_wire import ElicitAction, Elicitation, ElicitationAnswer, ServerSpec
from desktop.tools.host.tool_host import ToolHost
from tests.desktop.tools.host.conftest import PYTHON, SERVERS, Running, until
from tests.processes import children, has_ended

pytestmark = pytest.mark.asyncio(loop_scope="module")
ROOT = Path(__file__).parents[4]


async def echo(running: Running, text: str, name: str = "echo") -> str:
    output = await running.host.call(name, "echo", json.dumps({"text": text}), timeout_s=10)
    return output.text


async def test_a_tool_returns_text_and_structured_content(running: Running) -> None:
    tools = await running.host.open(running.echo())
    assert [tool.tool for tool in tools] == ["echo", "environ", "sleep", "canceled"]
    output = await running.host.call("echo", "echo", '{"text": "é\\u0000"}', timeout_s=5)
    assert output == ToolOutput(text="é\ufffd", structured='{"length":2}')


async def test_equal_specs_and_concurrent_callers_share_one_server(running: Running) -> None:
    await asyncio.gather(*(running.host.open(running.echo()) for _ in range(5)))
    await running.host.open(running.echo())
    assert len(children(running.host.pid)) == 1


async def test_another_spec_replaces_the_server(running: Running) -> None:
    await running.host.open(running.echo())
    first = children(running.host.pid)
    await running.host.open(running.echo(env={"A": "1"}))
    assert all(has_ended(pid) for pid in first)
    assert len([pid for pid in children(running.host.pid) if not has_ended(pid)]) == 1


async def test_eight_calls_on_one_server_run_at_once(running: Running) -> None:
    await running.host.open(running.echo())
    began = time.monotonic()
    calls = [running.host.call("echo", "sleep", '{"seconds": 0.5}', timeout_s=10) for _ in range(8)]
    assert {output.text for output in await asyncio.gather(*calls)} == {"slept"}
    assert time.monotonic() - began < 2


async def test_a_server_that_starts_slowly_does_not_delay_another(running: Running) -> None:
    await running.host.open(running.echo())
    slow = asyncio.create_task(running.host.open(running.hostile("mute", start_s=20)))
    await until(lambda: len(children(running.host.pid)) == 2)
    assert await echo(running, "still here") == "still here"
    slow.cancel()
    await asyncio.wait([slow])


async def test_canceling_a_call_cancels_it_at_the_server(running: Running) -> None:
    await running.host.open(running.echo())
    call = asyncio.create_task(running.host.call("echo", "sleep", '{"seconds": 30}', timeout_s=60))
    await asyncio.sleep(0.1)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    async with asyncio.timeout(5):
        while (await running.host.call("echo", "canceled", "{}", timeout_s=5)).text != "1":  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_call_that_takes_too_long_is_canceled_at_the_server(running: Running) -> None:
    await running.host.open(running.echo())
    with pytest.raises(ToolTimedOut, match="“sleep” of “echo” took too long"):
        await running.host.call("echo", "sleep", '{"seconds": 30}', timeout_s=0.2)
    assert (await running.host.call("echo", "canceled", "{}", timeout_s=5)).text == "1"


@pytest.mark.parametrize("arguments", ["[1]", "{", "null", "[" * 100_000])
async def test_arguments_that_are_no_object_never_reach_the_server(running: Running, arguments: str) -> None:
    await running.host.open(running.echo())
    with pytest.raises(ToolServerFailed, match="not a JSON object"):
        await running.host.call("echo", "echo", arguments, timeout_s=5)


async def test_arguments_longer_than_the_limit_are_refused(running: Running) -> None:
    await running.host.open(running.echo())
    with pytest.raises(ToolServerFailed, match="longer than 4 MB"):
        await running.host.call("echo", "echo", json.dumps({"text": "x" * (4 << 20)}), timeout_s=5)
    assert await echo(running, "works") == "works"


async def test_an_error_of_the_protocol_is_quoted(running: Running) -> None:
    await running.host.open(running.echo())
    with pytest.raises(ToolServerFailed, match="reported an error: “Unknown tool: nope”"):
        await running.host.call("echo", "nope", "{}", timeout_s=5)


async def test_a_server_that_is_not_open_cannot_be_called(own: Running) -> None:
    with pytest.raises(ToolServerFailed, match="not running"):
        await own.host.call("echo", "echo", "{}", timeout_s=5)
    await own.host.open(own.echo("other"))
    with pytest.raises(ToolServerFailed, match="not running"):
        await own.host.call("echo", "echo", "{}", timeout_s=5)


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (("nonesuch-program",), "could not be started: “nonesuch-program: No such file or directory”"),
        ((*PYTHON, "-c", "raise SystemExit('no configuration')"), "exited: “no configuration”"),
        (("ls", "; touch shell-was-here"), "exited: “ls: cannot access"),
    ],
)
async def test_a_command_that_cannot_serve_is_named_with_its_reason(
    running: Running, command: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(ToolServerFailed) as caught:
        await running.host.open(ServerSpec(name="bad", command=command, folder=str(running.folder)))
    assert reason in str(caught.value)
    assert not (running.folder / "shell-was-here").exists()


async def test_a_missing_folder_is_an_error(running: Running) -> None:
    with pytest.raises(ToolServerFailed, match="could not be started: “No such file"):
        await running.host.open(running.echo(folder="/nonesuch"))


@pytest.mark.parametrize("action", [ElicitAction.ACCEPT, ElicitAction.DECLINE, ElicitAction.CANCEL])
async def test_a_question_reaches_the_user_and_the_answer_the_server(
    make_running: Callable[..., Running], action: ElicitAction
) -> None:
    asked: list[Elicitation] = []

    async def elicit(question: Elicitation) -> ElicitationAnswer:
        asked.append(question)
        return ElicitationAnswer(action=action, content='{"name": "Ada"}')

    own = make_running(elicit)
    output = await own.act("asks")
    answer = json.loads(output.text)
    assert answer["action"] == action
    assert answer.get("content") == ({"name": "Ada"} if action is ElicitAction.ACCEPT else None)
    assert [(question.server, question.message) for question in asked] == [("hostile", "Your name?")]
    assert json.loads(asked[0].schema)["required"] == ["name"]


async def test_a_question_without_an_answer_is_declined_within_the_time_of_the_call(
    make_running: Callable[..., Running],
) -> None:
    withdrawn = asyncio.Event()

    async def elicit(question: Elicitation) -> ElicitationAnswer:
        try:
            return await asyncio.get_running_loop().create_future()
        finally:
            withdrawn.set()

    own = make_running(elicit)
    output = await own.act("asks", timeout_s=1.5)
    assert json.loads(output.text) == {"action": "decline"}
    await withdrawn.wait()


async def test_without_a_user_a_question_is_an_error_for_the_server(own: Running) -> None:
    output = await own.act("asks")
    assert json.loads(output.text) is None


async def test_when_the_host_dies_calls_fail_servers_end_and_the_next_open_restarts_it(own: Running) -> None:
    await own.act("stubborn")
    await own.host.open(own.echo())
    host = own.host.pid
    call = asyncio.create_task(own.host.call("echo", "sleep", '{"seconds": 30}', timeout_s=60))
    await asyncio.sleep(0.1)
    servers = children(host)
    os.kill(host, signal.SIGKILL)
    with pytest.raises(ToolHostFailed, match="exited unexpectedly"):
        await call
    await until(lambda: all(has_ended(pid) for pid in servers))
    await until(lambda: sorted(own.changes) == ["echo", "hostile"])
    await own.host.open(own.echo())
    assert await echo(own, "again") == "again"
    assert own.host.pid != host


@pytest.mark.parametrize("command", [("nonesuch-host",), (*PYTHON, "-c", "print('{}')")])
async def test_a_host_that_cannot_serve_is_an_error(tmp_path: Path, command: tuple[str, ...]) -> None:
    host = ToolHost(command, logs=tmp_path, on_changed=print)
    with pytest.raises(ToolHostFailed):
        await host.open(ServerSpec(name="a", command=("ls",)))
    await host.aclose()


async def test_a_host_that_stops_responding_is_killed(own: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop.tools.host.tool_host._ANSWER_S", 0.2)
    await own.host.open(own.echo())
    os.kill(own.host.pid, signal.SIGSTOP)
    with pytest.raises(ToolHostFailed, match="stopped responding"):
        await own.host.call("echo", "echo", "{}", timeout_s=0.1)
    await until(lambda: own.host.pid == 0)


async def test_closing_ends_stubborn_servers_within_five_seconds(own: Running) -> None:
    await own.act("parent")
    await own.host.open(own.echo())
    host, began = own.host.pid, time.monotonic()
    servers = [*children(host), *own.pids]
    await own.host.aclose()
    assert time.monotonic() - began < 5
    assert all(has_ended(pid) for pid in (host, *servers))
    with pytest.raises(ToolHostFailed):
        await own.host.open(own.echo())


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_nothing_outlives_the_program(tmp_path: Path, number: signal.Signals) -> None:
    """A parent in another process opens a stubborn server with a descendant, and is killed."""
    code = f"""
import asyncio, sys
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from desktop.tools.host.host_wire import ServerSpec
from desktop.tools.host.tool_host import ToolHost
from main import TOOLS_SWITCH, child_command
async def main():
    host = ToolHost(child_command(TOOLS_SWITCH), logs=Path({str(tmp_path)!r}), on_changed=str)
    command = {(*PYTHON, str(SERVERS / "hostile_server.py"), "parent", str(tmp_path))!r}
    await host.open(ServerSpec(name="hostile", command=command))
    print(host.pid, flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    host = int(await parent.stdout.readline())
    servers = [int(line) for line in (tmp_path / "pids").read_text().split()]
    assert len(servers) == 2
    parent.send_signal(number)
    await parent.wait()
    await until(lambda: all(has_ended(pid) for pid in (host, *servers)), within_s=5)


async def test_ctrl_c_does_not_reach_the_host(running: Running) -> None:
    await running.host.open(running.echo())
    os.kill(running.host.pid, signal.SIGINT)
    assert await echo(running, "unmoved") == "unmoved"
