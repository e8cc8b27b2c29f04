"""The JSON Schema of suites says what the program takes, and the file in the documentation is made of it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator

from desktop.domain.conversation_types import JsonValue
from desktop.errors import SuiteInvalid
from desktop.evals.graders.grader_kinds import names, parse_name
from desktop.evals.suites.suite_file import suite_json, suite_of, suite_yaml
from desktop.evals.suites.suite_node import plain
from desktop.evals.suites.suite_problems import SuiteProblems
from desktop.evals.suites.suite_schema import schema_text, suite_schema
from desktop.evals.suites.yaml_text import read_yaml
from tests.desktop.evals.graders.made import fields_of
from tests.desktop.evals.suites.test_suite_file import WHOLE

ROOT = Path(__file__).resolve().parents[4]


@cache
def validator() -> Draft202012Validator:
    schema = suite_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def fits(value: object) -> bool:
    return cast("Any", validator()).is_valid(value)


def data(text: str) -> dict[str, JsonValue]:
    node = read_yaml(text, "s.yaml", SuiteProblems())
    assert node is not None
    return cast("dict[str, JsonValue]", plain(node))


def small(**fields: object) -> dict[str, JsonValue]:
    return cast("dict[str, JsonValue]", {"schema": "paragone-suite/1", "prompts": ["x"], **fields})


def test_the_file_in_the_documentation_is_up_to_date() -> None:
    assert (ROOT / "docs" / "suite.schema.json").read_text("utf-8") == schema_text()


def test_a_suite_that_is_taken_fits_the_schema_as_it_is_written_and_as_it_is_given_back() -> None:
    assert fits(data(WHOLE))
    suite = suite_of(data(WHOLE))
    assert fits(data(suite_yaml(suite)))
    assert json.loads(json.dumps(suite_json(suite)))["schema"] == "paragone-suite/1"


def test_every_grader_fits_the_schema() -> None:
    found = names()
    assert len(found) > 20
    for name in found:
        parsed = parse_name(name)
        assert parsed is not None
        table = {"type": name, **fields_of(parsed.kind)}
        assert fits(small(graders=[table])), name
        suite_of(small(graders=[table]))
    assert fits(small(graders=["is-json"]))


@pytest.mark.parametrize(
    "fields",
    [
        {"schema": "paragone-suite/2"},
        {"nmae": "x"},
        {"cases": []},
        {"repeats": 0},
        {"repeats": 1.5},
        {"limits": {"cost": 1}},
        {"contenders": ["x"]},
        {"contenders": [{"label": "x"}]},
        {"graders": [{"type": "contians", "value": "x"}]},
        {"graders": [{"type": "contains"}]},
        {"graders": [{"type": "contains", "value": ["x"]}]},
        {"graders": [{"type": "contains", "value": "x", "threshold": 0.5}]},
        {"graders": [{"type": "latency"}]},
        {"graders": [{"type": "similarity", "value": "x", "threshold": 5}]},
        {"graders": [{"type": "numeric", "value": 5, "position": "middle"}]},
        {"graders": ["contains"]},
        {"cases": [{"vars": {"a": ["b"]}}]},
        {"cases": [{"threshold": 2}]},
        {"prompts": [{"turn": ["x"]}]},
    ],
)
def test_what_the_schema_refuses_the_program_refuses(fields: dict[str, object]) -> None:
    wrong = small(**fields)
    assert not fits(wrong)
    with pytest.raises(SuiteInvalid):
        suite_of(wrong)


def test_tools_are_names_or_a_table_with_a_mode() -> None:
    for tools in ("time", ["time", "web"], {"servers": ["time"], "mode": "recorded"}, {"servers": "time"}):
        assert fits(small(tools=tools)), tools
    for tools in ({"servers": ["time"], "mode": "frozen"}, {"server": "time"}, [["time"]]):
        assert not fits(small(tools=tools)), tools
