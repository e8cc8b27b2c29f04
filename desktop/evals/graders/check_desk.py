"""Checks responses in a child process, which is killed and restarted if a check takes too long."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from desktop.domain.conversation_types import JsonValue
from desktop.evals.graders.check_child import SWITCH, CheckReply, CheckTask, encode, parse_reply
from desktop.system.child_process import ChildFailed, ChildFailure, ChildSupervisor

PATIENCE_S = 2.0
"""Seconds that one check may take."""

START_S = 30.0
"""Seconds that the child may take to start, even on a busy computer."""

MOST_LATE = 3
"""Number of times a check may time out before it is no longer tried."""

_COMPARED = 4_000
"""Number of characters of a schema that identify a check."""


def own_command() -> tuple[str, ...]:
    """Return the command that starts the child from this program, whether frozen or run from source."""
    if getattr(sys, "frozen", False):
        return (sys.executable, SWITCH)
    return (sys.executable, str(Path(__file__).resolve().parents[3] / "main.py"), SWITCH)


class CheckDesk:
    """Carries out checks one after another in a single child process. Must be closed by its owner."""

    def __init__(self, command: Sequence[str] = (), *, patience_s: float = PATIENCE_S) -> None:
        """`command` starts the child; the default is this program's own."""
        self._patience_s = patience_s
        self._child = ChildSupervisor("checks", command or own_command(), start_s=START_S)
        self._lock = asyncio.Lock()
        self._late: Counter[tuple[str, str]] = Counter()

    @property
    def started(self) -> int:
        """Number of child processes started so far."""
        return self._child.starts

    async def check(self, task: CheckTask) -> CheckReply:
        """Carry out one task. The reply is undecided if the task took too long or the child failed."""
        key = (task.kind, task.expected if task.kind == "regex" else str(task.schema)[:_COMPARED])
        async with self._lock:
            if self._late[key] >= MOST_LATE:
                return CheckReply(late=True)  # it would time out again for each response of a run
            try:
                data = encode(task)
                async with self._child.exchange(self._patience_s) as exchange:
                    return parse_reply(await exchange.ask(data))
            except ChildFailed as error:
                if error.failure is not ChildFailure.LATE:
                    return CheckReply(what="the program that checks it failed")
                self._late[key] += 1
                return CheckReply(late=True)

    async def aclose(self) -> None:
        """Terminate the child process."""
        async with self._lock:
            await self._child.end()


class SingleChecks:
    """Carries out each check in its own child process, for callers with only a few checks."""

    async def check(self, task: CheckTask) -> CheckReply:
        """Carry out one task."""
        desk = CheckDesk()
        try:
            return await desk.check(task)
        finally:
            await desk.aclose()


async def schema_mismatches(schema: JsonValue, texts: Sequence[str]) -> tuple[str, ...]:
    """Return for each JSON text why it violates a schema, empty if it conforms, checked in one child process.

    A check that could not be carried out has its reason instead. Never raises because of a schema or a text.
    """
    desk = CheckDesk()
    try:
        replies = [await desk.check(CheckTask(kind="schema", text=text, schema=schema)) for text in texts]
    finally:
        await desk.aclose()
    late = "the check took too long"
    return tuple("" if reply.fits else late if reply.late else reply.what for reply in replies)


async def schema_slip(schema: JsonValue) -> str:
    """Return why a JSON Schema is invalid, or an empty string; checked in a child process."""
    reply = await SingleChecks().check(CheckTask(kind="is-schema", text="", schema=schema))
    return "" if reply.fits else reply.what or "the check took too long"
