"""Single instance per data folder. A lock claims the folder; a local socket brings the existing window to the front."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import socket
import stat
import struct
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Signal, Slot

from desktop.system.log import logger
from desktop.system.paths import Paths
from desktop.system.plain_files import read_plain
from desktop.system.private_files import take_rights, write_private

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer, QLocalSocket  # 10 ms, and nobody calls before the first paint

NAME_FILE = "window.socket-name"
"""File with the random name of the pipe on systems where names are global. Only its owner can read it."""

_LONGEST_BYTES = 100
"""Maximum length of a socket path. Systems allow about 104 bytes, including a temporary folder's path."""
_XUCRED = struct.Struct("II")
_LOCAL_PEERCRED = 1


def socket_path(folder: Path, environ: Mapping[str, str]) -> str:
    """Return the path of the socket for a data folder, or an empty string. Its folder is always private.

    The session's runtime folder is preferred to the data folder.
    """
    name = "paragone-" + hashlib.sha256(os.fsencode(folder.absolute())).hexdigest()[:20]
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    places = [Path(runtime) / name] if Path(runtime).is_absolute() and _is_private(Path(runtime)) else []
    if _is_private(folder):
        places.append(folder.absolute() / "window.socket")
    return next((str(place) for place in places if len(os.fsencode(place)) <= _LONGEST_BYTES), "")


def pipe_name(folder: Path, *, new: bool) -> str:
    """Return the random name of the pipe for a data folder, which is stored in a private file.

    The window that claims the folder chooses a `new` name, so that nobody can predict it.
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
    """Whether the process at the other end of a local socket belongs to this user.

    Always True on Windows, where the pipe does not accept other users.

    Raises:
        OSError: If the system does not report the user.
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
    # On macOS and BSD, struct xucred begins with its version and the user ID; level 0 is SOL_LOCAL.
    _version, uid = _XUCRED.unpack_from(end.getsockopt(0, _LOCAL_PEERCRED, 128))
    return uid


def _is_private(folder: Path) -> bool:
    """Whether only this user can write to a folder."""
    try:
        found = folder.stat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o022


_MODE = 0o600


class WindowLock:
    """File lock that only one process can hold. It is released by `release`, or when the process ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    @property
    def is_held(self) -> bool:
        """Whether this process holds the lock."""
        return self._file is not None

    def acquire(self) -> bool:
        """Acquire the lock. Returns False if another process holds it.

        Raises:
            OSError: If the file cannot be locked.
        """
        if self._file is not None:
            return True
        with suppress(OSError):  # not there yet, or on a disk without rights
            take_rights(self._path)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), _MODE)
        try:
            if not _taken(file):
                os.close(file)
                return False
        except OSError:
            os.close(file)
            raise
        self._file = file
        return True

    def release(self) -> None:
        """Release the lock if this process holds it."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _taken(file: int) -> bool:
    """Lock an open file. Returns whether that succeeded.

    Raises:
        OSError: If the file cannot be locked at all.
    """
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
    else:
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


_RAISE_VARIABLE = "XDG_ACTIVATION_TOKEN"
_NOT_TO_WRITE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
_HELLO = b"show "
_WAIT_MS, _AGAIN_S = 1500, 0.05
_STARTING_S = 5.0
"""Time in seconds after which a window that holds the lock should be listening, even on a busy computer."""

_LONGEST = 8 << 20
"""Maximum size of a message in bytes. The file names on a command line are always shorter."""

_log = logger("ui.instance")


