"""The children that decode files, as the program holds them: a file each, ended when they are late or long idle."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence

import msgspec
from msgspec import Struct

from desktop.attachments.decode_wire import (
    MOST_FRAME,
    READY,
    Decoded,
    DecodeProgress,
    DecodeRefusal,
    DecodeRequest,
    Reason,
    SoFar,
    framed,
    reply_of,
)
from desktop.system.child_bounds import MOST_MEMORY
from desktop.system.child_process import MemoryWatch, start_child
from desktop.system.log import logger

_log = logger("attachments")

CHILDREN = 2
"""Files that are decoded at once: one that takes long does not hold up the others."""

FILE_S = 20.0
"""Seconds that a file may take to be decoded."""

Tell = Callable[[int, int], None]
"""Is told how many of how many pages are read."""


class DecodeLimits(Struct, frozen=True, kw_only=True):
    """Seconds that a child may take to start, for a file in all, and for its thumbnail; how long it idles.

    `memory` is what it may take, in bytes.
    """

    start_s: float = 15.0
    file_s: float = FILE_S
    drawing_s: float = 6.0
    idle_s: float = 30.0
    memory: int = MOST_MEMORY


class Decoder:
    """Has files decoded, two at once. Belongs to one event loop; whoever makes it closes it."""

    def __init__(self, command: Sequence[str], *, limits: DecodeLimits | None = None) -> None:
        """`command` starts this program as a child."""
        self._all = [_DecodeChild(command, limits or DecodeLimits()) for _ in range(CHILDREN)]
        self._free = [*self._all]
        self._room = asyncio.Semaphore(CHILDREN)

    @property
    def pids(self) -> list[int]:
        """The process ids of the children that run."""
        return [each.pid for each in self._all if each.pid]

    async def decode(self, request: DecodeRequest, tell: Tell = lambda _done, _of: None) -> Decoded | DecodeRefusal:
        """What came of a file. A child that hangs, crashes or takes too much is ended, and the file refused."""
        async with self._room:
            child = max(self._free, key=lambda each: each.pid > 0)  # one that runs already, where there is one
            self._free.remove(child)
            try:
                return await child.decode(request, tell)
            finally:
                self._free.append(child)

    async def aclose(self) -> None:
        """End the children. May be called twice; nothing is decoded any more."""
        await asyncio.gather(*(each.aclose() for each in self._all))


class _DecodeChild:
    """Starts its process when a file is to be decoded, and decodes one after the other."""

    def __init__(self, command: Sequence[str], limits: DecodeLimits) -> None:
        self._command = tuple(command)
        self._limits = limits
        self._child: asyncio.subprocess.Process | None = None
        self._so_far: Decoded | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._ends: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def pid(self) -> int:
        """The process's id; 0 where there is none."""
        return self._child.pid if self._child is not None else 0

    async def decode(self, request: DecodeRequest, tell: Tell) -> Decoded | DecodeRefusal:
        """What came of a file."""
        self._stay()
        child = await self._ready()
        if child is None:
            return DecodeRefusal(Reason.FAILED, "no child")
        reply: Decoded | DecodeRefusal | None = None
        self._so_far = None
        memory, why = MemoryWatch(child, self._limits.memory), Reason.FAILED
        try:
            async with asyncio.timeout(self._limits.file_s):
                with memory:
                    reply = await self._exchange(child, request, tell)
        except TimeoutError:
            _log.warning("a file took too long to decode")
            why = Reason.LATE
        finally:
            if reply is None:
                await self._end()
            else:
                self._idle = asyncio.get_running_loop().call_later(self._limits.idle_s, self._end_idle)
        return reply or self._so_far or DecodeRefusal(Reason.TOO_LARGE if memory.ended else why, "no reply")

    async def aclose(self) -> None:
        """End the child. May be called twice; nothing is decoded any more."""
        self._closed = True
        self._stay()
        await self._end()
        await asyncio.gather(*self._ends)

    async def _exchange(
        self, child: asyncio.subprocess.Process, request: DecodeRequest, tell: Tell
    ) -> Decoded | DecodeRefusal | None:
        """Send a file and read what comes of it; None where the child broke off or said something else."""
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            child.stdin.write(framed(request))
            await child.stdin.drain()
            while True:
                async with asyncio.timeout(None if self._so_far is None else self._limits.drawing_s):
                    size = int.from_bytes(await child.stdout.readexactly(4), "big")
                    if size > MOST_FRAME:
                        return None
                    reply = reply_of(await child.stdout.readexactly(size))
                if isinstance(reply, DecodeProgress):
                    tell(reply.done, reply.of)
                elif isinstance(reply, SoFar):
                    self._so_far = reply.decoded
                else:
                    return reply
        except (ConnectionError, asyncio.IncompleteReadError, msgspec.DecodeError) as error:
            _log.warning("the child that decodes broke off: %s", type(error).__name__)
            return None

    async def _ready(self) -> asyncio.subprocess.Process | None:
        """The child, started now where there is none; None where it cannot be."""
        if self._closed:
            return None
        if self._child is not None and self._child.returncode is None:
            return self._child
        await self._end()
        started = False
        try:
            async with asyncio.timeout(self._limits.start_s):
                self._child = child = await start_child(self._command)
                assert child.stdout is not None
                started = await child.stdout.readline() == READY
        except (OSError, ValueError, TimeoutError) as error:
            _log.error("the child that decodes could not be started: %s", type(error).__name__)
        finally:
            if not started:
                await self._end()
        return self._child

    def _stay(self) -> None:
        """The child is needed, or gone: it does not end for being idle."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _end_idle(self) -> None:
        """Give back the memory that decoding took."""
        self._idle = None
        task = asyncio.get_running_loop().create_task(self._end(), name="attachments.end")
        self._ends.add(task)
        task.add_done_callback(self._ends.discard)

    async def _end(self) -> None:
        """Kill the child and wait until it is gone."""
        child, self._child = self._child, None
        if child is None:
            return
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        if child.stdin is not None:
            child.stdin.close()
        await child.wait()
