"""An open database with a writing and a reading connection, each on its own thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar

import apsw

from desktop.errors import StoreBusy, StoreCorrupt, StoreError, StoreFull, StoreReadOnly
from desktop.store.sqlite import backups, sqlite_faults
from desktop.store.sqlite.cipher import Key
from desktop.store.sqlite.lane import Lane
from desktop.store.sqlite.sql import Sql
from desktop.store.sqlite.write_batch import BatchedJob, WriteBatch
from desktop.text.phrases import phrase

LONG_S, SHORT_S = 10.0, 1.5
_FIRST_S, _LAST_S = 0.001, 0.05
"""First and longest pause between retries, in seconds."""


class BusyWait:
    """Busy handler whose wait can be shortened, unlike SQLite's timeout."""

    def __init__(self) -> None:
        self._hurried_at: float | None = None
        self._begun = 0.0

    def give(self, sql: Sql) -> None:
        """Install the handler on a connection."""
        sql.connection.set_busy_handler(self._wait)

    def hurry(self) -> None:
        """Shorten current and future waits."""
        if self._hurried_at is None:
            self._hurried_at = time.monotonic()

    def _wait(self, looks: int) -> bool:
        """Return whether to retry. Called on the connection's thread."""
        at, hurried = time.monotonic(), self._hurried_at
        if not looks:
            self._begun = at
        until = self._begun + LONG_S
        if at >= (until if hurried is None else min(until, hurried + SHORT_S)):
            return False
        time.sleep(min(_FIRST_S * (looks + 1), _LAST_S))
        return True


def insist(job: Callable[[], object]) -> None:
    """Retry a job that fails immediately while another connection writes.

    Once a read transaction has begun, SQLite does not wait for other writers by itself.
    """
    until, pause = time.monotonic() + SHORT_S, _FIRST_S
    while True:
        try:
            job()
        except apsw.BusyError:
            if time.monotonic() >= until:
                raise
            time.sleep(pause)
            pause = min(2 * pause, _LAST_S)
        else:
            return


OLDEST_SQLITE = (3, 51, 3)  # those before can damage a write-ahead log when it is reset
BUSY_TIMEOUT_MS = int(LONG_S * 1000)
_ALONE, _UNLOCKED = "multipleciphers-unix-excl", "multipleciphers-unix-none"
_LOG_LIMIT = 8 << 20  # bytes that the write-ahead log keeps once it is copied

_T = TypeVar("_T")
Job = Callable[[Sql], _T]


def check_sqlite(version: str) -> None:
    """Check that SQLite is recent enough for a safe write-ahead log.

    Raises:
        StoreError: If it is too old.
    """
    if tuple(int(number) for number in version.split(".")) < OLDEST_SQLITE:
        wanted = ".".join(map(str, OLDEST_SQLITE))
        raise StoreError(
            phrase(
                "SQLite {version} can damage databases. Version {wanted} or newer is required.",
                version=version,
                wanted=wanted,
            ),
            hint=phrase("Install a newer version of apsw-sqlite3mc."),
        )


@dataclass(slots=True, kw_only=True)
class Access:
    """Parameters for opening a database.

    `vfs` is SQLite's virtual file system, `key` decrypts the file, `log` is whether to use WAL mode, and `still` is
    whether nothing can change the file.
    """

    path: Path
    vfs: str | None = None
    key: Key | None = None
    log: bool = True
    still: bool = False
    alone: bool = False
    unlocked: bool = False
    full: bool = False

    def connect(self) -> Sql:
        """Open an existing file for writing.

        Raises:
            StoreReadOnly: If it cannot be written.
            apsw.Error: If it cannot be opened.
        """
        sql = self._opened(str(self.path.absolute()), apsw.SQLITE_OPEN_READWRITE)
        try:
            self._refuse_read_only(sql)
            # macOS needs more than fsync to flush the disk's cache; on other systems these two do nothing.
            sql.pragma("fullfsync", "on")
            sql.pragma("checkpoint_fullfsync", "on")
            sql.pragma("secure_delete", "on")
            insist(lambda: sql.pragma("journal_mode", "wal" if self.log else "delete"))
            sql.pragma("journal_size_limit", _LOG_LIMIT)
            sql.pragma("foreign_keys", "on")
            sql.pragma("synchronous", "full")
        except BaseException:
            sql.close()
            raise
        return sql

    def _refuse_read_only(self, sql: Sql) -> None:
        if sql.connection.readonly("main"):
            raise StoreReadOnly(phrase("The database {path} is not writable.", path=self.path))

    def connect_to_read(self) -> Sql:
        """Open the file for reading.

        Raises:
            apsw.Error: If it cannot be opened.
        """
        if self.alone:
            # An exclusively locked database keeps the WAL index in memory, which needs write access.
            sql = self._opened(str(self.path.absolute()), apsw.SQLITE_OPEN_READWRITE, vfs=_ALONE)
            sql.pragma("query_only", "on")
            sql.connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
            return sql
        if self.unlocked:
            sql = self._opened(f"{self.path.absolute().as_uri()}?mode=ro", apsw.SQLITE_OPEN_READONLY, vfs=_UNLOCKED)
            sql.pragma("locking_mode", "exclusive")  # so the log's index lies in memory
            sql.pragma("query_only", "on")
            return sql
        name = f"{self.path.absolute().as_uri()}?immutable=1" if self.still else str(self.path.absolute())
        sql = self._opened(name, apsw.SQLITE_OPEN_READONLY)
        sql.pragma("query_only", "on")
        return sql

    def connect_alone(self) -> Sql:
        """Open a file with its log for inspection, without changing it, if no other process has it open.

        Raises:
            apsw.Error: Immediately, if another process has it open.
        """
        sql = self._opened(str(self.path.absolute()), apsw.SQLITE_OPEN_READWRITE)
        sql.connection.set_busy_timeout(0)
        sql.pragma("query_only", "on")
        sql.pragma("locking_mode", "exclusive")  # so the log's index lies in memory, and not in a file
        return sql

    def _opened(self, name: str, flags: int, *, vfs: str | None = None) -> Sql:
        connection = apsw.Connection(name, flags=flags | apsw.SQLITE_OPEN_URI, vfs=vfs or self.vfs)
        sql = Sql(connection)
        try:
            if self.key is not None:
                self.key.apply(connection)
            connection.set_busy_timeout(BUSY_TIMEOUT_MS)
            connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
            connection.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
            sql.pragma("mmap_size", 0)
            sql.pragma("cell_size_check", "on")
            # Keep temporary data in memory, because files would be unencrypted.
            sql.pragma("temp_store", "memory")
        except BaseException:
            sql.close()
            raise
        return sql


