"""Schema of responses as the user enters it: a JSON Schema, or an example from which one is derived. Pure functions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NoReturn, cast

from desktop.domain.conversation_types import JsonValue, Value
from desktop.errors import UsageError
from desktop.text.phrases import phrase

LONGEST_SCHEMA = 200_000
"""Maximum number of characters of a schema."""

_DEEPEST = 32
_TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")
_WORDS = ("$schema", "$ref", "$defs", "properties", "anyOf", "oneOf", "allOf", "additionalProperties")


class EnteredSchema(Value, frozen=True, kw_only=True):
    """A schema with its text as it is stored. `derived` tells that it comes from an example."""

    schema: dict[str, JsonValue]
    text: str
    derived: bool = False


def entered_schema(text: str) -> EnteredSchema:
    """Return the schema that a text contains, or that is derived from the example that it contains.

    Raises:
        UsageError: If the text is not a JSON object, with the line of the mistake.
    """
    if len(text) > LONGEST_SCHEMA:
        raise UsageError(phrase("A schema can have at most {most} characters.", most=f"{LONGEST_SCHEMA:,}"))
    try:
        value = cast("JsonValue", json.loads(text.removeprefix("\ufeff"), parse_constant=_refuse))
    except json.JSONDecodeError as error:
        raise UsageError(
            phrase("Line {line}, column {column}: {reason}.", line=error.lineno, column=error.colno, reason=error.msg)
        ) from None
    except ValueError as error:
        raise UsageError(phrase("The text is not JSON: {reason}.", reason=str(error))) from None
    except RecursionError:
        raise UsageError(phrase("The JSON is nested too deeply.")) from None
    if not isinstance(value, dict):
        raise UsageError(phrase("A schema or an example must be a JSON object, in braces."))
    if is_json_schema(value):
        return EnteredSchema(schema=value, text=_written(value))
    derived = cast("dict[str, JsonValue]", schema_from(value))
    return EnteredSchema(schema=derived, text=_written(derived), derived=True)


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not allowed")


def _written(schema: dict[str, JsonValue]) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=2).encode("utf-8", "replace").decode()


def is_json_schema(value: dict[str, JsonValue]) -> bool:
    """Whether an object is a JSON Schema and not an example of a response."""
    kind = value.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    return all(each in _TYPES for each in kinds) if kind is not None else any(word in value for word in _WORDS)


def schema_from(example: JsonValue, depth: int = 0) -> JsonValue:
    """Return the schema of an example: its types, with all properties required and no others."""
    if depth > _DEEPEST:
        return {}
    match example:
        case dict():
            return {
                "type": "object",
                "properties": {key: schema_from(each, depth + 1) for key, each in example.items()},
                "required": [*example],
                "additionalProperties": False,
            }
        case list():
            found = _common([schema_from(each, depth + 1) for each in example])
            return {"type": "array", "items": found} if found is not None else {"type": "array"}
        case None:
            return {"type": ["string", "null"]}
        case bool():
            return {"type": "boolean"}
        case int():
            return {"type": "integer"}
        case float():
            return {"type": "number"}
        case _:
            return {"type": "string"}


def _common(schemas: Sequence[JsonValue]) -> JsonValue:
    """Return the schema of an array's elements: one if all are alike, else the alternatives."""
    distinct = [each for at, each in enumerate(schemas) if each not in schemas[:at]]
    numbers = [{"type": "integer"}, {"type": "number"}]
    if len(distinct) > 1 and all(each in numbers for each in distinct):
        return {"type": "number"}
    if len(distinct) > 1:
        return {"anyOf": distinct}
    return distinct[0] if distinct else None
