"""Decodes attachments in two child processes, which are terminated if they take too long or have been idle for long."""

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
"""Number of attachments decoded in parallel, so that a slow one does not block the others."""

FILE_S = 20.0
"""Maximum seconds for decoding one attachment."""

Tell = Callable[[int, int], None]
"""Receives the number of pages read so far, and the total number of pages."""

_REASONS = {ChildFailure.LATE: Reason.LATE, ChildFailure.MEMORY: Reason.TOO_LARGE}


class DecodeLimits(Struct, frozen=True, kw_only=True):
    """Limits of a child: seconds to start, to decode a whole file, to render its pages and to idle; memory in bytes."""

    start_s: float = 15.0
    file_s: float = FILE_S
    drawing_s: float = 6.0
    idle_s: float = 30.0
    memory: int = MOST_MEMORY


class Decoder:
    """Pool of child processes that decode attachments. Belongs to one event loop, and must be closed by its owner."""

    def __init__(self, command: Sequence[str], *, limits: DecodeLimits | None = None) -> None:
        """Create the pool. `command` starts this program as a child."""
        self._children = [_DecodeChild(command, limits or DecodeLimits()) for _ in range(CHILDREN)]
        self._free = [*self._children]
        self._slots = asyncio.Semaphore(CHILDREN)

    @property
    def pids(self) -> list[int]:
        """Process IDs of the running children."""
        return [child.pid for child in self._children if child.pid]

    async def decode(self, request: DecodeRequest, tell: Tell = lambda _done, _of: None) -> Decoded | DecodeRefusal:
        """Decode an attachment. Returns a refusal if the child hangs, crashes or needs too much memory."""
        async with self._slots:
            child = max(self._free, key=lambda each: each.pid > 0)  # prefer a child that is already running
            self._free.remove(child)
            try:
                return await child.decode(request, tell)
            finally:
                self._free.append(child)

    async def aclose(self) -> None:
        """Terminate the children permanently. Safe to call more than once."""
        await asyncio.gather(*(child.aclose() for child in self._children))


class _DecodeChild:
    """Child process that decodes attachments one after another, and is terminated when idle."""

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
        """Terminate the child, which returns the memory used for decoding to the system."""
        self._idle_timer = None
        task = asyncio.get_running_loop().create_task(self._child.end(), name="attachments.end")
        self._ends.add(task)
        task.add_done_callback(self._ends.discard)
