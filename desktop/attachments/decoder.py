"""Decodes attachments in child processes, two at once, each ended when it is late or idle for long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from msgspec import Struct

from desktop.attachments.decode_wire import (
    MOST_FRAME,
    Decoded,
    DecodeProgress,
    DecodeRefusal,
    DecodeRequest,
    Reason,
    SoFar,
    encode,
    parse_reply,
)
from desktop.system.child_bounds import MOST_MEMORY
from desktop.system.child_process import ChildFailed, ChildFailure, ChildSupervisor

CHILDREN = 2
"""Attachments decoded at once, so that a slow one does not hold up the others."""

FILE_S = 20.0
"""Seconds that decoding one attachment may take."""

Tell = Callable[[int, int], None]
"""Receives the number of pages read so far, and of all pages."""

_REASONS = {ChildFailure.LATE: Reason.LATE, ChildFailure.MEMORY: Reason.TOO_LARGE}


class DecodeLimits(Struct, frozen=True, kw_only=True):
    """Limits of a child: seconds to start, for a whole file, to draw its pages, and to idle; memory in bytes."""

    start_s: float = 15.0
    file_s: float = FILE_S
    drawing_s: float = 6.0
    idle_s: float = 30.0
    memory: int = MOST_MEMORY


class Decoder:
    """Pool of children that decode attachments. Belongs to one event loop; whoever makes it closes it."""

    def __init__(self, command: Sequence[str], *, limits: DecodeLimits | None = None) -> None:
        """`command` starts this program as a child."""
        self._children = [_DecodeChild(command, limits or DecodeLimits()) for _ in range(CHILDREN)]
        self._free = [*self._children]
        self._slots = asyncio.Semaphore(CHILDREN)

    @property
    def pids(self) -> list[int]:
        """Process ids of the children that run."""
        return [child.pid for child in self._children if child.pid]

    async def decode(self, request: DecodeRequest, tell: Tell = lambda _done, _of: None) -> Decoded | DecodeRefusal:
        """Decode an attachment; refuse it if the child hangs, crashes or takes too much memory."""
        async with self._slots:
            child = max(self._free, key=lambda each: each.pid > 0)  # one that runs already, if any
            self._free.remove(child)
            try:
                return await child.decode(request, tell)
            finally:
                self._free.append(child)

    async def aclose(self) -> None:
        """End the children permanently. May be called twice."""
        await asyncio.gather(*(child.aclose() for child in self._children))


class _DecodeChild:
    """A child that decodes one attachment after the other, and is ended when idle."""

    def __init__(self, command: Sequence[str], limits: DecodeLimits) -> None:
        self._limits = limits
        self._child = ChildSupervisor(
            "attachments", command, start_s=limits.start_s, memory=limits.memory, most=MOST_FRAME
        )
        self._idle_timer: asyncio.TimerHandle | None = None
        self._ends: set[asyncio.Task[None]] = set()

    @property
    def pid(self) -> int:
        return self._child.pid

    async def decode(self, request: DecodeRequest, tell: Tell) -> Decoded | DecodeRefusal:
        self._stop_idle_timer()
        so_far: Decoded | None = None
        try:
            async with self._child.exchange(self._limits.file_s) as exchange:
                await exchange.send(encode(request))
                while True:
                    async with asyncio.timeout(None if so_far is None else self._limits.drawing_s):
                        reply = parse_reply(await exchange.receive())
                    if isinstance(reply, DecodeProgress):
                        tell(reply.done, reply.of)
                    elif isinstance(reply, SoFar):
                        so_far = reply.decoded
                    else:
                        break
        except ChildFailed as error:
            return so_far or DecodeRefusal(_REASONS.get(error.failure, Reason.FAILED), error.failure.value)
        self._idle_timer = asyncio.get_running_loop().call_later(self._limits.idle_s, self._end_idle)
        return reply

    async def aclose(self) -> None:
        self._stop_idle_timer()
        await self._child.aclose()
        await asyncio.gather(*self._ends)

    def _stop_idle_timer(self) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None

    def _end_idle(self) -> None:
        """Give the memory that decoding took back to the system."""
        self._idle_timer = None
        task = asyncio.get_running_loop().create_task(self._child.end(), name="attachments.end")
        self._ends.add(task)
        task.add_done_callback(self._ends.discard)
