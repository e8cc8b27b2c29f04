"""Child process that searches one text for custom patterns, so that a slow search can be terminated."""

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
"""Maximum matches reported for each pattern."""


class PatternTask(Struct, frozen=True):
    """Variants of one text to search, and the regular expressions to search for."""

    texts: tuple[str, ...]
    expressions: tuple[str, ...]


def main() -> int:
    """Serve requests until stdin closes. Return the exit status."""
    return serve(_parse_task, _reply, most=_MOST_BYTES, writes_files=False)


def encode(message: PatternTask | list[str]) -> bytes:
    """Encode a task, or the matches of a pattern, as ASCII JSON, so that lone surrogates survive."""
    return json.dumps(msgspec.to_builtins(message)).encode()


def parse_matches(data: bytes) -> list[str]:
    """Decode the matches of a pattern. Raises ValueError."""
    return msgspec.convert(json.loads(data), list[str])


def _parse_task(data: bytes) -> PatternTask:
    return msgspec.convert(json.loads(data), PatternTask)


def _reply(task: PatternTask) -> bytes:
    """Write a frame of matches for each pattern as soon as it was searched; return the last frame's contents."""
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
