"""Runs of suites by the real program: killed at any time nothing that was answered is asked again."""

from __future__ import annotations

import json
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.program import Program
from tests.servers.faults import FaultServer

SLOW, LIMITED, BROKEN = "slow:21:1", "fail-first:429:1", "400"
CASES, AT_ONCE = 8, 2


@pytest.fixture
def suite(lab: Program) -> Path:
    cases = "".join(f"  - {{vars: {{word: w{number}}}}}\n" for number in range(CASES))
    path = lab.folder / "suite.yaml"
    path.write_text(
        "schema: paragone-suite/1\nname: Words\n"
        'prompts: ["say {{word}}"]\n'
        f"contenders: ['lab/{SLOW}', 'lab/{LIMITED}', 'lab/{BROKEN}']\n"
        f"cases:\n{cases}"
        "graders: [{type: length, max: 500}]\n"
        f"limits: {{concurrency: {AT_ONCE}}}\n"
    )
    return path


def killed_after(program: Program, lines: int, *words: str) -> list[dict[str, Any]]:
    """The lines that were printed before the program was killed, at least so many."""
    with program.start(*words, "--json") as process:
        assert process.stdout is not None
        seen = [process.stdout.readline() for _ in range(lines)]
        process.kill()
        seen += [line for line in process.stdout.read().splitlines() if line.endswith("}")]
        assert process.wait(20) == -signal.SIGKILL
    return [json.loads(line) for line in seen]


def prompts(server: FaultServer, model: str) -> Counter[str]:
    return Counter(str(each.json["messages"][-1]["content"]) for each in server.asked(model))


@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")
def test_killed_twice_and_resumed_nothing_that_was_answered_is_asked_twice(
    lab: Program, server: FaultServer, suite: Path
) -> None:
    first = killed_after(lab, 5, "run", str(suite))
    (run,) = lab("runs", "list", "--json").json
    assert run["state"] == "stopped"
    second = killed_after(lab, 5, "runs", "resume", run["id"])
    ended = lab("runs", "resume", run["id"], "--json")
    assert ended.status == 1, ended.err
    *third, end = ended.lines
    told = Counter((each["case"], each["contender"]) for each in (*first, *second, *third))
    assert max(told.values()) == 1
    assert len(told) >= 3 * CASES - 2 * AT_ONCE  # what was kept may not have been printed any more
    assert [(each["answered"], each["errors"]) for each in end["contenders"]] == [(CASES, 0), (CASES, 0), (0, CASES)]
    assert end["state"] == "complete"
    for contender, model in enumerate((SLOW, BROKEN)):
        asked = prompts(server, model)
        assert len(asked) == CASES
        assert sum(asked.values()) <= CASES + 2 * AT_ONCE
        answered = {each["case"] for each in first if each["contender"] == (0, 2)[contender]}
        assert {asked[f"say w{case}"] for case in answered} <= {1}
    assert sum(prompts(server, LIMITED).values()) <= CASES + 1 + 2 * AT_ONCE
    conversations = lab("conversations", "list", "--json").json
    assert conversations == []


def test_status_and_streams_are_those_of_a_check(lab: Program, server: FaultServer, suite: Path) -> None:
    before = len(server.requests)
    estimated = lab("run", str(suite), "--estimate", "--json")
    assert (estimated.status, estimated.json["calls"], len(server.requests)) == (0, 3 * CASES, before)
    capped = lab("run", str(suite), "--cap", "0", "--json")
    assert (capped.status, capped.lines[-1]["state"], len(server.requests)) == (1, "capped", before)
    bad = lab.folder / "bad.yaml"
    bad.write_text("schema: paragone-suite/1\nprompts: [hi]\nnonsense: 1\n")
    refused = lab("run", str(bad), "--json")
    assert (refused.status, refused.out) == (2, "")
    assert "bad.yaml, line 3" in refused.err
    passed = lab("run", str(suite), "--model", "lab/echo", "--only", "x")
    assert passed.status == 2


def test_gates_alone_decide_the_exit_status(lab: Program, suite: Path) -> None:
    run = ("run", str(suite), "--model", "lab/echo", "--model", f"lab/{BROKEN}")
    assert lab(*run, "--min-score", "1").status == 4
    held = lab(
        "run", str(suite), "--model", "lab/echo", "--min-score", "1", "--min-pass-rate", "1", "--max-errors", "0"
    )
    assert (held.status, "The gate holds." in held.err) == (0, True), held.err
    strict = lab.folder / "strict.yaml"
    strict.write_text(suite.read_text().replace("max: 500", "max: 1"))
    failed = lab("run", str(strict), "--model", "lab/echo", "--min-score", "0.5")
    assert (failed.status, "the score of lab/echo is 0.000" in failed.err) == (3, True), failed.err
    assert lab("run", str(suite), "--model", "lab/echo", "--cap", "0", "--min-score", "0").status == 1
    assert lab("run", str(suite), "--min-score", "90").status == 2
    capped, fails, holds, _ = (each["id"] for each in lab("runs", "list", "--json").json)
    del capped
    assert lab("runs", "compare", holds, holds, "--fail-if-worse").status == 0
    worse = lab("runs", "compare", holds, fails, "--fail-if-worse", "--margin", "10")
    assert (worse.status, "worse by more than 10 points" in worse.err) == (3, True), worse.err
    assert lab("runs", "compare", holds, fails).status == 0
    assert lab("runs", "compare", holds, fails, "--margin", "10").status == 2