class Instance(QObject):
    """Claim on a data folder: `claim` and `listen`, or `call` the window that holds the claim."""

    called = Signal(str)
    """Emitted when another instance asks for this window, with an activation token or an empty string."""
    toggled = Signal(str)
    """Emitted instead of `called` when the window is to be minimized if it is the active one."""
    given = Signal(list)
    """Emitted with the list of Paths that another instance was started with."""

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._lock = WindowLock(folder / "window.lock")
        self._server: QLocalServer | None = None

    def claim(self) -> bool:
        """Claim the folder. Returns False if another window has claimed it.

        Raises:
            OSError: If the lock file cannot be used.
        """
        try:
            return self._lock.acquire()
        except OSError as error:
            if error.errno not in _NOT_TO_WRITE:
                raise
            # Several windows can use a read-only folder.
            _log.warning("the data folder cannot be written: %s", error.strerror)
        return True

    def listen(self) -> None:
        """Accept calls from other instances, if the folder is claimed."""
        if self._lock.is_held and not (self._server is not None and self._server.isListening()):
            self._listen()

    async def follow(self, paths: Paths) -> None:
        """Claim the new data folder, unless another window has claimed it."""
        lock = WindowLock(paths.data / "window.lock")
        try:
            taken = lock.acquire()
        except OSError as error:
            _log.warning("another window may open the folder that the data were moved to: %s", error.strerror)
            return
        if not taken:
            _log.warning("another window has the folder that the data were moved to")
            return
        self.release()
        self._folder, self._lock = paths.data, lock
        self.listen()

    def call(self, files: Sequence[Path] = (), *, toggles: bool = False) -> bool:
        """Ask the window that claimed the folder to come to the front and to take files.

        With `toggles`, it is minimized if it is the active one.

        Waits briefly, and returns whether that window answered.
        """
        import json

        socket = self._reached()
        if socket is None or not _is_trusted(socket):
            return False
        names = [str(file.absolute()) for file in files]
        said = {"token": os.environ.get(_RAISE_VARIABLE, ""), "files": names, "toggle": toggles}
        socket.write(_HELLO + json.dumps(said).encode() + b"\n")
        socket.flush()
        heard = socket.bytesAvailable() > 0 or socket.waitForReadyRead(_WAIT_MS)
        socket.disconnectFromServer()
        return heard

    def release(self) -> None:
        """Release the claim on the folder."""
        if self._server is not None:
            self._server.close()
        self._lock.release()

    def _reached(self) -> QLocalSocket | None:
        """Return a connection to the other window, or None. Waits for a window that is still starting."""
        from PySide6.QtNetwork import QLocalSocket

        name, socket = self._name(new=False), QLocalSocket()
        limit = time.monotonic() + _STARTING_S
        while name:
            socket.connectToServer(name)
            if socket.waitForConnected(_WAIT_MS):
                return socket
            if time.monotonic() > limit:
                break
            time.sleep(_AGAIN_S)
        return None

    def _made(self) -> QLocalServer:
        from PySide6.QtNetwork import QLocalServer

        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        server.newConnection.connect(self._greet)
        return server

    def _listen(self) -> None:
        server = self._server = self._server or self._made()
        try:
            name = self._name(new=True)
        except OSError as error:
            name, why = "", error.strerror or str(error)
        else:
            why = "no folder of this user's is private and its path short enough"
        # This process holds the lock, so an existing socket belongs to a process that has ended.
        if not name or not (server.removeServer(name) and server.listen(name)):
            why = server.errorString() or why
            _log.warning("no local socket: a second start cannot raise the window (%s)", why)

    def _name(self, *, new: bool) -> str:
        """Return the name of the socket, or an empty string if there is none.

        Raises:
            OSError: If a new name cannot be stored.
        """
        if os.name == "posix":
            return socket_path(self._folder, os.environ)
        return pipe_name(self._folder, new=new)

    @Slot()
    def _greet(self) -> None:
        while self._server is not None and self._server.hasPendingConnections():
            socket = self._server.nextPendingConnection()
            if not _is_trusted(socket):
                socket.abort()
                socket.deleteLater()
                continue
            socket.readyRead.connect(lambda socket=socket: self._hear(socket))
            socket.disconnected.connect(socket.deleteLater)
            if socket.bytesAvailable():
                self._hear(socket)

    def _hear(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine() and socket.bytesAvailable() < _LONGEST:
            return  # the rest is on its way
        said = bytes(socket.readAll().data())
        wish = _wish(said)
        if wish is None:
            socket.abort()
            return
        socket.write(b"ok\n")
        socket.flush()
        token, files, toggles = wish
        (self.toggled if toggles else self.called).emit(token)
        if files:
            self.given.emit(files)


def _is_trusted(socket: QLocalSocket) -> bool:
    try:
        ours = is_ours(int(socket.socketDescriptor()))
    except OSError as error:
        _log.warning("a local socket does not say whose process is at its other end: %s", error.strerror)
        return False
    if not ours:
        _log.warning("another user's process is at the other end of the local socket; nothing is said to it")
    return ours


def _wish(said: bytes) -> tuple[str, list[Path], bool] | None:
    """Return the token, the files and whether to toggle in an instance's message, or None if the message is invalid."""
    import json

    if not said.startswith(_HELLO) or len(said) >= _LONGEST:
        return None
    try:
        wish: object = json.loads(said.removeprefix(_HELLO))
    except (ValueError, RecursionError):
        return None
    if not isinstance(wish, dict):
        return None
    found = cast("dict[str, object]", wish)
    token, files = found.get("token"), found.get("files")
    named = cast("list[object]", files) if isinstance(files, list) else []
    paths = [Path(name) for name in named if isinstance(name, str)]
    return (token if isinstance(token, str) else ""), paths, found.get("toggle") is True
