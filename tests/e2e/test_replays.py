"""A replay by the real program: imported, killed, resumed, reviewed from a pipe, and reported in each format."""

from __future__ import annotations

import json
import sys
from collections import Counter

import pytest

from tests.desktop.replay.test_whole_replay import export
from tests.e2e.program import Program
from tests.e2e.test_runs import killed_after
from tests.servers.faults import FaultServer

_TURNS, _AT_ONCE = 24, 4


def asked(server: FaultServer) -> Counter[str]:
    return Counter(str(each.json["messages"][-1]["content"]) for each in server.asked("slow:400:8"))


@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")
def test_a_replay_that_is_killed_asks_nothing_twice_and_no_review_is_lost(lab: Program, server: FaultServer) -> None:
    (lab.folder / "conversations.json").write_text(json.dumps(export(_TURNS)))
    assert lab("conversations", "import", "conversations.json").status == 0
    words = ("successor", "lab/slow:400:8", "--of", "imported-chatgpt/gpt-4o")
    told = lab(*words, "--estimate", "--json").json
    assert (told["items"], told["rebuilt"], told["calls"]) == (_TURNS, _TURNS, _TURNS)
    answered = killed_after(lab, 5, *words)
    run_id = answered[0]["id"]
    (listed,) = lab("successor", "list", "--json").json
    assert (listed["id"], listed["of"], listed["state"]) == (run_id, "imported-chatgpt/gpt-4o", "stopped")
    resumed = lab("successor", "resume", run_id, "--json")
    assert resumed.status == 3
    items = [each["item"] for each in (*answered, *resumed.lines) if each["event"] == "answer"]
    assert len({*items}) == len(items) >= _TURNS - _AT_ONCE  # what was stored may not have been printed any more
    counts = asked(server)
    assert len(counts) == _TURNS
    assert sum(counts.values()) <= _TURNS + _AT_ONCE  # what was in progress when it was killed is asked again

    lab("successor", "review", run_id, given="1\n3\n")
    shown = lab("successor", "show", run_id, "--json").json
    assert (shown["reviewed"], shown["to_review"]) == (2, _TURNS + 1 - 2)
    assert lab("successor", "review", run_id, given="3\n" * 60).status == 3
    shown = lab("successor", "show", run_id, "--json").json
    (verdict,) = shown["verdicts"]
    assert (shown["to_review"], verdict["method"], verdict["clusters"]) == (0, "anytime", _TURNS)
    assert verdict["answered"] == _TURNS

    for form in ("html", "md", "json", "pdf"):
        ended = lab("successor", "report", run_id, "--format", form, "--output", f"report.{form}")
        assert (ended.status, ended.out) == (0, "")
    assert (lab.folder / "report.pdf").read_bytes().startswith(b"%PDF")
    texts = [(lab.folder / f"report.{form}").read_text("utf-8") for form in ("html", "md", "json")]
    origin = server.url.removeprefix("http://").partition("/")[0]
    assert all("gpt-4o" in text and origin not in text for text in texts)
    assert json.loads(texts[2])["id"] == run_id
