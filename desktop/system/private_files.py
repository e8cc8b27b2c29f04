"""Folders, files and locks that only their owner can read, whatever the umask."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.system.plain_files import open_plain

if TYPE_CHECKING:
    from filelock import FileLock

BROKEN = ".broken-"
"""Suffix of the name of a damaged file that was renamed; it is followed by the time."""

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_FOLDER, _FILE = 0o700, 0o600
_users: list[int] = []
"""The umask with which the process was started, once it was changed."""


def take_umask(users: int | None = None) -> None:
    """Make new files private by default, because libraries create files too, for example Qt's settings.

    Args:
        users: The umask with which the process was started, if it has been changed already.
    """
    before = os.umask(_OTHERS)
    if not _users:
        _users.append(before if users is None else users)


@contextmanager
def users_umask() -> Generator[None]:
    """Restore the user's umask while an external program is started, so that its files get their usual modes."""
    own = os.umask(_users[0]) if _users else None
    try:
        yield
    finally:
        if own is not None:
            os.umask(own)


def private_folder(path: Path) -> None:
    """Create a folder and its missing parents with mode 0700; an existing folder is not changed. Raises OSError."""
    missing = [path]
    while not missing[-1].parent.exists():
        missing.append(missing[-1].parent)
    for folder in reversed(missing):
        try:
            folder.mkdir(mode=_FOLDER)
        except FileExistsError:
            if not folder.is_dir():
                raise
        else:
            with suppress(PermissionError):  # a disk without modes, such as a FAT stick
                folder.chmod(_FOLDER)


def others_above(path: Path, uid: int) -> Path | None:
    """Return `path` or its nearest parent that a user other than `uid` and root controls, or None.

    Users who own a folder, or can write to it, can replace its contents, except in a sticky folder such as /tmp.
    """
    for folder in (path, *path.parents):
        try:
            found = folder.stat()
        except OSError:
            continue
        if found.st_uid not in {uid, 0} or (has_open_mode(found, uid) and not found.st_mode & stat.S_ISVTX):
            return folder
    return None


def has_open_mode(found: os.stat_result, uid: int) -> bool:
    """Whether the mode of a folder lets anyone except the user and root write to it, including its group."""
    mode = found.st_mode
    return bool(mode & stat.S_IWOTH) or (bool(mode & stat.S_IWGRP) and _has_others(found.st_gid, uid))


def keeps_modes(folder: Path) -> bool:
    """Whether the file system of a folder stores file modes; FAT does not. Raises OSError."""
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        return not os.fstat(file.fileno()).st_mode & _OTHERS


def _has_others(gid: int, uid: int) -> bool:
    """Whether a group has members other than the user and root, as a user's private group has not."""
    import grp
    import pwd

    try:
        owner = pwd.getpwuid(uid)
        members = {*grp.getgrgid(gid).gr_mem}
    except KeyError:
        return gid not in {0, uid}
    return bool(members - {owner.pw_name, "root"}) or gid not in {0, owner.pw_gid}


def is_others(path: Path, uid: int) -> bool:
    """Whether a path, or the target of a link, exists and belongs to a user other than `uid` and root.

    That user can change the file, and read what is written to it, whatever the mode of the folder.
    """
    try:
        return not {path.lstat().st_uid, path.stat().st_uid} <= {uid, 0}
    except OSError:
        return False


def private_file(path: Path) -> None:
    """Create an empty file with mode 0600, or revoke other users' access to an existing one.

    Raises OSError, also if it is not a regular file.
    """
    open_plain(path, os.O_CREAT, _FILE).close()
    take_rights(path)


def take_rights(path: Path) -> bool:
    """Revoke other users' access to a file; return whether they had any. Raises OSError.

    The owner's permissions do not change, so a read-only file remains read-only. Devices are not changed: if a user
    links the log to /dev/null to disable it, root would otherwise lock everyone out of /dev/null.
    """
    found = path.stat().st_mode
    if stat.S_ISCHR(found) or stat.S_ISBLK(found):
        return False
    mode = stat.S_IMODE(found)
    if mode & _OTHERS:
        path.chmod(mode & ~_OTHERS)
    return bool(mode & _OTHERS)


def private_lock(path: Path, *, timeout_s: float = -1, thread_local: bool = True) -> FileLock:
    """Return an unlocked lock whose file only the owner can read; other users lose access to an existing file.

    Creates the folder with mode 0700, even at the target of a link, because the library would use the umask. A negative
    timeout waits forever.
    """
    from filelock import FileLock

    with suppress(OSError, RuntimeError):  # taking the lock will raise the reason
        if not (folder := path.parent.resolve()).exists():
            private_folder(folder)
    with suppress(OSError):  # a disk without modes
        if path.is_file():  # anything else is not ours
            take_rights(path)
    return FileLock(path, timeout=timeout_s, mode=_FILE, thread_local=thread_local)


def set_aside(path: Path, stamp: str) -> Path:
    """Rename a damaged file by appending the time, revoke others' access, and return the new path. Raises OSError."""
    aside = path.with_name(f"{path.name}{BROKEN}{stamp}")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}{BROKEN}{stamp}-{number}")
    path.rename(aside)
    with suppress(OSError):  # another user's, or a disk without modes
        take_rights(aside)
    return aside


def write_private(path: Path, data: str | bytes) -> None:
    """Write a file with mode 0600 atomically: a temporary file is synced and renamed. Raises OSError.

    Replaces a link, but not a device or folder.
    """
    if path.exists() and not path.is_file() and not path.is_symlink():
        raise OSError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with ExitStack() as undo:
        undo.callback(Path(name).unlink, missing_ok=True)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data.encode() if isinstance(data, str) else data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
        undo.pop_all()
