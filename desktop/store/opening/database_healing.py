"""Checks and repairs a database after damage was found."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import apsw
import msgspec

from desktop.errors import StoreCorrupt
from desktop.store.opening import row_soundness
from desktop.store.records import vote_rows
from desktop.store.sqlite import backups, database_files
from desktop.store.sqlite.sql import Sql
from desktop.system.log import logger
from desktop.system.paths import is_file
from desktop.text.phrases import phrase

_log = logger("store")

_UNHEALED = (
    *(apsw.ConstraintError, apsw.MismatchError, msgspec.MsgspecError),
    *(LookupError, TypeError, ValueError),
)
"""Errors that abort the repair, because the rows are not as any version writes them."""

_OF_KIND = re.compile(r"\A(?:non-)?[A-Z]{2,9} value in \w{1,99}\.\w{1,99}\Z")


def _mark(path: Path) -> Path:
    """Return the path of the marker file that exists after something could not be read."""
    return path.with_name(f"{path.name}-damaged")


def doubt(path: Path) -> None:
    """Request a full check, including indexes, at the next start."""
    with suppress(OSError):  # then the first that meets it again says so
        database_files.private_file(_mark(path))


def check(sql: Sql, path: Path, *, unclean: bool, alone: bool) -> None:
    """Check a database that was not closed cleanly, and repair one that is marked as damaged.

    It is repaired only if `alone` is true, that is, no other process has it open.
    """
    healed = alone and is_file(_mark(path))
    if healed:
        _heal(sql)
        _mark(path).unlink(missing_ok=True)
    elif unclean and alone and _is_only_of_kinds(sql):
        _heal(sql)
    elif unclean:
        backups.check(sql, "quick_check")


def _is_only_of_kinds(sql: Sql) -> bool:
    """Whether quick_check finds only cells of the wrong type, which one flipped bit can cause."""
    try:
        found = sql.rows("PRAGMA quick_check(1000)")
    except apsw.Error:
        return False
    return found != [("ok",)] and all(_OF_KIND.search(said) for (said,) in found)


def _heal(sql: Sql) -> None:
    """Rebuild derived data, which quick_check does not cover, and correct the types of cells.

    Raises:
        StoreCorrupt: If the database is still damaged afterwards.
    """
    try:
        backups.check(sql, "integrity_check")
    except (StoreCorrupt, apsw.CorruptError):
        _log.warning("indexes are made anew: something in the database was damaged")
        try:
            sql.run("REINDEX")
            row_soundness.kinds_anew(sql)
            row_soundness.index_anew(sql)
            vote_rows.index_anew(sql)
        except _UNHEALED as error:
            raise StoreCorrupt(
                phrase("The database {path} is damaged: part of it cannot be read.", path=sql.connection.filename)
            ) from error
        backups.check(sql, "integrity_check")
