"""What another user put into a folder of ours while it was open to others: moved aside once the folder is closed."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from desktop.system.private_files import is_others, private_folder, take_rights

OURS = (
    *("settings.toml*", "settings.lock", "presets.toml*", "presets.lock", "catalog.toml*", "data-folder*"),
    *("conversations.db*", "attachments.files*", "opening.lock", "runs", "keys", "backups", "exchange", ".moving"),
    *("replaced-*", "broken-*", "foreign-*", "drafts.json*", "window.*", "prompts.history*", "last-import.json*"),
    *("spending.json*", "spending.lock", "clock.json*", "keyring.lock", "keyring.changed", "paragone.log*", "audit.*"),
    *("models", "model-checked.json*", "wires.json*", "sight.json*", "files.json*"),
)
"""The names of all that it keeps in its folders; with a star, how they begin. Nothing else means anything to it."""

_NAMES = frozenset(name for name in OURS if not name.endswith("*"))
_BEGINNINGS = tuple(name[:-1] for name in OURS if name.endswith("*"))

_WRITE = stat.S_IWGRP | stat.S_IWOTH
_ENTER = stat.S_IXGRP | stat.S_IXOTH

ASIDE = ".foreign-"
"""What the name of something that was moved aside goes on with, before when that was."""

_MOVED = re.compile(rf"{re.escape(ASIDE)}\d{{8}}-\d{{6}}(-\d{{1,9}})?\Z")

_CLEARING = ".clearing"
"""An empty file of ours in a folder that was open to others, until all in it was looked through."""

_CLEARING_BELOW = ".clearing-below"
"""The same in one that stays open, for the folders of ours in it."""

_TRUSTED = ("settings.toml", "presets.toml", "catalog.toml", "data-folder")
"""How the names begin that say where keys and prompts go: these are looked at first."""

_DATA = (
    *("conversations.db", "attachments.files", "backups/conversations-*.db", "backups/attachments.files"),
    *("broken-*/conversations.db", "replaced-*/conversations.db", "broken-*/attachments.files"),
)
"""What only a data folder holds: what is in use, backed up or set aside."""

_LONGEST = 255
"""Bytes of a name."""


def own_folder(path: Path, *, keep: tuple[str, ...] = ()) -> tuple[Path, ...]:
    """Make a folder, and what lacks above it, ours alone; what was moved aside for that, by its new names.

    What could not be moved is among them by its old one. A mark says that others could write there until all of it was
    looked through: a start that was ended meanwhile leaves that to the next.

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
        gone += _moved(path, stamp)
    private_folder(path)
    was = path.stat()
    if was.st_uid == os.getuid() and _is_shared(path, was):
        gone += _closed_below(path, stamp)
    elif was.st_uid == os.getuid():
        mark = path / _CLEARING
        is_open = bool(was.st_mode & _WRITE) or (bool(was.st_mode & _ENTER) and _is_open_below(path))
        if is_open:
            _begin(mark, stamp)
        take_rights(path)
        if is_open:
            _begin(mark, stamp)  # anew, where somebody took it away just now
        if is_open or _is_begun(mark):
            found = [*_cleared([path], stamp, top=path, keep=keep)]
            gone += found
            if all(map(is_aside, found)):
                _end(mark)
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


def _cleared(left: list[Path], stamp: str, *, top: Path | None = None, keep: tuple[str, ...] = ()) -> Iterator[Path]:
    """Move aside what is not ours in folders that were open, of the top one in the places of ours. Raises OSError.

    What was moved aside before stays where it is in the top folder, in which nothing is looked for by such a name;
    further below whatever ends in `.db` is a backup.
    """
    while left:
        for each in sorted(left.pop().iterdir(), key=lambda each: (not each.name.startswith(_TRUSTED), each.name)):
            is_top = each.parent == top
            if is_top and (each.name in keep or not is_place(each.name)):
                continue
            with suppress(FileNotFoundError):  # gone meanwhile: another start may be at it
                found = each.lstat()
                is_our_folder = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
                if is_top and is_aside(each) and not is_our_folder:
                    continue
                if _is_planted(each, found):
                    yield from _moved(each, stamp)
                elif is_our_folder:
                    take_rights(each)
                    left.append(each)


