"""Verified copies of the database, made while it is in use and moved into place atomically."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection
from pathlib import Path

import apsw

from desktop.errors import StoreCorrupt
from desktop.store.sqlite import database_files
from desktop.store.sqlite.cipher import Key
from desktop.store.sqlite.sql import Sql
from desktop.system.paths import is_file
from desktop.system.private_files import private_folder
from desktop.text.phrases import phrase

FOLDER = "backups"
_PREFIX = "conversations-"
_PROBE = 1 << 16
_PAGES, STEPS = 2_000, 100_000
"""Number of pages copied, and number checked, between checks for cancellation."""

_DAILY = re.compile(rf"{_PREFIX}\d{{8}}\.db")


def never() -> bool:
    """Return False, so that work is never canceled."""
    return False


def copy(source: Sql, path: Path, *, key: Key | None = None, stop: Callable[[], bool] = never) -> None:
    """Copy committed data to `path`. An existing file is replaced only by a complete, verified copy."""
    private_folder(path.parent)
    draft = draft_of(path)
    draft.unlink(missing_ok=True)
    database_files.private_file(draft)
    try:
        _fill(source, draft, key, stop)
        draft.replace(path)
        database_files.sync_folder(path.parent)
    finally:
        for side in ("", "-wal", "-shm", "-journal"):
            draft.with_name(draft.name + side).unlink(missing_ok=True)


def draft_of(path: Path) -> Path:
    """Return the temporary path of a backup while it is written; `sweep` deletes leftovers."""
    return path.with_name(f".{path.name}.{os.getpid()}.draft")


def sweep(folder: Path, remove: Callable[[Path], None] = Path.unlink) -> None:
    """Delete leftovers of killed processes. No other process may be active.

    Raises:
        OSError: If a file cannot be deleted.
    """
    for draft in folder.glob(f".{_PREFIX}*"):
        remove(draft)


def prune(made: Path, keep: int, set_aside: Collection[str] = ()) -> None:
    """Delete daily backups, except the one just `made` and the newest ones before it, `keep` in total.

    Backups with dates in the future, from a wrong clock, are deleted too.

    Raises:
        OSError: If a file cannot be deleted.
    """
    daily = [path for path in _in(made.parent) if _DAILY.fullmatch(path.name)]
    spared = {max((path for path in daily if path.name < name(day)), default=None) for day in set_aside}
    for path in sorted(daily, key=lambda path: (path.name <= made.name, path.name))[:-keep]:
        if path not in spared:
            path.unlink()


def newest(folder: Path) -> Path | None:
    """Return the most recent backup in a folder, or None."""
    return max(_in(folder), key=lambda path: path.stat().st_mtime_ns, default=None)


def name(label: str) -> str:
    """Return a backup's file name."""
    return f"{_PREFIX}{label}.db"


def spare(folder: Path) -> Path | None:
    """Give the newest backup a second name that `prune` never deletes, and return the path.

    Raises:
        OSError: If that fails.
    """
    latest = newest(folder)
    if latest is None or not _DAILY.fullmatch(latest.name):
        return latest
    spared = latest.with_name(f"{latest.stem}-kept{latest.suffix}")
    if not spared.exists():
        try:
            os.link(latest, spared)
        except OSError:  # a disk that knows no second names
            latest.rename(spared)
        database_files.sync_folder(folder)
    return spared


def check(sql: Sql, pragma: str) -> None:
    """Run `quick_check` or `integrity_check`.

    Raises:
        StoreCorrupt: If a problem is found; the message describes the first one.
    """
    try:
        ((found, *_), *_) = sql.rows(f"PRAGMA {pragma}(1)")
    except apsw.SQLError as error:  # a search index whose settings are damaged
        found = str(error)
    if found != "ok":
        raise StoreCorrupt(phrase("The database {path} is damaged: {found}", path=sql.connection.filename, found=found))


def _in(folder: Path) -> list[Path]:
    """Return the backups in a folder, without subfolders, pipes or dangling links."""
    return [path for path in folder.glob(f"{_PREFIX}*.db") if is_file(path)]


def _fill(source: Sql, draft: Path, key: Key | None, stop: Callable[[], bool]) -> None:
    sql = Sql(apsw.Connection(str(draft), flags=apsw.SQLITE_OPEN_READWRITE))
    try:
        if key is not None:
            key.apply(sql.connection)
        # Copy one snapshot, because otherwise each write would restart the copy.
        with source.transaction("DEFERRED"), sql.connection.backup("main", source.connection, "main") as backup:
            source.rows("SELECT 1 FROM sqlite_schema LIMIT 1")
            while not backup.done:
                if stop():
                    raise apsw.InterruptError
                try:
                    backup.step(_PAGES)
                except apsw.IOError as error:
                    _grow(draft, error)
                    raise
        sql.connection.set_progress_handler(stop, STEPS)
        # A copy is a single file without a write-ahead log.
        sql.pragma("journal_mode", "delete")
        check(sql, "integrity_check")
    finally:
        sql.close()


def _grow(draft: Path, because: apsw.IOError) -> None:
    """Determine why a copy cannot grow, because SQLite does not report the reason.

    Raises:
        OSError: With the reason.
    """
    try:
        with draft.open("ab", buffering=0) as file:
            for _ in range(2):  # the first may be written in part
                file.write(bytes(_PROBE))
    except OSError as error:
        raise error from because
