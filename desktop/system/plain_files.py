"""Opens regular files without blocking, since opening or reading a pipe or device may never return."""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader, FileIO
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.text.phrases import phrase

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)

MOST_BYTES = 64 << 20
"""Default maximum bytes of a file that is read at once, far larger than any of Paragone's own files."""


class TooLarge(OSError):
    """The file exceeds its reader's limit, so that reading it would use too much memory."""

    def __init__(self, path: Path, most: int) -> None:
        super().__init__(errno.EFBIG, phrase("the file is larger than {most} MB", most=f"{most >> 20:,}"), str(path))


class Unwaiting(FileIO):
    """File descriptor opened without blocking; reading ends where it would block.

    `/proc/kmsg` claims to be a regular file, and reading it returns None until the system has another line.
    """

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Read the bytes that are available now."""
        return super().readinto(buffer) or 0

    def readall(self) -> bytes:
        """Read all bytes that are available now."""
        return super().readall() or b""


def open_plain(path: Path, flags: int = 0, mode: int = 0o600) -> BufferedReader:
    """Open a file for reading; with flags such as O_CREAT, create it with `mode`.

    Raises OSError, also if it is not a regular file.
    """
    descriptor = os.open(path, _FLAGS | flags | getattr(os, "O_CLOEXEC", 0), mode)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _no_file(path)
    return BufferedReader(Unwaiting(descriptor))


def read_plain(path: Path, most: int = MOST_BYTES) -> bytes:
    """Return the bytes that a file has when it is opened.

    A file that the system generates while it is read (`/proc/kmsg`) claims to be empty, and might never end.

    Raises:
        TooLarge: If the file has more than `most` bytes.
        OSError: If it cannot be opened, or is not a regular file.
    """
    with open_plain(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > most:
            raise TooLarge(path, most)
        return file.read(size) if size else b""


def require_plain(path: Path) -> None:
    """Raise OSError if a path exists but is not a regular file, because opening it might block forever."""
    try:
        found = path.stat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISREG(found):
        raise _no_file(path)


def _no_file(path: Path) -> OSError:
    return OSError(errno.EINVAL, phrase("the path is not a file"), str(path))
