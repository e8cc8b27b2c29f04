"""Schemas as they are entered: kept, derived from examples, and refused with the line of the mistake."""

from __future__ import annotations

import json

import pytest

from desktop.domain.conversation_types import JsonValue
from desktop.errors import UsageError
from desktop.session.response_schema import LONGEST_SCHEMA, entered_schema, schema_from


@pytest.mark.parametrize(
    ("text", "derived"),
    [
        ('{"type": "object"}', False),
        ('{"properties": {"a": {}}}', False),
        ('{"$ref": "#/$defs/a", "$defs": {"a": {}}}', False),
        ('{"type": ["object", "null"]}', False),
        ('{"type": "invoice", "total": 3}', True),
        ('{"name": "Ada"}', True),
        ("{}", True),
    ],
)
def test_a_schema_is_told_from_an_example(text: str, derived: bool) -> None:
    made = entered_schema(text)
    assert made.derived is derived
    assert json.loads(made.text) == made.schema
    assert derived or made.schema == json.loads(text)


@pytest.mark.parametrize(
    ("example", "schema"),
    [
        ("x", {"type": "string"}),
        (1, {"type": "integer"}),
        (1.5, {"type": "number"}),
        (True, {"type": "boolean"}),
        (None, {"type": ["string", "null"]}),
        ([], {"type": "array"}),
        ([1, 2.5], {"type": "array", "items": {"type": "number"}}),
        ([1, 2], {"type": "array", "items": {"type": "integer"}}),
        ([1, "x"], {"type": "array", "items": {"anyOf": [{"type": "integer"}, {"type": "string"}]}}),
        (
            {"a": {"b": 1}},
            {
                "type": "object",
                "properties": {
                    "a": {
                        "type": "object",
                        "properties": {"b": {"type": "integer"}},
                        "required": ["b"],
                        "additionalProperties": False,
                    }
                },
                "required": ["a"],
                "additionalProperties": False,
            },
        ),
    ],
)
def test_the_schema_of_an_example_has_its_types(example: JsonValue, schema: JsonValue) -> None:
    assert schema_from(example) == schema


def test_an_example_conforms_to_its_schema() -> None:
    from desktop.evals.graders.schema_check import mismatch, slip_of_schema

    example = {"a": [1, 2.5, None], "b": {"c": "x", "d": [{"e": True}, {"e": False, "f": 1}]}}
    schema = entered_schema(json.dumps(example)).schema
    assert slip_of_schema(schema) == ""
    assert mismatch(schema, json.loads(json.dumps(example))) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{\n  "a": 1\n  "b": 2\n}', "Line 3, column 3: Expecting ',' delimiter."),
        ("[1]", "A schema or an example must be a JSON object, in braces."),
        ('{"a": NaN}', "The text is not JSON: NaN is not allowed."),
        ("[" * 100_000, "The JSON is nested too deeply."),
        (" " * (LONGEST_SCHEMA + 1), "A schema can have at most 200,000 characters."),
    ],
)
def test_mistakes_are_told_by_line(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        entered_schema(text)
    assert str(caught.value.message) == said


def test_a_great_depth_is_left_open() -> None:
    text = '{"a":' * 100 + "1" + "}" * 100
    assert "{}" in entered_schema(text).text