def connect(path: Path) -> Sql:
    """Open an unencrypted file for writing, like `Access.connect`."""
    return Access(path=path).connect()


class Database:
    """Runs jobs on the threads of two connections. All methods may raise StoreError.

    Owns the connections and threads, so it must be closed.
    """

    def __init__(self, access: Access, writer: Sql | None, writing: Lane) -> None:
        """Without a `writer`, the database is read-only."""
        self.access = access
        self.damaged = False
        self._patience = BusyWait()
        self._writer = self._patient(writer)
        self._writing = writing
        self._reading = Lane("store-reader")
        self._aside = Lane("store-aside")
        self._reader: Sql | None = None
        self._synchronous = "full"
        self._scrub_due = False
        self._ending = threading.Event()
        self._batch = WriteBatch()
        """Takes short jobs until something else is to be written after them."""

    @property
    def path(self) -> Path:
        """Path of the database."""
        return self.access.path

    @property
    def read_only(self) -> bool:
        """Whether the database cannot be written."""
        return self._writer is None

    def is_ending(self) -> bool:
        """Whether long work should stop."""
        return self._ending.is_set()

    def hurry(self) -> None:
        """Wait only briefly for other writers from now on, because the program is quitting."""
        self._patience.hurry()

    async def settled(self) -> None:
        """Wait until all queued writes have completed or failed."""
        await self._writing.run(lambda: None)

    async def write(self, job: Job[_T], *, durable: bool = True, scrub: bool = False) -> _T:
        """Run a job in one transaction.

        If `durable`, the data are on disk when this returns; otherwise a power failure may undo the transaction.
        """
        self._batch = WriteBatch()
        return await self._writing.run(lambda: self._write(job, durable=durable, scrub=scrub))

    async def write_together(self, job: Job[_T], *, durable: bool = True) -> _T:
        """Run a short job in one transaction with other waiting jobs of this kind.

        If one of them is durable, all are.
        """
        batch, own = self._batch, BatchedJob(job, durable)
        batch.add(own)
        return await self._writing.run(lambda: self._write_waiting(batch, own))

    async def read(self, job: Job[_T]) -> _T:
        """Run a read job on one snapshot."""
        return await self._reading.run(lambda: self._read(job))

    async def version(self) -> int:
        """Return a number that changes when another connection has written."""

        def look() -> int:
            """Read the number on the thread of the writing connection, if there is one."""
            with sqlite_faults.typed(self.path):
                return (self._writer or self._connected_reader()).integer("PRAGMA data_version") or 0

        return await (self._writing if self._writer is not None else self._reading).run(look)

    async def beside(self, job: Callable[[], _T]) -> _T:
        """Run a slow job on a separate thread."""
        return await self._aside.run(job)

    async def backup(self, path: Path) -> None:
        """Copy all committed data to a file while writing continues. The copy is verified and appears atomically.

        Raises:
            StoreFull: If the disk is full.
            StoreReadOnly: If the folder is read-only.
            StoreCorrupt: If the database is damaged.
        """

        def copy() -> None:
            """Copy on a separate thread and connection."""
            sql = self.access.connect_to_read()
            try:
                with sqlite_faults.typed(path):
                    backups.copy(sql, path, key=self.access.key, stop=self._ending.is_set)
            finally:
                sql.close()

        await self.beside(lambda: self._guarded(copy))

    async def aclose(self) -> None:
        """Complete queued writes, cancel a running backup, and close. Safe to call more than once."""
        if self._ending.is_set():
            return
        self._ending.set()
        try:
            await self._aside.run(lambda: None)
            await self._reading.run(lambda: self._guarded(self._close_reader))
            await self._writing.run(lambda: self._guarded(self._close_writer))
        finally:
            self._aside.stop()
            self._reading.stop()
            self._writing.stop()

    async def offline(self, job: Callable[[], _T], reopen: Callable[[], Sql]) -> _T:
        """Close both connections, run a job on the files, and reopen the connections even if it fails.

        Other requests wait meanwhile.
        """

        def alone() -> _T:
            """Run the job on the writer's thread while everything is closed."""
            if self._writer is not None:
                # Keep the log beside the file, so that both can be moved.
                self._writer.connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
            self._close_writer()
            try:
                with sqlite_faults.typed(self.path):
                    return job()
            finally:
                with sqlite_faults.typed(self.path):
                    self._writer = self._patient(reopen())
                self._synchronous = "full"

        def reading() -> _T:
            """Block the reader's thread until everything is open again."""
            self._guarded(self._close_reader)
            self._batch = WriteBatch()
            return self._writing.submit(alone).result()

        self._connected_writer()  # where nothing can be written, nothing is begun
        # Wait for a running backup, which has the file open.
        return await self.beside(lambda: self._reading.submit(reading).result())

    def _write(self, job: Job[_T], *, durable: bool, scrub: bool) -> _T:
        return self._guarded(lambda: self._transaction(job, durable=durable, scrub=scrub))

    def _write_waiting(self, batch: WriteBatch, own: BatchedJob[_T]) -> _T:
        if not own.is_done:
            waiting = batch.take()
            if len(waiting) == 1:
                return self._write(own.job, durable=own.durable, scrub=False)
            if not self._wrote_at_once(waiting):
                for each in waiting:
                    each.settle(partial(self._write, each.job, durable=each.durable, scrub=False))
        return own.outcome()

    def _wrote_at_once(self, jobs: Sequence[BatchedJob[Any]]) -> bool:
        """Run jobs in one transaction. Return False if that failed and each must run separately."""
        durable = any(each.durable for each in jobs)
        try:
            results = self._write(lambda sql: [each.job(sql) for each in jobs], durable=durable, scrub=False)
        except StoreBusy as error:  # each of them would wait as long again
            for each in jobs:
                each.error, each.is_done = error, True
            return True
        except Exception:  # noqa: BLE001 - one of them raises it again
            return False
        for each, result in zip(jobs, results, strict=True):
            each.result, each.is_done = result, True
        return True

    def _transaction(self, job: Job[_T], *, durable: bool, scrub: bool) -> _T:
        writer = self._connected_writer()
        self._synchronise(writer, "full" if durable else "normal")
        with writer.transaction():
            result = job(writer)
        if scrub or self._scrub_due:
            self._scrub(writer, 1000 if scrub else 0)
        return result

    def _synchronise(self, writer: Sql, level: Literal["full", "normal"]) -> None:
        if level != self._synchronous:
            writer.pragma("synchronous", level)
            self._synchronous = level

    def _scrub(self, writer: Sql, wait_ms: int) -> None:
        """Merge the log into the database and truncate it; retried later if others are reading the log."""
        writer.connection.set_busy_timeout(wait_ms)
        try:
            self._scrub_due = bool(writer.integer("PRAGMA wal_checkpoint(TRUNCATE)"))
        except (apsw.BusyError, apsw.LockedError, apsw.FullError, apsw.IOError):
            self._scrub_due = True  # what was asked for is done; the rest is tried again after the next write
        finally:
            self._patience.give(writer)

    def _read(self, job: Job[_T]) -> _T:
        return self._guarded(lambda: self._snapshot(job))

    def _snapshot(self, job: Job[_T]) -> _T:
        reader = self._connected_reader()
        with reader.transaction("DEFERRED"):
            return job(reader)

    def _guarded(self, job: Callable[[], _T]) -> _T:
        try:
            with sqlite_faults.typed(self.path):
                return job()
        except StoreCorrupt:
            self.damaged = True
            raise

    def _connected_reader(self) -> Sql:
        if self._reader is None:
            self._reader = self.access.connect_to_read()
        return self._reader

    def _patient(self, writer: Sql | None) -> Sql | None:
        if writer is not None:
            self._patience.give(writer)
        return writer

    def _connected_writer(self) -> Sql:
        if self._writer is None and self.access.full:
            raise StoreFull(
                phrase("The disk was full when Paragone started: nothing new is saved to {path}.", path=self.path),
                hint=phrase("Free some disk space, then start Paragone again."),
            )
        if self._writer is None:
            raise StoreReadOnly(phrase("{path} is not writable: nothing new is saved.", path=self.path))
        return self._writer

    def _close_writer(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _close_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None
