"""What runs in the child that checks answers: expressions, schemas and distances of anybody's, one after the other.

It has neither network nor secrets, little memory, and is killed when it is late.
"""

from __future__ import annotations

import json
import os
import re
import sys
import warnings
from collections.abc import Iterator

import msgspec

from desktop.evals.graders.check_task import READY, CheckReply, CheckTask, line_of
from desktop.system import child_bounds

ENDS_S = 20.0
"""A check that takes longer ends the child by itself, where nobody is left to end it."""

_MOST_SAID = 400


def main() -> int:
    """Serve until stdin closes; 0 then, 2 after what is no task."""
    child_bounds.bind(writes_files=False)
    warnings.simplefilter("ignore")
    os.write(1, READY)
    for line in _lines():
        try:
            task = msgspec.convert(json.loads(line), CheckTask)
        except (ValueError, RecursionError):
            return 2
        with child_bounds.ended_after(ENDS_S):
            reply = checked(task)
        os.write(1, line_of(reply))
    return 0


def checked(task: CheckTask) -> CheckReply:
    """What becomes of a task; a reason where a library fails at it."""
    try:
        match task.kind:
            case "regex":
                return _searched(task)
            case "schema":
                return _held_against_schema(task)
            case "is-schema":
                return _inspected(task)
            case _:
                return _compared(task)
    except MemoryError:
        return CheckReply(what="it takes too much memory")
    except (re.error, ValueError, OverflowError, RecursionError) as error:
        return CheckReply(what=str(error)[:_MOST_SAID] or type(error).__name__)


def _searched(task: CheckTask) -> CheckReply:
    found = re.search(task.expected, task.text, re.IGNORECASE if task.folded else 0)
    return CheckReply(fits=found is not None, what=found[0][:_MOST_SAID] if found else "")


def _held_against_schema(task: CheckTask) -> CheckReply:
    from desktop.evals.graders.schema_check import mismatch

    assert isinstance(task.schema, dict | bool)
    slip = mismatch(task.schema, json.loads(task.text))
    return CheckReply(fits=not slip, what=slip[:_MOST_SAID])


def _inspected(task: CheckTask) -> CheckReply:
    from desktop.evals.graders.schema_check import slip_of_schema

    assert isinstance(task.schema, dict | bool)
    slip = slip_of_schema(task.schema)
    return CheckReply(fits=not slip, what=slip)


def _compared(task: CheckTask) -> CheckReply:
    from desktop.evals.graders.text_share import share_of

    share = share_of(task.text, task.expected)
    return CheckReply(fits=True, share=share)


def _lines() -> Iterator[bytes]:
    """Each line of stdin, however long."""
    held = bytearray()
    while data := os.read(0, 1 << 20):
        start = len(held)
        held += data
        while (end := held.find(b"\n", start)) >= 0:
            yield bytes(held[:end])
            del held[: end + 1]
            start = 0


if __name__ == "__main__":
    sys.exit(main())
