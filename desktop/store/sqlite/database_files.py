"""Private database files and folders, and moving a damaged database aside."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from datetime import datetime
from pathlib import Path

from desktop.system import private_files
from desktop.system.log import logger
from desktop.system.paths import resolved

SIDES = ("", "-wal", "-shm", "-journal")
BROKEN, REPLACED = "broken", "replaced"
"""Prefixes of folders for databases that were moved aside."""

DUE = "due"
"""Name of the marker file beside a database that was moved aside, until its data are recovered."""

_WIPED_AT_ONCE = 1 << 20
_TO_OVERWRITE = os.O_RDWR | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
_NO_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.ENOSYS}
"""Errors of network file systems that cannot sync folders; harmless."""

_log = logger("store")


def ways_without_index(path: Path) -> list[tuple[bool, bool]]:
    """Return the ways to read a log without an index file: exclusively or, if no process has it open, unlocked."""
    return [(True, False), *([] if path.with_name(f"{path.name}-shm").exists() else [(False, True)])]


def private_file(path: Path) -> None:
    """Create an empty database file with mode 0600, or revoke other users' access to an existing one.

    SQLite gives the -wal and -shm files the same mode.
    """
    private_files.private_file(path)
    for side in SIDES[1:]:
        with contextlib.suppress(FileNotFoundError):
            private_files.take_rights(path.with_name(path.name + side))


def has_log(path: Path) -> bool:
    """Whether a database has a non-empty write-ahead log of our own."""
    real = resolved(path)
    log = real.with_name(f"{real.name}-wal")
    if not log.exists() or log.stat().st_size == 0:
        return False
    return os.name != "posix" or log.stat().st_uid in {real.stat().st_uid if real.exists() else 0, os.getuid(), 0}


def is_orphaned(path: Path) -> bool:
    """Whether a write-ahead log exists without its database, after an interrupted move."""
    log = path.with_name(path.name + "-wal")
    there = path.exists() and path.stat().st_size > 0
    return not there and log.exists() and log.stat().st_size > 0


def free_name(folder: Path, why: str, at: datetime) -> Path:
    """Return an unused folder name that contains the reason and the time."""
    name = f"{why}-{at:%Y%m%d-%H%M%S}"
    number = 1
    while (place := folder / (name if number == 1 else f"{name}-{number}")).exists():
        number += 1
    return place


def due(folder: Path) -> list[Path]:
    """Return the marker files of databases that were moved aside but not recovered, oldest first."""
    return sorted(folder.glob(f"{BROKEN}-*/{DUE}"))


def set_aside(path: Path, at: datetime, *, why: str = BROKEN, into: Path | None = None, mark: str = "") -> Path:
    """Move a database with all its files into a new folder, and return the folder."""
    destination = free_name(into or path.parent, why, at)
    destination.mkdir(mode=0o700)
    destination.chmod(0o700)
    if mark:
        private_file(destination / mark)
    for side in SIDES:
        file = path.with_name(path.name + side)
        if file.exists():
            file.rename(destination / file.name)
            with contextlib.suppress(OSError):  # another user's, or on a disk without rights
                private_files.take_rights(destination / file.name)
    sync_folder(path.parent)
    return destination


def wipe(path: Path) -> None:
    """Overwrite a file with zeros and delete it, if it exists. A link is only deleted.

    Raises:
        OSError: If that fails.
    """
    if path.is_symlink():
        path.unlink()
        return
    try:
        try:
            descriptor = os.open(path, _TO_OVERWRITE)
        except PermissionError:  # made read-only
            path.chmod(stat.S_IRUSR | stat.S_IWUSR)
            descriptor = os.open(path, _TO_OVERWRITE)
        with open(descriptor, "r+b", buffering=0) as file:  # noqa: PTH123 - a path cannot be opened without links
            left = file.seek(0, os.SEEK_END)
            file.seek(0)
            while left > 0:
                left -= file.write(bytes(min(left, _WIPED_AT_ONCE)))
            os.fsync(file.fileno())
    except FileNotFoundError:
        return
    except PermissionError:  # another user's, in a folder of ours
        _log.warning("%s is removed without being overwritten: it belongs to another user", path)
    path.unlink()


def sync_file(path: Path) -> None:
    """Flush a file to disk.

    Raises:
        OSError: If that fails.
    """
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Flush renames in a folder to disk, where that is supported.

    Raises:
        OSError: If that fails.
    """
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise
    finally:
        os.close(descriptor)
