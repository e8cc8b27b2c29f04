"""Folders and files that only their owner can read, and setting a broken database aside."""

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
"""Why a database was set aside, as its folder's name begins."""

DUE = "due"
"""The name of an empty file beside a database that was set aside, until what can be read of it was taken over."""

_WIPED_AT_ONCE = 1 << 20
_TO_OVERWRITE = os.O_RDWR | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
_NO_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.ENOSYS}
"""What some network disks say of a folder that is to be synced: they cannot, and nothing failed."""

_log = logger("store")


def ways_without_index(path: Path) -> list[tuple[bool, bool]]:
    """How a log may be read of which the index can be in no file: alone with it, or unlocked where nobody has it open.

    Whoever has a database open has its index in a file beside it.
    """
    return [(True, False), *([] if path.with_name(f"{path.name}-shm").exists() else [(False, True)])]


def private_file(path: Path) -> None:
    """Make an empty database file with mode 0600, or take others' rights from the one that exists and from its sides.

    SQLite gives its -wal and -shm the mode of the database, so this settles theirs as well. Raises OSError.
    """
    private_files.private_file(path)
    for side in SIDES[1:]:
        with contextlib.suppress(FileNotFoundError):
            private_files.take_rights(path.with_name(path.name + side))


def has_log(path: Path) -> bool:
    """Whether a write-ahead log with something in it lies beside a database: where a link leads, as SQLite has it.

    One that another user put there is none of it: in a folder where everybody may put files, a backup would be read
    with what they wrote.
    """
    real = resolved(path)
    log = real.with_name(f"{real.name}-wal")
    if not log.exists() or log.stat().st_size == 0:
        return False
    return os.name != "posix" or log.stat().st_uid in {real.stat().st_uid if real.exists() else 0, os.getuid(), 0}


def is_orphaned(path: Path) -> bool:
    """Whether a write-ahead log lies there without its database: what setting aside leaves when it is killed."""
    log = path.with_name(path.name + "-wal")
    there = path.exists() and path.stat().st_size > 0
    return not there and log.exists() and log.stat().st_size > 0


def free_name(folder: Path, why: str, at: datetime) -> Path:
    """A folder that is not there yet, named after why and when something goes into it."""
    name = f"{why}-{at:%Y%m%d-%H%M%S}"
    number = 1
    while (place := folder / (name if number == 1 else f"{name}-{number}")).exists():
        number += 1
    return place


def due(folder: Path) -> list[Path]:
    """The marks of databases that were set aside in a folder and not taken over yet, oldest first."""
    return sorted(folder.glob(f"{BROKEN}-*/{DUE}"))


def set_aside(path: Path, at: datetime, *, why: str = BROKEN, into: Path | None = None, mark: str = "") -> Path:
    """Move a database with all that belongs to it into a new folder beside it, or `into` another, and return that.

    The database goes first: if the process dies in between, `is_orphaned` tells. An empty file of the name `mark` is
    put beside it before. Raises OSError.
    """
    place = free_name(into or path.parent, why, at)
    place.mkdir(mode=0o700)
    place.chmod(0o700)
    if mark:
        private_file(place / mark)
    for side in SIDES:
        file = path.with_name(path.name + side)
        if file.exists():
            file.rename(place / file.name)
            with contextlib.suppress(OSError):  # another user's, or on a disk without rights
                private_files.take_rights(place / file.name)
    sync_folder(path.parent)
    return place


def wipe(path: Path) -> None:
    """Overwrite a file with zeros, then remove it; nothing happens where it is not there. Raises OSError.

    Of a link only the link goes: what it leads to may be anything of the user's that somebody else wants gone.
    A disk that writes elsewhere than it is told (most solid-state ones, and file systems that copy on write) may
    keep the old bytes where no program can reach them.
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
    """Make a file's bytes survive power loss. Raises OSError."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Make renames within a folder survive power loss, where the system and the disk can. Raises OSError."""
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
