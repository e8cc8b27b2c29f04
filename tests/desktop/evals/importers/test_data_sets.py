"""Data sets of other programs become suites whose graders compare with what was expected."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from desktop.domain.conversation_types import JsonValue
from desktop.errors import SuiteInvalid, UsageError
from desktop.evals.suites.data_set import ImportOptions, column_map
from desktop.evals.suites.foreign_suite import import_suite
from desktop.evals.suites.suite import Suite
from desktop.evals.suites.suite_import import SuiteImport

Graders = list[tuple[str, JsonValue]]


def imported(folder: Path, text: str | list[object], name: str = "data.jsonl", **options: object) -> SuiteImport:
    file = folder / name
    file.write_text(text if isinstance(text, str) else "".join(f"{json.dumps(each)}\n" for each in text))
    return import_suite(file, ImportOptions(**options))  # type: ignore[arg-type]


def suite_in(found: SuiteImport) -> Suite:
    assert found.suite is not None, found.refused
    return found.suite


def graders_of(made: Suite) -> Graders:
    return [(each.name, each.value) for case in made.cases for each in case.graders]


@pytest.mark.parametrize(
    ("row", "kind", "asked", "graders"),
    [
        (
            {"input": "Capital of France?", "target": "Paris", "id": "fr"},
            "Inspect",
            "Capital of France?",
            [("icontains", "Paris")],
        ),
        (
            {"input": "Which?", "choices": ["red", "blue"], "target": "B"},
            "Inspect",
            "Which?\n\nA) red\nB) blue\n\nAnswer with the letter only.",
            [("iregex", r"^\W*[B]\b")],
        ),
        (
            {"query": "Who?", "context": "Ann did it.", "ground_truth": "Ann", "response": "Bob"},
            "Foundry",
            "Ann did it.\n\nWho?",
            [("icontains", "Ann")],
        ),
        ({"query": "Who?"}, "Foundry", "Who?", []),
        (
            {"messages": [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "4"}]},
            "chat",
            "2+2?",
            [("icontains", "4")],
        ),
        ({"item": {"input": "Hi {{x}}", "ideal": "Hello"}}, "OpenAI evals", "Hi {{x}}", [("contains", "Hello")]),
        ({"input": "Two?", "target": ["2", "two"]}, "Inspect", "Two?", [("icontains-any", ["2", "two"])]),
    ],
)
def test_each_format_is_known_by_its_columns(
    tmp_path: Path, row: object, kind: str, asked: str, graders: Graders
) -> None:
    found = imported(tmp_path, [row])
    made = suite_in(found)
    assert found.kind == kind
    assert made.turns(made.cases[0]) == (asked,)
    assert graders_of(made) == graders


def test_a_systems_message_is_the_system_prompt_and_the_id_describes_the_case(tmp_path: Path) -> None:
    said = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]
    assert suite_in(imported(tmp_path, [{"messages": said}])).system == "Be brief."
    assert suite_in(imported(tmp_path, [{"input": "a", "target": "b", "id": "7"}])).cases[0].description == "7"


@pytest.mark.parametrize("name", ["data.jsonl", "data.csv"])
def test_any_columns_are_mapped(tmp_path: Path, name: str) -> None:
    text = 'question,answer,topic,note\n"Capital, of Italy?",Rome,geo;eu,x\n'
    if name.endswith("jsonl"):
        text = json.dumps({"question": "Capital, of Italy?", "answer": "Rome", "topic": "geo;eu", "note": "x"})
    found = imported(tmp_path, text, name, columns=column_map("input=question, target=answer,tags=topic"))
    made = suite_in(found)
    assert made.turns(made.cases[0]) == ("Capital, of Italy?",)
    assert graders_of(made) == [("icontains", "Rome")]
    assert made.cases[0].tags == ("geo;eu",)
    assert [str(each) for each in found.changed] == [f"{name}: “note” was not imported."]


def test_a_table_with_a_known_target_needs_no_map_and_promptfoos_stays_promptfoos(tmp_path: Path) -> None:
    assert imported(tmp_path, "query,ground_truth\nWho?,Ann\n", "a.csv").kind == "Foundry"
    assert imported(tmp_path, "query,__expected\nWho?,contains: Ann\n", "b.csv").kind == "promptfoo CSV"


@pytest.mark.parametrize(
    ("grader", "wanted"),
    [("equals", [("equals", "Paris")]), ("similarity", [("similarity", "Paris")]), ("judge", [("judge", None)])],
)
def test_another_grader_compares(tmp_path: Path, grader: str, wanted: Graders) -> None:
    made = suite_in(imported(tmp_path, [{"input": "Capital?", "target": "Paris"}], grader=grader))
    assert graders_of(made) == wanted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ([{"foo": 1, "bar": 2}], "data.jsonl, line 1: The format is unknown.*foo, bar"),
        ("\n", "data.jsonl, line 1: The format is unknown"),
    ],
)
def test_what_is_unknown_is_told_with_its_columns(tmp_path: Path, text: str | list[object], said: str) -> None:
    with pytest.raises(SuiteInvalid, match=said):
        imported(tmp_path, text)


def test_a_column_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(SuiteInvalid, match="line 1: There is no column “q”. The columns are: a, b."):
        imported(tmp_path, [{"a": "x", "b": "y"}], columns=column_map("input=q"))


@pytest.mark.parametrize("text", ["", "input", "target=a", "input=a,input=b", "colour=a,input=b", "input="])
def test_a_map_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        column_map(text)
