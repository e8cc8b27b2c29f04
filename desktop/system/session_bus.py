"""Check that the session's D-Bus responds, before Qt connects to it."""

from __future__ import annotations

import os
import socket
from collections.abc import MutableMapping
from contextlib import closing
from urllib.parse import unquote

from desktop.system.log import logger

_VARIABLE = "DBUS_SESSION_BUS_ADDRESS"
_NO_BUS = "unix:path=/nonexistent"
_WAIT_S = 0.5

_log = logger("session_bus")


def disable_silent_bus(environ: MutableMapping[str, str] = os.environ, wait_s: float = _WAIT_S) -> bool:
    """Remove a session bus that never responds from this process's environment; return whether it was removed.

    Qt would wait for such a bus forever. If the bus responds, the check takes 1 ms.
    """
    path = _socket_path(environ.get(_VARIABLE, ""))
    if not path or not _is_silent(path, wait_s):
        return False
    _log.warning("the session's D-Bus does not respond: continuing without it")
    environ[_VARIABLE] = _NO_BUS
    return True


def _socket_path(addresses: str) -> str:
    """Return the first Unix socket among the addresses of a bus; empty if there is none."""
    for address in addresses.split(";") if hasattr(socket, "AF_UNIX") else ():
        kind, _, rest = address.partition(":")
        values = dict(pair.split("=", 1) for pair in rest.split(",") if "=" in pair)
        if kind == "unix" and (name := values.get("abstract")):
            return f"\0{unquote(name)}"
        if kind == "unix" and (path := values.get("path")):
            return unquote(path)
    return ""


def _is_silent(path: str, wait_s: float) -> bool:
    """Whether a bus accepts a connection but sends no reply to the handshake; an absent bus is not silent.

    The handshake is specified in the D-Bus specification, “Authentication Protocol”.
    """
    hello = f"\0AUTH EXTERNAL {str(os.getuid()).encode().hex()}\r\n".encode()
    try:
        with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as bus:
            bus.settimeout(wait_s)
            bus.connect(path)
            bus.sendall(hello)
            bus.recv(1)
    except (BlockingIOError, TimeoutError):
        return True
    except OSError:
        return False
    return False
