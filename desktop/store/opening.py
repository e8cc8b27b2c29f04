"""From a folder to an open database: newer ones are refused, broken ones set aside, older ones migrated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import apsw
from filelock import Timeout

from desktop.errors import StoreBusy, StoreCorrupt
from desktop.store import backups, database, faults, files, header, recovery
from desktop.store.migrations import MIGRATIONS, Migration, migrate, version
from desktop.store.network import network_kind
from desktop.store.probe import probe
from desktop.store.runs import Runs, opening_lock
from desktop.store.sql import Sql

FILE = "conversations.db"
BACKUPS = "backups"
RUNS = "runs"
_LOCK_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to open; the defaults are the program's, tests give others.

    `vfs` names SQLite's file layer; `network` tells the kind of network that a folder lies on, None for a local one.
    """

    vfs: str | None = None
    network: Callable[[Path], str | None] = network_kind
    migrations: Sequence[Migration] = MIGRATIONS
    lock_timeout_s: float = _LOCK_TIMEOUT_S


@dataclass(slots=True)
class Opening:
    """One attempt to open `folder`; `run` is done on the writer's thread. What it found is in the last four."""

    folder: Path
    run_id: str
    clock: Callable[[], datetime]
    options: Options
    runs: Runs = field(init=False)
    sql: Sql | None = None
    notices: list[str] = field(default_factory=list[str])
    recovered: int = 0
    log: bool = True

    def __post_init__(self) -> None:
        self.runs = Runs(self.folder / RUNS)

    @property
    def path(self) -> Path:
        """The database's file."""
        return self.folder / FILE

    def run(self) -> Sql:
        """Open, check, migrate and recover, while other processes wait. Raises StoreError's tree."""
        with faults.typed(self.path):
            database.check_sqlite(apsw.sqlite_lib_version())
            # Before anything is made: a newer version's folder stays as it is to the byte.
            header.refuse_newer(self.path, len(self.options.migrations))
            files.private_folder(self.folder)
            self._warn_of_network()
            try:
                with opening_lock(self.folder).acquire(timeout=self.options.lock_timeout_s):
                    header.refuse_newer(self.path, len(self.options.migrations))
                    return self._alone()
            except Timeout as error:
                raise StoreBusy(f"Another start of the program holds {self.folder} for too long.") from error

    def discard(self) -> None:
        """Close what an attempt opened that nobody waits for any more. May be called twice."""
        if self.sql is not None:
            self.sql.close()
            self.sql = None
        self.runs.end(clean=True)

    def _warn_of_network(self) -> None:
        if (kind := self.options.network(self.folder)) is not None:
            self.log = False
            self.notices.append(
                f"{self.folder} lies on a network ({kind}): saving is slower there, and only one machine at a time"
                " may use it."
            )

    def _alone(self) -> Sql:
        living, dead = self.runs.others()
        if files.is_orphaned(self.path):
            self._set_aside()
        try:
            sql = self._sound(living, check=bool(dead))
        except StoreCorrupt as error:
            if living:
                raise StoreCorrupt(
                    error.message, hint="Close every other run of the program, then start it again."
                ) from error
            self._set_aside()
            sql = self._sound(living, check=False)
        self.sql = sql
        try:
            self.runs.begin(self.run_id)
            self.runs.forget(dead)
        except BaseException:
            self.discard()
            raise
        return sql

    def _sound(self, living: frozenset[str], *, check: bool) -> Sql:
        """Open the file, checked, migrated and recovered. Raises StoreCorrupt where it must be set aside."""
        with faults.typed(self.path):
            if header.shape(self.path) is header.Shape.OTHER:
                raise StoreCorrupt(f"{self.path} is not a database.")
            files.private_file(self.path)
            sql = database.connect(self.path, vfs=self.options.vfs, log=self.log)
            try:
                if check:
                    backups.check(sql, "quick_check")
                self._migrate(sql)
                probe(sql)
                self.recovered = recovery.recover(sql, living)
            except BaseException:
                sql.close()
                raise
            return sql

    def _migrate(self, sql: Sql) -> None:
        found = version(sql)
        if 0 < found < len(self.options.migrations):
            label = f"v{found}-{self.clock():%Y%m%d-%H%M%S}"
            backups.copy(sql, self.folder / BACKUPS / backups.name(label))
        migrate(sql, self.options.migrations)

    def _set_aside(self) -> None:
        place = files.set_aside(self.path, self.clock())
        notice = f"The database of conversations was damaged. It was set aside whole in {place}; a new one was begun."
        if (backup := backups.newest(self.folder / BACKUPS)) is not None:
            notice += f" The newest backup is {backup}."
        self.notices.append(notice)
