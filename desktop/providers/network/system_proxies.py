"""What the system says of proxies: variables, the desktop's portal, a child that asks Windows or macOS, settings.

A proxy may come from a script (PAC), which takes time, or hangs: each way of asking has a limit, and what was found is
kept for a minute. Where the system does not say in time, the request goes on without a proxy, as browsers do.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from urllib.parse import urlsplit

from desktop.log import logger
from desktop.origin import origin_of, server_of

Lookup = Callable[[str], Sequence[str] | None]
"""Blocks. The proxies for an address in the order in which to try them, `direct://` for none of them; None: it cannot
tell, and the next one is asked."""

WITHIN_S, KEPT_S = 5.0, 60.0
LATE_S = 20.0
"""A way of asking that hangs is given up for good after this; by then the request has long gone on."""

_TAKES_S = 1.0
"""So long one of several proxies may take to take a connection, before the next one is tried."""

_DIRECT = "direct"
_USABLE = {"http", "https"}
_CHILDS_ENVIRONMENT = frozenset({
    "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATH", "PATHEXT", "TEMP", "TMP", "TMPDIR", "HOME", "USER",
    "USERNAME", "USERPROFILE", "USERDOMAIN", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "LANG", "LC_ALL",
    "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH",
})  # fmt: skip
"""Of the environment, what the system needs to know whose settings to read; nothing that may be a key."""

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


def lookups_of(platform: str, child: Sequence[str]) -> tuple[Lookup, ...]:
    """How a system is asked; `child` is the command of the program that asks Windows and macOS (ui/qt_proxies)."""
    if platform in ("win32", "darwin"):
        return from_environment, lambda origin: from_child(child, origin), from_settings
    from desktop.providers.network.proxy_portal import from_portal

    return from_environment, from_portal


def in_order(url: str, lookups: Sequence[Lookup]) -> str:
    """The proxy's URL that the first lookup which can tell says; empty for none. Blocks."""
    answers = (lookup(told_origin(url)) for lookup in lookups)
    return choose(next((answer for answer in answers if answer is not None), ()))


def choose(found: Sequence[str]) -> str:
    """The first of several proxies that takes a connection, empty for none. May block for a second each."""
    usable = [each for each in found if _scheme(each) in {*_USABLE, _DIRECT}]
    if not usable:
        return found[0] if found else ""
    several = len(usable) > 1
    chosen = next((each for each in usable if not several or _takes(each)), usable[0])
    return "" if _scheme(chosen) == _DIRECT else chosen


def from_environment(origin: str) -> Sequence[str] | None:
    """What the variables https_proxy, http_proxy, all_proxy and no_proxy say."""
    from urllib.request import getproxies_environment, proxy_bypass

    proxies = getproxies_environment()
    if proxies and proxy_bypass(_host(origin)):  # where variables are set it looks at those alone
        return ("direct://",)
    return _for_scheme(origin, proxies)


def from_settings(origin: str) -> Sequence[str] | None:
    """What Windows and macOS have as fixed proxies, without their scripts."""
    from urllib.request import getproxies, proxy_bypass

    if proxy_bypass(_host(origin)):
        return ("direct://",)
    return _for_scheme(origin, getproxies())


def from_child(command: Sequence[str], origin: str, *, within_s: float = LATE_S) -> Sequence[str] | None:
    """What a child says, a proxy a line. Qt asks the system with Python's lock held: here it would halt the window."""
    import subprocess

    environ = {name: value for name, value in os.environ.items() if name.upper() in _CHILDS_ENVIRONMENT}
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    try:
        done = subprocess.run(  # noqa: S603 - this program itself
            [*command, origin], env=environ, capture_output=True, timeout=within_s, creationflags=flags, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        _log.warning("the system's proxies cannot be asked for: %s", type(error).__name__)
        return None
    return done.stdout.decode("utf-8", "replace").split()


def told_origin(url: str) -> str:
    """What the system is told of an address: scheme, host and port; never a path. Raises AddressInvalid."""
    return f"{origin_of(url)}/"


def _for_scheme(origin: str, proxies: Mapping[str, str]) -> Sequence[str] | None:
    found = proxies.get(urlsplit(origin).scheme) or proxies.get("all") or ""
    if not found:
        return None
    return (found if "://" in found else f"http://{found}",)


def _host(origin: str) -> str:
    return server_of(origin)


def _scheme(address: str) -> str:
    """What stands before the colon; a script may give out addresses that urlsplit refuses."""
    return address.partition("://")[0].lower()


def _takes(address: str) -> bool:
    """Whether something listens there; a way without a proxy counts as well."""
    if _scheme(address) == _DIRECT:
        return True
    try:
        parts = urlsplit(address)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        with closing(socket.create_connection((parts.hostname or "", port), _TAKES_S)):
            return True
    except (OSError, ValueError):
        return False
