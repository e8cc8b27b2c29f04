"""`run` from its words to its lines and exit status: estimated, asked, graded, kept, and stopped by a key."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from desktop.domain.events import Finished, ToolRequested
from desktop.domain.suite_cells import RunState
from desktop.domain.tool_types import ToolServer
from desktop.errors import ParametersUnconfirmed, UsageError
from desktop.tools.server_file import added
from tests.desktop.session.fakes import Script, said
from tests.desktop.terminal.conftest import Desk, Screen

SUITE = """
schema: paragone-suite/1
name: Words
prompts: ["say {{word}}"]
contenders: [lab/a, lab/b]
cases:
  - {vars: {word: one}, tags: [de]}
  - {vars: {word: two}}
graders: [{type: contains, value: one}]
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    path = tmp_path / "words.yaml"
    path.write_text(SUITE)
    return path


def lines(desk: Desk) -> list[dict[str, Any]]:
    return [json.loads(line) for line in desk.out.splitlines()]


async def state(desk: Desk) -> RunState:
    (run,) = await (await desk.services.store()).suite_runs.list()
    return run.state


async def test_each_answer_is_a_line_and_what_the_run_comes_to_is_the_last_one(desk: Desk, suite: Path) -> None:
    desk.provider.scripts = [said("one")]
    assert await desk.run("run", str(suite), "--json", "--repeats", "2") == 0
    *answers, end = lines(desk)
    assert {(each["case"], each["contender"], each["repeat"]) for each in answers} == {
        (case, contender, repeat) for case in (0, 1) for contender in (0, 1) for repeat in (0, 1)
    }
    assert answers[0] | {"case": 0, "contender": 0, "repeat": 0} == {
        "event": "answer", "case": 0, "contender": 0, "repeat": 0, "status": "passed", "score": 1.0, "reasons": [],
        "text": "one",
    }  # fmt: skip
    assert (end["event"], end["state"], end["cases"], end["repeats"]) == ("end", "complete", 2, 2)
    assert [(each["model"], each["answered"], each["passed"]) for each in end["contenders"]] == [
        ("lab/a", 4, 4),
        ("lab/b", 4, 4),
    ]
    assert desk.err.startswith("8 calls; cost: unknown.")
    assert {each.model for each in desk.provider.requests} == {"a", "b"}
    assert not any(message.role == "system" for each in desk.provider.requests for message in each.messages)


@pytest.fixture
def steering(suite: Path) -> Path:
    suite.write_text(SUITE.replace("lab/a,", "{model: lab/a, parameters: {n: 2, temperature: 0}},"))
    return suite


async def test_parameters_that_may_steer_the_provider_are_sent_only_with_a_yes(desk: Desk, steering: Path) -> None:
    assert await desk.run("run", str(steering), "--estimate") == 0
    assert "lab/a: n = 2" in desk.err
    with pytest.raises(ParametersUnconfirmed, match="n"):
        await desk.run("run", str(steering), "--json")
    assert desk.provider.requests == []
    assert await (await desk.services.store()).suite_runs.list() == []
    desk.look()
    desk.provider.scripts = [said("one")]
    assert await desk.run("run", str(steering), "--json", "--allow-parameters") == 0
    run_id = lines(desk)[-1]["id"]
    for command in ("resume", "retry"):
        with pytest.raises(ParametersUnconfirmed):
            await desk.run("runs", command, run_id, "--cap", "5")
    assert (await (await desk.services.store()).suite_runs.get(run_id)).cap is None


async def test_an_answer_that_failed_has_a_reason_and_the_status_says_so(desk: Desk, suite: Path) -> None:
    desk.provider.scripts = [said("two")]
    assert await desk.run("run", str(suite), "--json", "--only", "de", "--model", "lab/c") == 1
    answer, end = lines(desk)
    assert (answer["status"], len(answer["reasons"]), end["contenders"][0]["model"]) == ("failed", 1, "lab/c")
    assert [each.messages[-1].text for each in desk.provider.requests] == ["say one"]


