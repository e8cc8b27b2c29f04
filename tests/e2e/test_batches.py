"""Runs through a Batch API by the real program: killed and looked at again, without the key in any file."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Generator
from functools import partial
from pathlib import Path

import pytest

from tests.desktop.replay.test_whole_replay import export
from tests.e2e.conftest import KEY
from tests.e2e.program import Ended, Program
from tests.servers.batch_server import BatchServer
from tests.servers.threaded import on_a_thread


@pytest.fixture
def foundry() -> Generator[BatchServer]:
    with on_a_thread(partial(BatchServer, key=KEY), "batch-server") as running:
        running.first = "processed"
        yield running


@pytest.fixture
def lab(paragone: Program, foundry: BatchServer) -> Program:
    paragone.add("lab", foundry.azure, kind="azure-inference")
    return paragone


@pytest.fixture
def suite(lab: Program) -> Path:
    path = lab.folder / "suite.yaml"
    path.write_text(
        "schema: paragone-suite/1\nname: Words\nprompts: ['say {{word}}']\ncontenders: [lab/echo]\n"
        "cases: [{vars: {word: one}}, {vars: {word: two}}]\ngraders: [{type: contains, value: said}]\n"
    )
    return path


def until_complete(program: Program, *words: str) -> Ended:
    """Look at the server again and again: each look takes it further."""
    looks = (program(*words, "--no-wait") for _ in range(12))
    return next((ended for ended in looks if ended.status == 0), None) or program(*words, "--no-wait")


def test_a_batch_is_sent_watched_and_reported(lab: Program, foundry: BatchServer, suite: Path) -> None:
    estimated = lab("run", str(suite), "--batch", "--estimate")
    assert "half of the usual price" in estimated.err
    sent = lab("run", str(suite), "--batch", "--no-wait", "--json")
    assert (sent.status, sent.lines[-1]["state"]) == (1, "stopped")
    run_id = sent.lines[-1]["id"]
    ended = until_complete(lab, "runs", "watch", run_id, "--json")
    assert ended.status == 0, ended.err
    assert {each.get("text") for each in ended.lines[:-1]} == {"You said: say one", "You said: say two"}
    assert ended.lines[-1]["state"] == "complete"
    assert foundry.files == {}
    assert not [path for path, data in lab.files().items() if KEY.encode() in data]


@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")
def test_killed_when_the_job_was_begun_it_is_not_begun_again(lab: Program, foundry: BatchServer, suite: Path) -> None:
    foundry.stalled.add("begin")
    with lab.start("run", str(suite), "--batch", "--json") as process:
        while not foundry.batches:
            assert process.poll() is None
        process.kill()
        assert process.wait(20) == -signal.SIGKILL
    (run,) = lab("runs", "list", "--json").json
    ended = until_complete(lab, "runs", "resume", run["id"])
    assert ended.status == 0, ended.err
    assert len(foundry.batches) == 1


def test_a_run_that_is_no_batch_and_a_suite_that_cannot_be_one_are_wrong_use(
    lab: Program, foundry: BatchServer, suite: Path
) -> None:
    assert lab("run", str(suite), "--yes").status == 1  # the echo says something else
    (run,) = lab("runs", "list", "--json").json
    refused = lab("runs", "cancel", run["id"])
    assert (refused.status, "not a batch" in refused.err) == (2, True)
    suite.write_text(suite.read_text().replace("lab/echo", "embedded/smollm2"))
    refused = lab("run", str(suite), "--batch")
    assert (refused.status, "has no Batch API" in refused.err) == (2, True)


def test_a_replay_is_sent_as_a_batch_and_collected_later(lab: Program, foundry: BatchServer) -> None:
    (lab.folder / "conversations.json").write_text(json.dumps(export(2)))
    assert lab("conversations", "import", "conversations.json").status == 0
    words = ("successor", "lab/echo", "--of", "imported-chatgpt/gpt-4o", "--batch")
    assert "half of the usual price" in lab(*words, "--estimate").err
    sent = lab(*words, "--no-wait")
    assert (sent.status, "paragone successor resume" in sent.err) == (3, True)
    (listed,) = lab("successor", "list", "--json").json
    looks = (lab("successor", "resume", listed["id"], "--no-wait") for _ in range(12))
    assert any("2 pairs to review" in ended.err for ended in looks)
    assert (len(foundry.batches), foundry.files) == (1, {})
