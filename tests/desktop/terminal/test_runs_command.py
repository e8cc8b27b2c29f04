"""`runs` from its words to its lines and exit status: listed, shown, tried again, graded anew and deleted."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from desktop.domain.suite_cells import CellKey, RunState
from desktop.errors import AnswerTooLarge, PermissionDenied, RunUnknown, UsageError
from desktop.text.phrases import english
from tests.desktop.session.fakes import said
from tests.desktop.terminal.conftest import Desk, Screen
from tests.desktop.terminal.test_run_command import SUITE


@pytest.fixture
async def run_id(desk: Desk, tmp_path: Path) -> str:
    """A run of four answers, of which one came to nothing and the others say `two`."""
    path = tmp_path / "words.yaml"
    path.write_text(SUITE)
    desk.provider.scripts = [[AnswerTooLarge(english("Too much."))], said("two")]
    assert await desk.run("run", str(path), "--json") == 1
    end = json.loads(desk.out.splitlines()[-1])
    desk.look()
    return str(end["id"])


def told(desk: Desk) -> Any:  # noqa: ANN401 - as json.loads
    found = json.loads(desk.out)
    desk.look()
    return found


async def test_runs_are_listed_and_shown_for_people_and_for_programs(desk: Desk, run_id: str) -> None:
    assert await desk.run("runs", "list", "--json") == 0
    (run,) = told(desk)
    assert {"id": run_id, "name": "Words", "state": "complete"}.items() <= run.items()
    assert run["created_at"].endswith("Z")
    assert await desk.run("runs", "list") == 0
    assert desk.out.startswith(f"{run_id}\t")
    desk.look()
    assert await desk.run("runs", "show", run_id[:25], "--json") == 0
    shown = told(desk)
    assert (shown["id"], shown["state"], shown["cases"], shown["repeats"]) == (run_id, "complete", 2, 1)
    assert sum(each["errors"] for each in shown["contenders"]) == 1
    assert sum(each["failed"] for each in shown["contenders"]) == 3
    assert {"a", "b", "n", "difference", "low", "high", "p", "verdict"} <= shown["pairs"][0].keys()
    assert await desk.run("runs", "show", run_id) == 0
    assert "lab/a" in desk.out
    with pytest.raises(RunUnknown):
        await desk.run("runs", "show", "x")


async def test_without_runs_that_is_said(desk: Desk) -> None:
    assert await desk.run("runs", "list") == 0
    assert "no runs yet" in desk.err
    assert await desk.run("runs", "list", "--json") == 0
    assert told(desk) == []


async def test_what_came_to_nothing_is_asked_again_and_nothing_else(desk: Desk, run_id: str) -> None:
    asked = len(desk.provider.requests)
    assert await desk.run("runs", "resume", run_id, "--json") == 1
    assert len(desk.provider.requests) == asked
    desk.look()
    desk.provider.scripts = [said("one")]
    assert await desk.run("runs", "retry", run_id, "--json") == 1
    answer, end = (json.loads(line) for line in desk.out.splitlines())
    assert (answer["status"], end["contenders"][0]["errors"], end["contenders"][1]["errors"]) == ("passed", 0, 0)
    assert len(desk.provider.requests) == asked + 1


async def test_answers_are_graded_anew_without_asking_anybody(desk: Desk, run_id: str, tmp_path: Path) -> None:
    asked = len(desk.provider.requests)
    store = await desk.services.store()
    heads = await store.suite_runs.heads(run_id)
    reviewed = next(each.key for each in heads if each.score is not None)
    await store.suite_runs.review(run_id, reviewed, False, "no")
    graders = tmp_path / "graders.yaml"
    graders.write_text("graders:\n  - {type: contains, value: two}\n")
    assert await desk.run("runs", "grade", run_id, "--graders", str(graders), "--json") == 1
    shown = told(desk)
    assert sum(each["passed"] for each in shown["contenders"]) == 2
    assert sum(each["errors"] for each in shown["contenders"]) == 1
    assert (await store.suite_runs.cell(run_id, reviewed)).note == "no"
    assert (await store.suite_runs.get(run_id)).state is RunState.COMPLETE
    await store.suite_runs.review(run_id, reviewed, None)
    assert await desk.run("runs", "grade", run_id, "--json") == 1
    assert sum(each["passed"] for each in told(desk)["contenders"]) == 3
    assert len(desk.provider.requests) == asked


@pytest.mark.parametrize("text", ["graders: []\n", "graders: [{type: nothing}]\n", "[1, 2]\n", ""])
async def test_a_file_of_no_graders_is_wrong_use(desk: Desk, run_id: str, tmp_path: Path, text: str) -> None:
    graders = tmp_path / "graders.yaml"
    graders.write_text(text)
    with pytest.raises(UsageError):
        await desk.run("runs", "grade", run_id, "--graders", str(graders))
    assert len((await (await desk.services.store()).suite_runs.cell(run_id, CellKey(1, 1, 0))).grades) <= 1


async def test_why_a_judge_gave_no_grade_is_told_of_each_answer(desk: Desk, run_id: str, tmp_path: Path) -> None:
    graders = tmp_path / "graders.yaml"
    graders.write_text("graders: [{type: judge, model: lab/judge, rubric: Is it polite?}]\n")
    desk.provider.scripts = [[PermissionDenied(english("Nobody may judge here."))]]
    assert await desk.run("runs", "grade", run_id, "--graders", str(graders)) == 1
    whys = [line for line in desk.out.splitlines() if line.startswith("ungraded: case ")]
    assert len(whys) == 3  # the fourth has no answer
    assert all("The judge did not respond: Nobody may judge here." in line for line in whys)


@pytest.mark.parametrize(("answer", "is_gone"), [("n", False), ("y", True)])
async def test_whoever_sits_at_a_terminal_is_asked_before_a_run_goes(
    desk: Desk, run_id: str, answer: str, is_gone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Screen(f"{answer}\n"))
    assert await desk.run("runs", "delete", run_id) == (0 if is_gone else 1)
    assert "Delete the run “Words” and its responses permanently? [y/N]" in desk.err
    assert bool(await (await desk.services.store()).suite_runs.list()) is not is_gone


async def test_a_deleted_run_is_gone(desk: Desk, run_id: str) -> None:
    assert await desk.run("runs", "delete", run_id[:25], "--json") == 0
    assert told(desk) == {"id": run_id, "state": "deleted"}
    assert await (await desk.services.store()).suite_runs.list() == []
    with pytest.raises(RunUnknown):
        await desk.run("runs", "delete", run_id)
