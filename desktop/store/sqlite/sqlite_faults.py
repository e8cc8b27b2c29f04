"""Translates errors of SQLite and the operating system into StoreErrors."""

from __future__ import annotations

import errno
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import apsw
import msgspec

from desktop.errors import StoreBusy, StoreCorrupt, StoreError, StoreFull, StoreReadOnly
from desktop.system.paths import is_utf8, not_utf8
from desktop.text.phrases import phrase

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
# Windows error codes: disk full (two), file too large, quota exceeded.
_FULL_TO_SQLITE = {39, 112, 223, 1295} if os.name == "nt" else _FULL
_READ_ONLY = {errno.EACCES, errno.EPERM, errno.EROFS}
# A full disk is also reported as this I/O error.
_FULL_EXTENDED = {apsw.SQLITE_IOERR_SHMSIZE}
_DAMAGED = ("unsupported file format", "malformed JSON", "JSON cannot hold BLOB")
"""Messages of generic SQL errors that indicate a damaged file."""

_CHECK_DISK = phrase("Check the disk. Everything saved so far is safe.")


@contextmanager
def typed(path: Path, copy: Path | None = None) -> Generator[None]:
    """Raise StoreErrors for problems with the database at `path`; programming errors are not changed.

    With a `copy`, problems with that file are attributed to it.
    """
    try:
        yield
    except apsw.Error as error:
        known = of_sqlite(error, path)
        if known is None:
            raise
        if isinstance(known, StoreFull) and copy is not None:
            known = StoreFull(phrase("The disk is full. Paragone cannot write to {path}.", path=copy))
        raise known from error
    except UnicodeEncodeError as error:
        if is_utf8(path):
            raise
        raise StoreError(not_utf8(path), hint=phrase("Rename the file.")) from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise StoreCorrupt(phrase("The database {path} is damaged: part of it cannot be read.", path=path)) from error
    except OSError as error:
        raise of_system(error, path) from error


def named(error: apsw.IOError, connection: apsw.Connection) -> apsw.Error:
    """Return a full-disk error if the system reports one, because SQLite reports quotas as write errors."""
    return apsw.FullError(str(error)) if connection.system_errno in _FULL_TO_SQLITE else error


def of_sqlite(error: apsw.Error, path: Path) -> StoreError | None:
    """Return the StoreError for an SQLite error, or None for a programming error."""
    extended = getattr(error, "extendedresult", 0)
    if isinstance(error, apsw.FullError) or extended in _FULL_EXTENDED:
        return StoreFull(phrase("The disk is full. Paragone cannot write to {path}.", path=path))
    if isinstance(error, (apsw.ReadOnlyError, apsw.PermissionsError, apsw.AuthError)):
        return StoreReadOnly(phrase("The database {path} is not writable.", path=path))
    if isinstance(error, apsw.CantOpenError):
        return StoreReadOnly(phrase("The database {path} could not be opened.", path=path))
    if isinstance(error, apsw.InterruptError):
        return StoreError(phrase("The operation was canceled because Paragone is closing."))
    if isinstance(error, (apsw.BusyError, apsw.LockedError)):
        return StoreBusy(phrase("Another program is using the database {path}.", path=path))
    if isinstance(error, (apsw.CorruptError, apsw.NotADBError)) or any(said in str(error) for said in _DAMAGED):
        return StoreCorrupt(
            phrase("The database {path} is damaged.", path=path),
            hint=phrase(
                "Start Paragone again to check the database. If it is damaged, Paragone moves it and "
                "recovers what can be read."
            ),
        )
    if isinstance(error, apsw.IOError):
        return StoreError(
            phrase("A disk error occurred while reading or writing {path} ({error}).", path=path, error=error),
            hint=_CHECK_DISK,
        )
    return None


def is_full(error: Exception) -> bool:
    """Whether an error means that the disk is full."""
    return isinstance(error, (apsw.FullError, StoreFull)) or (isinstance(error, OSError) and error.errno in _FULL)


def of_system(error: OSError, path: Path) -> StoreError:
    """Return the StoreError for an operating system error."""
    location = error.filename or path
    if error.errno in _FULL:
        return StoreFull(phrase("The disk is full: {place} is not writable.", place=location))
    if error.errno in _READ_ONLY or isinstance(error, (NotADirectoryError, FileExistsError)):
        return StoreReadOnly(phrase("{place} is not writable ({reason}).", place=location, reason=error.strerror))
    return StoreError(
        phrase("A disk error occurred at {place} ({reason}).", place=location, reason=error.strerror or error),
        hint=_CHECK_DISK,
    )
