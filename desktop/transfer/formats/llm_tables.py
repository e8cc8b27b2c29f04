"""Tables of the `llm` command's log, read row by row: plain ones alone, and text that is no Unicode as far as it is."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence

import apsw

from desktop.store.sqlite.sql import Sql

Key = str | int | float | None
Row = Mapping[str, object]


class LogTables:
    """The tables of one database. Every method raises apsw.Error.

    Names of tables and columns are the caller's own and stand in a plain table: no text of the file's is in a
    statement. Bytes that are no UTF-8 come back as halves of surrogate pairs, so that keys stay apart.
    """

    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        self._encoding = str(sql.pragma("encoding"))
        self._columns: dict[str, frozenset[str]] = {}

    def columns(self, table: str) -> frozenset[str]:
        """The columns of a plain table; none where there is no such table, or it is a view or a virtual one."""
        if table not in self._columns:
            made = self._sql.row(
                "SELECT CAST(sql AS BLOB) FROM sqlite_schema WHERE type = 'table' AND name = ?", (table,)
            )
            plain = made is not None and not bytes(made[0]).upper().startswith(b"CREATE VIRTUAL")
            names = self._sql.rows("SELECT CAST(name AS BLOB) FROM pragma_table_info(?)", (table,)) if plain else []
            self._columns[table] = frozenset(str(self._text(row[0])) for row in names)
        return self._columns[table]

    def has(self, table: str, *columns: str) -> bool:
        """Whether it is a plain table with these columns."""
        return bool(self.columns(table)) and set(columns) <= self.columns(table)

    def count(self, table: str) -> int:
        """How many rows it has."""
        return (self._sql.integer(f'SELECT count(*) FROM "{table}"') or 0) if self.columns(table) else 0  # noqa: S608

    def grouped(self, table: str, column: str) -> Mapping[Key, Sequence[int]]:
        """The numbers of a table's rows by what is in a column, in the order of these and of the rows."""
        found: defaultdict[Key, list[int]] = defaultdict(list)
        if self.has(table, column):
            asked = f'SELECT rowid, {_cell(column)} FROM "{table}" ORDER BY "{column}", rowid'  # noqa: S608
            for number, key in self._sql.each(asked):
                found[self._text(key)].append(number)
        return found

    def rows(self, table: str, wanted: Sequence[str], numbers: Sequence[int]) -> list[Row]:
        """The rows with these numbers, in this order, with those of the wanted columns that there are."""
        names = [name for name in wanted if name in self.columns(table)]
        if not names or not numbers:
            return []
        cells = ", ".join(map(_cell, names))
        asked = f'SELECT rowid, {cells} FROM "{table}" WHERE rowid IN (SELECT value FROM json_each(?))'  # noqa: S608
        found = {
            row[0]: dict(zip(names, map(self._text, row[1:]), strict=True))
            for row in self._sql.each(asked, (json.dumps(list(numbers)),))
        }
        return [found[number] for number in numbers if number in found]

    def chain(self, turns: Sequence[int], threads: Sequence[int]) -> list[Row]:
        """The messages that lead to where these turns and threads end: number, hash, parent and role, roots last."""
        if not self.has("messages", "hash", "parent_hash", "role"):
            return []
        ends = [
            f'SELECT "{column}" FROM "{table}" WHERE rowid IN (SELECT value FROM json_each(?{place}))'  # noqa: S608
            for place, table, column in (
                (1, "turns", "tip_message_hash"),
                (1, "turns", "parent_message_hash"),
                (2, "threads", "tip_message_hash"),
            )
            if self.has(table, column)
        ]
        # UNION drops what is there already, and so ends where messages lead to each other.
        cells = ", ".join(_cell(each, "messages") for each in ("hash", "parent_hash", "role"))
        above = (
            "SELECT messages.parent_hash FROM leading JOIN messages ON messages.hash = leading.hash "
            "WHERE messages.parent_hash IS NOT NULL"
        )
        all_of_it = f"SELECT messages.rowid, {cells} FROM leading JOIN messages ON messages.hash = leading.hash"  # noqa: S608
        asked = f"WITH RECURSIVE leading(hash) AS ({' UNION '.join((*ends, above))}) {all_of_it}"
        names = ("number", "hash", "parent_hash", "role")
        rows = self._sql.each(asked, (json.dumps(list(turns)), json.dumps(list(threads)))[: 2 if len(ends) > 2 else 1])
        return [dict(zip(names, map(self._text, row), strict=True)) for row in rows]

    def _text(self, cell: object) -> Key:
        if isinstance(cell, bytes):
            if self._encoding == "UTF-8":
                return cell.decode("utf-8", "surrogateescape")
            return cell.decode(self._encoding, "replace")
        return cell if isinstance(cell, (str, int, float)) else None


def _cell(column: str, table: str = "") -> str:
    """A column for SELECT; its text as bytes, since SQLite does not look whether they are text."""
    name = f'{table}."{column}"' if table else f'"{column}"'
    return f"CASE typeof({name}) WHEN 'text' THEN CAST({name} AS BLOB) ELSE {name} END"


def opened(address: str, patience: int) -> Sql:
    """A database to be read alone, without a lock, a log or what its schema would run. Raises apsw.Error."""
    connection = apsw.Connection(address, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    connection.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    connection.set_progress_handler(lambda: True, patience)
    sql = Sql(connection)
    sql.pragma("mmap_size", 0)
    sql.pragma("cell_size_check", "on")
    return sql
