"""What the child that checks answers is asked, and what it says: a line of JSON each."""

from __future__ import annotations

import json
from typing import Protocol

import msgspec

from desktop.domain.conversation_types import JsonValue, Value

SWITCH = "--check-child"
READY = b"ready\n"


class CheckTask(Value, frozen=True, kw_only=True):
    """One check.

    `kind` is `regex` (`expected` matches in `text`), `schema` (`text` is JSON, held against `schema`), `is-schema`
    (whether `schema` is one at all) or `similarity` (of `expected` and `text`).
    """

    kind: str
    text: str
    expected: str = ""
    folded: bool = False
    schema: JsonValue = None


class CheckReply(Value, frozen=True, kw_only=True):
    """What a check said. `fits` is None where it could not tell; then `what` is the reason, else what was found.

    `late` says that it took too long.
    """

    fits: bool | None = None
    what: str = ""
    share: float | None = None
    late: bool = False


def line_of(said: CheckTask | CheckReply) -> bytes:
    """A task or a reply as it passes the pipe. Raises RecursionError for a schema that is too deep."""
    return json.dumps(msgspec.to_builtins(said)).encode() + b"\n"


class Checker(Protocol):
    """Carries checks out where they cannot hold the program up."""

    async def check(self, task: CheckTask) -> CheckReply:
        """The reply; one that could not tell where the check took too long or failed. Never raises for a task."""
        ...
