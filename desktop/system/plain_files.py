"""Files that somebody named, read without waiting: a pipe or a device may have no end, or never begin."""

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
"""Bytes of a file that is read whole where nobody says otherwise: far more than any of the program's own has."""


class TooLarge(OSError):
    """A file has more bytes than whoever reads it can use: read, it would take as much memory."""

    def __init__(self, path: Path, most: int) -> None:
        super().__init__(errno.EFBIG, phrase("it is larger than {most} MB", most=f"{most >> 20:,}"), str(path))


class Unwaiting(FileIO):
    """A descriptor opened without waiting, of which what has nothing to say just now is at its end.

    `/proc/kmsg` calls itself a plain file, and a read of it gives None until the system has another line.
    """

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """As many bytes as there are now."""
        return super().readinto(buffer) or 0

    def readall(self) -> bytes:
        """All bytes that there are now."""
        return super().readall() or b""


def open_plain(path: Path, flags: int = 0, mode: int = 0o600) -> BufferedReader:
    """Open a file to be read; more `flags` may have it made with a `mode`.

    Raises OSError, also for what is there and is no plain file.
    """
    descriptor = os.open(path, _FLAGS | flags | getattr(os, "O_CLOEXEC", 0), mode)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _no_file(path)
    return BufferedReader(Unwaiting(descriptor))


def read_plain(path: Path, most: int = MOST_BYTES) -> bytes:
    """The bytes of a file: as many as it has when it is opened. Raises as `open_plain`, and TooLarge for over `most`.

    What the system makes while it is read (`/proc/kmsg`) says that it has none, and may keep its reader for ever.
    """
    with open_plain(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > most:
            raise TooLarge(path, most)
        return file.read(size) if size else b""


def require_plain(path: Path) -> None:
    """Raise OSError where something is there that is no plain file: what opens it otherwise might wait for ever."""
    try:
        found = path.stat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISREG(found):
        raise _no_file(path)


def _no_file(path: Path) -> OSError:
    return OSError(errno.EINVAL, phrase("it is not a file"), str(path))
