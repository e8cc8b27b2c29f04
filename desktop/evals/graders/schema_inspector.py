"""Validates the JSON Schemas of a suite in a child process, because validation may take very long."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from typing import Self

from desktop.evals.graders.check_child import CheckReply, CheckTask, encode, parse_reply
from desktop.evals.graders.check_desk import START_S, own_command
from desktop.evals.graders.schema_check import Schema
from desktop.system.child_bounds import READY, framed
from desktop.system.child_process import ended_beyond, start_waited_child
from desktop.system.log import logger

_log = logger("graders")

PATIENCE_S = 2.0
"""Seconds for all schemas of a suite together, excluding the child's start."""

MOST_BYTES = 1 << 20
"""Maximum total size of the JSON of all schemas of a suite."""


class SchemaInspector:
    """Context that validates each distinct schema once, blocking the thread. The first schema starts the child."""

    def __init__(self, command: Sequence[str] = (), *, patience_s: float = PATIENCE_S) -> None:
        """`command` starts the child; the default is this program's own."""
        self._command = tuple(command) or own_command()
        self._left_s = patience_s
        self._room = MOST_BYTES
        self._slips: dict[bytes, str | None] = {}
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def slip(self, schema: Schema) -> str | None:
        """Return why a JSON Schema is invalid: empty if it is valid, None if the limits were reached."""
        try:
            data = _task(schema)
        except RecursionError:
            return "it is too deep"
        if data not in self._slips:
            self._room -= len(data)
            self._slips[data] = self._asked(data) if self._room >= 0 and self._left_s > 0 else None
        return self._slips[data]

    def _asked(self, data: bytes) -> str | None:
        """Ask the child. It is not restarted after it timed out or failed."""
        try:
            child = self._child or self._start()
            began = time.monotonic()
            reply = _exchanged(child, data, self._left_s)
            self._left_s -= time.monotonic() - began
        except (OSError, EOFError, ValueError) as error:
            _log.warning("the child that checks schemas was late or failed: %s", type(error).__name__)
            self._end()
            self._left_s = 0
            return None
        return None if reply.fits is None else reply.what

    def _start(self) -> subprocess.Popen[bytes]:
        """Start the child and wait until it is ready. Raises OSError, EOFError and ValueError."""
        self._child = child = start_waited_child(self._command)
        assert child.stdout is not None
        with ended_beyond(child, START_S):
            if child.stdout.readline() != READY:
                raise EOFError
        _exchanged(child, _task({}), START_S)  # loads the library, so that its time is not charged to the first schema
        return child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.communicate()


def _task(schema: Schema) -> bytes:
    return encode(CheckTask(kind="is-schema", text="", schema=schema))


def _exchanged(child: subprocess.Popen[bytes], data: bytes, seconds: float) -> CheckReply:
    """Return the child's reply; a child that is late is killed. Raises OSError, EOFError and ValueError."""
    assert child.stdin is not None
    assert child.stdout is not None
    with ended_beyond(child, seconds):
        child.stdin.write(framed(data))
        child.stdin.flush()
        size = int.from_bytes(child.stdout.read(4), "big")
        reply = child.stdout.read(min(size, MOST_BYTES))
    if not reply:
        raise EOFError
    return parse_reply(reply)
