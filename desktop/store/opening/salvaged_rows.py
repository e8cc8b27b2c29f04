"""Copies readable rows of a damaged database into another one, which may already contain rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress

import apsw

from desktop.domain.conversation_types import Conversation, Message, ModelRef, Role, new_id
from desktop.store.opening.database_schema import part_of
from desktop.store.records import insert, row_mapping
from desktop.store.records.row_mapping import MessageRow
from desktop.store.records.row_numbers import LAST, NUMBERED, REFERENCES
from desktop.store.sqlite.sql import Cell, Sql

KEYED = ("conversation_tags", "message_files")
"""WITHOUT ROWID tables."""

_ALONE = ("comparisons", "votes", "rounds")
"""Tables to which no recovered row refers."""

_WHOLE = {"conversations": "conversation", "suite_runs": "suite_run"}
"""Tables to which others refer, with the referring column. Existing rows do not change."""

_ALWAYS = ("conversations", "messages")
"""Tables that exist in every schema version."""

_BATCH = 200
_BEYOND = 100_000
"""Number of ROWIDs tried after the last row found."""

_SMALLEST = 8
"""Minimum bytes of a row."""

_TITLE = 60

_UNREADABLE = (apsw.CorruptError, apsw.IOError, apsw.SQLError, UnicodeDecodeError)


def _found_anew(said: Sequence[Message]) -> Conversation:
    """Return a replacement for a lost conversation, based on its messages."""
    first = next((" ".join(each.text.split()) for each in said if each.role is Role.USER), "")
    title = f"{first[:_TITLE].rstrip()}…" if len(first) > _TITLE else first
    model = next((each.model for each in reversed(said) if each.model is not None), None)
    return Conversation(
        id=new_id(),
        title=title or "Untitled",
        model=model or ModelRef(connection="", name=""),
        created_at=said[0].created_at,
        updated_at=said[-1].created_at,
    )


def _said_in(sql: Sql, conversation: int) -> list[Message]:
    """Return the first and last messages of a conversation."""
    columns = "seq, id, parent, role, status, created_at, facts, parts"
    begin, end = (
        sql.rows(f"SELECT {columns} FROM messages WHERE conversation = ? ORDER BY seq {order} LIMIT 5", (conversation,))  # noqa: S608
        for order in ("", "DESC")
    )
    rows = sorted({row[0]: row for row in (*begin, *end)}.values())
    return [row_mapping.message(MessageRow(*row), None) for row in rows]


class SalvagedRows:
    """Copies rows and assigns new ROWIDs where necessary."""

    def __init__(self, damaged: Sql, into: Sql, tables: Collection[str]) -> None:
        self._damaged = damaged
        self._tables = tables
        self._into = into
        self._taken = {name: into.integer(f"SELECT ifnull(max(seq), 0) FROM {name}") or 0 for name in NUMBERED}  # noqa: S608
        """By table how many numbers are given: those of the rows that come follow them."""
        self._there: dict[str, set[int]] = {name: set() for name in _WHOLE}
        """The numbers, here, that the conversations and runs which are there already would have had."""

    def copy(self, table: str) -> int:
        """Copy the rows of a table, and return the number of unreadable ones."""
        columns = self._columns(table, table)
        seen = lost = 0
        if not columns:
            return int(table in _ALWAYS)
        for row in _rows(self._damaged, table, [name for name, _ in columns]):
            is_seen = row is not None and self._insert(table, columns, row)
            seen, lost = seen + is_seen, lost + (not is_seen)
        with suppress(*_UNREADABLE):  # an index knows how many there are; numbers that were tried may never have been
            lost = counted - seen if (counted := _count(self._damaged, table)) >= seen else lost
        return lost

    def _columns(self, part: str, table: str) -> list[tuple[str, str]]:
        """Return the columns that both databases have; an older schema has fewer columns, or not the table."""
        if part not in self._tables:
            return []
        older = {name for name, _ in _columns(self._damaged, part)}
        return [each for each in _columns(self._into, table) if each[0] in older]

    def find_conversations(self) -> None:
        """Create replacements for lost conversations to which messages refer."""
        missing = (
            "SELECT DISTINCT conversation FROM messages WHERE conversation NOT IN (SELECT seq FROM conversations)"
            " AND conversation BETWEEN 1 AND ?"
        )
        for (seq,) in self._into.rows(missing, (LAST,)):
            insert.insert_row(self._into, _found_anew(_said_in(self._into, seq)), seq)
            shown = "(SELECT max(seq) FROM messages WHERE conversation = conversations.seq)"
            self._into.run(f"UPDATE conversations SET current = {shown} WHERE seq = ?", (seq,))  # noqa: S608

    def copy_keyed(self, table: str) -> int:
        """Copy a WITHOUT ROWID table, which may be in parts.

        Return the number of missing rows, at least 1 if any are missing.
        """
        seen = lost = 0
        for part in sorted(each for each in self._tables if part_of(each) == table):
            found, is_torn = self._copy_keyed(part, table)
            seen, lost = seen + found, lost or is_torn
        if table in self._tables:
            with suppress(*_UNREADABLE):  # an index knows how many there are
                lost = counted - seen if (counted := _count(self._damaged, table)) >= seen else lost
        return lost

    def _copy_keyed(self, part: str, table: str) -> tuple[int, int]:
        """Copy rows forwards and backwards. Return their number, and 1 if rows are missing, otherwise 0."""
        columns = self._columns(part, table)
        named = ", ".join(name for name, _ in columns)
        seen = lost = 0
        for order in ("", "DESC"):
            last: tuple[Cell, ...] = ()
            try:
                for row in self._damaged.each(f"SELECT {named} FROM {part} ORDER BY {columns[0][0]} {order}"):  # noqa: S608
                    if last and not _follows(row, last, backwards=bool(order)):
                        lost = 1  # pages that lead to each other have no end
                        break
                    seen += self._insert(table, columns, last := row)
                else:
                    return seen, lost
            except _UNREADABLE:
                lost = 1
        return seen, lost

    def _insert(self, table: str, columns: list[tuple[str, str]], row: tuple[Cell, ...]) -> bool:
        """Insert a row with converted cells. Return whether the row, or the conversation it belongs to, exists now."""
        cells = dict(zip((name for name, _ in columns), self._cells(table, columns, row), strict=True))
        if any(cells.get(column) in self._there[of] for of, column in _WHOLE.items()):
            return True
        numbers = (cells.get(each) for each in REFERENCES[table])
        if any(each > LAST for each in numbers if isinstance(each, int)):
            return False
        places = ", ".join("?" * len(cells))
        try:
            self._into.run(f"INSERT INTO {table} ({', '.join(cells)}) VALUES ({places})", [*cells.values()])  # noqa: S608
        except apsw.ConstraintError:
            if table not in (*_ALONE, *_WHOLE) or not self._into.rows(
                f"SELECT 1 FROM {table} WHERE id = ?",  # noqa: S608 - of constants
                (cells["id"],),
            ):
                return False
            if table in _WHOLE:
                self._there[table].add(row_mapping.number_of(cells["seq"]))
        return True

    def _cells(self, table: str, columns: list[tuple[str, str]], row: tuple[Cell, ...]) -> Iterator[Cell]:
        for (name, kind), cell in zip(columns, row, strict=True):
            if cell is None:
                yield None
            elif kind == "TEXT":
                yield row_mapping.text_of(cell)
            elif kind == "REAL":
                yield cell if isinstance(cell, float) else float(row_mapping.number_of(cell))
            else:
                numbered = REFERENCES[table].get(name)
                number = row_mapping.number_of(cell) + (self._taken[numbered] if numbered else 0)
                yield number


def _rows(damaged: Sql, table: str, names: list[str]) -> Iterator[tuple[Cell, ...] | None]:
    """Yield rows by ROWID; None for each unreadable one."""
    column_list = ", ".join(names)
    many = f"SELECT {column_list} FROM {table} WHERE seq > ? ORDER BY seq LIMIT {_BATCH}"  # noqa: S608 - of constants
    one = f"SELECT {column_list} FROM {table} WHERE seq = ?"  # noqa: S608
    at, last_seen, last = 0, 0, _last(damaged, table)
    while (last is None or at < last) and at <= last_seen + _BEYOND:
        try:
            batch = damaged.rows(many, (at,))
        except _UNREADABLE:
            for number in range(at + 1, at + 1 + _BATCH):
                try:
                    batch = damaged.rows(one, (number,))
                except _UNREADABLE:
                    if last is not None:
                        yield None
                    continue
                last_seen = number if batch else last_seen
                yield from batch
            at += _BATCH
        else:
            before = at
            for row in batch:
                if (number := row_mapping.number_of(row[0])) > at:
                    yield row
                    at = last_seen = number
            if at == before:
                return
    if last is not None and at < last:  # numbers that leap, behind what cannot be read: from the end, as far as it goes
        backwards = f"SELECT {column_list} FROM {table} WHERE seq < ? ORDER BY seq DESC LIMIT 1"  # noqa: S608
        yield from _backwards(damaged, backwards, last, at)
        yield None


def _backwards(damaged: Sql, query: str, last: int, until: int) -> Iterator[tuple[Cell, ...]]:
    """Yield rows from the last one backwards, until one is unreadable or was yielded already."""
    at = last + 1
    with suppress(*_UNREADABLE):
        while (row := damaged.row(query, (at,))) is not None:
            number = row_mapping.number_of(row[0])
            if not until < number < at:
                return
            at = number
            yield row


def _follows(row: tuple[Cell, ...], last: tuple[Cell, ...], *, backwards: bool) -> bool:
    """Whether a row follows the last one in key order."""
    one, other = ((row_mapping.number_of(each[0]), row_mapping.text_of(each[1])) for each in (row, last))
    return one < other if backwards else one > other


def _count(damaged: Sql, table: str) -> int:
    """Count rows, limited by the file size because damaged pages may form cycles."""
    most = (damaged.integer("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size") or 0) // _SMALLEST
    return damaged.integer(f"SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT ?)", (most,)) or 0  # noqa: S608


def _last(damaged: Sql, table: str) -> int | None:
    """Return the last ROWID, or None if it is unreadable."""
    with suppress(*_UNREADABLE):
        return damaged.integer(f"SELECT ifnull(max(seq), 0) FROM {table}")  # noqa: S608
    return None


def _columns(sql: Sql, table: str) -> list[tuple[str, str]]:
    """Return the names and types of a table's columns."""
    return [(name, kind) for name, kind in sql.rows("SELECT name, type FROM pragma_table_info(?)", (table,))]
