"""The child that runs a user's or an organization's own expressions on one text, so that a slow one can be ended."""

from __future__ import annotations

import json
import re
import sys

import msgspec
from msgspec import Struct

from desktop.guards.patterns import for_own
from desktop.system.child_bounds import serve, write_frame

_MOST_BYTES = 1 << 28
_MOST_MATCHES = 20
"""Matches of one expression that are reported."""


class PatternTask(Struct, frozen=True):
    """The forms of one text, and the expressions to search them for."""

    texts: tuple[str, ...]
    expressions: tuple[str, ...]


def main() -> int:
    """Serve until stdin closes. Return the exit status."""
    return serve(_parse_task, _reply, most=_MOST_BYTES, writes_files=False)


def encode(message: PatternTask | list[str]) -> bytes:
    """Encode a task, or the matches of an expression, as JSON, escaped so that halves of surrogate pairs pass."""
    return json.dumps(msgspec.to_builtins(message)).encode()


def parse_matches(data: bytes) -> list[str]:
    """Decode the matches of an expression. Raises ValueError."""
    return msgspec.convert(json.loads(data), list[str])


def _parse_task(data: bytes) -> PatternTask:
    return msgspec.convert(json.loads(data), PatternTask)


def _reply(task: PatternTask) -> bytes:
    """Write a frame of matches for each expression as soon as it is done; return that of the last one."""
    matches: list[str] = []
    for number, expression in enumerate(task.expressions):
        if number:
            write_frame(encode(matches))
        matches = _matches(task.texts, expression)
    return encode(matches)


def _matches(texts: tuple[str, ...], expression: str) -> list[str]:
    distinct: dict[str, str] = {}
    for match in (match for text in texts for match in re.finditer(expression, text)):
        if match[0]:
            distinct.setdefault(for_own(match[0]), match[0])  # once, even if both forms of a text hold it
        if len(distinct) == _MOST_MATCHES:
            break
    return list(distinct.values())


if __name__ == "__main__":
    sys.exit(main())
