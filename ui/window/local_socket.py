"""Where the window's local socket lies, and whose process is at its other end."""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
import stat
import struct
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from desktop.plain_files import read_plain
from desktop.private_files import write_private

NAME_FILE = "window.socket-name"
"""Where pipes have names for all users: the one that the window took, in a file that only its owner can read."""

_LONGEST_BYTES = 100
"""A socket's path holds about 104 bytes; the bind itself takes place in a folder of six letters beside it."""
_XUCRED = struct.Struct("II")
_LOCAL_PEERCRED = 1


def socket_path(folder: Path, environ: Mapping[str, str]) -> str:
    """A path for the socket of a data folder, in a folder that no other user can write; empty where there is none.

    The runtime folder of the session comes first, then the data folder itself, as far as a socket's path can be that
    long. Never the shared folder for temporary files: there another user could be first.
    """
    name = "paragone-" + hashlib.sha256(os.fsencode(folder.absolute())).hexdigest()[:20]
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    places = [Path(runtime) / name] if Path(runtime).is_absolute() and _is_private(Path(runtime)) else []
    if _is_private(folder):
        places.append(folder.absolute() / "window.socket")
    return next((str(place) for place in places if len(os.fsencode(place)) <= _LONGEST_BYTES), "")


def pipe_name(folder: Path, *, new: bool) -> str:
    """The name of the pipe of a data folder, where pipes lie in no folder: a random one, kept in a file of its owner's.

    A `new` one is drawn by the window that takes the folder, so that nobody can have taken the name before; the others
    read it, empty where there is none. Raises OSError where it cannot be kept.
    """
    file = folder / NAME_FILE
    if new:
        name = f"paragone-{secrets.token_hex(16)}"
        write_private(file, name)
        return name
    try:
        return read_plain(file).decode("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def is_ours(descriptor: int) -> bool:
    """Whether the process at the other end of a local socket is this user's. Raises OSError where that is not told.

    True on Windows, whose pipe lets in no other user.
    """
    if os.name != "posix":
        return True
    with closing(socket.socket(fileno=os.dup(descriptor))) as end:
        return _peer_uid(end) == os.getuid()


def _peer_uid(end: socket.socket) -> int:
    if sys.platform == "linux":
        credentials = struct.Struct("3i")
        _pid, uid, _gid = credentials.unpack(end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, credentials.size))
        return uid
    # macOS and the BSDs: struct xucred begins with its version and the user's id; level 0 is SOL_LOCAL.
    _version, uid = _XUCRED.unpack_from(end.getsockopt(0, _LOCAL_PEERCRED, 128))
    return uid


def _is_private(folder: Path) -> bool:
    """Whether nobody but this user can put anything into a folder."""
    try:
        found = folder.stat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o022
