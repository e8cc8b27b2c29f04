"""The lock that one window has on a data folder, from before its first paint: the call that filelock makes too.

That library is imported for every other lock of the program; here it would hold the first paint for 4 ms.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from desktop.private_files import take_rights

_MODE = 0o600


class WindowLock:
    """A file that one process at a time has locked; let go by `release`, and by the system when the process ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    @property
    def is_held(self) -> bool:
        """Whether this process has it."""
        return self._file is not None

    def acquire(self) -> bool:
        """Take it; False where another process has it. Raises OSError where it cannot be used."""
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
        """Let it go."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _taken(file: int) -> bool:
    """Lock an open file where nobody has; whether that is so. Raises OSError where it cannot be locked."""
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
