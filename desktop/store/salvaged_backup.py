"""A backup as it can be restored: itself, or a copy of what can be read of a damaged one, row by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from desktop.errors import StoreCorrupt
from desktop.paths import is_file
from desktop.private_files import private_folder
from desktop.store import restore
from desktop.store.encryption.recode import key_of
from desktop.store.migrations import MIGRATIONS, migrate
from desktop.store.opening import salvage
from desktop.store.sqlite import backups, database_files, database_header, sqlite_faults
from desktop.store.sqlite.cipher import Key
from desktop.store.sqlite.database import Access
from desktop.store.sqlite.database_header import DatabaseShape


class ReadableBackup(NamedTuple):
    """Where a backup is read from, and how many of its rows cannot be."""

    path: Path
    lost: int = 0
    is_copy: bool = False

    def discard(self) -> None:
        """Take the copy away, where it is one. Raises OSError."""
        if self.is_copy:
            self.path.unlink(missing_ok=True)


def readable(path: Path, access: Access, keys: Mapping[str, Key], stop: restore.Stop = backups.never) -> ReadableBackup:
    """The backup, or where it is damaged a copy of what can be read of it, beside the database's own backups.

    Raises StoreError's tree: of a damaged one of which nothing can be read what is wrong with it.
    """
    try:
        restore.demand_sound(path, keys, stop)
    except StoreCorrupt as error:
        found = _copied(path, access, keys, stop) if _is_one(path, keys) else None
        if found is None:
            raise error from None
        return found
    return ReadableBackup(path)


def _is_one(path: Path, keys: Mapping[str, Key]) -> bool:
    """Whether it is a database that can be read at all: a device may have no end."""
    if not is_file(path):
        return False
    return database_header.shape(path) is DatabaseShape.DATABASE or key_of(path, keys) is not None


def _copied(path: Path, access: Access, keys: Mapping[str, Key], stop: restore.Stop) -> ReadableBackup | None:
    """What can be read of it, under the present key; None where that is no conversation."""
    folder = access.path.parent / backups.FOLDER
    copy = backups.draft_of(folder / backups.name("salvaged"))
    with sqlite_faults.typed(access.path):
        private_folder(folder)
        copy.unlink(missing_ok=True)
        database_files.private_file(copy)
        found = salvage.Salvaged(0, 0)
        try:
            sql = Access(path=copy, key=access.key, log=False).connect()
            try:
                migrate(sql, MIGRATIONS)
                with sqlite_faults.typed(path):
                    found = salvage.salvage_file(replace(access, key=key_of(path, keys)), path, sql, stop)
            finally:
                sql.close()
        finally:
            if not found.conversations:
                copy.unlink(missing_ok=True)
    return ReadableBackup(copy, found.lost, is_copy=True) if found.conversations else None
