"""What another user put into a folder of ours while it was open to others: moved aside once the folder is closed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path

from desktop.private_files import is_others, private_folder, take_rights

OURS = (
    *("settings.toml*", "settings.lock", "presets.toml*", "presets.lock", "catalog.toml*", "data-folder*"),
    *("conversations.db*", "opening.lock", "runs", "keys", "backups", "exchange"),
    *("replaced-*", "broken-*", "foreign-*", "drafts.json*", "window.*", "prompts.history*", "last-import.json*"),
    *("spending.json*", "spending.lock", "keyring.lock", "paragone.log*", "audit.*"),
    *("models", "model-checked.json*", "wires.json*"),
)
"""The names of all that the program keeps in its folders, as patterns: what is called otherwise is nothing to it."""

_WRITE = stat.S_IWGRP | stat.S_IWOTH

ASIDE = ".foreign-"
"""What the name of something that was moved aside goes on with, before when that was."""


def own_folder(path: Path, *, keep: tuple[str, ...] = ()) -> tuple[Path, ...]:
    """Make a folder, and what lacks above it, ours alone; what was moved aside for that, by its new names.

    Where others really had rights to it, what lies in a place of ours there and is another user's goes aside, and so
    does what has no end or leads nowhere: pipes, devices, dangling links; not what has one of the names to `keep`.
    A folder of another user's that cannot even be read goes aside itself, where the one above it is ours. What is meant
    to be shared stays as it is: see _is_shared. Raises OSError.
    """
    if os.name != "posix":
        private_folder(path)
        return ()
    stamp = f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
    gone: list[Path] = []
    if _is_in_the_way(path):
        with suppress(OSError):  # held by the system: what it is good for is found when it is used
            gone.append(_aside(path, stamp))
    private_folder(path)
    was = path.stat()
    if was.st_uid == os.getuid() and not _is_shared(path, was) and take_rights(path) and was.st_mode & _WRITE:
        gone += _cleared(path, stamp, keep)
    return tuple(gone)


def clear_place(path: Path) -> Path | None:
    """Move aside what has a file's name and is none, as a pipe that would be waited for; its new name. Raises OSError.

    For names that a library opens by itself, and that nobody links.
    """
    try:
        found = path.lstat().st_mode
    except FileNotFoundError:
        return None
    return None if stat.S_ISREG(found) else _aside(path, f"{datetime.now(UTC):%Y%m%d-%H%M%S}")


def _is_in_the_way(path: Path) -> bool:
    """Whether another user's link or closed folder lies where ours belongs, in a folder of ours."""
    here = os.getuid()
    try:
        theirs = path.lstat().st_uid not in {here, 0} and path.parent.stat().st_uid == here
    except OSError:
        return False
    return theirs and (path.is_symlink() or not os.access(path, os.R_OK | os.X_OK))


def _cleared(folder: Path, stamp: str, keep: tuple[str, ...]) -> Iterator[Path]:
    """Move aside what is not ours in the places of ours in a folder that was open. Raises OSError."""
    left = [folder]
    while left:
        for each in sorted(left.pop().iterdir()):
            if ASIDE in each.name or (each.parent == folder and (each.name in keep or not is_place(each.name))):
                continue
            found = each.lstat()
            if _is_planted(each, found):
                with suppress(OSError):  # gone meanwhile, or held by the system
                    yield _aside(each, stamp)
            elif stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid():
                take_rights(each)
                left.append(each)


def _is_shared(folder: Path, found: os.stat_result) -> bool:
    """Whether a folder of the user's that was named as a place of ours is something else besides.

    The root, one in which everybody has only their own (a sticky one), and one that others may read and cannot have put
    anything into, with other things in it: a project's, say. Ours are closed from the beginning.
    """
    if folder == folder.parent or found.st_mode & stat.S_ISVTX:
        return True
    if found.st_mode & _WRITE:
        return False
    try:
        return any(not is_place(each.name) and ASIDE not in each.name for each in folder.iterdir())
    except OSError:  # a closed one
        return False


def is_place(name: str) -> bool:
    """Whether a name in a folder of ours is one that the program looks for."""
    return any(fnmatchcase(name, pattern) for pattern in OURS)


def _is_planted(path: Path, found: os.stat_result) -> bool:
    here, kind = os.getuid(), stat.S_IFMT(found.st_mode)
    theirs = found.st_uid not in {here, 0}
    if kind == stat.S_IFLNK:
        return theirs or is_others(path, here) or not path.exists()
    if kind == stat.S_IFDIR:
        return theirs and not _holds_ours(path)
    return theirs or kind not in {stat.S_IFREG, stat.S_IFSOCK}  # a socket of ours is the window's


def _holds_ours(folder: Path) -> bool:
    """Whether something of ours can be taken out of another user's folder: who keeps things there does so."""
    try:
        return any(each.lstat().st_uid == os.getuid() for each in folder.iterdir())
    except OSError:
        return False


def _aside(path: Path, stamp: str) -> Path:
    """Give something a name that nobody looks for, beside the old one: another's folder can be moved nowhere else."""
    name, number = f"{path.name[:200]}{ASIDE}{stamp}", 1
    while os.path.lexists(aside := path.with_name(name if number == 1 else f"{name}-{number}")):
        number += 1
    path.rename(aside)
    return aside