async def test_without_graders_there_is_nothing_to_fail(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "plain.yaml"
    path.write_text(SUITE.partition("graders")[0])
    desk.provider.scripts = [said("so")]
    assert await desk.run("run", str(path), "--json") == 0
    assert {each["status"] for each in lines(desk)[:-1]} == {"ungraded"}
    desk.provider.scripts = [said("so", reason="length")]
    assert await desk.run("run", str(path)) == 1
    assert "runs retry" in desk.err


async def test_an_estimate_asks_nobody_anything(desk: Desk, suite: Path) -> None:
    assert await desk.run("run", str(suite), "--estimate", "--json") == 0
    (found,) = lines(desk)
    assert (found["calls"], found["judge_calls"], found["cost_low"], found["cost_high"]) == (4, 0, None, None)
    assert [(each["model"], each["calls"], each["cost_low"]) for each in found["contenders"]] == [
        ("lab/a", 2, None),
        ("lab/b", 2, None),
    ]
    assert 0 < found["smallest_difference"] <= 1
    desk.look()
    assert await desk.run("run", str(suite), "--estimate") == 0
    assert desk.out.splitlines()[0].startswith("lab/a\t2\t")
    assert "4 calls" in desk.err
    assert desk.provider.requests == []
    assert await (await desk.services.store()).suite_runs.list() == []


@pytest.mark.parametrize(
    "words",
    [("--only", "nobody"), ("--model", "nowhere/a"), ("--model", "a")],
    ids=["a tag of no case", "no connection", "no model"],
)
async def test_what_cannot_be_run_is_wrong_use_and_nothing_is_kept(
    desk: Desk, suite: Path, words: tuple[str, ...]
) -> None:
    with pytest.raises(UsageError):
        await desk.run("run", str(suite), *words)
    assert await (await desk.services.store()).suite_runs.list() == []


async def test_a_bad_suite_is_wrong_use(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("schema: paragone-suite/1\nprompts: 7\n")
    with pytest.raises(UsageError):
        await desk.run("run", str(path), "--estimate")


async def test_a_cap_of_nothing_ends_at_once(desk: Desk, suite: Path) -> None:
    assert await desk.run("run", str(suite), "--json", "--cap", "0") == 1
    (end,) = lines(desk)
    assert (end["state"], end["spent_usd"], bool(end["reason"])) == ("capped", 0.0, True)
    assert desk.provider.requests == []


async def test_with_a_cap_what_has_no_price_is_asked_only_where_that_is_said(desk: Desk, suite: Path) -> None:
    desk.provider.scripts = [said("one")]
    assert await desk.run("run", str(suite), "--cap", "1") == 1
    assert "No price is known for lab/" in desk.err
    assert "runs resume" in desk.err
    (run,) = await (await desk.services.store()).suite_runs.list()
    assert (run.state, desk.provider.requests) == (RunState.STOPPED, [])
    assert await desk.run("runs", "resume", run.id[:20], "--allow-unknown-prices") == 0
    assert len(desk.provider.requests) == 4


async def test_whoever_sits_at_a_terminal_is_asked_first(
    desk: Desk, suite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.provider.scripts = [said("one")]
    monkeypatch.setattr(sys, "stdin", Screen("n\n"))
    assert await desk.run("run", str(suite)) == 1
    assert "Nothing was sent" in desk.err
    assert desk.provider.requests == []
    monkeypatch.setattr(sys, "stdin", Screen("y\n"))
    assert await desk.run("run", str(suite)) == 0
    assert await desk.run("run", str(suite), "--yes") == 0
    assert len(desk.provider.requests) == 8


async def test_how_far_it_is_stands_on_the_terminal(desk: Desk, suite: Path) -> None:
    desk.provider.scripts = [said("two")]
    desk.look(fancy=True)
    assert await desk.run("run", str(suite), "--yes") == 1
    assert "4 of 4 responses, 4 failed, 0 errors" in desk.err
    assert desk.out.count("failed: case ") == 4
    assert "failed: case 1, lab/a: The response does not contain “one”" in desk.out


async def test_a_key_stops_it_and_says_how_it_goes_on(desk: Desk, suite: Path) -> None:
    desk.provider.scripts = [said("one"), [None]]
    running = asyncio.create_task(desk.run("run", str(suite), "--json"))
    await asyncio.wait_for(desk.provider.waiting.wait(), 10)
    os.kill(os.getpid(), signal.SIGINT)
    assert await running == 1
    *answers, end = lines(desk)
    assert (len(answers), end["state"]) == (1, "stopped")
    assert await state(desk) is RunState.STOPPED
    assert f"runs resume {end['id']}" in desk.err
    desk.provider.scripts = [said("one")]
    assert await desk.run("runs", "resume", end["id"]) == 0
    assert sorted((each.model, each.messages[-1].text) for each in desk.provider.requests[-3:]) != []
    assert await state(desk) is RunState.COMPLETE


TOOL_SUITE = """
schema: paragone-suite/1
name: Counts
prompts: ["Count {{word}}"]
contenders: [lab/a, lab/b]
cases: [{vars: {word: one}}]
tools: {servers: [counter], mode: recorded}
graders: [{type: tool-call, value: count}]
"""


@pytest.fixture
async def counts(desk: Desk, tmp_path: Path) -> Path:
    """A suite with a tool server that counts its calls."""
    server = Path(__file__).parents[2] / "servers" / "mcp" / "counting_server.py"
    counter = ToolServer(name="counter", command=(sys.executable, str(server), str(tmp_path / "calls.txt")))
    await desk.services.tools.change(lambda held: added(held, counter))
    return written(tmp_path, "counts", TOOL_SUITE)


def written(folder: Path, name: str, text: str) -> Path:
    """A suite in a file."""
    path = folder / f"{name}.yaml"
    path.write_text(text)
    return path


def counting() -> list[Script]:
    """Two contenders that call the tool and then respond."""
    asks = [ToolRequested(id="1", name="count", arguments="{}"), Finished(reason="tool_calls")]
    return [asks, said("Done."), asks, said("Done.")]


async def test_tool_calls_of_a_run_are_printed_shared_and_used_by_the_next_run(
    desk: Desk, counts: Path, tmp_path: Path
) -> None:
    counts = written(tmp_path, "slow", f"{TOOL_SUITE}limits: {{concurrency: 1}}\n")
    desk.provider.scripts = counting()
    assert await desk.run("run", str(counts), "--json", "--allow", "counter") == 0
    *answers, end = lines(desk)
    calls = [each["tool_calls"][0] for each in answers]
    assert [(each["server"], each["tool"], each["status"], each["text"]) for each in calls] == [
        ("counter", "count", "ok", "1"),
        ("counter", "count", "ok", "1"),
    ]
    assert sorted(each["recorded"] for each in calls) == [False, True]
    assert [each["tool_calls"] for each in end["contenders"]] == [1, 1]
    desk.look()
    assert await desk.run("runs", "show", end["id"], "--json") == 0
    assert [each["contender"] for each in json.loads(desk.out)["tool_calls"]] == [0, 1]
    desk.look()
    desk.provider.requests.clear()
    assert await desk.run("run", str(counts), "--json", "--tools-from", end["id"]) == 0
    assert "No tools are called" in desk.err
    assert [each["tool_calls"][0]["recorded"] for each in lines(desk)[:-1]] == [True, True]
    assert (tmp_path / "calls.txt").read_text() == "x\n"


async def test_the_estimate_names_the_tools_that_will_be_denied(desk: Desk, counts: Path) -> None:
    assert await desk.run("run", str(counts), "--estimate", "--json") == 0
    assert json.loads(desk.out)["tools"]["unseen"] == ["counter"]
    await desk.services.tools.open("counter")
    desk.look()
    assert await desk.run("run", str(counts), "--estimate") == 0
    assert "will be denied" in desk.err
    assert "--allow counter/count" in desk.err
    desk.look()
    assert await desk.run("run", str(counts), "--estimate", "--allow", "counter/count") == 0
    assert "denied" not in desk.err
    with pytest.raises(UsageError, match="allows nothing"):
        await desk.run("run", str(counts), "--estimate", "--allow", "other")


async def test_a_missing_server_and_a_batch_with_tools_stop_before_anything_is_sent(
    desk: Desk, counts: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="Batches cannot call tools"):
        await desk.run("run", str(counts), "--json", "--batch")
    missing = written(tmp_path, "missing", TOOL_SUITE.replace("[counter]", "[nowhere]"))
    with pytest.raises(UsageError, match="nowhere"):
        await desk.run("run", str(missing), "--json")
    assert await (await desk.services.store()).suite_runs.list() == []
