"""Servers that misbehave: each is bounded, and says why in an error or a result."""

from __future__ import annotations

import json
import os
import time

import pytest

from desktop.domain.tool_types import ToolOutput
from desktop.errors import ToolServerFailed, ToolTimedOut
from tests.desktop.tools.host.conftest import Running, until
from tests.processes import has_ended

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("mode", ["hangs", "endless"])
async def test_a_call_that_never_ends_fails_within_its_time_or_limit(running: Running, mode: str) -> None:
    began = time.monotonic()
    with pytest.raises((ToolTimedOut, ToolServerFailed)):
        await running.act(mode, timeout_s=1)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("mode", ["floods", "endless"])
async def test_a_line_that_is_too_long_ends_the_server(running: Running, mode: str) -> None:
    with pytest.raises(ToolServerFailed, match="longer than 16 MB"):
        await running.act(mode)
    assert all(has_ended(pid) for pid in running.pids)
    await until(lambda: running.changes == ["hostile"])


async def test_a_long_text_is_cut_at_a_character(running: Running) -> None:
    output = await running.act("long", most_bytes=1001)
    assert output == ToolOutput(text="é" * 500, cut=True)


async def test_lines_that_are_no_messages_are_skipped_and_counted(running: Running) -> None:
    output = await running.act("noise")
    assert output.text == "heard"
    await running.host.close("hostile")
    assert "skipped 7 lines" in running.log


async def test_a_server_that_dies_during_a_call_is_quoted_without_its_secrets(running: Running) -> None:
    with pytest.raises(ToolServerFailed) as caught:
        await running.act("dies", env={"TOKEN": "hunter2hunter2"})
    assert str(caught.value) == "The tool server “hostile” exited: “Error: cannot log in with [secure]”."
    assert "hunter2" not in running.log


async def test_a_server_that_died_starts_again_with_the_next_open(running: Running) -> None:
    with pytest.raises(ToolServerFailed):
        await running.act("dies")
    assert [tool.tool for tool in await running.host.open(running.hostile("dies"))] == ["act"]


async def test_a_server_that_never_answers_the_first_message_times_out(running: Running) -> None:
    with pytest.raises(ToolTimedOut, match="did not start in time"):
        await running.host.open(running.hostile("mute", start_s=0.5))


@pytest.mark.parametrize("mode", ["stubborn", "parent", "leaves"])
async def test_closing_ends_a_server_and_all_that_it_started(running: Running, mode: str) -> None:
    await running.act(mode)
    pids = running.pids
    assert len(pids) == (1 if mode == "stubborn" else 2)
    await running.host.close("hostile")
    assert all(has_ended(pid) for pid in pids)


async def test_changed_tools_are_announced_and_listed(running: Running) -> None:
    await running.act("renames")
    await until(lambda: running.changes == ["hostile"])
    assert [tool.tool for tool in await running.host.open(running.hostile("renames"))] == ["delete_all"]


async def test_a_storm_of_changes_without_a_change_is_ignored(running: Running) -> None:
    output = await running.act("storm")
    assert output.text == "done"
    assert running.changes == []


async def test_only_nul_characters_of_a_text_are_replaced(running: Running) -> None:
    output = await running.act("disguised")
    assert output == ToolOutput(text="\x1b[2J\u202egnp.exe\u202c<img src=x onerror=alert(1)>\ufffd")


async def test_images_beyond_the_limits_are_replaced_by_a_line(running: Running) -> None:
    output = await running.act("images")
    assert [image.media_type for image in output.images] == ["image/png"] * 4
    assert output.text.count("more than 4 images") == 2
    assert "not valid base64" in output.text
    assert "larger than 10 MB" in output.text


async def test_other_contents_become_text(running: Running) -> None:
    output = await running.act("kinds")
    assert output.text.splitlines() == [
        "a.txt: file:///a.txt",
        "inside",
        "[Binary resource left out: file:///c.bin, unknown type]",
        "[Audio left out]",
    ]
    assert json.loads(output.structured) == {"a": [1, 2]}


async def test_an_error_of_a_tool_is_a_result(running: Running) -> None:
    assert await running.act("errs") == ToolOutput(text="no such city", is_error=True)


async def test_a_malformed_result_is_an_error(running: Running) -> None:
    with pytest.raises(ToolServerFailed, match="sent an invalid message"):
        await running.act("malformed")


async def test_at_most_200_tools_are_listed(running: Running) -> None:
    tools = await running.host.open(running.hostile("many"))
    assert len(tools) == 200
    assert "ignored 9800 tools" in running.log


async def test_tools_beyond_the_limits_are_left_out(running: Running) -> None:
    tools = await running.host.open(running.hostile("odd"))
    assert [(tool.tool, tool.description) for tool in tools] == [("act", "Acts."), ("claims", "Acts.")]
    assert (tools[1].title, tools[1].read_only, tools[1].destructive) == ("A title", True, None)


async def test_a_server_that_exits_on_an_unknown_first_message_is_started_again_with_the_old_one(
    running: Running,
) -> None:
    assert (await running.act("strict")).text == "acted"


async def test_a_server_that_does_not_read_times_out_and_ends(running: Running) -> None:
    await running.act("deaf")
    with pytest.raises(ToolTimedOut):
        await running.host.call("hostile", "act", json.dumps({"text": "x" * (1 << 20)}), timeout_s=0.5)
    with pytest.raises(ToolTimedOut):
        await running.host.call("hostile", "act", "{}", timeout_s=0.5)


async def test_a_server_that_floods_stderr_works_and_its_log_is_bounded(running: Running) -> None:
    assert (await running.act("shouts")).text == "acted"
    sizes = {file.name: file.stat().st_size for file in running.logs.glob("hostile.log*")}
    assert {*sizes} == {"hostile.log", "hostile.log.1"}
    assert max(sizes.values()) <= 1 << 20


async def test_roots_sampling_and_logging_are_neither_offered_nor_answered(running: Running) -> None:
    output = await running.act("roots")
    assert json.loads(output.text) == [True, True]
    assert json.loads((running.folder / "capabilities").read_text()) == {}


async def test_servers_see_no_secret_of_the_users_environment(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "PATH" in os.environ
    monkeypatch.setenv("OPENAI_API_KEY", "of-the-user")
    spec = running.echo(env={"GIVEN": "yes"}, folder=str(running.folder))
    await running.host.open(spec)
    output = await running.host.call("echo", "environ", "{}", timeout_s=5)
    seen = json.loads(output.text)
    assert (seen["GIVEN"], seen["cwd"]) == ("yes", str(running.folder))
    assert "OPENAI_API_KEY" not in seen
