"""Reads a database's header before SQLite opens the file, since SQLite would create files beside it."""

from __future__ import annotations

import struct
from enum import Enum
from pathlib import Path
from typing import NoReturn

from desktop.errors import StoreNewer
from desktop.store.sqlite.cipher import ID_BYTES
from desktop.system.paths import resolved
from desktop.system.plain_files import open_plain
from desktop.text.phrases import phrase

_MAGIC = b"SQLite format 3\0"
_HEADER = 100
_VERSION_AT = 60  # user_version in the header, https://www.sqlite.org/fileformat2.html#the_database_header
_HIGHEST = 1_000
"""Highest plausible schema version; a higher one is attributed to a bit error."""

_LOG_MAGICS = {0x377F0682, 0x377F0683}
_FRAME_HEADER = 24


class DatabaseShape(Enum):
    """Type of file at the database's path."""

    NONE = "none"  # nothing, or a file without a byte
    DATABASE = "database"  # begins as SQLite's do
    OTHER = "other"  # something else, or a torn beginning


def shape(path: Path) -> DatabaseShape:
    """Return the type of a file, determined by its first bytes.

    Raises:
        OSError: If it cannot be read.
    """
    try:
        with open_plain(path) as file:
            head = file.read(_HEADER)
    except FileNotFoundError:
        return DatabaseShape.NONE
    if not head:
        return DatabaseShape.NONE
    return DatabaseShape.DATABASE if len(head) == _HEADER and head.startswith(_MAGIC) else DatabaseShape.OTHER


def is_log(path: Path) -> bool:
    """Whether the log file beside a database really is a write-ahead log.

    Raises:
        OSError: If it cannot be read.
    """
    with open_plain(_log_of(path)) as file:
        head = file.read(4)
    return len(head) == 4 and struct.unpack(">I", head)[0] in _LOG_MAGICS


def key_id(path: Path) -> str | None:
    """Return the key id of an encrypted file, or None for an unencrypted one.

    A file with a damaged header yields the id of an unknown key.

    Raises:
        OSError: If it cannot be read.
    """
    with open_plain(path) as file:
        head = file.read(ID_BYTES)
    return None if head == _MAGIC or len(head) < ID_BYTES else head.hex()


def newest_version(path: Path) -> int:
    """Return the highest user_version in the database and its log, or 0.

    The log is included, because a killed process leaves changes there.

    Raises:
        OSError: If a file cannot be read.
    """
    if shape(path) is not DatabaseShape.DATABASE:
        return 0
    with open_plain(path) as file:
        version = _version(file.read(_HEADER))
    return max(version, _version_in_log(_log_of(path)))


def refuse_newer(path: Path, newest: int) -> None:
    """Reject a newer schema without writing anything.

    Raises:
        StoreNewer: If the schema is newer than `newest`.
        OSError: If the file cannot be read.
    """
    found = newest_version(path)
    if is_newer(found, newest):
        refuse(path, found)


def is_newer(found: int, newest: int) -> bool:
    """Whether a schema version belongs to a newer program; a known version with one flipped bit does not count."""
    flipped = found > _HIGHEST and any((found ^ known).bit_count() == 1 for known in range(1, newest + 1))
    return found > newest and not flipped


def refuse(path: Path, found: int) -> NoReturn:
    """Reject a schema version.

    Raises:
        StoreNewer: Always.
    """
    raise StoreNewer(
        phrase("{path} was written by a newer version of Paragone (schema {schema}).", path=path, schema=found)
    )


def _log_of(path: Path) -> Path:
    real = resolved(path)  # SQLite's files lie where a link leads
    return real.with_name(f"{real.name}-wal")


def _version(page: bytes) -> int:
    return int.from_bytes(page[_VERSION_AT : _VERSION_AT + 4], "big")


def _version_in_log(path: Path) -> int:
    version = 0
    try:
        file = open_plain(path)
    except FileNotFoundError:
        return version
    with file:
        head = file.read(32)
        if len(head) < 32:
            return version
        magic, _, page_size, _, salts = struct.unpack(">4I8s8x", head)
        if magic not in _LOG_MAGICS:
            return version
        while len(frame := file.read(_FRAME_HEADER)) == _FRAME_HEADER and frame[8:16] == salts:
            if frame[:4] == b"\0\0\0\1":
                page = file.read(_HEADER)
                version = max(version, _version(page) if page.startswith(_MAGIC) else 0)
                file.seek(page_size - len(page), 1)
            else:
                file.seek(page_size, 1)
    return version
