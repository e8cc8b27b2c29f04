"""Opens a data folder: rejects newer schemas, replaces damaged files, migrates older schemas."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import apsw
from filelock import BaseFileLock, Timeout

from desktop.errors import ParagoneError, StoreBusy, StoreCorrupt, StoreError, StoreFull, StoreLocked, StoreReadOnly
from desktop.store.migrations import MIGRATIONS, READABLE_FROM, Migration, migrate, version
from desktop.store.opening import data_move, database_healing, exchange, keyfiles, recovery
from desktop.store.opening.database_schema import put_version_right, require_version
from desktop.store.opening.schema_probe import probe
from desktop.store.sqlite import backups, database, database_files, database_header, sqlite_faults
from desktop.store.sqlite.cipher import Key
from desktop.store.sqlite.database import Access
from desktop.store.sqlite.network_folders import network_kind
from desktop.store.sqlite.sql import Sql
from desktop.system.log import logger
from desktop.system.paths import is_file, resolved
from desktop.system.private_files import private_folder, private_lock
from desktop.text.phrases import Phrase, counted, phrase

_NAME = re.compile(r"[0-9A-Za-z_-]{1,64}")


class Runs:
    """Folder with the lock files of running processes. Except for `end`, only one process may call it at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own: BaseFileLock | None = None

    def begin(self, run_id: str) -> None:
        """Acquire this process's lock, which it holds until `end` or until it dies.

        Raises:
            ValueError: If the id is not a valid file name.
            OSError: If the lock file cannot be created.
            filelock.Timeout: If another process holds the lock.
        """
        if not _NAME.fullmatch(run_id):
            raise ValueError(f"not an id of a run: {run_id!r}")
        private_folder(self._folder)
        lock = _lock(self._folder / f"{run_id}.lock")
        lock.acquire(timeout=0)
        self._own = lock

    def others(self) -> tuple[frozenset[str], frozenset[str]]:
        """Return the ids of live processes, and of those that died without `end`.

        Raises:
            OSError: If the folder cannot be read.
        """
        living: set[str] = set()
        dead: set[str] = set()
        for path in self._folder.glob("*.lock"):
            if not _NAME.fullmatch(path.stem) or not is_file(path):  # no run made it
                continue
            (dead if _is_free(path) else living).add(path.stem)
        return frozenset(living), frozenset(dead)

    def living_since(self) -> dict[str, datetime]:
        """Return the start times of live processes, derived from their ids.

        Raises:
            OSError: If the folder cannot be read.
        """
        living, _ = self.others()
        return {run_id: _began(run_id) for run_id in living}

    def forget(self, dead: frozenset[str]) -> None:
        """Delete the lock files of dead processes.

        Raises:
            OSError: If a file cannot be deleted.
        """
        for run_id in dead:
            (self._folder / f"{run_id}.lock").unlink(missing_ok=True)

    def end(self, *, clean: bool) -> None:
        """Release this process's lock. Unless `clean`, the file remains, so that the next start checks the database."""
        if self._own is None:
            return
        path = Path(self._own.lock_file)
        # Delete before unlocking where possible, so that nobody mistakes it for a dead process's lock.
        if clean and os.name != "nt":
            path.unlink(missing_ok=True)
        self._own.release()
        if clean:
            path.unlink(missing_ok=True)
        self._own = None


def opening_lock(folder: Path) -> BaseFileLock:
    """Return the lock that a process holds while it opens or migrates a folder."""
    return _lock(folder / "opening.lock")


def _began(run_id: str) -> datetime:
    """Return a process's start time from its id."""
    ms = int(run_id[:12], 16) if re.fullmatch(r"[0-9a-f]{32}", run_id) else 0
    return datetime.fromtimestamp(ms / 1000, UTC)


def _is_free(path: Path) -> bool:
    lock = _lock(path)
    try:
        lock.acquire(timeout=0)
    except (Timeout, PermissionError):
        return False
    lock.release()
    return True


def _lock(path: Path) -> BaseFileLock:
    # Acquired on the database thread, released on another.
    return private_lock(path, thread_local=False)


T = TypeVar("T")

FILE = "conversations.db"
BACKUPS = backups.FOLDER
RUNS = "runs"
_LOCK_TIMEOUT_S = 60.0

_NO_INDEX = (apsw.CantOpenError, apsw.ReadOnlyError, apsw.FullError, apsw.IOError)
"""SQLite errors that occur if no file can be created beside the database."""

