"""Agreement of JSON responses by field: order, states, shares and what is no JSON."""

from __future__ import annotations

import json

import pytest

from desktop.domain.conversation_types import JsonValue
from desktop.metrics.field_agreement import FieldState, field_table, schema_of

SIGNS = {
    FieldState.SAME: "=",
    FieldState.DIFFERENT: "#",
    FieldState.MISSING: "-",
    FieldState.INVALID: "!",
    FieldState.NONE: ".",
}
SCHEMA: dict[str, JsonValue] = {
    "type": "object",
    "required": ["name", "age"],
    "properties": {
        "name": {"type": "string"},
        "age": {"type": "integer"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "address": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/address"}]},
    },
    "$defs": {"address": {"type": "object", "properties": {"zip": {"type": "string"}, "city": {"type": "string"}}}},
}


def drawn(texts: list[str | None], schema: dict[str, JsonValue] | None = None) -> list[str]:
    """The rows as text: the path, and a sign for each response."""
    return [f"{row.path} {''.join(SIGNS[cell.state] for cell in row.cells)}" for row in field_table(texts, schema).rows]


@pytest.mark.parametrize(
    ("texts", "rows"),
    [
        (['{"a": 1, "b": "x"}', '{"b": "x", "a": 1.0}'], ["a ==", "b =="]),
        (['{"a": 1}', '{"a": 1}', '{"a": 2}'], ["a ==#"]),
        (['{"a": 1}', '{"a": 2}'], ["a ##"]),
        (['{"a": 1}', "{}"], ["$ ##", "a =-"]),
        (['{"a": [1, {"b": 2}]}', '{"a": [1]}'], ["a[0] ==", "a[1].b =-"]),
        (['{"a": []}', '{"a": {}}'], ["a ##"]),
        (['{"a": {"b": 1}}', '{"a": 2}'], ["a ##", "a.b =-"]),
        (['{"first name": 1}', '{"first name": 1}'], ['["first name"] ==']),
        (["3", "3"], ["$ =="]),
        (['{"a": true}', '{"a": 1}'], ["a ##"]),
        (['{"a": 1}', "no", None], ["a =.."]),
        (["no"], []),
        ([], []),
    ],
)
def test_fields_are_compared(texts: list[str | None], rows: list[str]) -> None:
    assert drawn(texts) == rows


def test_fields_follow_the_schema_and_required_ones_are_missed() -> None:
    one = '{"address": {"city": "Bonn", "zip": "53"}, "extra": 1, "tags": ["x"], "name": "Ada"}'
    other = '{"address": null, "name": 5, "tags": ["x"]}'
    assert drawn([one, other], SCHEMA) == [
        "name =!",
        "age --",
        "tags[0] ==",
        "address ##",
        "address.zip =-",
        "address.city =-",
        "extra =-",
    ]


def test_enumerations_and_constants_are_checked() -> None:
    schema: dict[str, JsonValue] = {"properties": {"a": {"enum": ["x", 1]}, "b": {"const": 2}, "c": {"type": "number"}}}
    assert drawn(['{"a": 1.0, "b": 2, "c": 1}', '{"a": "y", "b": 3, "c": true}'], schema) == ["a =!", "b =!", "c =!"]


def test_agreement_is_the_share_of_the_most_frequent_value() -> None:
    table = field_table(['{"a": 1, "b": 1}', '{"a": 1, "b": 2}', '{"a": 1}', "none"])
    assert [row.agreement for row in table.rows] == [1.0, pytest.approx(1 / 3)]
    assert table.agreement == pytest.approx(2 / 3)
    assert (table.same, table.compared) == (1, 3)


def test_one_response_has_no_agreement() -> None:
    table = field_table(['{"a": 1}'])
    assert table.agreement is None
    assert [row.agreement for row in table.rows] == [None]


@pytest.mark.parametrize(
    "text", ['```json\n{"a": 1}\n```', '```\n{"a": 1}\n```', '  {"a": 1}\n', '~~~json\r\n{"a": 1}\r\n~~~', "```json{}"]
)
def test_one_code_block_around_json_is_removed(text: str) -> None:
    table = field_table([text])
    assert (table.problems[0] is None) == (text != "```json{}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The response is empty."),
        ("Hello", "The response is not JSON: "),
        ('Here: ```json\n{"a": 1}\n```', "The response is not JSON: "),
        ("[" * 100_000, "The JSON of the response is nested too deeply."),
        (" " + "1" * 1_000_001, "The response is too long to be read as JSON."),
        ('{"a": "\\ud800"}', "The response is not JSON: "),
    ],
)
def test_what_is_no_json_says_why(text: str, said: str) -> None:
    problem = field_table([text]).problems[0]
    assert problem is not None
    assert str(problem).startswith(said)


def test_very_many_fields_are_cut() -> None:
    table = field_table([json.dumps(list(range(2_000)))])
    assert table.is_cut
    assert len(table.rows) == 500


def test_deep_and_wide_documents_are_bounded() -> None:
    deep = "[" * 500 + "]" * 500
    wide = json.dumps([[[[]] * 100] * 100] * 20)
    assert len(field_table([deep]).rows) == 1
    assert field_table([wide]).is_cut


def test_a_reference_to_itself_ends() -> None:
    schema: dict[str, JsonValue] = {"$ref": "#"}
    assert drawn(['{"a": 1}', '{"a": 1}'], schema) == ["a =="]


@pytest.mark.parametrize("text", ["", "[]", "{", "3"])
def test_a_text_that_is_no_schema_is_none(text: str) -> None:
    assert schema_of(text) is None
