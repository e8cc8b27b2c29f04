"""Lookup of the system's proxies, each source on its own thread with a time limit.

A proxy may come from a script (PAC), which may be slow or hang, so results are cached for a minute. If the system does
not respond in time, the request continues without a proxy, as in browsers.
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
    """Cache for proxy lookups. Each lookup may take up to `within_s`; results are cached for `kept_s`."""

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
        self._locks: dict[str, asyncio.Lock] = {}
        self._late_lookups: set[Lookup] = set()

    async def __call__(self, url: str) -> str:
        """Return the URL of the proxy for an address, or an empty string. The proxy's type may be unsupported."""
        origin = told_origin(url)
        async with self._locks.setdefault(origin, asyncio.Lock()):  # panes that ask at once share one result
            until, proxy = self._kept.get(origin, (0.0, ""))
            if self._clock() >= until:
                proxy = await self._ask(origin)
                self._kept[origin] = (self._clock() + self._kept_s, proxy)
            return proxy

    async def _ask(self, origin: str) -> str:
        for lookup in self._lookups:
            if lookup in self._late_lookups:
                continue  # its earlier thread still waits
            future = _on_thread(lookup, origin)
            try:
                async with asyncio.timeout(self._within_s):
                    proxy = await asyncio.wrap_future(future)
            except TimeoutError:
                _log.warning("the system named no proxy within %g s: continuing without", self._within_s)
                self._wait_for(lookup, origin, future)
                continue
            if proxy is not None:
                return proxy
        return ""

    def _wait_for(self, lookup: Lookup, origin: str, future: concurrent.futures.Future[str | None]) -> None:
        """Skip a late lookup until it returns, then query it again: by then the system knows the result."""

        def over(_: object) -> None:
            self._late_lookups.discard(lookup)
            self._kept.pop(origin, None)

        self._late_lookups.add(lookup)
        future.add_done_callback(over)


def _on_thread(lookup: Lookup, origin: str) -> concurrent.futures.Future[str | None]:
    """Run a lookup on a daemon thread, so that a hanging one delays neither other lookups nor the program's exit."""
    result: concurrent.futures.Future[str | None] = concurrent.futures.Future()
    result.set_running_or_notify_cancel()

    def run() -> None:
        try:
            proxies = lookup(origin)
            result.set_result(None if proxies is None else choose(proxies))
        except Exception as error:  # noqa: BLE001 - raised in the caller
            result.set_exception(error)

    threading.Thread(target=run, name="proxies", daemon=True).start()
    return result
