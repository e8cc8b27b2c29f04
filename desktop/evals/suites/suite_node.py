"""Values in a suite file with their places, parsed from YAML, TOML, CSV or JSON."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import cast

from msgspec import Struct, field

from desktop.domain.conversation_types import JsonValue
from desktop.evals.suites.suite_problems import Place, shown
from desktop.text.phrases import Phrase, phrase

Nodes = tuple["SuiteNode", ...]
NodeMap = dict[str, "SuiteNode"]
Scalar = str | int | float | bool | None

DEEPEST = 64
"""Maximum nesting depth."""

GREATEST = 2**63 - 1
"""Largest integer. Larger integers become floats."""


class SuiteNode(Struct, frozen=True, gc=False):
    """A value with its place. `text` is a scalar as written; `keys` are the places of a mapping's keys."""

    value: Scalar | Nodes | NodeMap
    place: Place
    text: str = ""
    keys: Mapping[str, Place] = field(default_factory=dict[str, Place])

    @property
    def is_scalar(self) -> bool:
        """Whether the value is neither a list nor a mapping."""
        return not isinstance(self.value, tuple | dict)

    @property
    def kind(self) -> Phrase:
        """Name of the value's type for messages."""
        match self.value:
            case tuple():
                return phrase("a list")
            case dict():
                return phrase("a table")
            case None:
                return phrase("nothing")
            case _:
                return phrase("“{text}”", text=shown(self.text))

    def key_place(self, key: str) -> Place:
        """Return the place of a mapping's key."""
        return self.keys.get(key, self.place)


def plain(node: SuiteNode) -> JsonValue:
    """Return a node's value without places.

    Raises:
        ValueError: If the value contains a number that is not valid in JSON.
    """
    match node.value:
        case tuple() as nodes:
            return [plain(each) for each in nodes]
        case dict() as fields:
            return {name: plain(each) for name, each in fields.items()}
        case float() as number if not math.isfinite(number):
            raise ValueError(node.text)
        case scalar:
            return scalar


def node_of(value: object, file: str, path: str = "", depth: int = 0) -> SuiteNode:
    """Convert Python data to a node. Places are paths within the data.

    Raises:
        ValueError: If the data are nested too deeply.
    """
    node_place = Place(file, path=path)
    if depth > DEEPEST:
        raise ValueError(path)
    if isinstance(value, dict):
        fields = {str(name): each for name, each in cast("dict[object, object]", value).items()}
        ways = {name: f"{path}.{name}" if path else name for name in fields}
        inner = {name: node_of(each, file, ways[name], depth + 1) for name, each in fields.items()}
        return SuiteNode(inner, node_place, keys={name: Place(file, path=way) for name, way in ways.items()})
    if isinstance(value, list | tuple):
        items = enumerate(cast("Iterable[object]", value), start=1)
        return SuiteNode(tuple(node_of(each, file, f"{path}[{at}]", depth + 1) for at, each in items), node_place)
    return _scalar(value, node_place)


def _scalar(value: object, place: Place) -> SuiteNode:
    if isinstance(value, date | datetime | time):
        value = value.isoformat()
    if value is None or isinstance(value, bool):
        return SuiteNode(value, place, {None: "null", True: "true", False: "false"}[value])
    if isinstance(value, int):
        return SuiteNode(value if abs(value) <= GREATEST else float_of(value), place, str(value))
    if isinstance(value, float):
        return SuiteNode(float(value), place, str(value))
    return SuiteNode(str(value), place, str(value))


def float_of(number: int) -> float:
    """Convert an integer to a float, infinite if too large."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf
