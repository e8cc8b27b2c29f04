"""Search for tools by a model, where there are too many to offer all of them. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import cast

import msgspec

from desktop.domain.tool_types import ToolSpec

SEARCH_NAME = "find_tools"
SEARCH = ToolSpec(
    name=SEARCH_NAME,
    description=(
        "Finds tools by keywords and makes them available. Call this first: other tools can only be called after they "
        "were found."
    ),
    schema={
        "type": "object",
        "properties": {"query": {"type": "string", "description": "Keywords of the task, in English"}},
        "required": ["query"],
        "additionalProperties": False,
    },
)
_MOST_FOUND = 10
_WORD = re.compile(r"[^\W_]{2,}")


def found_tools(arguments: str, specs: Iterable[ToolSpec]) -> Sequence[ToolSpec]:
    """Return the tools that match a query best; words in a tool's name count more than those in its description."""
    try:
        value: object = msgspec.json.decode(arguments or "{}")
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        value = {}
    query = cast("dict[str, object]", value).get("query") if isinstance(value, dict) else None
    wanted = set(_words(query if isinstance(query, str) else ""))
    scored = [(_score(wanted, each), each) for each in specs]
    scored.sort(key=lambda pair: -pair[0])
    return [each for score, each in scored if score > 0][:_MOST_FOUND]


def search_text(found: Sequence[ToolSpec]) -> str:
    """Return the result of a search for the model."""
    if not found:
        return "No tool matches. Try other keywords."
    lines = (f"{each.name}: {each.description.strip().partition(chr(10))[0][:200]}" for each in found)
    return "\n".join(("These tools can be called now:", *lines))


def _score(wanted: set[str], spec: ToolSpec) -> int:
    named, described = set(_words(spec.name)), set(_words(spec.description))
    return 3 * len(wanted & named) + len(wanted & described)


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text[:4_000])]
