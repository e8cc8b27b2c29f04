"""Whether there is room on the disk for the database: a page is written in the place of itself."""

from __future__ import annotations

import shutil
from pathlib import Path

from desktop.errors import StoreFull
from desktop.phrases import phrase
from desktop.store.sqlite.sql import Sql

_LEAST = 1 << 20
"""Bytes that are free where what is said next can be kept; a quota says nothing of them, so that a page is written."""


def prove(sql: Sql) -> None:
    """Write without changing anything. Raises StoreFull, apsw.Error and OSError."""
    path = Path(sql.connection.filename)
    if shutil.disk_usage(path.parent).free < _LEAST:
        raise StoreFull(phrase("The disk is full: {path} could not grow.", path=path))
    sql.pragma("user_version", int(sql.pragma("user_version") or 0))
