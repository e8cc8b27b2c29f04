"""Where a regular expression may take long: what reaches each of its repetitions, and what those repeat."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from typing import Any, cast


def weak_points(pattern: str, flags: int) -> list[tuple[str, str]]:
    """What reaches each repetition of an expression, and what it repeats."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from re import _parser as parser  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]

        tree: Any = parser.parse(pattern, flags & ~re.DEBUG)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    found: list[tuple[str, str]] = []
    _walk(cast("Any", tree), "", found)
    return found


def _walk(nodes: Iterable[tuple[Any, Any]], before: str, found: list[tuple[str, str]]) -> list[str]:
    """Some texts that the nodes match."""
    made = [""]
    for kind, value in nodes:
        pieces = _pieces(str(kind), value, before + made[0], found)
        made = [(one + piece)[:200] for one in made[:3] for piece in pieces[:4]]
    return made


def _pieces(kind: str, value: Any, before: str, found: list[tuple[str, str]]) -> list[str]:  # noqa: ANN401 - untyped
    match kind:
        case "LITERAL":
            return [chr(value)]
        case "NOT_LITERAL":
            return ["a" if chr(value) != "a" else "b", " "]
        case "ANY":
            return ["a", " ", '"']
        case "IN":
            return _members(value)
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            least, most, body = value
            bodies = _walk(body, before, found)
            if int(most) > 8:
                found += [(before, one) for one in bodies[:8] if one]
                found += [(before, one + two) for one in bodies[:3] for two in bodies[:3] if one + two and one != two]
            return [one * max(int(least), 1) for one in bodies[:3]] + ([""] if not least else [])
        case "SUBPATTERN":
            return _walk(value[3], before, found)
        case "ATOMIC_GROUP":
            return _walk(value, before, found)
        case "BRANCH":
            branches = value[1]
            step = max(len(branches) // 6, 1)
            return [text for branch in branches[::step] for text in _walk(branch, before, found)[:2]]
        case "ASSERT" | "ASSERT_NOT":
            _walk(value[1], before, found)
            return [""]
        case _:
            return [""]


def _members(value: list[tuple[Any, Any]]) -> list[str]:
    """Some characters of a set."""
    tests = "a0 _-.\t\n\\\"'(Z\xe9,:/*"
    inside = [character for character in tests if _within(value, character)]
    firsts = [chr(low) for kind, low in value if str(kind) == "LITERAL"][:2]
    return [*dict.fromkeys([*inside[:4], *firsts])] or ["a"]


def _within(value: list[tuple[Any, Any]], character: str) -> bool:
    negated, hit = False, False
    for kind, what in value:
        match str(kind):
            case "NEGATE":
                negated = True
            case "LITERAL":
                hit |= ord(character) == what
            case "RANGE":
                hit |= what[0] <= ord(character) <= what[1]
            case "CATEGORY":
                name = str(what)
                inside = character.isspace() if "SPACE" in name else character.isdigit()
                inside = character.isalnum() or character == "_" if "WORD" in name else inside
                hit |= inside != ("_NOT_" in name)
            case _:
                pass
    return hit != negated
