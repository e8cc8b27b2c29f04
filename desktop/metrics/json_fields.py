"""Fields of JSON responses by path, in the order of a JSON Schema. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeGuard, cast

import msgspec

from desktop.domain.conversation_types import JsonValue
from desktop.text.phrases import Phrase, phrase

MOST_CHARACTERS = 1_000_000
"""Maximum length of a response that is read as JSON."""

MOST_FIELDS = 500
"""Maximum number of fields that are compared."""

_DEEPEST = 32
"""Depth from which a value is one field, whatever it contains."""

_MOST_VISITED = 20_000
"""Maximum number of values that are visited to find the fields."""

_MOST_HOPS = 8
_EXACT = 2**53
_FENCES = ("```", "~~~")
_LANGUAGES = ("", "json", "json5", "jsonc")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,199}")

Schema = Mapping[str, JsonValue]
Path = tuple[str | int, ...]
"""Keys of objects and indexes of arrays from the root of a JSON document to a value."""


class ReadJson(NamedTuple):
    """JSON of a response, or the problem if it has none."""

    value: JsonValue
    problem: Phrase | None = None


def read_json(text: str) -> ReadJson:
    """Parse a response as JSON, which may be in one fenced code block."""
    if not text.strip():
        return ReadJson(None, phrase("The response is empty."))
    if len(text) > MOST_CHARACTERS:
        return ReadJson(None, phrase("The response is too long to be read as JSON."))
    try:
        return ReadJson(cast("JsonValue", msgspec.json.decode(without_fence(text))))
    except (msgspec.DecodeError, UnicodeError) as error:
        reason = str(error).removeprefix("JSON is malformed: ")
        return ReadJson(None, phrase("The response is not JSON: {reason}.", reason=reason))
    except RecursionError:
        return ReadJson(None, phrase("The JSON of the response is nested too deeply."))


def without_fence(text: str) -> str:
    """Return the content of a code block if a text consists of nothing else, and else the text."""
    stripped = text.strip()
    first, _, rest = stripped.partition("\n")
    fence = stripped[:3]
    if fence not in _FENCES or first[3:].strip().lower() not in _LANGUAGES or not rest.endswith(fence):
        return stripped
    return rest[:-3]


def canonical(value: JsonValue) -> str:
    """Return a value as compact JSON with sorted keys, in which equal numbers are written alike."""
    return msgspec.json.encode(_plain(value, 0), order="sorted").decode()


def _plain(value: JsonValue, depth: int) -> JsonValue:
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _EXACT else value
    if depth < _DEEPEST and isinstance(value, dict):
        return {key: _plain(each, depth + 1) for key, each in value.items()}
    if depth < _DEEPEST and isinstance(value, list):
        return [_plain(each, depth + 1) for each in value]
    return value


def path_text(path: Path) -> str:
    """Return a path as text, such as `items[0].name` or `["first name"]`; `$` for the whole document."""
    parts: list[str] = []
    for key in path:
        if isinstance(key, int):
            parts.append(f"[{key}]")
        elif _NAME.fullmatch(key):
            parts.append(f".{key}")
        else:
            parts.append(f"[{msgspec.json.encode(key).decode()}]")
    return "".join(parts).removeprefix(".") or "$"


def parsed_path(text: str) -> Path | None:
    """Return the path that a text such as `items[0].name` means, or None if it is not a path."""
    if text == "$":
        return ()
    found: list[str | int] = []
    for piece in _PIECE.finditer(text):
        index, quoted, name = piece["index"], piece["quoted"], piece["name"]
        if index is not None:
            found.append(int(index))
        elif quoted is not None:
            try:
                found.append(msgspec.json.decode(quoted, type=str))
            except msgspec.DecodeError:
                return None
        elif name is not None:
            found.append(name)
        else:
            return None
    return tuple(found) or None


_PIECE = re.compile(
    r"\[(?P<index>[0-9]{1,6})\]"
    r'|\[(?P<quoted>"(?:[^"\\]|\\.)*+")\]'
    r"|(?:\A|(?<=.)\.)(?P<name>[^.\[\]\"]+)"
    r"|(?P<slip>.)",
    re.DOTALL,
)


class Absent:
    """Type of the marker for a value that is not there."""


ABSENT = Absent()


def value_at(value: JsonValue, path: Path) -> JsonValue | Absent:
    """Return the value at a path, or ABSENT."""
    for key in path:
        match value, key:
            case dict(), str() if key in value:
                value = value[key]
            case list(), int() if key < len(value):
                value = value[key]
            case _:
                return ABSENT
    return value


class FoundField(NamedTuple):
    """A field with its path and the part of the schema that describes it; None if there is none."""

    path: Path
    schema: Schema | None


class FoundFields(NamedTuple):
    """Fields of several documents; `is_cut` tells that there are more than are compared."""

    fields: tuple[FoundField, ...]
    is_cut: bool = False


def fields_of(values: Sequence[JsonValue], schema: Schema | None = None) -> FoundFields:
    """Return the fields that any of the documents has, in the order of the schema, and those that it requires.

    Values of objects and elements of arrays are fields of their own. Empty objects and arrays are fields, too.
    """
    found: list[FoundField] = []
    walk = _Walk(schema)
    for each in walk.fields((), list(values), schema):
        if len(found) == MOST_FIELDS:
            return FoundFields(tuple(found), is_cut=True)
        found.append(each)
    return FoundFields(tuple(found), is_cut=walk.visited >= _MOST_VISITED)


class _Walk:
    """Walk through several documents at once, along their schema."""

    def __init__(self, root: Schema | None) -> None:
        self._root = root
        self.visited = 0

    def fields(self, path: Path, values: Sequence[JsonValue], schema: Schema | None) -> Iterator[FoundField]:
        """Yield the fields at and below a path, at which the documents have these values."""
        self.visited += 1
        if self.visited >= _MOST_VISITED:
            return
        given = referred(schema, self._root)
        schema = _object_of(given, self._root)
        parents = [value for value in values if isinstance(value, dict | list) and value]
        if len(parents) < len(values) or not values or len(path) >= _DEEPEST:
            yield FoundField(path, given)
        if len(path) >= _DEEPEST:
            return
        objects = [value for value in parents if isinstance(value, dict)]
        described = properties_of(schema)
        needed = set(_texts(schema.get("required"))) if objects and schema is not None else set[str]()
        keys = [key for key in described if key in needed or any(key in each for each in objects)]
        for key in dict.fromkeys((*keys, *(key for each in objects for key in each))):
            below = [each[key] for each in objects if key in each]
            yield from self.fields((*path, key), below, described.get(key))
        lists = [value for value in parents if isinstance(value, list)]
        for index in range(max(map(len, lists), default=0)):
            below = [each[index] for each in lists if index < len(each)]
            yield from self.fields((*path, index), below, _item(schema, index))
            if self.visited >= _MOST_VISITED:
                return


def properties_of(schema: Schema | None) -> dict[str, Schema]:
    """Return the schemas of an object's properties, in their order."""
    given = schema.get("properties") if schema is not None else None
    if not isinstance(given, dict):
        return {}
    return {key: each if is_schema(each) else {} for key, each in given.items()}


