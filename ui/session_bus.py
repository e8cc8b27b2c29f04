"""Keeps a D-Bus that takes connections and never answers from holding up the window: Qt would wait for it for ever."""

from __future__ import annotations

import os
import socket
from collections.abc import MutableMapping

from desktop.log import logger

_VARIABLE = "DBUS_SESSION_BUS_ADDRESS"
_NOWHERE = "unix:path=/nonexistent"
_WAIT_S = 0.5

_log = logger("ui.session_bus")


def leave_out_if_silent(environ: MutableMapping[str, str] = os.environ, wait_s: float = _WAIT_S) -> bool:
    """Do without the session's bus in this process where it is silent; whether it is. A bus that answers costs 1 ms."""
    address = _path(environ.get(_VARIABLE, ""))
    if address is None or not _is_silent(address, wait_s):
        return False
    _log.warning("the session's D-Bus does not answer: going on without it")
    environ[_VARIABLE] = _NOWHERE
    return True


def _path(address: str) -> str | None:
    """The socket of a bus's address, the first of several; None for other kinds than Unix sockets."""
    kind, _, rest = address.partition(";")[0].partition(":")
    values = dict(pair.split("=", 1) for pair in rest.split(",") if "=" in pair)
    if kind != "unix" or not hasattr(socket, "AF_UNIX"):
        return None
    abstract = values.get("abstract")
    return f"\0{abstract}" if abstract else values.get("path")


def _is_silent(path: str, wait_s: float) -> bool:
    """Whether nothing comes back when a client begins to sign in. What cannot be reached is not silent, but absent.

    The handshake is that of the D-Bus specification, “Authentication Protocol”.
    """
    hello = f"\0AUTH EXTERNAL {str(os.getuid()).encode().hex()}\r\n".encode()
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as bus:
            bus.settimeout(wait_s)
            bus.connect(path)
            bus.sendall(hello)
            bus.recv(1)
    except TimeoutError:
        return True
    except OSError:
        return False
    return False
