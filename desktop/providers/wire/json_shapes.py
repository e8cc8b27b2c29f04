"""Access to decoded JSON of unknown shape that never raises, and joining of split surrogate pairs. Pure functions."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping
from typing import TypeGuard, cast

import msgspec

_LARGEST_COUNT = 1 << 53

JsonObject = Mapping[str, object]


def is_object(value: object) -> TypeGuard[JsonObject]:
    """Whether a decoded value is a JSON object."""
    return isinstance(value, dict)


def objects(value: object) -> list[JsonObject]:
    """Return the objects in a decoded list; empty for any other value."""
    return [item for item in items(value) if is_object(item)]


def first_object(value: object, wanted: Callable[[JsonObject], bool]) -> JsonObject | None:
    """Return the first object in a decoded list that satisfies `wanted`, or None."""
    return next((item for item in items(value) if is_object(item) and wanted(item)), None)


def items(value: object) -> list[object]:
    """Return the items of a decoded list; empty for any other value."""
    return cast("list[object]", value) if isinstance(value, list) else []


def inner(value: JsonObject, name: str) -> JsonObject:
    """Return the object in a field; an empty one if there is none."""
    found = value.get(name)
    return found if is_object(found) else {}


def words(value: object) -> str:
    """Return a string with its surrounding spaces; empty for any other value."""
    return value if isinstance(value, str) else ""


def text(value: object) -> str:
    """Return a string without surrounding spaces; empty for any other value."""
    return value.strip() if isinstance(value, str) else ""


def count(value: object) -> int | None:
    """Return an integer from 0 to 2**53; None for any other value."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _LARGEST_COUNT:
        return value
    return None


_decode = msgspec.json.Decoder().decode


def with_halves(data: str | bytes) -> object:
    """Decode JSON that contains lone surrogates; return None if it contains none."""
    try:
        _decode(data)
    except (msgspec.DecodeError, UnicodeError):
        return json.loads(data)
    return None


class TornCharacters:
    """Buffers the first half of a surrogate pair that a server split between two events."""

    def __init__(self) -> None:
        self.halves: dict[Hashable, str] = {}
        """Halves that are held back, by kind of text."""

    def whole(self, kind: Hashable, text: str) -> str:
        """Return a text with the buffered half prepended; buffer a first half at its end."""
        joined = (self.halves.pop(kind, "") + text).encode("utf-16-le", "surrogatepass")
        if b"\xd8" <= joined[-1:] <= b"\xdb":
            self.halves[kind] = joined[-2:].decode("utf-16-le", "surrogatepass")
            joined = joined[:-2]
        return joined.decode("utf-16-le", "replace")

    def left(self) -> list[Hashable]:
        """Discard the buffered halves, and return the kinds of text to which they belonged."""
        kinds = [*self.halves]
        self.halves.clear()
        return kinds
