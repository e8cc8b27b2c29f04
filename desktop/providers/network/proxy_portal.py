"""Asks the desktop's portal which proxy to use: there GNOME and KDE answer by their settings and scripts (PAC)."""

# jeepney has no types of its own.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import cast

from desktop.log import logger
from desktop.providers.network.system_proxies import LATE_S

_NAME, _PATH = "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop"
_INTERFACE = "org.freedesktop.portal.ProxyResolver"

_log = logger("providers.proxy_portal")


def from_portal(origin: str) -> Sequence[str] | None:
    """The proxies for an address in order, `direct://` for none; None where there is no portal. Blocks.

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
            (found,) = unwrap_msg(reply)
    except DBusErrorResponse as error:
        _log.info("the desktop has no portal that knows proxies: %s", error.name)
        return None
    except (OSError, KeyError, EOFError, ValueError, RuntimeError, StopIteration) as error:
        _log.info("the desktop's portal cannot be asked: %s", type(error).__name__)
        return None
    return [each for each in cast("list[object]", found) if isinstance(each, str)]
