"""The session's D-Bus, left out where another user's process has taken its place, or where it never answers."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import MutableMapping
from contextlib import closing
from enum import Enum
from urllib.parse import unquote

from desktop.log import logger

_VARIABLE, _READERS = "DBUS_SESSION_BUS_ADDRESS", "AT_SPI_BUS_ADDRESS"
_NOWHERE = "unix:path=/nonexistent"
_WAIT_S = 0.5
_CREDENTIALS = struct.Struct("3i")
_ROOT = 0

_log = logger("session_bus")


def leave_out_if_anothers(environ: MutableMapping[str, str] = os.environ, wait_s: float = _WAIT_S) -> bool:
    """Do without the session's bus, and the screen readers' one, in this process where it is not surely this user's.

    Whether one is another's. Keys go to the keyring over it, and the window's texts to screen readers. A session that
    has ended leaves its address behind in programs that outlive it, and who is next to take that name need not be its
    user: so one that is not there, or takes no connection now, is left out as well, lest Qt find somebody there later.
    """
    others = False
    for name in (_VARIABLE, _READERS):
        paths = _paths(environ.get(name, ""))
        states = [_owner(path, wait_s) for path in paths]
        if not paths or next((state for state in states if state is not _Owner.NOBODY), None) is _Owner.OURS:
            continue
        environ[name] = _NOWHERE
        if _Owner.ANOTHER in states:
            others = True
            _log.warning("the session's D-Bus belongs to another user: going on without it")
        else:
            _log.info("the session's D-Bus takes no connection: going on without it")
    return others


def leave_out_if_silent(environ: MutableMapping[str, str] = os.environ, wait_s: float = _WAIT_S) -> bool:
    """Do without the session's bus in this process where it is silent; whether it is. A bus that answers costs 1 ms.

    Qt would wait for it for ever.
    """
    address = next(iter(_paths(environ.get(_VARIABLE, ""))), None)
    if address is None or not _is_silent(address, wait_s):
        return False
    _log.warning("the session's D-Bus does not answer: going on without it")
    environ[_VARIABLE] = _NOWHERE
    return True


def refuse_anothers(bus: socket.socket) -> None:
    """Raises PermissionError where the process at the other end of a connection is another user's.

    To be called on each connection that is made later: the session's bus may have ended since the start, and somebody
    else may have taken its name.
    """
    if is_anothers(bus):
        raise PermissionError("the session's D-Bus belongs to another user")


def is_anothers(bus: socket.socket) -> bool:
    """Whether the process at the other end of a connection is neither this user's nor root's. Raises OSError."""
    if not hasattr(socket, "SO_PEERCRED"):
        return False  # where there is no Linux there is no D-Bus of ours
    _pid, uid, _gid = _CREDENTIALS.unpack(bus.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
    return uid not in {os.getuid(), _ROOT}


class _Owner(Enum):
    """Whose a socket is."""

    OURS = "ours"
    ANOTHER = "another's"
    NOBODY = "nobody's"
    UNKNOWN = "of somebody who takes no connection"


def _owner(path: str, wait_s: float) -> _Owner:
    try:
        with closing(_connected(path, wait_s)) as bus:
            return _Owner.ANOTHER if is_anothers(bus) else _Owner.OURS
    except (BlockingIOError, TimeoutError):  # its queue is full: filled on purpose, perhaps, to be looked at later
        return _Owner.UNKNOWN
    except OSError:
        return _Owner.NOBODY


def _paths(addresses: str) -> list[str]:
    """The Unix sockets among a bus's addresses, in order."""
    found: list[str] = []
    for address in addresses.split(";"):
        kind, _, rest = address.partition(":")
        values = dict(pair.split("=", 1) for pair in rest.split(",") if "=" in pair)
        if kind == "unix" and hasattr(socket, "AF_UNIX"):
            abstract, path = (unquote(values.get(name, "")) for name in ("abstract", "path"))
            found += [f"\0{abstract}"] if abstract else [path] if path else []
    return found


def _connected(path: str, wait_s: float) -> socket.socket:
    bus = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        bus.settimeout(wait_s)
        bus.connect(path)
    except OSError:
        bus.close()
        raise
    return bus


def _is_silent(path: str, wait_s: float) -> bool:
    """Whether nothing comes back when a client begins to sign in. What cannot be reached is not silent, but absent.

    The handshake is that of the D-Bus specification, “Authentication Protocol”.
    """
    hello = f"\0AUTH EXTERNAL {str(os.getuid()).encode().hex()}\r\n".encode()
    try:
        with closing(_connected(path, wait_s)) as bus:
            bus.sendall(hello)
            bus.recv(1)
    except (BlockingIOError, TimeoutError):
        return True
    except OSError:
        return False
    return False
