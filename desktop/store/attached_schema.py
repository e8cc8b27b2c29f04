"""The database of attached files as it is opened to be written: with its schema, and set aside where it is damaged."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from desktop.errors import StoreCorrupt, StoreNewer
from desktop.log import logger
from desktop.paths import is_file
from desktop.phrases import phrase
from desktop.store.sqlite import backups, database_files, sqlite_faults
from desktop.store.sqlite.database import Access
from desktop.store.sqlite.sql import Sql

VERSION = 2
_FILES = """
CREATE TABLE files (
    sha256 TEXT PRIMARY KEY,       -- of `data`, in hex
    media_type TEXT NOT NULL,
    kind TEXT NOT NULL,
    size INTEGER NOT NULL,
    added_at INTEGER NOT NULL,     -- in milliseconds since 1970, as the next
    drafted_at INTEGER,            -- as long as it may be a draft's: since when; NULL once a message refers to it
    decoded BLOB NOT NULL,         -- what models are given of it; empty where nobody looked at it yet
    data BLOB NOT NULL
) STRICT;
"""
_READINGS = """
CREATE TABLE readings (            -- of files that prompts name as another type than `files` does
    sha256 TEXT NOT NULL,
    media_type TEXT NOT NULL,
    kind TEXT NOT NULL,
    decoded BLOB NOT NULL,
    PRIMARY KEY (sha256, media_type)
) STRICT;
"""
_STEPS = (_FILES, _READINGS)
_log = logger("store")


def doubt(path: Path) -> Path:
    """The mark that says that something in the file could not be read: it is looked through at the next start."""
    return path.with_name(f"{path.name}-damaged")


def sound(access: Access, at: datetime) -> tuple[Sql, Path | None]:
    """The file open to be written; a damaged one is set aside, in the folder that is given too, and a new one begun.

    Raises StoreError's tree.
    """
    mark = doubt(access.path)
    try:
        sql = _connected(access, check=is_file(mark))
    except StoreCorrupt:
        aside = database_files.set_aside(access.path, at)
        _log.error("the attached files were damaged and set aside in %s", aside.name)
        sql = _connected(access, check=False)
    else:
        aside = None
    mark.unlink(missing_ok=True)
    return sql, aside


def _connected(access: Access, *, check: bool) -> Sql:
    """The file open to be written, with its schema. Raises StoreError's tree."""
    with sqlite_faults.typed(access.path):
        if database_files.is_orphaned(access.path):  # its log would be taken for that of another
            raise StoreCorrupt(phrase("{path} is not a database.", path=access.path))
        database_files.private_file(access.path)
        sql = access.connect()
        try:
            if check:
                backups.check(sql, "quick_check")
            demand_known(sql, access.path)
            with sql.transaction():
                for number in range(int(sql.pragma("user_version") or 0), VERSION):
                    sql.run(_STEPS[number])
                    sql.pragma("user_version", number + 1)
            sql.rows("SELECT sha256, media_type, kind, size, added_at, drafted_at, decoded, data FROM files LIMIT 1")
            sql.rows("SELECT sha256, media_type, kind, decoded FROM readings LIMIT 1")
        except BaseException:
            sql.close()
            raise
        return sql


def demand_known(sql: Sql, path: Path) -> int:
    """The schema's version, which this one knows. Raises StoreNewer: then nothing was changed."""
    found = int(sql.pragma("user_version") or 0)
    if found > VERSION:
        said = "{path} was written by a newer version of the program (schema {schema})."
        raise StoreNewer(phrase(said, path=path, schema=found))
    return found
