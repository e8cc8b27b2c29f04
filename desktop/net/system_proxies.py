"""Asks the system which proxy reaches an address, each way of asking on a thread of its own and within a limit.

A proxy may come from a script (PAC), which takes time, or hangs: what was found is kept for a minute. Where the system
does not say in time, the request goes on without a proxy, as browsers do.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
import time
from collections.abc import Callable, Sequence

from desktop.net.proxy_lookups import Lookup, choose, told_origin
from desktop.system.log import logger

WITHIN_S, KEPT_S = 5.0, 60.0

_log = logger("providers.system_proxies")


class SystemProxies:
    """Asks one lookup after the other, each on a thread, for at most `within_s`; keeps an answer for `kept_s`."""

    def __init__(
        self,
        lookups: Sequence[Lookup],
        *,
        within_s: float = WITHIN_S,
        kept_s: float = KEPT_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lookups = tuple(lookups)
        self._within_s = within_s
        self._kept_s = kept_s
        self._clock = clock
        self._kept: dict[str, tuple[float, str]] = {}
        self._asking: dict[str, asyncio.Lock] = {}
        self._hanging: set[Lookup] = set()

    async def __call__(self, url: str) -> str:
        """The proxy's URL for an address, empty for none. A kind that cannot be used is given where no other is."""
        origin = told_origin(url)
        async with self._asking.setdefault(origin, asyncio.Lock()):  # panes that ask at once wait for one answer
            until, kept = self._kept.get(origin, (0.0, ""))
            if self._clock() >= until:
                kept = await self._ask(origin)
                self._kept[origin] = (self._clock() + self._kept_s, kept)
            return kept

    async def _ask(self, origin: str) -> str:
        for lookup in self._lookups:
            if lookup in self._hanging:
                continue  # its thread of before still waits
            asked = _on_thread(lookup, origin)
            try:
                async with asyncio.timeout(self._within_s):
                    found = await asyncio.wrap_future(asked)
            except TimeoutError:
                _log.warning("the system did not say within %g s which proxy to use: going on without", self._within_s)
                self._wait_for(lookup, origin, asked)
                continue
            if found is not None:
                return found
        return ""

    def _wait_for(self, lookup: Lookup, origin: str, asked: concurrent.futures.Future[str | None]) -> None:
        """Ask this one no more before it has answered; then ask anew, since the system knows its answer by then."""

        def over(_: object) -> None:
            """It answered after all: what was said in its place is forgotten."""
            self._hanging.discard(lookup)
            self._kept.pop(origin, None)

        self._hanging.add(lookup)
        asked.add_done_callback(over)


def _on_thread(lookup: Lookup, origin: str) -> concurrent.futures.Future[str | None]:
    """A thread of its own: one that hangs holds up neither others nor the end of the program."""
    result: concurrent.futures.Future[str | None] = concurrent.futures.Future()
    result.set_running_or_notify_cancel()

    def run() -> None:
        """Ask the system, for as long as it takes."""
        try:
            found = lookup(origin)
            result.set_result(None if found is None else choose(found))
        except Exception as error:  # noqa: BLE001 - carried to the caller whole
            result.set_exception(error)

    threading.Thread(target=run, name="proxies", daemon=True).start()
    return result
