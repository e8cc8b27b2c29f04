"""The example in the guide is a suite, and its table names every grader."""

from __future__ import annotations

import re
from pathlib import Path

from desktop.evals.graders.grader_kinds import names
from desktop.evals.suites.suite_file import read_suite

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "guide" / "suites.md"


def test_the_example_is_taken_whole(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    path = tmp_path / "suite.yaml"
    path.write_text(example, "utf-8")
    found = read_suite(path)
    assert (len(found.cases), len(found.contenders), found.repeats, found.planned_tags) == (3, 2, 3, ("de",))


def test_every_grader_has_its_place_in_the_table() -> None:
    table = GUIDE.read_text("utf-8").partition("## Graders")[2].partition("\n- ")[0]
    named = {
        name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`([a-z-]+)`", row)
    }
    assert named == {*names()}
