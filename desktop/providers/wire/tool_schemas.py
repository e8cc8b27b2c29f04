"""JSON Schemas of tools and responses in the forms that APIs accept. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from desktop.domain.conversation_types import JsonValue
from desktop.domain.tool_types import ToolSpec

LONGEST_DESCRIPTION = 1_024
"""Maximum characters of a tool's description in OpenAI's API formats."""

_COMBINED = ("anyOf", "oneOf", "allOf")
_NOT_AT_TOP = frozenset({*_COMBINED, "enum", "not", "if", "then", "else", "$schema", "$id"})
"""Keywords that OpenAI and Anthropic reject at the top of a tool's schema, and those that only name the schema."""

_LIMITS = frozenset(
    {
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength"),
        *("minItems", "maxItems", "uniqueItems", "minContains", "maxContains", "minProperties", "maxProperties"),
    }
)
"""Constraints that Anthropic's structured outputs reject. Responses are still checked against them."""

_NOT_STRICT = frozenset(
    {
        *("oneOf", "allOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas"),
        *("patternProperties", "unevaluatedProperties", "propertyNames", "prefixItems", "contains"),
    }
)
"""Keywords that OpenAI's strict schemas may not contain."""

_NAMED = ("properties", "$defs", "definitions", "patternProperties")
"""Keywords whose value contains schemas by name."""

_WITHIN = (*_COMBINED, "items", "not", "additionalProperties", "prefixItems", "contains", "if", "then", "else")
"""Keywords whose value is a schema or a list of schemas."""

_DEEPEST = 64


def arguments_schema(tool: ToolSpec) -> dict[str, JsonValue]:
    """Return the schema of a tool's arguments as an object with properties.

    Properties of alternatives become optional properties; the server of the tool still checks its own schema.
    """
    schema = {name: value for name, value in tool.schema.items() if name not in _NOT_AT_TOP}
    properties: dict[str, JsonValue] = {}
    for keyword in _COMBINED:
        branches = tool.schema.get(keyword)
        for branch in branches if isinstance(branches, list) else ():
            held = branch.get("properties") if isinstance(branch, dict) else None
            properties |= held if isinstance(held, dict) else {}
    own = tool.schema.get("properties")
    properties |= own if isinstance(own, dict) else {}
    return {**schema, "type": "object", "properties": properties}


def description(tool: ToolSpec) -> dict[str, JsonValue]:
    """Return the field with a tool's description, truncated; none if the tool has no description."""
    text = tool.description.strip()
    if len(text) > LONGEST_DESCRIPTION:
        text = text[: LONGEST_DESCRIPTION - 1] + "…"
    return {"description": text} if text else {}


def response_schema(schema: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the schema of a response without the keyword that names its dialect, which several APIs reject."""
    return {name: value for name, value in schema.items() if name != "$schema"}


def closed_schema(schema: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the schema of a response for Anthropic: objects without other properties, and no limits on values."""
    return _closed(response_schema(schema), 0)


def is_strict(schema: Mapping[str, JsonValue]) -> bool:
    """Whether a schema satisfies the rules of OpenAI's strict mode.

    Each object requires all its properties and allows no others.
    """
    return schema.get("type") == "object" and not schema.keys() & set(_COMBINED) and _is_strict(dict(schema), 0)


def _is_strict(schema: Mapping[str, JsonValue], depth: int) -> bool:
    if depth > _DEEPEST or schema.keys() & _NOT_STRICT:
        return False
    kind = schema.get("type")
    if "properties" in schema or kind == "object" or (isinstance(kind, list) and "object" in kind):
        properties, required = schema.get("properties"), schema.get("required")
        if not isinstance(properties, dict) or schema.get("additionalProperties") is not False:
            return False
        if not isinstance(required, list) or any(name not in required for name in properties):
            return False
    return all(_is_strict(each, depth + 1) for each in _inner_schemas(schema))


def _inner_schemas(schema: Mapping[str, JsonValue]) -> list[dict[str, JsonValue]]:
    found: list[JsonValue] = []
    for keyword in _NAMED:
        held = schema.get(keyword)
        found += held.values() if isinstance(held, dict) else ()
    for keyword in _WITHIN:
        held = schema.get(keyword)
        found += held if isinstance(held, list) else [held]
    return [each for each in found if isinstance(each, dict)]


def _closed(schema: dict[str, JsonValue], depth: int) -> dict[str, JsonValue]:
    if depth > _DEEPEST:
        return schema

    def within(value: JsonValue) -> JsonValue:
        return _closed(value, depth + 1) if isinstance(value, dict) else value

    closed: dict[str, JsonValue] = {}
    for name, value in schema.items():
        if name in _LIMITS:
            continue
        closed["anyOf" if name == "oneOf" else name] = _mapped(name, value, within)
    if closed.get("type") == "object" or "properties" in closed:
        closed["additionalProperties"] = False
    return closed


def _mapped(name: str, value: JsonValue, within: Callable[[JsonValue], JsonValue]) -> JsonValue:
    """Return a keyword's value with a function applied to the schemas in it."""
    if name in _NAMED and isinstance(value, dict):
        return {each: within(schema) for each, schema in value.items()}
    if name in _WITHIN:
        return [within(each) for each in value] if isinstance(value, list) else within(value)
    return value
