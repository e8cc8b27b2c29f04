"""`runs report` and `runs compare` from their words to what they write and their exit status."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from desktop.errors import AnswerTooLarge, PolicyForbids, RunUnknown
from desktop.settings.policy import EXPORT, Fixed, Policy
from desktop.settings.values import Settings
from desktop.text.phrases import english
from tests.desktop.session.fakes import said
from tests.desktop.terminal.conftest import Desk
from tests.desktop.terminal.test_run_command import SUITE


async def ran(desk: Desk, tmp_path: Path, answer: str = "two") -> str:
    """A run of four answers, of which one came to nothing and the others say the same; its id."""
    path = tmp_path / "words.yaml"
    path.write_text(SUITE)
    desk.provider.scripts = [[AnswerTooLarge(english("Too much."))], said(answer)]
    await desk.run("run", str(path), "--json")
    end = json.loads(desk.out.splitlines()[-1])
    desk.look()
    return str(end["id"])


async def test_a_report_goes_to_standard_output_in_its_format(desk: Desk, tmp_path: Path) -> None:
    run_id = await ran(desk, tmp_path)
    assert await desk.run("runs", "report", run_id[:25], "--format", "csv") == 0
    assert len(list(csv.DictReader(io.StringIO(desk.out)))) == 4
    assert desk.err == ""
    desk.look()
    assert await desk.run("runs", "report", run_id, "--format", "jsonl") == 0
    assert [json.loads(line)["event"] for line in desk.out.splitlines()] == ["answer"] * 4 + ["end"]
    desk.look()
    assert await desk.run("runs", "report", run_id, "--format", "junit") == 0
    assert len(list(ET.fromstring(desk.out).iter("testcase"))) == 4
    desk.look()
    assert await desk.run("runs", "report", run_id) == 0
    assert desk.out.startswith("<!doctype html>")
    assert desk.out.endswith("</html>\n")


async def test_the_lines_are_those_that_the_run_printed(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "words.yaml"
    path.write_text(SUITE)
    desk.provider.scripts = [said("two"), said("one")]
    await desk.run("run", str(path), "--json")
    printed = [json.loads(line) for line in desk.out.splitlines()]
    desk.look()
    await desk.run("runs", "report", printed[-1]["id"], "--format", "jsonl")
    written = [json.loads(line) for line in desk.out.splitlines()]
    assert written[-1] == printed[-1]
    assert sorted(map(str, written)) == sorted(map(str, printed))


async def test_a_file_is_written_whole_and_named(desk: Desk, tmp_path: Path) -> None:
    run_id, output = await ran(desk, tmp_path), tmp_path / "report.html"
    output.write_text("old")
    assert await desk.run("runs", "report", run_id, "--output", str(output)) == 0
    assert output.read_text().startswith("<!doctype html>")
    assert (desk.out, "a report of 4 responses" in desk.err) == ("", True)


async def test_a_policy_against_exports_holds(desk: Desk, tmp_path: Path) -> None:
    run_id = await ran(desk, tmp_path)
    entries = {EXPORT.name: Fixed(EXPORT.name, False, locked=True, source="test")}
    desk.services.use(Settings(connections=desk.services.settings.connections, policy=Policy(entries=entries)))
    with pytest.raises(PolicyForbids):
        await desk.run("runs", "report", run_id)


async def test_two_runs_are_held_against_each_other(desk: Desk, tmp_path: Path) -> None:
    first, second = await ran(desk, tmp_path), await ran(desk, tmp_path, "one")
    assert await desk.run("runs", "compare", first, second) == 0
    assert "nothing can be concluded from" in desk.out
    assert ": failed, now passed" in desk.out
    desk.look()
    assert await desk.run("runs", "compare", first, second, "--json") == 0
    found = json.loads(desk.out)
    assert (found["earlier"], found["later"], found["cases"]) == (first, second, 2)
    assert {each["name"] for each in found["contenders"]} == {"lab/a", "lab/b"}
    with pytest.raises(RunUnknown):
        await desk.run("runs", "compare", first, "x")
