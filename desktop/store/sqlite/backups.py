"""Copies of the whole database: taken while it is used, checked, and put in place in one step."""

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
"""How much is copied, and checked, between two looks at whether to stop: some milliseconds' worth."""

_DAILY = re.compile(rf"{_PREFIX}\d{{8}}\.db")


def never() -> bool:
    """Whether to stop: not."""
    return False


def copy(source: Sql, path: Path, *, key: Key | None = None, stop: Callable[[], bool] = never) -> None:
    """Copy what `source` has committed to `path`, which is replaced only by a whole and sound copy.

    The copy of an encrypted database is encrypted by the same `key`. Raises StoreCorrupt where the copy fails its
    check, apsw.InterruptError once `stop` says so, apsw.Error, OSError.
    """
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
    """Where a backup is made, before it takes its place; what is left there of a killed run is swept."""
    return path.with_name(f".{path.name}.{os.getpid()}.draft")


def sweep(folder: Path, remove: Callable[[Path], None] = Path.unlink) -> None:
    """Remove what is left of copies whose run was killed; while no other run is at work. Raises OSError."""
    for draft in folder.glob(f".{_PREFIX}*"):
        remove(draft)


def prune(made: Path, keep: int, set_aside: Collection[str] = ()) -> None:
    """Remove all daily backups but the one just `made` and the newest before it. Raises OSError.

    Those of days to come, when the clock went wrong, count least; those made before a migration stay, and so does the
    last one of before each day (YYYYMMDD) on which a damaged database was `set_aside`: later ones lack what it lost.
    """
    daily = [path for path in _in(made.parent) if _DAILY.fullmatch(path.name)]
    spared = {max((path for path in daily if path.name < name(day)), default=None) for day in set_aside}
    for path in sorted(daily, key=lambda path: (path.name <= made.name, path.name))[:-keep]:
        if path not in spared:
            path.unlink()


def newest(folder: Path) -> Path | None:
    """The backup in a folder that was made last."""
    return max(_in(folder), key=lambda path: path.stat().st_mtime_ns, default=None)


def name(label: str) -> str:
    """A backup's file name."""
    return f"{_PREFIX}{label}.db"


def spare(folder: Path) -> Path | None:
    """Give the newest backup a second name, under which no later one pushes it out; its place, None without one.

    Raises OSError.
    """
    found = newest(folder)
    if found is None or not _DAILY.fullmatch(found.name):
        return found
    kept = found.with_name(f"{found.stem}-kept{found.suffix}")
    if not kept.exists():
        try:
            os.link(found, kept)
        except OSError:  # a disk that knows no second names
            found.rename(kept)
        database_files.sync_folder(folder)
    return kept


def check(sql: Sql, pragma: str) -> None:
    """Run `quick_check` or `integrity_check`; raises StoreCorrupt with the first thing found."""
    try:
        ((found, *_), *_) = sql.rows(f"PRAGMA {pragma}(1)")
    except apsw.SQLError as error:  # a search index whose settings are damaged
        found = str(error)
    if found != "ok":
        raise StoreCorrupt(phrase("The database {path} is damaged: {found}", path=sql.connection.filename, found=found))


def _in(folder: Path) -> list[Path]:
    """Return the backups in a folder, without subfolders, pipes and dangling links."""
    return [path for path in folder.glob(f"{_PREFIX}*.db") if is_file(path)]


def _fill(source: Sql, draft: Path, key: Key | None, stop: Callable[[], bool]) -> None:
    sql = Sql(apsw.Connection(str(draft), flags=apsw.SQLITE_OPEN_READWRITE))
    try:
        if key is not None:
            key.apply(sql.connection)
        # One state is copied, whatever is written meanwhile: else each write would begin the copy anew.
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
        # A copy has no write-ahead log beside it: it is one file that can be carried away.
        sql.pragma("journal_mode", "delete")
        check(sql, "integrity_check")
    finally:
        sql.close()


def _grow(draft: Path, because: apsw.IOError) -> None:
    """Raises OSError where a copy cannot grow: SQLite tells nobody why a copy failed, a quota that is used up too."""
    try:
        with draft.open("ab", buffering=0) as file:
            for _ in range(2):  # the first may be written in part
                file.write(bytes(_PROBE))
    except OSError as error:
        raise error from because
