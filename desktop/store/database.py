"""The open database: one connection that writes, one that reads, each on a thread of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Literal, TypeVar

import apsw

from desktop.errors import StoreCorrupt, StoreError, StoreReadOnly
from desktop.store import backups, faults
from desktop.store.sql import Sql

OLDEST_SQLITE = (3, 51, 3)  # those before can damage a write-ahead log when it is reset
BUSY_TIMEOUT_MS = 10_000
_LOG_LIMIT = 8 << 20  # bytes that the write-ahead log keeps once it is copied

_T = TypeVar("_T")
Job = Callable[[Sql], _T]


def check_sqlite(version: str) -> None:
    """Raise StoreError where SQLite is too old to be trusted with a write-ahead log."""
    if tuple(int(number) for number in version.split(".")) < OLDEST_SQLITE:
        wanted = ".".join(map(str, OLDEST_SQLITE))
        raise StoreError(
            f"SQLite {version} can damage databases; {wanted} or newer is needed.",
            hint="Install a newer apsw-sqlite3mc.",
        )


def connect(path: Path, *, vfs: str | None = None, log: bool = True) -> Sql:
    """Open the file at `path`, which exists, to write; `log` asks for a write-ahead log, `vfs` names SQLite's files.

    Raises apsw.Error, and StoreReadOnly where it cannot be written.
    """
    sql = _opened(path, apsw.SQLITE_OPEN_READWRITE, vfs)
    try:
        if sql.connection.readonly("main"):
            _refuse_read_only(path)
        # macOS needs more than fsync to empty the disk's own cache; elsewhere these two do nothing.
        sql.pragma("fullfsync", "on")
        sql.pragma("checkpoint_fullfsync", "on")
        sql.pragma("secure_delete", "on")
        sql.pragma("journal_mode", "wal" if log else "delete")
        sql.pragma("journal_size_limit", _LOG_LIMIT)
        sql.pragma("foreign_keys", "on")
        sql.pragma("synchronous", "full")
    except BaseException:
        sql.close()
        raise
    return sql


def connect_to_read(path: Path, *, vfs: str | None = None) -> Sql:
    """Open the file at `path` only to read. Raises apsw.Error."""
    sql = _opened(path, apsw.SQLITE_OPEN_READONLY, vfs)
    sql.pragma("query_only", "on")
    return sql


def _opened(path: Path, flags: int, vfs: str | None) -> Sql:
    connection = apsw.Connection(str(path), flags=flags, vfs=vfs)
    sql = Sql(connection)
    try:
        connection.set_busy_timeout(BUSY_TIMEOUT_MS)
        connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
        connection.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
        sql.pragma("mmap_size", 0)
        sql.pragma("cell_size_check", "on")
    except BaseException:
        sql.close()
        raise
    return sql


def _refuse_read_only(path: Path) -> None:
    raise StoreReadOnly(f"The database {path} cannot be written.")


class Lane:
    """One thread that does jobs in turn. A job once given is done, whatever becomes of who awaits it."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    def submit(self, job: Callable[[], _T]) -> Future[_T]:
        """Queue a job. Raises RuntimeError after `stop`."""
        return self._executor.submit(job)

    async def run(self, job: Callable[[], _T]) -> _T:
        """Queue a job and await what it returns or raises."""
        done = asyncio.wrap_future(self.submit(job))
        # Where the waiting is cancelled nobody else asks for the error, and asyncio would complain of that.
        done.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        return await asyncio.shield(done)

    def stop(self, *, wait: bool = True) -> None:
        """Take no more jobs; those that were given are still done."""
        self._executor.shutdown(wait=wait)


class Database:
    """Jobs go in as functions of a connection and are done on its thread; all raise StoreError's tree.

    Whoever makes it closes it; it then owns both connections and lanes.
    """

    def __init__(self, path: Path, writer: Sql, writing: Lane, *, vfs: str | None = None) -> None:
        self.path = path
        self.damaged = False
        self._writer = writer
        self._writing = writing
        self._reading = Lane("store-reader")
        self._vfs = vfs
        self._reader: Sql | None = None
        self._synchronous = "full"
        self._scrub_due = False
        self._closed = False

    async def write(self, job: Job[_T], *, durable: bool = True, scrub: bool = False) -> _T:
        """Do a job in one transaction: all of it or nothing.

        `durable` returns only when it is on the disk; without it, a power loss may take it but never tear it.
        `scrub` also empties the write-ahead log, so that what was deleted is in no file.
        """
        return await self._writing.run(lambda: self._write(job, durable=durable, scrub=scrub))

    async def read(self, job: Job[_T]) -> _T:
        """Do a job that only reads; all of it sees the same state."""
        return await self._reading.run(lambda: self._read(job))

    async def beside(self, job: Callable[[], _T]) -> _T:
        """Do a slow job that concerns another database on the reading thread; its errors say nothing of this one."""
        return await self._reading.run(job)

    async def backup(self, path: Path) -> None:
        """Copy all that is committed to the file at `path`, checked and whole or not at all; writing goes on.

        Raises StoreFull, StoreReadOnly, StoreCorrupt.
        """

        def copy(sql: Sql) -> None:
            with faults.typed(path):
                backups.copy(sql, path)

        await self._reading.run(lambda: self._guarded(lambda: copy(self._connected_reader())))

    async def aclose(self) -> None:
        """Finish what was queued and close both connections. May be called twice."""
        if self._closed:
            return
        self._closed = True
        try:
            await self._reading.run(lambda: self._guarded(self._close_reader))
            await self._writing.run(lambda: self._guarded(self._writer.close))
        finally:
            self._reading.stop()
            self._writing.stop()

    def _write(self, job: Job[_T], *, durable: bool, scrub: bool) -> _T:
        return self._guarded(lambda: self._transaction(job, durable=durable, scrub=scrub))

    def _transaction(self, job: Job[_T], *, durable: bool, scrub: bool) -> _T:
        self._synchronise("full" if durable else "normal")
        with self._writer.transaction():
            result = job(self._writer)
        if scrub or self._scrub_due:
            self._scrub(1000 if scrub else 0)
        return result

    def _synchronise(self, level: Literal["full", "normal"]) -> None:
        if level != self._synchronous:
            self._writer.pragma("synchronous", level)
            self._synchronous = level

    def _scrub(self, wait_ms: int) -> None:
        """Copy the whole log into the file and cut it to nothing; while others read it, that stays due."""
        self._writer.connection.set_busy_timeout(wait_ms)
        try:
            self._scrub_due = bool(self._writer.integer("PRAGMA wal_checkpoint(TRUNCATE)"))
        except (apsw.BusyError, apsw.LockedError, apsw.FullError, apsw.IOError):
            self._scrub_due = True  # what was asked for is done; the rest is tried again after the next write
        finally:
            self._writer.connection.set_busy_timeout(BUSY_TIMEOUT_MS)

    def _read(self, job: Job[_T]) -> _T:
        return self._guarded(lambda: self._snapshot(job))

    def _snapshot(self, job: Job[_T]) -> _T:
        reader = self._connected_reader()
        with reader.transaction("DEFERRED"):
            return job(reader)

    def _guarded(self, job: Callable[[], _T]) -> _T:
        try:
            with faults.typed(self.path):
                return job()
        except StoreCorrupt:
            self.damaged = True
            raise

    def _connected_reader(self) -> Sql:
        if self._reader is None:
            self._reader = connect_to_read(self.path, vfs=self._vfs)
        return self._reader

    def _close_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None