def referred(schema: Schema | None, root: Schema | None) -> Schema | None:
    """Return a schema after following its references within the document `root`."""
    for _ in range(_MOST_HOPS):
        target = schema.get("$ref") if schema is not None else None
        if not isinstance(target, str) or root is None:
            return schema
        schema = _target(target, root)
    return schema


def _object_of(schema: Schema | None, root: Schema | None) -> Schema | None:
    """Return the only alternative of a schema that describes an object or array, or else the schema."""
    ways = _ways(schema) if schema is not None else ()
    found = [each for each in (referred(way, root) for way in ways) if each and {"properties", "items"} & each.keys()]
    return found[0] if len(found) == 1 else schema


def _ways(schema: Schema) -> tuple[Schema, ...]:
    given = schema.get("anyOf") or schema.get("oneOf")
    return tuple(each for each in given if is_schema(each)) if isinstance(given, list) else ()


def _target(target: str, root: Schema) -> Schema | None:
    if not target.startswith("#"):
        return None
    steps = [step.replace("~1", "/").replace("~0", "~") for step in target[1:].split("/")[1:]]
    found = value_at(dict(root), tuple(steps))
    return found if is_schema(found) else None


def _item(schema: Schema | None, index: int) -> Schema | None:
    if schema is None:
        return None
    first = schema.get("prefixItems")
    if isinstance(first, list) and index < len(first):
        each = first[index]
        return each if is_schema(each) else None
    items = schema.get("items")
    return items if is_schema(items) else None


def is_schema(value: object) -> TypeGuard[Schema]:
    """Whether a value is a JSON Schema that is an object."""
    return isinstance(value, dict)


def _texts(value: object) -> list[str]:
    return [each for each in cast("list[object]", value) if isinstance(each, str)] if isinstance(value, list) else []


_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "null": (type(None),),
}


def has_valid_type(value: JsonValue, schema: Schema | None) -> bool:
    """Whether a value has the type and one of the values that a schema demands. Nothing else is checked."""
    if schema is None:
        return True
    if ways := _ways(schema):
        return any(has_valid_type(value, each) for each in ways)
    types = schema.get("type")
    named = [types] if isinstance(types, str) else _texts(types)
    if named and not any(_is_of(value, each) for each in named):
        return False
    allowed = schema.get("enum")
    if isinstance(allowed, list) and canonical(value) not in map(canonical, allowed):
        return False
    return "const" not in schema or canonical(value) == canonical(schema["const"])


def _is_of(value: JsonValue, name: str) -> bool:
    if name in ("number", "integer"):
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return name == "number" or isinstance(value, int) or value.is_integer()
    return isinstance(value, _TYPES[name]) if name in _TYPES else True
