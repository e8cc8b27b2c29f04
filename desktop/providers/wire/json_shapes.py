"""Looks at decoded JSON of unknown shape without ever failing; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeGuard, cast

_LARGEST_COUNT = 1 << 53

JsonObject = Mapping[str, object]


def is_object(value: object) -> TypeGuard[JsonObject]:
    """Whether a decoded value is a JSON object."""
    return isinstance(value, dict)


def objects(value: object) -> list[JsonObject]:
    """The objects in a decoded list; empty for anything else."""
    return [item for item in items(value) if is_object(item)]


def first_object(value: object, wanted: Callable[[JsonObject], bool]) -> JsonObject | None:
    """The first object in a decoded list that is wanted; None where there is none."""
    return next((item for item in items(value) if is_object(item) and wanted(item)), None)


def items(value: object) -> list[object]:
    """A decoded list's items; empty for anything else."""
    return cast("list[object]", value) if isinstance(value, list) else []


def inner(value: JsonObject, name: str) -> JsonObject:
    """The object under a name; an empty one where there is none."""
    found = value.get(name)
    return found if is_object(found) else {}


def words(value: object) -> str:
    """A value that is a string, with the blanks around it; empty for any other."""
    return value if isinstance(value, str) else ""


def text(value: object) -> str:
    """A string without spaces around it; empty for anything else."""
    return value.strip() if isinstance(value, str) else ""


def count(value: object) -> int | None:
    """A number of things: a whole number from 0 to 2**53; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _LARGEST_COUNT:
        return value
    return None
