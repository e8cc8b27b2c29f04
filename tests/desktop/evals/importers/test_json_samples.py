"""Samples of OpenAI evals and questions of MT-Bench become suites."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from desktop.errors import SuiteInvalid
from desktop.evals.suites import foreign_suite
from desktop.evals.suites.data_set import FORMATS, data_suite
from desktop.evals.suites.foreign_suite import import_suite, write_beside
from desktop.evals.suites.json_lines import objects
from desktop.evals.suites.mt_bench import bench_suite
from desktop.evals.suites.suite import Suite
from desktop.evals.suites.suite_file import read_suite
from desktop.evals.suites.suite_import import ImportNotes, SuiteImport


def lines(*objects: object) -> str:
    return "".join(f"{json.dumps(each)}\n" for each in objects)


def evals_suite(text: str, file: str, name: str) -> SuiteImport:
    notes = ImportNotes()
    return data_suite(objects(text, file, notes), FORMATS[0], file, name, notes)


def chat(*said: tuple[str, str]) -> list[dict[str, str]]:
    return [{"role": role, "content": content} for role, content in said]


def test_samples_are_cases_that_hold_what_is_ideal() -> None:
    system = ("system", "Be brief.")
    found = evals_suite(
        lines(
            {"input": chat(system, ("user", "2+2?")), "ideal": "4"},
            {"input": chat(system, ("user", "{{x}}?")), "ideal": ["Paris", "{{y}}"]},
        ),
        "e.jsonl",
        "e",
    )
    made = found.suite
    assert made is not None
    assert (made.system, found.changed, found.refused) == ("Be brief.", (), ())
    assert [made.turns(case) for case in made.cases] == [("2+2?",), ("{{x}}?",)]
    assert [(each.name, each.value) for case in made.cases for each in case.graders] == [
        ("contains", "4"),
        ("contains-any", ["Paris", "{{ideal}}"]),
    ]
    assert made.cases[1].vars["ideal"] == "{{y}}"


def test_samples_that_cannot_be_asked_are_refused_by_their_lines() -> None:
    text = (
        lines({"input": "bare", "ideal": 5, "id": 1})
        + "\n{\n"
        + lines(
            {"input": 5},
            {"input": []},
            {"input": chat(("user", "a"), ("assistant", "b"), ("user", "c"))},
            {"input": [{"role": "system", "name": "example_user", "content": "a"}, {"role": "user", "content": "b"}]},
            [1],
        )
        + '{"input": "no ideal"}'
    )
    found = evals_suite(text, "e.jsonl", "e")
    assert [int(each.split("line ")[1].split(":")[0]) for each in found.refused] == [3, 4, 5, 6, 7, 8]
    assert [str(each) for each in found.changed] == [
        "e.jsonl: “id” was not imported.",
        "e.jsonl, line 9: The sample has no ideal answer, so its responses are not graded.",
    ]
    assert found.suite is not None
    assert [len(case.graders) for case in found.suite.cases] == [1, 0]


def test_questions_are_cases_of_several_turns() -> None:
    found = bench_suite(
        lines(
            {"question_id": 81, "category": "writing", "turns": ["Write {{a}}.", "Again."]},
            {"question_id": 101, "category": "math", "turns": ["1+1?", "2+2?"], "reference": ["2", "4"]},
        ),
        "q.jsonl",
        "q",
    )
    made = found.suite
    assert made is not None
    first, second = made.cases
    assert (made.turns(first), first.tags, first.description) == (("Write {{a}}.", "Again."), ("writing",), "81")
    assert (made.turns(second), second.vars) == (("1+1?", "2+2?"), {"reference": "2\n\n4"})
    assert [(each.name, each.options) for each in second.graders] == [("judge", {"reference": "{{reference}}"})]


@pytest.mark.parametrize("turns", [[], "x", [1], ["a", " "], None])
def test_a_question_without_turns_of_text_is_refused(turns: object) -> None:
    found = bench_suite(lines({"turns": turns}), "q.jsonl", "q")
    assert (found.suite, len(found.refused)) == (None, 2)


@pytest.mark.parametrize(
    "data",
    [
        b'{"turns": ["a"',
        b"\xff",
        b"",
        b'{"a": 1}',
        b"[" * 100_000,
        b'{"input": "\\ud800"}',
        b'{"turns": ["a"], "x": ' + b"9" * 9999,
    ],
)
def test_files_that_are_none_are_told(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(data)
    with pytest.raises(SuiteInvalid):
        import_suite(path)


def test_a_suite_is_written_beside_its_source_and_over_nothing(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + lines({"turns": ["Hello"]}).encode())
    found = import_suite(path)
    assert [write_beside(path, found).name for _ in range(3)] == ["mine.yaml", "mine-2.yaml", "mine-3.yaml"]
    assert read_suite(tmp_path / "mine-3.yaml").cases == read_suite(tmp_path / "mine.yaml").cases
    assert found.suite is not None
    assert read_suite(tmp_path / "mine.yaml") == found.suite


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_a_suite_that_is_written_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text(lines({"turns": ["Hello"]}))
    before = os.umask(0)
    try:
        written = write_beside(path, import_suite(path))
    finally:
        os.umask(before)
    assert stat.S_IMODE(written.stat().st_mode) == 0o600


def test_of_a_suite_that_could_not_be_written_whole_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text(lines({"turns": ["Hello"]}))
    found = import_suite(path)

    def half(suite: Suite, *, remarks: tuple[str, ...]) -> str:
        """Text that ends in what no file can hold."""
        del suite, remarks
        return "name: x\n" * 10_000 + "\ud800"

    monkeypatch.setattr(foreign_suite, "suite_yaml", half)
    with pytest.raises(UnicodeEncodeError):
        write_beside(path, found)
    assert [*tmp_path.glob("*.*")] == [path]
