"""The session's D-Bus, left out where another user's process has taken its place, or where it never answers."""

from __future__ import annotations

import os
import socket
import stat
import struct
from collections.abc import MutableMapping
from contextlib import ExitStack, closing
from enum import Enum
from pathlib import PurePosixPath
from urllib.parse import unquote

from desktop.system.log import logger

_VARIABLE, _READERS = "DBUS_SESSION_BUS_ADDRESS", "AT_SPI_BUS_ADDRESS"
_NOWHERE = "unix:path=/nonexistent"
_IBUS_FILE, _IBUS_LINE = "IBUS_ADDRESS_FILE", "IBUS_ADDRESS="
_NO_FILE = "/nonexistent/ibus"
_LONGEST = 1 << 16
_LISTENING = "0A"
_COOKIE, _LOCAL, _ANY = b"MIT-MAGIC-COOKIE-1", 256, 65535
"""How a client signs in at a display, and the families of addresses in xauth's file that are of this machine."""

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
        owners = _owners(environ.get(name, ""), wait_s)
        if not owners:
            continue
        address, owner = next((each for each in owners if each[1] is not _Owner.NOBODY), ("", _Owner.NOBODY))
        if owner is _Owner.OURS:
            if len(owners) > 1:
                environ[name] = address
            continue
        environ[name] = _NOWHERE
        if any(each is _Owner.ANOTHER for _, each in owners):
            others = True
            _log.warning("the session's D-Bus belongs to another user: going on without it")
        else:
            _log.info("the session's D-Bus takes no connection: going on without it")
    return others


def leave_out_left_behind(
    held: ExitStack, environ: MutableMapping[str, str] = os.environ, wait_s: float = _WAIT_S
) -> bool:
    """Do without what Qt itself would connect to by an address that a session left behind, where others may be there.

    Whether something is left out: the screen readers' bus by a property of the display, the input method's by a file.
    Qt looks at no peer. Whose socket lies where nobody else can put one is used whatever its state, since it can only
    be this user's: so who begins a screen reader later is heard. The look at the display ends with `held`: some begin
    anew when their last client goes, and Qt should be there by then.
    """
    found = False
    if environ.get(_VARIABLE) != _NOWHERE and not environ.get(_READERS) and _is_on_x11(environ):
        address = _left_at_display(held, environ, wait_s)
        if _may_be_anothers(address, wait_s):
            environ[_READERS] = _NOWHERE
            found = True
            _log.warning("the screen readers' bus that the display names may be another user's: going on without it")
    methods = f"{environ.get('QT_IM_MODULE', '')};{environ.get('QT_IM_MODULES', '')}"
    if "ibus" in methods and any(_may_be_anothers(each, wait_s) for each in _left_by_ibus(environ)):
        environ[_IBUS_FILE] = _NO_FILE
        found = True
        _log.warning("the input method's bus that IBus left behind may be another user's: going on without it")
    return found


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


def _owners(addresses: str, wait_s: float, *, by_place: bool = False) -> list[tuple[str, _Owner]]:
    """A bus's addresses and whose they are, in order, of those kinds that a client can connect to.

    `by_place` says that those are ours that lie where nobody else can put a socket.
    """
    found: list[tuple[str, _Owner]] = []
    for address in addresses.split(";"):
        found += [
            (address, _Owner.OURS if by_place and _lies_privately(path) else _owner(path, wait_s))
            for path in _paths(address)
        ]
        kind, _, rest = address.partition(":")
        if kind in {"tcp", "nonce-tcp"}:
            values = dict(pair.split("=", 1) for pair in rest.split(",") if "=" in pair)
            found.append((address, _owner_of_port(unquote(values.get("host", "")), values.get("port", ""))))
    return found


def _owner_of_port(host: str, port: str) -> _Owner:
    """Whose the sockets are that listen at a port of this machine; of another machine's nobody knows."""
    if host not in {"", "localhost", "::1"} and not host.startswith("127."):
        return _Owner.UNKNOWN
    owners: set[int] = set()
    try:
        for name in ("tcp", "tcp6"):
            with open(f"/proc/net/{name}", encoding="ascii") as listed:  # noqa: PTH123 - what is open at the start is known
                rows = [line.split() for line in listed][1:]
            owners |= {
                int(row[7]) for row in rows if row[3] == _LISTENING and int(row[1].split(":")[1], 16) == int(port)
            }
    except (OSError, ValueError):
        return _Owner.UNKNOWN
    if not owners:
        return _Owner.NOBODY
    return _Owner.OURS if owners <= {os.getuid(), _ROOT} else _Owner.ANOTHER


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


def _may_be_anothers(addresses: str, wait_s: float) -> bool:
    """Whether a socket of these is, or may soon be, that of somebody else."""
    return any(owner is not _Owner.OURS for _, owner in _owners(addresses, wait_s, by_place=True))


def _lies_privately(path: str) -> bool:
    """Whether nobody but this user and root can put anything at a place, be there something or not."""
    if not path.startswith("/"):
        return False  # an abstract name, which anybody may take
    nearest = True
    for folder in PurePosixPath(path).parents:
        try:
            found = os.stat(folder)  # noqa: PTH116 - without a look at what else a path can be
        except FileNotFoundError:
            continue
        except OSError:
            return False
        shared = found.st_mode & 0o022 and (nearest or not found.st_mode & stat.S_ISVTX)
        if shared or found.st_uid not in {os.getuid(), _ROOT}:
            return False
        nearest = False
    return True


