"""Rate limits of connections (parallel calls, calls per minute), shared by all runs of a process."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress

from desktop.evals.suites.suite import SuiteLimits

MINUTE_S = 60.0
LONGEST_REST_S = 300.0
"""Maximum pause in seconds that a server can request. Providers do not wait longer either."""


class Slot:
    """A call in progress. `refuse` records that the server is overloaded."""

    def __init__(self, began: float) -> None:
        self.began = began
        self.refused = False
        self.wait_s = 0.0

    def refuse(self, wait_s: float | None = None) -> None:
        """Record that the server is overloaded, and the pause it requested."""
        self.refused = True
        self.wait_s = max(self.wait_s, wait_s or 0.0)


class ConnectionPace:
    """Rate control for one connection: keeps within the limits and slows down after rejections.

    The number of parallel calls is halved after a rejection and grows again with each success.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        minute_s: float = MINUTE_S,
        longest_rest_s: float = LONGEST_REST_S,
    ) -> None:
        self.under_way = 0
        self.ceiling = math.inf
        self._clock = clock
        self._minute_s = minute_s
        self._longest_rest_s = longest_rest_s
        self._rests_until = 0.0
        self._halved_at = -math.inf
        self._starts: deque[float] = deque()
        self._turn = asyncio.Lock()
        self._changed = asyncio.Event()

    @asynccontextmanager
    async def slot(self, limits: SuiteLimits) -> AsyncGenerator[Slot]:
        """Wait until a call may begin. The call counts as in progress until the block ends."""
        async with self._turn:
            await self._wait_for_room(limits)
            slot = Slot(self._clock())
            self.under_way += 1
            self._starts.append(slot.began)
        try:
            yield slot
        finally:
            self.under_way -= 1
            if not slot.refused:
                self._grow()
            self._changed.set()

    def refused(self, slot: Slot, wait_s: float | None = None) -> None:
        """Slow down after a rejected call."""
        slot.refuse(wait_s)
        now = self._clock()
        self._rests_until = max(self._rests_until, now + min(slot.wait_s, self._longest_rest_s))
        if slot.began > self._halved_at:  # rejected together, so halve only once
            self.ceiling = max(1.0, min(self.ceiling, self.under_way) / 2)
            self._halved_at = now

    def _grow(self) -> None:
        self.ceiling += 1 / self.ceiling

    async def _wait_for_room(self, limits: SuiteLimits) -> None:
        while (wait_s := self._wait(limits)) != 0:
            self._changed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._changed.wait()

    def _wait(self, limits: SuiteLimits) -> float | None:
        """Return the seconds until a call may begin, or None if another call must end first."""
        now = self._clock()
        if now < self._rests_until:
            return self._rests_until - now
        if self.under_way >= max(1, min(limits.concurrency, int(min(self.ceiling, limits.concurrency)))):
            return None
        while self._starts and self._starts[0] <= now - self._minute_s:
            self._starts.popleft()
        if limits.per_minute is None or len(self._starts) < limits.per_minute:
            return 0
        return self._starts[-limits.per_minute] + self._minute_s - now


class RunLimits:
    """Rate control for all connections, shared by all runs of a process."""

    def __init__(self, longest_rest_s: float = LONGEST_REST_S) -> None:
        self._longest_rest_s = longest_rest_s
        self._paces: dict[str, ConnectionPace] = {}

    def of(self, connection: str) -> ConnectionPace:
        """Return the rate control of a connection."""
        return self._paces.setdefault(connection, ConnectionPace(longest_rest_s=self._longest_rest_s))
