"""Each type of grader is known, with what it takes, and a wrong one is told."""

from __future__ import annotations

import warnings

import pytest

from desktop.errors import SuiteInvalid
from desktop.evals.graders.grader_check import ExpressionCheck, slip_of_expression
from desktop.evals.graders.grader_kinds import names, parse_name
from desktop.evals.graders.grader_table import grader_of
from desktop.evals.suites.suite import GraderSpec
from desktop.evals.suites.suite_yaml import grader_json
from tests.desktop.evals.graders.made import fields_of, spec


@pytest.mark.parametrize("name", names())
def test_every_type_is_taken_made_and_written_as_it_was(name: str) -> None:
    found = parse_name(name)
    assert found is not None
    made = spec(name, **fields_of(found.kind))
    assert made.name == name
    assert grader_of(made, None) is not None
    table = grader_json(made)
    assert spec(str(table.pop("type")), table.pop("value", None), **table) == made


def test_a_name_is_taken_apart() -> None:
    made = spec("not-icontains", "a")
    assert (made.type, made.negated, made.folded, made.name) == ("contains", True, True, "not-icontains")
    assert parse_name("inumeric") is parse_name("not-") is parse_name("") is None


def test_a_type_without_a_value_may_stand_alone() -> None:
    from desktop.evals.suites.suite_file import suite_of

    found = suite_of({"schema": "paragone-suite/1", "prompts": ["x"], "graders": ["is-json"]})
    assert found.cases[0].graders == (GraderSpec(type="is-json"),)


@pytest.mark.parametrize(
    ("grader", "problem"),
    [
        ({"type": "contians", "value": "a"}, "“contians” is not a known field. Did you mean “contains”?"),
        ({"value": "a"}, "A grader needs a type"),
        ({"type": "contains"}, "“contains” needs a value."),
        ({"type": "contains", "value": ["a"]}, "“value” must be text, not a list."),
        ({"type": "contains", "value": "a", "threshold": 0.5}, "“contains” does not take a threshold."),
        ({"type": "contains", "value": "a", "weight": -1}, "“weight” must be a number from 0 to 1,000"),
        ({"type": "contains", "value": "a", "not": "x"}, "“not” must be true or false, not “x”."),
        ({"type": "contains", "value": "a", "rubric": "x"}, "“rubric” is not a known field"),
        ({"type": "contains-any", "value": []}, "The list is empty."),
        ({"type": "contains-any", "value": [["a"]]}, "“value” must be a list of text values, not a list."),
        ({"type": "regex", "value": "("}, "Invalid regular expression: "),
        ({"type": "regex", "value": "a" * 10_001}, "more than 10,000 characters"),
        ({"type": "is-json", "value": "a"}, "“is-json” does not take a value."),
        ({"type": "json-schema", "value": {"type": "objekt"}}, "Invalid JSON Schema: "),
        ({"type": "json-schema", "value": "{"}, "“value” must be a JSON Schema, not “{”."),
        ({"type": "numeric", "value": "many"}, "“value” must be a number, not “many”."),
        ({"type": "numeric", "value": 5, "tolerance": "a lot"}, "must be a number or a percentage such as 5%"),
        ({"type": "numeric", "value": 5, "position": "middle"}, "“position” must be one of last, first, only"),
        ({"type": "similarity", "value": "a", "threshold": 5}, "“threshold” must be a number from 0 to 1, not “5”."),
        ({"type": "length"}, "“length” needs min or max."),
        ({"type": "length", "min": 5, "max": 1}, "min is larger than max."),
        ({"type": "latency"}, "“latency” needs a threshold."),
        ({"type": "judge", "model": "lab/judge"}, "“judge” needs a rubric or a reference."),
        ({"type": "judge", "rubric": "x", "model": "judge"}, "“judge” is not a valid model name."),
        ({"type": "not-judge-pair", "model": "lab/judge"}, "“judge-pair” cannot be negated."),
    ],
)
def test_a_grader_that_is_none_is_told(grader: dict[str, object], problem: str) -> None:
    fields = dict(grader)
    with pytest.raises(SuiteInvalid) as caught:
        spec(str(fields.pop("type", "")), fields.pop("value", None), **fields)
    assert problem in caught.value.message or not grader.get("type")


def test_expressions_without_end_are_not_looked_at_without_end() -> None:
    check = ExpressionCheck()
    assert check.slip("(") != ""
    assert check.slip("[a]" * 1000) == ""
    assert check.slip("([a]") == ""
    assert check.slip("(") != ""


def test_an_expression_warns_of_nothing_and_may_be_deep() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert slip_of_expression("[[a]") == ""
    assert slip_of_expression("(" * 5000 + ")" * 5000) != ""
