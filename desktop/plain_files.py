"""Files that somebody named, read without waiting: a pipe or a device may have no end, or never begin."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from desktop.phrases import phrase

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


def open_plain(path: Path) -> BinaryIO:
    """Open a file to be read. Raises OSError, also for what is there and is no plain file."""
    descriptor = os.open(path, _FLAGS | getattr(os, "O_CLOEXEC", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, phrase("it is no file"), str(path))
    return os.fdopen(descriptor, "rb")


def read_plain(path: Path) -> bytes:
    """The bytes of a file: as many as it has when it is opened. Raises as `open_plain`.

    What the system makes while it is read (`/proc/kmsg`) says that it has none, and may keep its reader for ever.
    """
    with open_plain(path) as file:
        size = os.fstat(file.fileno()).st_size
        return file.read(size) if size else b""
