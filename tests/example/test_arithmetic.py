"""The example of the documentation: made by a seed, carried out by the program, and told as it came out."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from desktop.evals.suites.suite_file import read_suite

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs" / "example"


@pytest.fixture(scope="module")
def arithmetic() -> ModuleType:
    spec = importlib.util.spec_from_file_location("arithmetic_example", ROOT / "examples" / "arithmetic.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    return made


def test_the_suite_of_the_documentation_is_what_the_script_writes(arithmetic: ModuleType) -> None:
    asked = arithmetic.questions(arithmetic.QUESTIONS, arithmetic.SEED)
    path = EXAMPLE / "arithmetic.yaml"
    assert path.read_text("utf-8") == arithmetic.suite_text(asked, arithmetic.SEED)
    suite = read_suite(path)
    assert (len(suite.cases), len(suite.contenders), len({each.text for each in asked})) == (100, 2, 100)


def test_every_sum_comes_to_what_the_suite_says(arithmetic: ModuleType) -> None:
    signs = {"plus": "+", "minus": "-", "times": "*"}
    for text, answer, tag in arithmetic.questions(100, 1):
        a, sign, b = text.split()
        assert sign == signs[tag]
        assert answer == {"+": int(a) + int(b), "-": int(a) - int(b), "*": int(a) * int(b)}[sign] >= 0


def test_the_page_says_what_the_summary_says_and_the_report_can_be_read(arithmetic: ModuleType) -> None:
    told = (EXAMPLE / "summary.json").read_text("utf-8")
    page = (ROOT / "docs" / "example.md").read_text("utf-8")
    assert arithmetic.figures(told) in page
    assert arithmetic.with_figures(page, arithmetic.figures(told)) == page
    report = (EXAMPLE / "report.html").read_bytes()
    assert len(report) < 1_000_000
    assert json.loads(told)["id"] in report.decode()


@pytest.mark.long
def test_the_example_is_made_anew_by_the_program_itself(
    arithmetic: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert arithmetic.main(["--questions", "10", "--out", str(tmp_path)]) == 0
    told = json.loads((tmp_path / "summary.json").read_text("utf-8"))
    assert (told["state"], told["cases"], len(told["contenders"])) == ("complete", 10, 2)
    assert all(each["answered"] + each["errors"] == 10 for each in told["contenders"])
    assert "| Temperature 0 |" in capsys.readouterr().out
    assert b"Small sums" in (tmp_path / "report.html").read_bytes()
