"""Cells of another kind than their column, as one flipped bit in the head of a row makes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import apsw

from desktop.store.sqlite.sql import Sql


def call_another_kind(file: Path, table: str, column: str, value: str, row: int = 2) -> None:
    """Make a cell of a row of a table of another kind: SQLite looks at that only when the row is written."""
    (strict,) = _ran(file, "SELECT sql FROM sqlite_schema WHERE name = ?", table)[0]
    assert "STRICT" in strict
    remade = "UPDATE sqlite_schema SET sql = ? WHERE name = ?"
    _ran(file, remade, strict.replace("NOT NULL", "").replace("STRICT,", "").replace("STRICT", ""), table)
    where = f"conversation = {row}" if "WITHOUT ROWID" in strict else f"rowid = {row}"
    _ran(file, f"UPDATE {table} SET {column} = {value} WHERE {where}")
    _ran(file, remade, strict, table)


def _ran(file: Path, statement: str, *values: str) -> list[tuple[Any, ...]]:
    """What a statement gives on a connection of its own that may write the schema."""
    sql = Sql(apsw.Connection(str(file)))
    sql.run("PRAGMA writable_schema = 1")
    found = sql.rows(statement, values)
    sql.close()
    return found
