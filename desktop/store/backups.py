"""Copies of the whole database: taken while it is used, checked, and put in place in one step."""

from __future__ import annotations

import os
import re
from pathlib import Path

import apsw

from desktop.errors import StoreCorrupt
from desktop.store import files
from desktop.store.sql import Sql

_PREFIX = "conversations-"
_DAILY = re.compile(rf"{_PREFIX}\d{{8}}\.db")


def copy(source: Sql, path: Path) -> None:
    """Copy what `source` has committed to `path`, which is replaced only by a whole and sound copy.

    Raises StoreCorrupt where the copy fails its check, apsw.Error, OSError.
    """
    files.private_folder(path.parent)
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    draft.unlink(missing_ok=True)
    files.private_file(draft)
    try:
        _fill(source, draft)
        draft.replace(path)
        files.sync_folder(path.parent)
    finally:
        for side in ("", "-wal", "-shm", "-journal"):
            draft.with_name(draft.name + side).unlink(missing_ok=True)


def prune(folder: Path, keep: int) -> None:
    """Remove all but the newest daily backups; those made before a migration stay. Raises OSError."""
    daily = sorted(path for path in folder.glob(f"{_PREFIX}*.db") if _DAILY.fullmatch(path.name))
    for path in daily[:-keep]:
        path.unlink()


def newest(folder: Path) -> Path | None:
    """The backup in a folder that was made last."""
    found = sorted(folder.glob(f"{_PREFIX}*.db"), key=lambda path: path.stat().st_mtime_ns)
    return found[-1] if found else None


def name(label: str) -> str:
    """A backup's file name."""
    return f"{_PREFIX}{label}.db"


def check(sql: Sql, pragma: str) -> None:
    """Run `quick_check` or `integrity_check`; raises StoreCorrupt with the first thing found."""
    try:
        found = str(sql.pragma(pragma))
    except apsw.SQLError as error:  # a search index whose settings are damaged
        found = str(error)
    if found != "ok":
        raise StoreCorrupt(f"The database {sql.connection.filename} is damaged: {found}")


def _fill(source: Sql, draft: Path) -> None:
    sql = Sql(apsw.Connection(str(draft), flags=apsw.SQLITE_OPEN_READWRITE))
    try:
        with sql.connection.backup("main", source.connection, "main") as backup:
            while not backup.done:
                backup.step(-1)
        # A copy has no write-ahead log beside it: it is one file that can be carried away.
        sql.pragma("journal_mode", "delete")
        check(sql, "integrity_check")
    finally:
        sql.close()
