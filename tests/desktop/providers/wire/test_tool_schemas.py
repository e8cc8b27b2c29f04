"""Schemas of tools and responses as each API accepts them."""

from __future__ import annotations

from typing import Any

import pytest

from desktop.domain.tool_types import ToolSpec
from desktop.providers.wire.tool_schemas import (
    LONGEST_DESCRIPTION,
    arguments_schema,
    closed_schema,
    description,
    is_strict,
    response_schema,
)

TEXT = {"type": "string"}
STRICT: dict[str, Any] = {"type": "object", "properties": {"a": TEXT}, "required": ["a"], "additionalProperties": False}


@pytest.mark.parametrize(
    ("schema", "sent"),
    [
        ({}, {"type": "object", "properties": {}}),
        ({"type": "object"}, {"type": "object", "properties": {}}),
        ({"$schema": "http://json-schema.org/draft-07/schema#", **STRICT}, STRICT),
        (
            {"anyOf": [{"properties": {"a": TEXT}}, {"properties": {"b": TEXT}}, True], "properties": {"c": TEXT}},
            {"type": "object", "properties": {"a": TEXT, "b": TEXT, "c": TEXT}},
        ),
        ({"type": "string", "oneOf": 3, "properties": []}, {"type": "object", "properties": {}}),
    ],
)
def test_arguments_are_an_object_with_properties(schema: dict[str, Any], sent: dict[str, Any]) -> None:
    assert arguments_schema(ToolSpec(name="f", schema=schema)) == sent


@pytest.mark.parametrize(("said", "sent"), [("", {}), ("  ", {}), (" Adds. ", {"description": "Adds."})])
def test_a_description_is_sent_if_there_is_one(said: str, sent: dict[str, str]) -> None:
    assert description(ToolSpec(name="f", description=said)) == sent


def test_a_description_is_truncated() -> None:
    (sent,) = description(ToolSpec(name="f", description="x" * 9_999)).values()
    assert isinstance(sent, str)
    assert len(sent) == LONGEST_DESCRIPTION


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        (STRICT, True),
        ({**STRICT, "properties": {"a": {"anyOf": [TEXT, {"type": "null"}]}}}, True),
        ({**STRICT, "properties": {"a": {"type": "array", "items": STRICT}}}, True),
        ({**STRICT, "$defs": {"b": STRICT}}, True),
        ({**STRICT, "additionalProperties": True}, False),
        ({**STRICT, "required": []}, False),
        ({"type": "object", "properties": {}}, False),
        ({**STRICT, "properties": {"a": {"type": "object"}}}, False),
        ({**STRICT, "properties": {"a": {"type": ["object", "null"]}}}, False),
        ({**STRICT, "properties": {"a": {"type": "array", "items": {"type": "object", "properties": {}}}}}, False),
        ({**STRICT, "$defs": {"b": {"oneOf": [TEXT]}}}, False),
        ({"type": "array", "items": STRICT}, False),
        ({**STRICT, "anyOf": [STRICT]}, False),
        ({}, False),
    ],
)
def test_a_schema_is_strict_where_each_object_requires_all_and_allows_no_more(
    schema: dict[str, Any], *, strict: bool
) -> None:
    assert is_strict(schema) is strict


def test_a_schema_without_end_is_not_strict() -> None:
    deep: dict[str, Any] = TEXT
    for _ in range(500):
        deep = {"anyOf": [deep]}
    assert not is_strict({**STRICT, "properties": {"a": deep}})
    assert closed_schema({"type": "object", "properties": {"a": deep}})["additionalProperties"] is False


def test_a_response_schema_for_anthropic_is_closed_and_without_limits() -> None:
    number: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": 5}
    inner: dict[str, Any] = {"type": "object", "properties": {"minimum": number}}
    schema: dict[str, Any] = {
        "$schema": "x",
        "type": "object",
        "properties": {"a": {"type": "array", "items": inner, "minItems": 2}, "b": {"oneOf": [TEXT, number]}},
        "additionalProperties": True,
    }
    closed = {"type": "object", "properties": {"minimum": {"type": "integer"}}, "additionalProperties": False}
    assert closed_schema(schema) == {
        "type": "object",
        "properties": {"a": {"type": "array", "items": closed}, "b": {"anyOf": [TEXT, {"type": "integer"}]}},
        "additionalProperties": False,
    }
    assert response_schema(schema) == {name: value for name, value in schema.items() if name != "$schema"}