def _left_by_ibus(environ: MutableMapping[str, str]) -> list[str]:
    """The addresses in the files of which Qt's plug-in for IBus reads one."""
    display, host = environ.get("DISPLAY", ""), "unix"
    if wayland := environ.get("WAYLAND_DISPLAY"):
        number = wayland
    else:
        before, _, after = display.partition(":")
        host, number = before or host, after.split(".")[0] or "0"
    folder = environ.get("XDG_CONFIG_HOME") or f"{environ.get('HOME', '')}/.config"
    machines = [_text(name).strip() for name in ("/var/lib/dbus/machine-id", "/etc/machine-id")]
    names = [f"{folder}/ibus/bus/{machine}-{host}-{number}" for machine in machines]
    lines = [line for name in {environ.get(_IBUS_FILE) or "", *names} for line in _text(name).splitlines()]
    return [line.removeprefix(_IBUS_LINE) for line in lines if line.startswith(_IBUS_LINE)]


def _text(name: str) -> str:
    try:
        with open(name, encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            return file.read(_LONGEST)
    except OSError:
        return ""


def _is_on_x11(environ: MutableMapping[str, str]) -> bool:
    """Whether Qt talks to an X server: another one would only be woken by a look at it."""
    platform = environ.get("QT_QPA_PLATFORM", "")
    if not hasattr(socket, "SO_PEERCRED") or not environ.get("DISPLAY") or (platform and "xcb" not in platform):
        return False
    return platform.startswith("xcb") or not environ.get("WAYLAND_DISPLAY")


def _left_at_display(held: ExitStack, environ: MutableMapping[str, str], wait_s: float) -> str:
    """The screen readers' bus as the root window of the display names it; empty where it does not."""
    try:
        host, _, rest = environ["DISPLAY"].rpartition(":")
        number, _, screen = rest.partition(".")
        display = held.enter_context(closing(_display(host, int(number), wait_s)))
        return _property(display, int(screen or 0), _cookie(environ, number), b"AT_SPI_BUS")
    except (OSError, ValueError, IndexError, struct.error):
        return ""  # Qt will not come further


def _display(host: str, number: int, wait_s: float) -> socket.socket:
    if host in {"", "unix"}:
        path = f"/tmp/.X11-unix/X{number}"  # noqa: S108 - where displays are
        try:
            return _connected(f"\0{path}", wait_s)
        except OSError:
            return _connected(path, wait_s)
    return socket.create_connection((host, 6000 + number), wait_s)


def _cookie(environ: MutableMapping[str, str], number: str) -> bytes:
    """What this user signs in with at a display of this machine, by the file that xauth keeps; empty without one."""
    name = environ.get("XAUTHORITY") or f"{environ.get('HOME', '')}/.Xauthority"
    try:
        with open(name, "rb") as file:  # noqa: PTH123
            held = file.read(_LONGEST)
    except OSError:
        return b""
    here, at = socket.gethostname().encode(), 0
    while at + 2 <= len(held):
        (family,) = struct.unpack_from(">H", held, at)
        at += 2
        fields: list[bytes] = []
        for _ in range(4):
            (size,) = struct.unpack_from(">H", held, at)
            fields.append(held[at + 2 : at + 2 + size])
            at += 2 + size
        address, of, kind, data = fields
        if kind == _COOKIE and of in {number.encode(), b""} and (family == _ANY or (family, address) == (_LOCAL, here)):
            return data
    return b""


def _property(display: socket.socket, screen: int, cookie: bytes, name: bytes) -> str:
    """A property of a root window, asked for by the X11 protocol: Qt has no connection yet, and would use this bus.

    Raises OSError, ValueError, IndexError, struct.error.
    """
    kind = _COOKIE if cookie else b""
    display.sendall(struct.pack("<BxHHHHxx", ord("l"), 11, 0, len(kind), len(cookie)) + _padded(kind) + _padded(cookie))
    status, size = struct.unpack("<B5xH", _received(display, 8))
    held = _received(display, size * 4)
    if status != 1:
        raise ValueError("the display lets nobody in")
    vendor, formats = struct.unpack_from("<H", held, 16)[0], held[21]
    at = 32 + len(_padded(bytes(vendor))) + 8 * formats
    for _ in range(screen):
        depths, at = held[at + 39], at + 40
        for _ in range(depths):
            at += 8 + 24 * struct.unpack_from("<H", held, at + 2)[0]
    (root,) = struct.unpack_from("<I", held, at)
    display.sendall(struct.pack("<BBHHxx", 16, 1, 2 + len(_padded(name)) // 4, len(name)) + _padded(name))
    atom = struct.unpack_from("<I", _answered(display), 8)[0]
    if not atom:
        return ""
    display.sendall(struct.pack("<BBHIIIII", 20, 0, 6, root, atom, 0, 0, _LONGEST // 4))
    answer = _answered(display)
    size, length = struct.unpack_from("<I", answer, 4)[0], struct.unpack_from("<I", answer, 16)[0]
    return _received(display, size * 4)[:length].decode(errors="replace").rstrip("\0")


def _answered(display: socket.socket) -> bytes:
    answer = _received(display, 32)
    if answer[0] != 1:
        raise ValueError("the display answers with an error")
    return answer


def _received(display: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        more = display.recv(size - len(found))
        if not more:
            raise ConnectionError("the display hung up")
        found += more
    return found


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


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
