"""One window per data folder: a lock says who has it, a local socket asks that one to come to the front."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Signal, Slot

from desktop.log import logger
from desktop.paths import Paths
from ui.window.local_socket import is_ours, pipe_name, socket_path
from ui.window.window_lock import WindowLock

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer, QLocalSocket  # 10 ms, and nobody calls before the first paint

_RAISE_VARIABLE = "XDG_ACTIVATION_TOKEN"
_NOT_TO_WRITE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
_HELLO = b"show "
_WAIT_MS, _AGAIN_S = 1500, 0.05
_STARTING_S = 5.0
"""How long a window that has the folder may take until it listens, on a machine that has much to do."""

_LONGEST = 8 << 20
"""Bytes of a wish: more names of files than a program can be started with."""

_log = logger("ui.instance")


class Instance(QObject):
    """This program's claim on a data folder. `claim` it and `listen`, or where another has it `call` that one."""

    called = Signal(str)
    """Another start wants the window in front; the token that lets it come there, empty where there is none."""
    given = Signal(list)
    """Another start was given these files (Path)."""

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._lock = WindowLock(folder / "window.lock")
        self._server: QLocalServer | None = None

    def claim(self) -> bool:
        """Take the folder; False where another window has it. Raises OSError where it cannot be used."""
        try:
            return self._lock.acquire()
        except OSError as error:
            if error.errno not in _NOT_TO_WRITE:
                raise
            # What cannot be written can still be read, by several windows as well as by one.
            _log.warning("the data folder cannot be written: %s", error.strerror)
        return True

    def listen(self) -> None:
        """Hear those who call from now on, where the folder is claimed."""
        if self._lock.is_held and not (self._server is not None and self._server.isListening()):
            self._listen()

    async def follow(self, paths: Paths) -> None:
        """Have the folder that the data lie in from now on, where no other window has it already."""
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

    def call(self, files: Sequence[Path] = ()) -> bool:
        """Ask the window that has the folder to come to the front, with files; whether it was heard. Waits briefly."""
        import json

        socket = self._reached()
        if socket is None or not _is_trusted(socket):
            return False
        said = {"token": os.environ.get(_RAISE_VARIABLE, ""), "files": [str(file.absolute()) for file in files]}
        socket.write(_HELLO + json.dumps(said).encode() + b"\n")
        socket.flush()
        heard = socket.bytesAvailable() > 0 or socket.waitForReadyRead(_WAIT_MS)
        socket.disconnectFromServer()
        return heard

    def release(self) -> None:
        """Let the folder go."""
        if self._server is not None:
            self._server.close()
        self._lock.release()

    def _reached(self) -> QLocalSocket | None:
        """A connection to the window that has the folder; one that is not painted yet listens in a moment."""
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
        # The lock is ours, so a socket of this name is a dead program's.
        if not name or not (server.removeServer(name) and server.listen(name)):
            why = server.errorString() or why
            _log.warning("no local socket: a second start cannot raise the window (%s)", why)

    def _name(self, *, new: bool) -> str:
        """What the socket is called; empty where there can be none. Raises OSError where a new one cannot be kept."""
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
        token, files = wish
        self.called.emit(token)
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


def _wish(said: bytes) -> tuple[str, list[Path]] | None:
    """What another start says: its token and its files; None for what is no such thing."""
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
    return (token if isinstance(token, str) else ""), [Path(name) for name in named if isinstance(name, str)]
