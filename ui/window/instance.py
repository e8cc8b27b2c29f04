"""One window per data folder: a lock says who has it, a local socket asks that one to come to the front."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

from filelock import FileLock, Timeout
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from desktop.log import logger

_RAISE_VARIABLE = "XDG_ACTIVATION_TOKEN"
_NOT_TO_WRITE = {errno.EACCES, errno.EPERM, errno.EROFS}
_HELLO = b"show\n"
_WAIT_MS = 1500
_LONGEST = 4096

_log = logger("ui.instance")


class Instance(QObject):
    """This program's claim on a data folder. `claim` it, or where another has it `call` that one."""

    called = Signal(str)
    """Another start wants the window in front; the token that lets it come there, empty where there is none."""

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # The name is short and tells nobody the folder; a socket's path holds about 100 bytes.
        self._name = "paragone-" + hashlib.sha256(os.fsencode(folder.absolute())).hexdigest()[:20]
        self._lock = FileLock(folder / "window.lock", mode=0o600)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._greet)

    def claim(self) -> bool:
        """Take the folder; False where another window has it. Raises OSError where it cannot be used."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        except OSError as error:
            if error.errno not in _NOT_TO_WRITE:
                raise
            # What cannot be written can still be read, by several windows as well as by one.
            _log.warning("the data folder cannot be written: %s", error.strerror)
            return True
        # The lock is ours, so a socket of this name is a dead program's.
        QLocalServer.removeServer(self._name)
        if not self._server.listen(self._name):
            _log.warning("no local socket: a second start cannot raise the window (%s)", self._server.errorString())
        return True

    def call(self) -> bool:
        """Ask the window that has the folder to come to the front; whether it was heard. Waits for it briefly."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(_WAIT_MS):
            return False
        socket.write(_HELLO + os.environ.get(_RAISE_VARIABLE, "").encode()[:_LONGEST])
        socket.flush()
        heard = socket.bytesAvailable() > 0 or socket.waitForReadyRead(_WAIT_MS)
        socket.disconnectFromServer()
        return heard

    def release(self) -> None:
        """Let the folder go."""
        self._server.close()
        self._lock.release()

    @Slot()
    def _greet(self) -> None:
        while self._server.hasPendingConnections():
            socket = self._server.nextPendingConnection()
            socket.readyRead.connect(lambda socket=socket: self._hear(socket))
            socket.disconnected.connect(socket.deleteLater)
            if socket.bytesAvailable():
                self._hear(socket)

    def _hear(self, socket: QLocalSocket) -> None:
        said = bytes(socket.read(_LONGEST).data())
        if said.startswith(_HELLO):
            socket.write(b"ok\n")
            socket.flush()
            self.called.emit(said.removeprefix(_HELLO).decode("utf-8", "replace"))
        elif said:
            socket.abort()
