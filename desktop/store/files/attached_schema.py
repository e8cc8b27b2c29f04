"""Schema of the attachments database; opens the database, or moves it aside if it is damaged."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import apsw

from desktop.errors import StoreCorrupt, StoreNewer
from desktop.store.migrations import WITH_FILES, Migration, version
from desktop.store.sqlite import backups, database_files, database_header, sqlite_faults
from desktop.store.sqlite.database import Access
from desktop.store.sqlite.sql import Cell, Sql
from desktop.system.log import logger
from desktop.system.paths import is_file
from desktop.text.phrases import phrase

SENT = -(1 << 46)
"""Value that replaces the draft time of a sent file; as wide as a time, so that SQLite updates the row in place."""

_FILES = """
CREATE TABLE files (
    sha256 TEXT PRIMARY KEY,       -- of `data`, in hex
    media_type TEXT NOT NULL,
    kind TEXT NOT NULL,
    size INTEGER NOT NULL,
    added_at INTEGER NOT NULL,     -- in milliseconds since 1970, as the next
    drafted_at INTEGER,            -- as long as it may be a draft's: since when; then NULL or SENT
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


def _files(sql: Sql) -> None:
    sql.run(_FILES)


def _readings(sql: Sql) -> None:
    sql.run(_READINGS)


MIGRATIONS: tuple[Migration, ...] = (_files, _readings)
"""Migrations. The step at index N upgrades `user_version` from N to N+1."""

VERSION = len(MIGRATIONS)
FIND = (
    "SELECT f.size, coalesce(r.kind, iif(own, f.kind, NULL)), coalesce(r.decoded, iif(own, f.decoded, NULL))"
    " FROM (SELECT sha256, size, kind, decoded, media_type = ?1 AND length(decoded) AS own FROM files"
    " WHERE sha256 = ?2) f LEFT JOIN readings r ON r.sha256 = f.sha256 AND r.media_type = ?1"
)
FIND_OLD = "SELECT size, kind, iif(media_type = ?1, decoded, NULL) FROM files WHERE sha256 = ?2"
"""Query for a read-only database of the first version."""
SIZES = "SELECT sha256, size FROM files WHERE sha256 IN (SELECT value FROM json_each(?))"
_log = logger("store")


def doubt(path: Path) -> Path:
    """Return the path of the marker file that requests a check at the next start."""
    return path.with_name(f"{path.name}-damaged")


def lacks(path: Path) -> Path:
    """Return the path of the marker file that exists while files of a damaged database are not restored."""
    return path.with_name(f"{path.name}-lacking")


def set_aside(path: Path, at: datetime) -> Path:
    """Move a damaged database into a new folder, and return the folder. No process may have the database open.

    Raises:
        OSError: If it cannot be moved.
    """
    database_files.private_file(lacks(path))  # first: a run that ends in between must not forget them
    aside = database_files.set_aside(path, at)
    doubt(path).unlink(missing_ok=True)
    _log.error("the attached files were damaged and set aside in %s", aside.name)
    return aside


def found(sql: Sql, query: str, values: Sequence[Cell]) -> tuple[list[tuple[Any, ...]], bool]:
    """Run a query by hash. Return the rows, and whether the index was missing any.

    Raises:
        apsw.Error: If the database fails.
    """
    if rows := sql.rows(query, values):
        return rows, False
    rows = sql.rows(query.replace("WHERE sha256", "WHERE +sha256"), values)
    return rows, bool(rows)


def connected(access: Access) -> Sql:
    """Open the database for writing, with the current schema, and check it if a check was requested.

    Raises:
        StoreError: If it cannot be opened.
    """
    with sqlite_faults.typed(access.path):
        if database_files.is_orphaned(access.path):  # its log would be taken for that of another
            raise StoreCorrupt(phrase("{path} is not a database.", path=access.path))
        if not access.path.exists():
            _begin(access)
        database_files.private_file(access.path)
        sql = access.connect()
        try:
            if is_file(doubt(access.path)):
                if version(sql):
                    sql.run("REINDEX files")  # it is made of the rows, and nothing looks whether it tells all of them
                backups.check(sql, "quick_check")
                doubt(access.path).unlink(missing_ok=True)
            make(sql, access.path)
            sql.rows("SELECT sha256, media_type, kind, size, added_at, drafted_at, decoded, data FROM files LIMIT 0")
            sql.rows("SELECT sha256, media_type, kind, decoded FROM readings LIMIT 0")
        except apsw.SQLError as error:  # tables of somebody else's under our names
            sql.close()
            raise StoreCorrupt(phrase("The database {path} is damaged.", path=access.path)) from error
        except BaseException:
            sql.close()
            raise
        return sql


def _begin(access: Access) -> None:
    """Create the database with auto_vacuum, which must be set before WAL mode.

    Atomic, because another process may create it at the same time.
    """
    draft = access.path.with_name(f".{access.path.name}.{os.getpid()}.{threading.get_ident()}.draft")
    draft.unlink(missing_ok=True)
    database_files.private_file(draft)
    try:
        sql = replace(access, path=draft, log=False).connect()
        try:
            sql.pragma("auto_vacuum", "incremental")
            make(sql, access.path)
        finally:
            sql.close()
        with suppress(FileExistsError):
            _put(draft, access.path)
    finally:
        draft.unlink(missing_ok=True)


def _put(draft: Path, path: Path) -> None:
    """Rename a file to a name that is not in use.

    Raises:
        FileExistsError: If the name is in use.
        OSError: If the file cannot be renamed.
    """
    if os.name == "nt":
        draft.rename(path)
        return
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:  # a disk that knows no second names
        if not path.exists():
            draft.rename(path)


def make(sql: Sql, path: Path) -> None:
    """Upgrade the database to the current schema.

    Raises:
        StoreNewer: If its schema is newer.
        apsw.Error: If the database fails.
    """
    if require_known(sql, path) == VERSION:
        return
    with sql.transaction():  # another run may have made it meanwhile
        for number in range(version(sql), VERSION):
            MIGRATIONS[number](sql)
            sql.pragma("user_version", number + 1)


def find_way(access: Access) -> None:
    """Choose how to read the database in a folder in which nothing can be written."""
    access.still = not database_files.has_log(access.path)
    if access.still:
        return
    ways = [(False, False, False), (False, False, True)]
    if os.name == "posix" and access.vfs is None:
        ways[1:1] = [(*way, False) for way in database_files.ways_without_index(access.path)]
    for access.alone, access.unlocked, access.still in ways:
        try:
            sql = access.connect_to_read()
            try:
                sql.pragma("user_version")
            finally:
                sql.close()
        except (apsw.CantOpenError, apsw.ReadOnlyError, apsw.FullError, apsw.IOError, apsw.BusyError):
            continue
        return


def require_known(sql: Sql, path: Path) -> int:
    """Return the schema version.

    Raises:
        StoreNewer: If the version is newer than this program.
    """
    found = int(sql.pragma("user_version") or 0)
    if database_header.is_newer(found, VERSION):
        said = "{path} was written by a newer version of the program (schema {schema})."
        raise StoreNewer(phrase(said, path=path, schema=found))
    return found


def referred(conversations: Sql) -> set[str]:
    """Return the hashes that messages refer to; none for older schemas."""
    if version(conversations) < WITH_FILES:
        return set()
    return {each for (each,) in conversations.rows("SELECT DISTINCT sha256 FROM message_files")}
