"""Folders that another user made in the data folder while it was open to others: what is ours is taken out of them."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from desktop.store.sqlite import database_files
from desktop.system.log import logger
from desktop.system.paths import resolved
from desktop.system.planted_files import clear_place
from desktop.system.private_files import is_others, private_folder
from desktop.text.phrases import Phrase, phrase

_NAMES = ("backups", "keys", "runs")
_log = logger("store")


def take_back(folder: Path, clock: Callable[[], datetime]) -> list[Phrase]:
    """Have what is kept in a data folder of ours lie in folders of our own; what is to be said of it.

    Whoever owns a folder can read its names, and exchange and delete what lies in it, however closed the one above it
    is by now. Files that are ours go into a new one, and the other's stays aside.
    """
    if os.name != "posix" or folder.stat().st_uid != os.getuid():
        return []
    return [said for name in _NAMES if (said := _taken_back(folder / name, clock)) is not None]


def clear_sides(path: Path) -> list[Phrase]:
    """Have nothing lie in the place of a database's log that SQLite would wait for; what is to be said of it."""
    real, said = resolved(path), list[Phrase]()
    for side in database_files.SIDES[1:]:
        with suppress(OSError):  # a folder that cannot be written
            if (aside := clear_place(real.with_name(real.name + side))) is not None:
                said.append(phrase("A file blocked the database and was moved to {file}.", file=aside))
    return said


def _taken_back(place: Path, clock: Callable[[], datetime]) -> Phrase | None:
    own = place.with_name(f".{place.name}.own")
    try:
        if is_others(own, os.getuid()):
            own.rename(_aside(own, clock()))
        if not is_others(place, os.getuid()):
            if own.is_dir() and not place.exists():  # it was killed here
                own.rename(place)
            return None
        aside = _aside(place, clock())
        private_folder(own)
        for each in _ours_in(place):
            each.rename(own / each.name)
            if not _is_ours(own / each.name):  # exchanged meanwhile
                (own / each.name).unlink()
        place.rename(aside)
        own.rename(place)
        database_files.sync_folder(place.parent)
    except OSError as error:
        _log.warning("a folder of another user stays: %s", type(error).__name__)
        return phrase(
            "The folder {folder} belongs to another user, who can delete or replace its contents.", folder=place
        )
    return phrase(
        "The folder {folder} belonged to another user. Your files were moved to a new folder; the other "
        "user's folder is now {aside}.",
        folder=place,
        aside=aside,
    )


def _aside(place: Path, at: datetime) -> Path:
    return database_files.free_name(place.parent, f"foreign-{place.name.strip('.')}", at)


def _ours_in(place: Path) -> list[Path]:
    """What is ours in another's folder; nothing where that is closed to us, or a link to somewhere else."""
    try:
        return [] if place.is_symlink() else [each for each in place.iterdir() if _is_ours(each)]
    except PermissionError:
        return []


def _is_ours(path: Path) -> bool:
    """Whether it is a file of ours, known by this name alone."""
    found = path.lstat()
    return stat.S_ISREG(found.st_mode) and found.st_uid == os.getuid() and found.st_nlink == 1