def _is_open_below(folder: Path) -> bool:
    """Whether others can write to a folder within the places of ours in one that they may enter."""
    left = [each for each in folder.iterdir() if is_place(each.name)]
    while left:
        with suppress(OSError):  # gone meanwhile, or closed
            found = (each := left.pop()).lstat()
            if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid():
                if found.st_mode & _WRITE:
                    return True
                left += each.iterdir()
    return False


def _closed_below(folder: Path, stamp: str) -> list[Path]:
    """Take others' rights from what is ours in a folder that stays open; what was moved aside there, by its new names.

    All of it where conversations lie there, and what others put into folders of it goes aside; else the files alone, as
    settings kept together with a `.git`: a folder called `models` or `backups` may be a project's.
    """
    is_data = any(path.is_file() for each in _DATA for path in folder.glob(each))
    mark = folder / _CLEARING_BELOW
    if is_data and _is_open_below(folder):
        _begin(mark, stamp)
    ours: list[Path] = []
    left = [each for each in folder.iterdir() if is_place(each.name)]
    while left:
        with suppress(OSError):  # gone meanwhile, or on a disk without rights
            found = (each := left.pop()).lstat()
            is_folder = stat.S_ISDIR(found.st_mode)
            if found.st_uid == os.getuid() and (stat.S_ISREG(found.st_mode) or (is_folder and is_data)):
                take_rights(each)
                left += each.iterdir() if is_folder else ()
                ours += [each] if is_folder and each.parent == folder else []
    moved = [*_cleared(ours, stamp)] if _is_begun(mark) else []
    if all(map(is_aside, moved)):
        _end(mark)
    return moved


def is_aside(path: Path) -> bool:
    """Whether a name is one that is given to what is moved aside."""
    return _MOVED.search(path.name) is not None


def _begin(mark: Path, stamp: str) -> None:
    """Say that a folder is to be looked through; a full disk does not keep it from being closed."""
    if os.path.lexists(mark) and not _is_begun(mark):
        _moved(mark, stamp)
    with suppress(OSError):
        os.close(os.open(mark, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _is_begun(mark: Path) -> bool:
    try:
        found = mark.lstat()
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_uid == os.getuid()


def _end(mark: Path) -> None:
    with suppress(OSError):  # then it is looked through again
        mark.unlink(missing_ok=True)


def _is_shared(folder: Path, found: os.stat_result) -> bool:
    """Whether a folder of the user's that was named as a place of ours is something else besides.

    The root, one in which everybody has only their own (a sticky one), and one that others may read and cannot have put
    anything into, with other things in it: a project's, say. Ours are closed from the beginning.
    """
    if folder == folder.parent or found.st_mode & stat.S_ISVTX:
        return True
    if found.st_mode & _WRITE or _is_begun(folder / _CLEARING):
        return False
    try:
        return any(not is_place(each.name) and ASIDE not in each.name for each in folder.iterdir())
    except OSError:  # a closed one
        return False


def is_place(name: str) -> bool:
    """Whether a name in a folder of ours is one that the program looks for."""
    return name in _NAMES or name.startswith(_BEGINNINGS)


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


def _moved(path: Path, stamp: str) -> tuple[Path, ...]:
    """Move something aside; its new name, the old one where it is held in its place, none where it is gone."""
    try:
        return (_aside(path, stamp),)
    except FileNotFoundError:
        return ()
    except OSError:
        return (path,)


def _aside(path: Path, stamp: str) -> Path:
    """Give something a name that nobody looks for, beside the old one: another's folder can be moved nowhere else."""
    number = 1
    while True:
        end = f"{ASIDE}{stamp}" + f"-{number}" * (number > 1)
        begin = os.fsencode(_MOVED.sub("", path.name))[: _LONGEST - len(end)].decode(errors="ignore")
        if not os.path.lexists(aside := path.with_name(f"{begin}{end}")):
            path.rename(aside)
            return aside
        number += 1
