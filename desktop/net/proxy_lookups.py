"""Lookups of the system's proxy: environment, desktop portal (PAC), a child process on Windows and macOS."""

# jeepney has no types of its own.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import cast
from urllib.parse import urlsplit

from desktop.net.origin import origin_of, server_of
from desktop.system.child_process import NO_WINDOW, child_environment
from desktop.system.log import logger

Lookup = Callable[[str], Sequence[str] | None]
"""Blocking function that returns the proxies for an address in the order to try them, `direct://` for no proxy. None
means that it does not know, so that the next lookup is tried."""

LATE_S = 20.0
"""Time limit in seconds after which a hanging lookup is abandoned; the request has continued long before."""

_TAKES_S = 1.0
"""Seconds in which one of several proxies must accept a connection before the next one is tried."""

_DIRECT = "direct"
_USABLE = {"http", "https"}
_CHILDS_ENVIRONMENT = frozenset({
    "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATH", "PATHEXT", "TEMP", "TMP", "TMPDIR", "HOME", "USER",
    "USERNAME", "USERPROFILE", "USERDOMAIN", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "LANG", "LC_ALL",
})  # fmt: skip
"""Variables that the child needs to read the user's settings; none of them may contain a key."""

_NAME, _PATH = "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop"
_INTERFACE = "org.freedesktop.portal.ProxyResolver"

_log = logger("providers.proxy_lookups")


def lookups_of(platform: str, child: Sequence[str]) -> tuple[Lookup, ...]:
    """Return the lookups of a platform; `child` is the command that queries Windows and macOS (ui/app/qt_proxies)."""
    if platform in ("win32", "darwin"):
        return from_environment, lambda origin: from_child(child, origin), from_settings
    return from_environment, from_portal


def in_order(url: str, lookups: Sequence[Lookup]) -> str:
    """Return the proxy URL from the first lookup that knows it, or an empty string for no proxy. Blocks."""
    answers = (lookup(told_origin(url)) for lookup in lookups)
    return choose(next((answer for answer in answers if answer is not None), ()))


def choose(found: Sequence[str]) -> str:
    """Return the first of several proxies that accepts a connection, or an empty string.

    May block a second for each.
    """
    usable = [each for each in found if _scheme(each) in {*_USABLE, _DIRECT}]
    if not usable:
        return found[0] if found else ""
    several = len(usable) > 1
    chosen = next((each for each in usable if not several or _takes(each)), usable[0])
    return "" if _scheme(chosen) == _DIRECT else chosen


def from_environment(origin: str) -> Sequence[str] | None:
    """Look up https_proxy, http_proxy, all_proxy and no_proxy in the environment."""
    from urllib.request import getproxies_environment, proxy_bypass

    proxies = getproxies_environment()
    if proxies and proxy_bypass(_host(origin)):  # if variables are set, only these count
        return ("direct://",)
    return _for_scheme(origin, proxies)


def from_settings(origin: str) -> Sequence[str] | None:
    """Look up the fixed proxies of Windows and macOS, without their scripts."""
    from urllib.request import getproxies, proxy_bypass

    if proxy_bypass(_host(origin)):
        return ("direct://",)
    return _for_scheme(origin, getproxies())


def from_portal(origin: str) -> Sequence[str] | None:
    """Query the XDG desktop portal. Blocks.

    The call is described in the XDG Desktop Portal's documentation, “Proxy Resolver”.
    """
    try:
        from jeepney import DBusAddress, DBusErrorResponse, new_method_call
        from jeepney.io.blocking import open_dbus_connection
        from jeepney.wrappers import unwrap_msg
    except ImportError:
        return None  # not on this system
    portal = DBusAddress(_PATH, bus_name=_NAME, interface=_INTERFACE)
    try:
        with closing(open_dbus_connection("SESSION")) as bus:
            reply = bus.send_and_get_reply(new_method_call(portal, "Lookup", "s", (origin,)), timeout=LATE_S)
            (proxies,) = unwrap_msg(reply)
    except DBusErrorResponse as error:
        _log.info("the desktop has no portal that knows proxies: %s", error.name)
        return None
    except (OSError, KeyError, EOFError, ValueError, RuntimeError, StopIteration) as error:
        _log.info("the desktop's portal cannot be asked: %s", type(error).__name__)
        return None
    return [each for each in cast("list[object]", proxies) if isinstance(each, str)]


def from_child(command: Sequence[str], origin: str, *, within_s: float = LATE_S) -> Sequence[str] | None:
    """Query a child process, which prints one proxy per line, because Qt would hold the GIL and freeze the window."""
    import subprocess

    environ = child_environment(more=_CHILDS_ENVIRONMENT)
    try:
        done = subprocess.run(  # noqa: S603 - this program itself
            [*command, origin], env=environ, capture_output=True, timeout=within_s, creationflags=NO_WINDOW, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        _log.warning("the system's proxies cannot be asked for: %s", type(error).__name__)
        return None
    return done.stdout.decode("utf-8", "replace").split()


def told_origin(url: str) -> str:
    """Return the part of an address that the system may receive: scheme, host and port. Raises AddressInvalid."""
    return f"{origin_of(url)}/"


def _for_scheme(origin: str, proxies: Mapping[str, str]) -> Sequence[str] | None:
    proxy = proxies.get(urlsplit(origin).scheme) or proxies.get("all") or ""
    if not proxy:
        return None
    return (proxy if "://" in proxy else f"http://{proxy}",)


def _host(origin: str) -> str:
    return server_of(origin)


def _scheme(address: str) -> str:
    """Return the scheme of an address; urlsplit would reject some addresses that scripts return."""
    return address.partition("://")[0].lower()


def _takes(address: str) -> bool:
    """Whether a proxy accepts connections; True for a direct connection."""
    if _scheme(address) == _DIRECT:
        return True
    try:
        parts = urlsplit(address)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        with closing(socket.create_connection((parts.hostname or "", port), _TAKES_S)):
            return True
    except (OSError, ValueError):
        return False
