"""Child process that checks responses against untrusted expressions, schemas and texts, and its messages.

The child has no network access, no secrets and little memory, and is killed if a check takes too long.
"""

from __future__ import annotations

import json
import re
import sys
import warnings
from typing import Protocol

import msgspec

from desktop.domain.conversation_types import JsonValue, Value
from desktop.system.child_bounds import serve

SWITCH = "--check-child"

_MOST_BYTES = 1 << 28
_MOST_QUOTED = 400
"""Maximum length of a match or a reason that is quoted in a reply."""


class CheckTask(Value, frozen=True, kw_only=True):
    """One check.

    `kind` is `regex` (whether `expected` matches in `text`), `schema` (whether the JSON in `text` conforms to
    `schema`), `is-schema` (whether `schema` is a valid JSON Schema) or `similarity` (of `expected` and `text`).
    """

    kind: str
    text: str
    expected: str = ""
    folded: bool = False
    schema: JsonValue = None


class CheckReply(Value, frozen=True, kw_only=True):
    """Result of a check. If the check could not be decided, `fits` is None and `what` is the reason.

    Otherwise, `what` is the match or the mismatch. `late` is set if the check took too long.
    """

    fits: bool | None = None
    what: str = ""
    share: float | None = None
    late: bool = False


class Checker(Protocol):
    """Carries out checks without blocking the program."""

    async def check(self, task: CheckTask) -> CheckReply:
        """Return the reply, which is undecided if the check took too long or failed. Never raises because of a task."""
        ...


def encode(message: CheckTask | CheckReply) -> bytes:
    """Encode a message as JSON, escaped so that lone surrogates are allowed.

    Raises RecursionError if nested too deeply.
    """
    return json.dumps(msgspec.to_builtins(message)).encode()


def parse_reply(data: bytes) -> CheckReply:
    """Decode a reply. Raises msgspec.DecodeError."""
    return msgspec.json.decode(data, type=CheckReply)


def main() -> int:
    """Serve checks until stdin closes. Returns the exit status."""
    warnings.simplefilter("ignore")
    return serve(_parse_task, lambda task: encode(checked(task)), most=_MOST_BYTES, writes_files=False)


def _parse_task(data: bytes) -> CheckTask:
    try:
        return msgspec.convert(json.loads(data), CheckTask)
    except RecursionError as error:
        raise ValueError from error


def checked(task: CheckTask) -> CheckReply:
    """Carry out a task. If a library fails, the reply is undecided."""
    try:
        match task.kind:
            case "regex":
                match = re.search(task.expected, task.text, re.IGNORECASE if task.folded else 0)
                return CheckReply(fits=match is not None, what=match[0][:_MOST_QUOTED] if match else "")
            case "similarity":
                from desktop.evals.graders.text_share import share_of

                return CheckReply(fits=True, share=share_of(task.text, task.expected))
            case _:
                return _check_schema(task)
    except MemoryError:
        return CheckReply(what="it takes too much memory")
    except (re.error, ValueError, OverflowError, RecursionError) as error:
        return CheckReply(what=str(error)[:_MOST_QUOTED] or type(error).__name__)


def _check_schema(task: CheckTask) -> CheckReply:
    from desktop.evals.graders.schema_check import mismatch, slip_of_schema

    assert isinstance(task.schema, dict | bool)
    is_alone = task.kind == "is-schema"
    slip = slip_of_schema(task.schema) if is_alone else mismatch(task.schema, json.loads(task.text))[:_MOST_QUOTED]
    return CheckReply(fits=not slip, what=slip)


if __name__ == "__main__":
    sys.exit(main())
