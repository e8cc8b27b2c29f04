"""Looks at decoded JSON of unknown shape without ever failing; pure."""

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


_decode = msgspec.json.Decoder().decode


def with_halves(data: str | bytes) -> object:
    """JSON with halves of surrogate pairs as they are; None where it holds none that are escaped."""
    try:
        _decode(data)
    except (msgspec.DecodeError, UnicodeError):
        return json.loads(data)
    return None


class TornCharacters:
    """Holds the first halves of characters back, by the text that they belong to, until the others come."""

    def __init__(self) -> None:
        self.halves: dict[Hashable, str] = {}
        """What is held back, by the texts' kinds."""

    def whole(self, kind: Hashable, text: str) -> str:
        """What can be given of a text: with the half that was held back, without one that it ends in."""
        joined = (self.halves.pop(kind, "") + text).encode("utf-16-le", "surrogatepass")
        if b"\xd8" <= joined[-1:] <= b"\xdb":
            self.halves[kind] = joined[-2:].decode("utf-16-le", "surrogatepass")
            joined = joined[:-2]
        return joined.decode("utf-16-le", "replace")

    def left(self) -> list[Hashable]:
        """The texts whose last half never got its other one, which are forgotten with this."""
        kinds = [*self.halves]
        self.halves.clear()
        return kinds
