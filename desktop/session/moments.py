"""Moments of the event loop: all that happens without a pause has one time, as what one read of the network gave."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Moments:
    """Calls a clock once in each turn of the running loop."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._now: float | None = None

    def __call__(self) -> float:
        """The time of this turn, in the clock's seconds."""
        if self._now is None:
            self._now = self._clock()
            asyncio.get_running_loop().call_soon(self._forget)
        return self._now

    def _forget(self) -> None:
        self._now = None
