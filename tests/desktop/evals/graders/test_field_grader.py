"""The grader of fields: equality, tolerance, sets, similarity, shares, and values that are invalid."""

from __future__ import annotations

import pytest

from desktop.evals.graders.field_grader import slip_of_fields
from tests.desktop.evals.graders.made import grade, spec


@pytest.mark.parametrize(
    ("expected", "text", "passed"),
    [
        ({"a": 1}, '{"a": 1.0, "b": 2}', True),
        ({"a": "x"}, '```json\n{"a": "x"}\n```', True),
        ({"a": "1"}, '{"a": 1}', False),
        ({"a": None}, '{"a": null}', True),
        ({"a": None}, "{}", False),
        ({"a.b[0].c": True}, '{"a": {"b": [{"c": true}]}}', True),
        ({'["first name"]': "Ada"}, '{"first name": "Ada"}', True),
        ({"$": 3}, "3", True),
        ({"a": {"equals": {"b": 1, "c": 2}}}, '{"a": {"c": 2, "b": 1}}', True),
        ({"a": "{{name}}"}, '{"a": "Ada"}', True),
        ({"a": "{{number}}"}, '{"a": 12}', True),
        ({"a": "{{number}}"}, '{"a": 13}', False),
        ({"a": {"number": 100, "tolerance": "1%"}}, '{"a": 101}', True),
        ({"a": {"number": 100, "tolerance": 1}}, '{"a": 101.5}', False),
        ({"a": {"number": 100}}, '{"a": "100"}', False),
        ({"a": {"number": 1}}, '{"a": true}', False),
        ({"a": {"number": "{{number}}"}}, '{"a": 12}', True),
        ({"a": {"set": ["x", "y"]}}, '{"a": ["y", "x"]}', True),
        ({"a": {"set": ["x", "y"]}}, '{"a": ["x", "y", "y"]}', False),
        ({"a": {"set": []}}, '{"a": {}}', False),
        ({"a": {"similarity": "bicycle", "threshold": 0.8}}, '{"a": "bicycles"}', True),
        ({"a": {"similarity": "bicycle"}}, '{"a": "car"}', False),
        ('{"a": 1}', '{"a": 1}', True),
        ({"a": 1}, "no JSON", False),
    ],
)
async def test_fields_are_compared(expected: object, text: str, passed: bool) -> None:
    assert (await grade(spec("fields", expected), text)).passed is passed


async def test_the_score_is_the_share_of_fields() -> None:
    given = spec("fields", {"a": 1, "b": 2, "c": 3, "d": 4}, threshold=0.75)
    made = await grade(given, '{"a": 1, "b": 2, "c": 3, "d": 5}')
    assert (made.passed, made.score) == (True, 0.75)
    assert made.reason == "3 of 4 fields are as expected: d: expected “4”, got “5”."
    worse = await grade(given, '{"a": 1, "b": 2}')
    assert (worse.passed, worse.score) == (False, 0.5)
    assert "c is missing" in worse.reason


async def test_a_negated_grader_passes_what_differs() -> None:
    made = await grade(spec("not-fields", {"a": 1}), '{"a": 2}')
    assert (made.passed, made.score) == (True, 1.0)


@pytest.mark.parametrize(
    "value",
    [
        "no JSON",
        [],
        {},
        None,
        {"a..b": 1},
        {"": 1},
        {"a[x]": 1},
        {"a": {"equal": 1}},
        {"a": {"equals": 1, "set": []}},
        {"a": {"equals": 1, "tolerance": 1}},
        {"a": {"number": "x"}},
        {"a": {"number": 1, "tolerance": "much"}},
        {"a": {"set": 1}},
        {"a": {"similarity": 1}},
        {"a": {"similarity": "x", "threshold": 2}},
        {f"a{number}": 1 for number in range(501)},
    ],
)
def test_invalid_expectations_are_told(value: object) -> None:
    assert slip_of_fields(value) is not None  # pyright: ignore[reportArgumentType]
