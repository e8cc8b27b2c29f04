"""Tables of promptfoo's become suites."""

from __future__ import annotations

import pytest

from desktop.errors import SuiteInvalid
from desktop.evals.suites.promptfoo_table import table_suite
from desktop.evals.suites.suite import Suite
from desktop.evals.suites.suite_import import SuiteImport
from desktop.evals.suites.suite_problems import SuiteProblems


def imported(text: str) -> SuiteImport:
    return table_suite(text, "t.csv", SuiteProblems(), "t")


def suite(text: str) -> Suite:
    found = imported(text).suite
    assert found is not None
    return found


def graders(cell: str) -> list[tuple[str, object, float | None]]:
    quoted = cell.replace('"', '""')
    found = suite(f'q,__expected\nx,"{quoted}"\n')
    return [(each.name, each.value or each.options or None, each.threshold) for each in found.cases[0].graders]


@pytest.mark.parametrize(
    ("cell", "taken"),
    [
        ("Hello", ("equals", "Hello", None)),
        ("Hello: you", ("equals", "Hello: you", None)),
        ("equals: Hello ", ("equals", "Hello", None)),
        ("not-contains:a", ("not-contains", "a", None)),
        ("icontains-any: a, b", ("icontains-any", ["a", "b"], None)),
        ("similar(0.7):a", ("similarity", "a", 0.7)),
        ("similar:a", ("similarity", "a", None)),
        ("is-json", ("is-json", None, None)),
        ('is-json:{"type": "object"}', ("json-schema", {"type": "object"}, None)),
        ("regex:^a\\d", ("regex", "^a\\d", None)),
        ("latency(500)", ("latency", None, 500.0)),
        ("grade: is kind", ("judge", {"rubric": "is kind"}, None)),
        ("llm-rubric(0.8): is kind", ("judge", {"rubric": "is kind"}, 0.8)),
        ("contains: a\nb", ("contains", "a\nb", None)),
    ],
)
def test_a_cell_is_a_grader(cell: str, taken: tuple[object, ...]) -> None:
    assert graders(cell) == [taken]


@pytest.mark.parametrize(
    "cell", ["javascript:output", "fn:output", "eval:1", "python:1", "file://a.js", "contains-json", "regex:("]
)
def test_code_and_what_nothing_does_are_refused_and_the_case_stays(cell: str) -> None:
    found = imported(f"q,__expected\nx,{cell}\n")
    assert len(found.refused) == 1
    assert found.refused[0].startswith("t.csv, line 2: ")
    assert found.suite is not None
    assert found.suite.cases[0].graders == ()


def test_other_columns_are_taken_or_told() -> None:
    found = imported(
        "q,lang,__expected,__expected2,__prefix,__suffix,__metric,__threshold,__description,__metadata:category,"
        "__metadata:tags[],__metadata:other,__config:x\n"
        'What?,de,a,b,"<",">",tone,0.5,first,math,"x, y",no,no\n'
        "Why?,en,,,,,,,,,,,\n"
    )
    assert found.suite is not None
    first, second = found.suite.cases
    assert (first.vars, first.tags, first.threshold, first.description) == (
        {"q": "What?", "lang": "de"},
        ("math", "x", "y"),
        0.5,
        "first",
    )
    assert found.suite.turns(first) == ("<What?>",)
    assert found.suite.turns(second) == ("Why?",)
    assert [each.metric for each in first.graders] == ["tone", "tone"]
    assert [str(each) for each in found.changed] == [
        "t.csv, line 1: “__metadata:other” was not imported.",
        "t.csv, line 1: “__config:x” was not imported.",
        "t.csv, line 1: The table has no prompt, so the column “q” is sent unchanged.",
    ]


def test_the_column_that_is_asked_is_found_by_its_name() -> None:
    assert suite("id,Question\n1,Why?\n").prompts[0].turns == ("{{Question}}",)


def test_what_a_cell_says_is_never_a_template() -> None:
    found = suite("q\n{{x}} {% if %}\n")
    assert found.turns(found.cases[0]) == ("{{x}} {% if %}",)


def test_rows_that_are_none_are_refused() -> None:
    found = imported('q,a\nx,1,2\nx,file://a.txt\nx\nx,"1\n')
    assert [each.partition(": ")[0] for each in found.refused] == ["t.csv, line 2", "t.csv, line 3", "t.csv"]
    assert found.suite is not None
    assert [case.vars for case in found.suite.cases] == [{"q": "x", "a": ""}]


@pytest.mark.parametrize("text", ["", "\n\n", "__expected\na\n", "a b\nx\n", "__x,\n1,2\n"])
def test_a_table_without_anything_to_ask_is_told(text: str) -> None:
    with pytest.raises(SuiteInvalid):
        imported(text)


def test_a_head_alone_makes_no_suite() -> None:
    assert imported("q\n").suite is None


def test_a_cell_that_nearly_is_a_type_is_told() -> None:
    found = imported("question,__expected\nhi,icontian:YES\n")
    assert "Did you mean “icontains”?" in found.changed[-1]
