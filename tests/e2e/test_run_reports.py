"""A suite with judges through the whole program: run, reported in each format, and compared with another run."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.e2e.program import Program
from tests.servers.faults import FaultServer

SUITE = """
schema: paragone-suite/1
name: Echoes
prompts: ["say {{word}}"]
contenders: [lab/echo, lab/plain]
judge: lab/judge:say
cases: [{vars: {word: one}}, {vars: {word: two}}, {vars: {word: three}}]
graders: [{type: judge, rubric: It repeats what was said.}, {type: judge-pair}]
"""


def ran(lab: Program) -> str:
    (lab.folder / "echoes.yaml").write_text(SUITE)
    ended = lab("run", "echoes.yaml", "--json")
    assert ended.status == 1  # one of the two never repeats anything
    assert [line["event"] for line in ended.lines] == ["answer"] * 6 + ["end"]
    return str(ended.lines[-1]["id"])


def test_a_judged_run_is_reported_in_each_format(lab: Program, server: FaultServer) -> None:
    asked = len(server.asked("judge:say"))
    run_id = ran(lab)
    assert len(server.asked("judge:say")) - asked == 6 + 2 * 3
    shown = lab("runs", "show", run_id, "--json").json
    assert [(each["passed"], each["failed"]) for each in shown["contenders"]] == [(3, 0), (0, 3)]
    assert any("not calibrated" in each for each in shown["notices"])
    for form in ("html", "csv", "jsonl", "junit"):
        ended = lab("runs", "report", run_id, "--format", form, "--output", f"report.{form}")
        assert (ended.status, ended.out) == (0, "")
    written = {path.suffix[1:]: path.read_text("utf-8") for path in Path(lab.folder).glob("report.*")}
    assert len(list(csv.DictReader(written["csv"].splitlines()))) == 6
    assert len(list(ET.fromstring(written["junit"]).iter("failure"))) == 3
    assert json.loads(written["jsonl"].splitlines()[-1]) | {"tool_calls": []} == {"event": "end"} | shown
    for said in ("Echoes", "It repeats what was said.", "was called 6 times", "Swapping the two responses"):
        assert said in written["html"]
    assert not [text for text in written.values() if server.url.removeprefix("http://").partition("/")[0] in text]


def test_two_runs_are_compared(lab: Program) -> None:
    first, second = ran(lab), ran(lab)
    found = lab("runs", "compare", first, second, "--json").json
    assert (found["cases"], found["changes"]) == (3, [])
    assert [each["n"] for each in found["contenders"]] == [3, 3]
    assert "nothing can be concluded from 3 cases" in lab("runs", "compare", first, second).out
