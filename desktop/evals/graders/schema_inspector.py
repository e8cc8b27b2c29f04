"""Checks in a child process whether the schemas of a suite are JSON Schemas, since that may take very long."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from typing import Self

import msgspec

from desktop.evals.graders.check_desk import START_S, own_command
from desktop.evals.graders.check_task import READY, CheckReply, CheckTask, line_of
from desktop.evals.graders.schema_check import Schema
from desktop.system.child_process import ended_beyond, start_waited_child
from desktop.system.log import logger

_log = logger("graders")

PATIENCE_S = 2.0
"""So long the schemas of a suite may take together; starting the child does not count."""

MOST_BYTES = 1 << 20
"""Of JSON that the schemas of a suite may have together."""


class SchemaInspector:
    """A context in which schemas are checked, each once, on a thread that may wait. The first one starts the child."""

    def __init__(self, command: Sequence[str] = (), *, patience_s: float = PATIENCE_S) -> None:
        """`command` starts the child; this program's own without one."""
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
        """Why a value is no JSON Schema; empty where it is one. None where nobody can tell within the bounds."""
        try:
            line = _line(schema)
        except RecursionError:
            return "it is too deep"
        if line not in self._slips:
            self._room -= len(line)
            self._slips[line] = self._asked(line) if self._room >= 0 and self._left_s > 0 else None
        return self._slips[line]

    def _asked(self, line: bytes) -> str | None:
        """What the child says. One that is late or breaks off is not started again."""
        try:
            child = self._child or self._start()
            began = time.monotonic()
            reply = _exchanged(child, line, self._left_s)
            self._left_s -= time.monotonic() - began
        except (OSError, EOFError, ValueError) as error:
            _log.warning("the child that checks schemas was late or failed: %s", type(error).__name__)
            self._end()
            self._left_s = 0
            return None
        return None if reply.fits is None else reply.what

    def _start(self) -> subprocess.Popen[bytes]:
        """Start the child and wait until it is ready. Raises OSError and EOFError."""
        self._child = child = start_waited_child(self._command)
        assert child.stdout is not None
        with ended_beyond(child, START_S):
            if child.stdout.readline() != READY:
                raise EOFError
        _exchanged(child, _line({}), START_S)  # loads the library: its time is not the first schema's
        return child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.communicate()


def _line(schema: Schema) -> bytes:
    return line_of(CheckTask(kind="is-schema", text="", schema=schema))


def _exchanged(child: subprocess.Popen[bytes], line: bytes, seconds: float) -> CheckReply:
    """The reply to a line. Raises OSError and EOFError where the child is ended, ValueError for what is no reply."""
    assert child.stdin is not None
    assert child.stdout is not None
    with ended_beyond(child, seconds):
        child.stdin.write(line)
        child.stdin.flush()
        said = child.stdout.readline()
    if not said:
        raise EOFError
    return msgspec.json.decode(said, type=CheckReply)