_log = logger("store")


def _of_writing(error: StoreError) -> bool:
    """Whether the error only prevents writing, so that the database may still be readable."""
    failed = type(error) is StoreError and isinstance(error.__cause__, (apsw.IOError, OSError))
    return failed or isinstance(error, (StoreReadOnly, StoreFull))


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options for opening a store, which tests override.

    `vfs` is SQLite's virtual file system; `network` returns the type of a network file system, or None.
    """

    vfs: str | None = None
    network: Callable[[Path], str | None] = network_kind
    migrations: Sequence[Migration] = MIGRATIONS
    readable_from: int = READABLE_FROM
    lock_timeout_s: float = _LOCK_TIMEOUT_S
    step: Callable[[str], None] = field(default=lambda _: None)
    hinders: ParagoneError | None = None


class KeyWanted(Exception):
    """The database needs a key that the caller must provide."""

    def __init__(self, key_id: str, *, sure: bool) -> None:
        super().__init__(key_id)
        self.key_id = key_id
        self.sure = sure
        """Whether it is known that there is such a key."""


@dataclass(slots=True)
class StoreOpener:
    """One attempt to open `folder`. `run` is called on the writer's thread, and again with more `keys` if necessary.

    A new database uses `new_key`; the keys in `gone` are lost.
    """

    folder: Path
    run_id: str
    clock: Callable[[], datetime]
    options: Options
    new_key: Key | None = None
    keys: dict[str, Key] = field(default_factory=dict[str, Key])
    gone: set[str] = field(default_factory=set[str])
    runs: Runs = field(init=False)
    access: Access = field(init=False)
    sql: Sql | None = None
    notices: list[str] = field(default_factory=list[str])
    recovered: int = 0
    read_only: bool = False
    unused: frozenset[str] = frozenset()
    aside: Path | None = None

    def __post_init__(self) -> None:
        self.runs = Runs(self.folder / RUNS)
        self.access = Access(path=self.folder / FILE, vfs=self.options.vfs)

    @property
    def path(self) -> Path:
        """Path of the database."""
        return self.access.path

    def follow(self, folder: Path) -> None:
        """Switch to the folder to which everything was copied."""
        before = self.runs
        self.folder, self.runs, self.access.path = folder, Runs(folder / RUNS), folder / FILE
        self._warn_of_network()
        self.runs.begin(self.run_id)
        before.end(clean=True)

    def run(self) -> Sql | None:
        """Open, check, migrate and recover the database while other processes wait.

        Returns None if the database can only be read.

        Raises:
            KeyWanted: If a key is needed.
            StoreError: If the database cannot be opened.
        """
        with sqlite_faults.typed(self.path):
            database.check_sqlite(apsw.sqlite_lib_version())
            if self.options.hinders is not None:
                self._to_read(full=isinstance(self.options.hinders, StoreFull))
                return None
            try:
                with sqlite_faults.typed(self.path):
                    return self._to_write()
            except StoreError as error:
                if not _of_writing(error) or database_header.shape(self.path) is database_header.DatabaseShape.NONE:
                    raise
                self._to_read(full=isinstance(error, StoreFull))
                return None

    def discard(self) -> None:
        """Close an attempt that is no longer needed. Safe to call more than once."""
        if self.sql is not None:
            self.sql.close()
            self.sql = None
        self.runs.end(clean=True)

    def exclusively(self, job: Callable[[], T]) -> T:
        """Run a job on the files while no other process has them open.

        Raises:
            StoreBusy: If another process has them open.
        """
        with self._locked():
            living, _ = self.runs.others()
            if living - {self.run_id}:
                raise StoreBusy(
                    phrase("Another instance of Paragone is using these conversations."),
                    hint=phrase("Close that program and try again. Nothing was changed."),
                )
            return job()

    def living_since(self) -> dict[str, datetime]:
        """Return the start times of live processes.

        Raises:
            StoreError: If they cannot be read.
        """
        with sqlite_faults.typed(self.path), self._locked():
            return self.runs.living_since()

    def reopen(self) -> Sql:
        """Open the database again after `exclusively`, completing an interrupted replacement of files.

        Raises:
            StoreError: If it cannot be opened.
        """
        with self._locked():
            try:
                exchange.settle(self.folder, self.options.step)
            except OSError as error:
                if exchange.awaits(self.path):
                    raise
                _log.warning("what was exchanged is cleared away at the next start: %s", type(error).__name__)
            self.find_key()
            living, _ = self.runs.others()
            self.sql = self._sound(living, check=False)
            return self.sql

    @contextmanager
    def _locked(self) -> Generator[None]:
        try:
            with opening_lock(self.folder).acquire(timeout=self.options.lock_timeout_s):
                yield
        except Timeout as error:
            raise StoreBusy(
                phrase("Another instance of Paragone is taking too long to start in {folder}.", folder=self.folder)
            ) from error

    def _to_write(self) -> Sql:
        # Before creating anything, so that the folder of a newer version does not change.
        self.find_key()
        self._refuse_newer()
        private_folder(self.folder)
        self._warn_of_network()
        with self._locked():
            exchange.settle(self.folder, self.options.step)
            data_move.arrived(self.folder)
            self.find_key()
            self._refuse_newer()
            return self._alone()

    def _to_read(self, *, full: bool) -> None:
        """Prepare for reading a database that cannot be written.

        Raises:
            KeyWanted: If a key is needed.
            StoreError: If it cannot be read.
        """
        self.find_key()
        self._refuse_newer()
        if self._is_no_database():
            raise StoreCorrupt(phrase("{path} is not a database.", path=self.path))
        self.access.still = not database_files.has_log(self.path)
        try:
            found = self._version_in(self.access.connect_to_read())
        except _NO_INDEX:
            found = self._version_without_index()
        if database_header.is_newer(found, len(self.options.migrations)):  # which an encrypted file may tell only now
            database_header.refuse(self.path, found)
        if found < self.options.readable_from:
            said = phrase(
                "{path} was written by an older version of Paragone and must be converted before it can be read.",
                path=self.path,
            )
            hint = phrase("Free some disk space, then start Paragone again.")
            raise StoreFull(said, hint=hint) if full else StoreReadOnly(said)
        self.read_only, self.access.full = True, full
        self.notices.append(self._why_read_only(full=full))

    def _version_without_index(self) -> int:
        """Return the schema version if the log's index cannot be created as a file."""
        if os.name == "posix" and self.access.vfs is None:
            for alone, unlocked in database_files.ways_without_index(self.path):
                self.access.alone, self.access.unlocked = alone, unlocked
                with suppress(*_NO_INDEX, apsw.BusyError):  # a file that cannot be written, or one of another run
                    return self._version_in(self.access.connect_to_read())
            self.access.alone = self.access.unlocked = False
        self.access.still = True
        found = self._version_in(self.access.connect_to_read())
        self.notices.append(
            phrase("The last messages from the previous session cannot be read until the data folder is writable.")
        )
        return found

    def _why_read_only(self, *, full: bool) -> Phrase:
        if self.options.hinders is not None and not full:
            return phrase(
                "The conversations could not be encrypted: {problem} They can be read, searched and "
                "exported. Nothing new is saved.",
                problem=self.options.hinders.message,
            )
        if full:
            return phrase(
                "The disk is full: {folder} is not writable. Conversations can be read, searched and "
                "exported. Nothing new is saved until you free some space and restart Paragone.",
                folder=self.folder,
            )
        return phrase(
            "{folder} is not writable. Conversations can be read, searched and exported. Nothing new is saved.",
            folder=self.folder,
        )

    def find_key(self) -> None:
        """Select the database's key.

        Raises:
            KeyWanted: If the caller must provide it.
            StoreLocked: If it is lost.
        """
        shape = database_header.shape(self.path)
        self.access.key = self.new_key if shape is database_header.DatabaseShape.NONE else None
        if shape is not database_header.DatabaseShape.OTHER or (wanted := database_header.key_id(self.path)) is None:
            return
        if wanted in self.keys:
            self.access.key = self.keys[wanted]
            return
        sure = wanted in keyfiles.known(self.folder)
        if wanted not in self.gone:
            raise KeyWanted(wanted, sure=sure)
        if sure:
            raise StoreLocked(
                phrase("The conversations are encrypted, and their key is not in the keyring."), key_id=wanted
            )

    def _is_no_database(self) -> bool:
        return self.access.key is None and database_header.shape(self.path) is database_header.DatabaseShape.OTHER

    def _refuse_newer(self) -> None:
        newest = len(self.options.migrations)
        if self.access.key is None:
            database_header.refuse_newer(self.path, newest)
        elif database_header.shape(self.path) is database_header.DatabaseShape.OTHER:
            try:
                found = self._version_found()
            except apsw.Error:
                return  # what is damaged is found, and set aside, when it is opened
            if database_header.is_newer(found, newest):
                database_header.refuse(self.path, found)

    def _version_found(self) -> int:
        """Return the schema version without creating files beside the database.

        Those could disturb another process that is starting.
        """
        real = resolved(self.path)  # SQLite's files lie where a link leads
        log, memory = (real.with_name(real.name + side) for side in ("-wal", "-shm"))
        if memory.exists():
            return self._version_in(self.access.connect_to_read())
        if log.exists():
            return self._version_in(self.access.connect_alone())
        return self._version_in(replace(self.access, still=True).connect_to_read())

    @staticmethod
    def _version_in(sql: Sql) -> int:
        try:
            # Reading must not checkpoint or delete the log.
            sql.connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
            return version(sql)
        finally:
            sql.close()

    def _warn_of_network(self) -> None:
        if (kind := self.options.network(self.folder)) is None or not self.access.log:
            return
        self.access.log = False
        self.notices.append(
            phrase(
                "{folder} is on a network drive ({kind}): saving is slower, and only one computer at a "
                "time may use it.",
                folder=self.folder,
                kind=kind,
            )
        )

    def _alone(self) -> Sql:
        living, dead = self.runs.others()
        if not living:
            self.unused = keyfiles.sweep(self.folder, self.new_key and self.new_key.id)
        if database_files.is_orphaned(self.path):
            self._set_aside()
        elif database_header.shape(self.path) is database_header.DatabaseShape.NONE:
            from desktop.store.opening import salvage  # late: most databases are there, and sound

            self.notices += salvage.gone_notices(self.folder)
        try:
            sql = self._sound(living, check=bool(dead))
        except StoreCorrupt as error:
            if living:
                hint = phrase("Close all other instances of Paragone, then start it again.")
                raise StoreCorrupt(error.message, hint=hint) from error
            sql = self._sound_again()
        self.sql = sql
        with ExitStack() as undo:
            undo.callback(self.discard)
            self.runs.begin(self.run_id)
            self.runs.forget(dead)
            if not living:
                if database_files.due(self.folder):
                    from desktop.store.opening import salvage

                    self.notices += salvage.take_over(sql, self.access, self.folder)
                backups.sweep(self.folder / BACKUPS)
            undo.pop_all()
        return sql

    def _sound_again(self) -> Sql:
        """Try again, or create a new database if that fails, because a single read error may look like damage."""
        try:
            return self._sound(frozenset(), check=True)
        except StoreCorrupt:
            self._set_aside()
            return self._sound(frozenset(), check=False)

    def _sound(self, living: frozenset[str], *, check: bool) -> Sql:
        """Open the database after checking, migrating and recovering it.

        Raises:
            StoreCorrupt: If it is damaged and must be moved aside.
        """
        with sqlite_faults.typed(self.path):
            if self._is_no_database():
                raise StoreCorrupt(phrase("{path} is not a database.", path=self.path))
            database_files.private_file(self.path)
            sql = self.access.connect()
            with ExitStack() as undo:
                undo.callback(sql.close)
                put_version_right(sql, self.path, self.options.migrations)
                database_healing.check(sql, self.path, unclean=check, alone=not living)
                self._migrate(sql)
                probe(sql)
                self._recover(sql, living)
                undo.pop_all()
            return sql

    def _recover(self, sql: Sql, living: frozenset[str]) -> None:
        recovered = recovery.recover(sql, living)
        self.recovered += recovered.answers
        if recovered.unindexed:
            self.notices.append(
                counted(
                    "An interrupted response is too large for the search index: it is saved, but its text "
                    "cannot be searched.",
                    "{n} interrupted responses are too large for the search index: they are saved, but "
                    "their text cannot be searched.",
                    recovered.unindexed,
                )
            )

    def _migrate(self, sql: Sql) -> None:
        found = version(sql)
        if found < len(self.options.migrations):
            require_version(sql, self.options.migrations)
        if 0 < found < len(self.options.migrations):
            label = f"v{found}-{self.clock():%Y%m%d-%H%M%S}"
            backups.copy(sql, self.folder / BACKUPS / backups.name(label), key=self.access.key)
        migrate(sql, self.options.migrations)

    def _set_aside(self) -> None:
        self.aside = database_files.set_aside(self.path, self.clock(), mark=database_files.DUE)
