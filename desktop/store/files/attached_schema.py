"""The database of attached files as it is opened to be written, and set aside where it is damaged."""

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
"""Stands for a time since which a file is a draft's once it is none: as wide as a time, so that SQLite changes it in
place. A row that grows or shrinks is written anew, with all bytes of its file."""

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
"""As those of the conversations: what stands at place N brings `user_version` from N to N+1."""

VERSION = len(MIGRATIONS)
FIND = (
    "SELECT f.size, coalesce(r.kind, iif(own, f.kind, NULL)), coalesce(r.decoded, iif(own, f.decoded, NULL))"
    " FROM (SELECT sha256, size, kind, decoded, media_type = ?1 AND length(decoded) AS own FROM files"
    " WHERE sha256 = ?2) f LEFT JOIN readings r ON r.sha256 = f.sha256 AND r.media_type = ?1"
)
FIND_OLD = "SELECT size, kind, iif(media_type = ?1, decoded, NULL) FROM files WHERE sha256 = ?2"
"""The same where a file of the first version can only be read."""
SIZES = "SELECT sha256, size FROM files WHERE sha256 IN (SELECT value FROM json_each(?))"
_log = logger("store")


def doubt(path: Path) -> Path:
    """The mark that says that something in the file could not be read: it is looked through at the next start."""
    return path.with_name(f"{path.name}-damaged")


def lacks(path: Path) -> Path:
    """The mark that says that files were set aside with a damaged one, and did not come back yet."""
    return path.with_name(f"{path.name}-lacking")


def set_aside(path: Path, at: datetime) -> Path:
    """Set a damaged file aside, in the folder that is given; none may have it open. Raises OSError."""
    database_files.private_file(lacks(path))  # first: a run that ends in between must not forget them
    aside = database_files.set_aside(path, at)
    doubt(path).unlink(missing_ok=True)
    _log.error("the attached files were damaged and set aside in %s", aside.name)
    return aside


def found(sql: Sql, query: str, values: Sequence[Cell]) -> tuple[list[tuple[Any, ...]], bool]:
    """Rows that are asked for by `WHERE sha256`, and whether the index missed any of them. Raises apsw.Error."""
    if rows := sql.rows(query, values):
        return rows, False
    rows = sql.rows(query.replace("WHERE sha256", "WHERE +sha256"), values)
    return rows, bool(rows)


def connected(access: Access) -> Sql:
    """The file open to be written, with its schema; looked through where it is in doubt. Raises StoreError's tree."""
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
    """Make the file such that what goes gives its room back: with a write-ahead log that can be said no more.

    Whole, or not at all: another run may begin it at the same moment, and use it.
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
    """Give a file a name that nobody has. Raises FileExistsError where somebody has it by now, OSError."""
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
    """Bring a file to this version's schema. Raises StoreNewer, apsw.Error."""
    if require_known(sql, path) == VERSION:
        return
    with sql.transaction():  # another run may have made it meanwhile
        for number in range(version(sql), VERSION):
            MIGRATIONS[number](sql)
            sql.pragma("user_version", number + 1)


def find_way(access: Access) -> None:
    """Have a file be read where nothing can be made beside it: without its log where that cannot be had any more."""
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
    """The schema's version, which this one knows. Raises StoreNewer: then nothing was changed."""
    found = int(sql.pragma("user_version") or 0)
    if database_header.is_newer(found, VERSION):
        said = "{path} was written by a newer version of the program (schema {schema})."
        raise StoreNewer(phrase(said, path=path, schema=found))
    return found


def referred(conversations: Sql) -> set[str]:
    """The files to which messages refer: none in a database of a version before there were any, which may be read."""
    if version(conversations) < WITH_FILES:
        return set()
    return {each for (each,) in conversations.rows("SELECT DISTINCT sha256 FROM message_files")}
