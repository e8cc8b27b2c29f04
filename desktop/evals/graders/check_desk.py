"""The desk that has answers checked by a child, which is killed when it is late, and made anew."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec

from desktop.evals.graders.check_task import READY, SWITCH, CheckReply, CheckTask, line_of
from desktop.system.child_process import MemoryWatch, start_child
from desktop.system.log import logger

_log = logger("graders")

PATIENCE_S = 2.0
"""So long one check may take."""
START_S = 30.0
"""So long the child may take to start: the machine may be busy."""

MOST_LATE = 3
"""How often a check may be late before it is given up."""
_TOLD_APART = 4_000


def own_command() -> tuple[str, ...]:
    """The command that starts this very program as the child, frozen or from source."""
    if getattr(sys, "frozen", False):
        return (sys.executable, SWITCH)
    return (sys.executable, str(Path(__file__).resolve().parents[3] / "main.py"), SWITCH)


class CheckDesk:
    """Carries checks out one after the other in one child. Whoever makes it closes it."""

    def __init__(self, command: Sequence[str] = (), *, patience_s: float = PATIENCE_S) -> None:
        """`command` starts the child; this program's own without one."""
        self._command = tuple(command) or own_command()
        self._patience_s = patience_s
        self._child: asyncio.subprocess.Process | None = None
        self._one = asyncio.Lock()
        self._late: Counter[tuple[str, str]] = Counter()
        self.started = 0

    async def check(self, task: CheckTask) -> CheckReply:
        """Have one task carried out; a reply that could not tell where that took too long, or the child broke down."""
        what = (task.kind, task.expected if task.kind == "regex" else str(task.schema)[:_TOLD_APART])
        async with self._one:
            if self._late[what] >= MOST_LATE:
                return CheckReply(late=True)  # it would be late again, for each answer of a run
            try:
                child = self._child or await self._start()
                async with asyncio.timeout(self._patience_s):
                    with MemoryWatch(child):
                        return await _asked(child, task)
            except TimeoutError:
                self._late[what] += 1
                _log.warning("a check took longer than %g s", self._patience_s)
                await self._end()
                return CheckReply(late=True)
            except (OSError, EOFError, ValueError) as error:
                _log.warning("the child that checks answers failed: %s", type(error).__name__)
                await self._end()
                return CheckReply(what="the program that checks it failed")
            except BaseException:  # whoever asked is gone: its answer must not be taken for the next one's
                await self._end()
                raise

    async def aclose(self) -> None:
        """End the child."""
        async with self._one:
            await self._end()

    async def _start(self) -> asyncio.subprocess.Process:
        """Start the child and wait until it is ready. Raises OSError, EOFError and TimeoutError."""
        self._child = child = await start_child(self._command)
        self.started += 1
        assert child.stdout is not None
        async with asyncio.timeout(START_S):
            if await child.stdout.readline() != READY:
                raise EOFError
        return child

    async def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()
        assert child.stdin is not None
        child.stdin.close()
        with contextlib.suppress(ConnectionError):
            await child.stdin.wait_closed()


class SingleChecks:
    """Carries each check out in a child of its own: for a few of them."""

    async def check(self, task: CheckTask) -> CheckReply:
        """Have one task carried out."""
        desk = CheckDesk()
        try:
            return await desk.check(task)
        finally:
            await desk.aclose()


async def _asked(child: asyncio.subprocess.Process, task: CheckTask) -> CheckReply:
    """The child's reply. Raises EOFError where it ended, ValueError where it says something else."""
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(line_of(task))
    await child.stdin.drain()
    line = await child.stdout.readline()
    if not line:
        raise EOFError
    return msgspec.json.decode(line, type=CheckReply)
