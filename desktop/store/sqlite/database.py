"""The open database: one connection that writes, one that reads, each on a thread of its own."""

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
"""Between two looks: the first and the longest."""


class BusyWait:
    """SQLite's own wait cannot be ended before its time: this one looks whether there is a hurry."""

    def __init__(self) -> None:
        self._hurried_at: float | None = None
        self._begun = 0.0

    def give(self, sql: Sql) -> None:
        """Have a connection wait so."""
        sql.connection.set_busy_handler(self._wait)

    def hurry(self) -> None:
        """The moment begins now, for what waits already and for all that comes."""
        if self._hurried_at is None:
            self._hurried_at = time.monotonic()

    def _wait(self, looks: int) -> bool:
        """After so many looks, on the connection's thread: whether to look once more."""
        at, hurried = time.monotonic(), self._hurried_at
        if not looks:
            self._begun = at
        until = self._begun + LONG_S
        if at >= (until if hurried is None else min(until, hurried + SHORT_S)):
            return False
        time.sleep(min(_FIRST_S * (looks + 1), _LAST_S))
        return True


def insist(job: Callable[[], object]) -> None:
    """Do what SQLite gives up at once where another connection writes, again and again for a moment.

    It does not wait where it has begun to read: two that turn a file to a log would wait for each other. Raises
    apsw.BusyError.
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
    """Raise StoreError where SQLite is too old to be trusted with a write-ahead log."""
    if tuple(int(number) for number in version.split(".")) < OLDEST_SQLITE:
        wanted = ".".join(map(str, OLDEST_SQLITE))
        raise StoreError(
            phrase(
                "SQLite {version} can damage databases. Version {wanted} or newer is required.",
                version=version,
                wanted=wanted,
            ),
            hint=phrase("Install a newer apsw-sqlite3mc."),
        )


@dataclass(slots=True, kw_only=True)
class Access:
    """How a database's file is opened, by whoever opens it.

    `vfs` names SQLite's file layer, `key` decrypts, `log` asks for a write-ahead log. `still` says that nothing can
    write the file, so that it is read without locks and without files beside it; `alone` that this process alone has
    it, so that all that a log holds is read without room for another file; `unlocked` that nobody has it open and
    nothing can write it, so that its log is read without locks; `full` that nothing is written since the
    disk is full.
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
        """Open the file, which exists, to write. Raises apsw.Error, and StoreReadOnly where it cannot be written."""
        sql = self._opened(str(self.path.absolute()), apsw.SQLITE_OPEN_READWRITE)
        try:
            self._refuse_read_only(sql)
            # macOS needs more than fsync to empty the disk's own cache; elsewhere these two do nothing.
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
        """Open the file only to read. Raises apsw.Error."""
        if self.alone:
            # What is locked for other processes has the log's index in memory, which needs a file open for writing.
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
        """Open a file with a log beside it to be looked at, where nobody else has it open: nothing is made or changed.

        Raises apsw.Error, at once where somebody has it open.
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
            # What is sorted or gathered on the way stays in memory: a file of it would be plain text.
            sql.pragma("temp_store", "memory")
        except BaseException:
            sql.close()
            raise
        return sql


def connect(path: Path) -> Sql:
    """Open a plain file to write, as the program does. Raises as `Access.connect`."""
    return Access(path=path).connect()


class Database:
    """Jobs go in as functions of a connection and are done on its thread; all raise StoreError's tree.

    Whoever makes it closes it; it then owns both connections and lanes.
    """

    def __init__(self, access: Access, writer: Sql | None, writing: Lane) -> None:
        """Without a `writer` it is only read."""
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
        """The database's file."""
        return self.access.path

    @property
    def read_only(self) -> bool:
        """Whether nothing can be written."""
        return self._writer is None

    def is_ending(self) -> bool:
        """Whether what takes long is to be given up."""
        return self._ending.is_set()

    def hurry(self) -> None:
        """From now on wait but a moment for another program that writes: the program ends."""
        self._patience.hurry()

    async def settled(self) -> None:
        """All that was to be written by now is, or was refused."""
        await self._writing.run(lambda: None)

    async def write(self, job: Job[_T], *, durable: bool = True, scrub: bool = False) -> _T:
        """Do a job in one transaction: all of it or nothing.

        `durable` returns only when it is on the disk; without it, a power loss may take it but never tear it.
        `scrub` also empties the write-ahead log, so that what was deleted is in no file.
        """
        self._batch = WriteBatch()
        return await self._writing.run(lambda: self._write(job, durable=durable, scrub=scrub))

    async def write_together(self, job: Job[_T], *, durable: bool = True) -> _T:
        """Do a short job as `write` does, in one transaction with those of its kind that wait just before it.

        All that end at once are on the disk at once. Where one of them fails, each is done by itself: a job may be
        called again after all that it did was undone.
        """
        batch, own = self._batch, BatchedJob(job, durable)
        batch.add(own)
        return await self._writing.run(lambda: self._write_waiting(batch, own))

    async def read(self, job: Job[_T]) -> _T:
        """Do a job that only reads; all of it sees the same state."""
        return await self._reading.run(lambda: self._read(job))

    async def version(self) -> int:
        """A number that is another one after somebody else wrote: what this connection writes does not change it."""

        def look() -> int:
            """On the thread of the connection that writes, where there is one."""
            with sqlite_faults.typed(self.path):
                return (self._writer or self._connected_reader()).integer("PRAGMA data_version") or 0

        return await (self._writing if self._writer is not None else self._reading).run(look)

    async def beside(self, job: Callable[[], _T]) -> _T:
        """Do a slow job on a thread of its own, so that nobody who reads or writes waits for it."""
        return await self._aside.run(job)

    async def backup(self, path: Path) -> None:
        """Copy all that is committed to the file at `path`, checked and whole or not at all; writing goes on.

        Raises StoreFull, StoreReadOnly, StoreCorrupt.
        """

        def copy() -> None:
            """On a thread and a connection of its own, so that neither readers nor the writer wait."""
            sql = self.access.connect_to_read()
            try:
                with sqlite_faults.typed(path):
                    backups.copy(sql, path, key=self.access.key, stop=self._ending.is_set)
            finally:
                sql.close()

        await self.beside(lambda: self._guarded(copy))

    async def aclose(self) -> None:
        """Finish what was queued, give a backup up, and close all connections. May be called twice."""
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
        """Close both connections, do a job on the files, and open again, whatever became of the job.

        What others ask for meanwhile waits. Raises StoreError's tree.
        """

        def alone() -> _T:
            """On the writer's thread, while nothing is open."""
            if self._writer is not None:
                # The log stays beside the file, so that whoever takes the file away can take the log as well.
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
            """On the reader's thread, which is busy with this until all is open again."""
            self._guarded(self._close_reader)
            self._batch = WriteBatch()
            return self._writing.submit(alone).result()

        self._connected_writer()  # where nothing can be written, nothing is begun
        # A backup that runs has the file open as well: it comes to its end first.
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
        """Do them in one transaction; whether they are done. Else each is to be done by itself."""
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
        """Copy the whole log into the file and cut it to nothing; while others read it, that stays due."""
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
                phrase("The disk was full when Paragone started: nothing new is saved in {path}.", path=self.path),
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
