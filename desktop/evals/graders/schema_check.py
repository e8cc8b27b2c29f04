"""JSON Schemas of graders: parsing, validation and application, without fetching references."""

from __future__ import annotations

from typing import Any, cast

import msgspec

from desktop.domain.conversation_types import JsonValue
from desktop.evals.suites.suite_problems import shown

Schema = dict[str, JsonValue] | bool

_LONGEST_PATH = 80


def parsed_schema(text: str) -> JsonValue:
    """Parse a schema from JSON text, or return None if it is invalid."""
    try:
        return cast("JsonValue", msgspec.json.decode(text))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def slip_of_schema(schema: Schema) -> str:
    """Return why a JSON Schema is invalid, or an empty string. Call only in a child process: it may take long."""
    from jsonschema.exceptions import SchemaError
    from jsonschema.validators import validator_for

    kind = cast("Any", validator_for(schema))
    try:
        kind.check_schema(schema)
    except SchemaError as error:
        return shown(_told(error))
    except RecursionError:
        return "it is too deep"
    return ""


def mismatch(schema: Schema, value: JsonValue) -> str:
    """Return where a value violates a schema, or an empty string if it conforms.

    Call only in a child process, because it may take long.

    Raises:
        ValueError: If conformance cannot be determined.
    """
    from jsonschema import exceptions
    from jsonschema.validators import validator_for
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import EMPTY_REGISTRY

    kind = cast("Any", validator_for(schema))
    try:
        error = cast("Any", exceptions).best_match(kind(schema, registry=EMPTY_REGISTRY).iter_errors(value))
    except Unresolvable as missing:
        raise ValueError(f"its part {shown(missing.ref)} is not there") from None
    except RecursionError:
        raise ValueError("it is too deep") from None
    return "" if error is None else _told(error)


def _told(error: Any) -> str:  # noqa: ANN401 - the library's own, without types
    path = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in error.absolute_path)
    return f"{path[:_LONGEST_PATH]}: {error.message}" if path else str(error.message)
