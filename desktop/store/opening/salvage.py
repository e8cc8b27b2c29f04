"""Takes what can be read of a damaged database over into a new one, row by row: a bad page costs what lies in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import apsw

from desktop.errors import StoreError
from desktop.log import logger
from desktop.paths import is_file
from desktop.phrases import Phrase, phrase
from desktop.store import row_mapping, row_soundness
from desktop.store.migrations import MIGRATIONS, version
from desktop.store.opening import database_schema
from desktop.store.sqlite import backups, database_files, database_header
from desktop.store.sqlite.database import Access
from desktop.store.sqlite.database_header import DatabaseShape
from desktop.store.sqlite.sql import Cell, Sql

_log = logger("store")

_TABLES = ("conversations", "messages", "journal", "comparisons")
"""Those whose rows have numbers, each before those that refer to it."""

_KEYED = ("conversation_tags", "message_files")
"""Those whose rows are found by what they hold."""

_NUMBERS = {
    "conversations": {"seq": "conversations", "current": "messages"},
    "messages": {"seq": "messages", "conversation": "conversations", "parent": "messages"},
    "journal": {"seq": "journal", "message": "messages"},
    "comparisons": {"seq": "comparisons"},
    "conversation_tags": {"conversation": "conversations"},
    "message_files": {"message": "messages"},
}
"""By table and column the table whose rows a column numbers."""

DUE = "due"
"""The name of an empty file beside a database that was set aside, until what can be read of it was taken over."""

_BATCH = 200
_BEYOND = 100_000
"""So many numbers are tried behind the last row that was found, where the last of all cannot be asked for."""

_LAST = (1 << 63) - 1
"""The highest number that a row can have."""

_UNREADABLE = (apsw.CorruptError, apsw.IOError, apsw.SQLError, UnicodeDecodeError)

_ALONE = """
UPDATE messages SET parent = (
    SELECT max(seq) FROM messages before WHERE before.conversation = messages.conversation AND before.seq < messages.seq
) WHERE parent IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM messages above WHERE above.seq = parent AND above.conversation = messages.conversation
);
UPDATE conversations SET current = (SELECT max(seq) FROM messages WHERE conversation = conversations.seq)
WHERE current IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM messages WHERE seq = current AND conversation = conversations.seq
);
"""
"""What follows a message that is gone follows the one before it, and where it was shown the last one is."""

_ORPHANS = (
    "DELETE FROM journal WHERE message NOT IN (SELECT seq FROM messages)",
    "DELETE FROM message_files WHERE message NOT IN (SELECT seq FROM messages)",
    "DELETE FROM conversation_tags WHERE conversation NOT IN (SELECT seq FROM conversations)",
)


class Salvaged(NamedTuple):
    """How many conversations were taken over, and how many rows are known to be there and cannot be read."""

    conversations: int
    lost: int


def take_over(sql: Sql, access: Access, folder: Path) -> list[Phrase]:
    """Fill a database with what was set aside in its folder and not taken over yet, and say so of each."""
    return [_taken_over(sql, access, mark) for mark in sorted(folder.glob(f"{database_files.BROKEN}-*/{DUE}"))]


def _taken_over(sql: Sql, access: Access, mark: Path) -> Phrase:
    """The mark goes once all is there: a start that was ended meanwhile leaves it to the next."""
    place, newest = mark.parent, backups.newest(mark.parent.parent / backups.FOLDER)
    found = Salvaged(0, 0)
    try:
        if is_file(place / access.path.name):
            found = _salvaged(access, place / access.path.name, sql)
        mark.unlink(missing_ok=True)
    except (apsw.Error, OSError) as error:
        _log.warning("nothing is taken over of a damaged database: %s", type(error).__name__)
        if isinstance(error, apsw.FullError):
            return phrase(
                "{said} There is no room to take over what can be read of it: free some space, then start Paragone"
                " again.",
                said=aside_notice(place, newest),
            )
    if not found.conversations:
        return aside_notice(place, newest)
    said = phrase(
        "The database of conversations was damaged. What can be read of it was taken over into a new one:"
        " conversations {n}, rows that cannot be read {lost}. The damaged one lies in {place}.",
        n=f"{found.conversations:,}",
        lost=f"{found.lost:,}",
        place=place,
    )
    return said if newest is None else phrase("{said} The newest backup is {backup}.", said=said, backup=newest)


def _salvaged(access: Access, file: Path, into: Sql) -> Salvaged:
    """The same of a file of this key; nothing of one that is not ours. Raises apsw.Error where it cannot be written."""
    if access.key is None and database_header.shape(file) is not DatabaseShape.DATABASE:
        return Salvaged(0, 0)
    has_log = database_files.has_log(file) and database_header.is_log(file)
    with ExitStack() as opened:
        try:
            damaged = replace(access, path=file, still=not has_log, unlocked=has_log).connect_to_read()
            opened.callback(damaged.close)
            database_schema.demand_ours(damaged, file, MIGRATIONS)
        except (apsw.Error, StoreError):
            return Salvaged(0, 0)
        return salvage(damaged, into)


def salvage(damaged: Sql, into: Sql) -> Salvaged:
    """Add to a database of this schema what a damaged one of it holds, which is only read; all of it or nothing.

    What lies there already keeps its rows: those that are added are numbered behind them, and a conversation of the
    same id is left as it is. Raises apsw.Error where nothing can be written.
    """
    if version(damaged) != version(into):
        return Salvaged(0, 0)
    before = into.integer("SELECT count(*) FROM conversations") or 0
    into.pragma("foreign_keys", "off")
    try:
        with into.transaction():
            rows = _Rows(damaged, into)
            lost = sum(rows.copy(table) for table in _TABLES)
            lost += sum(rows.copy_keyed(table) for table in _KEYED)
            lost += _placed(into)
            found = (into.integer("SELECT count(*) FROM conversations") or 0) - before
    finally:
        into.pragma("foreign_keys", "on")
    row_soundness.index_anew(into)
    _log.warning("of a damaged database %d conversations were taken over, %d rows not", found, lost)
    return Salvaged(found, lost)


def _placed(into: Sql) -> int:
    """Put right what refers to rows that are gone; how many messages are without their conversation."""
    released = into.rows("SELECT sha256 FROM files_released")
    gone = into.integer("SELECT count(*) FROM messages WHERE conversation NOT IN (SELECT seq FROM conversations)") or 0
    into.run("DELETE FROM messages WHERE conversation NOT IN (SELECT seq FROM conversations)")
    into.run(_ALONE)
    for statement in _ORPHANS:
        into.run(statement)
    into.run("DELETE FROM files_released")  # what a lost message referred to may be looked for
    into.run_each("INSERT INTO files_released (sha256) VALUES (?)", released)
    return gone


class _Rows:
    """The way of rows from a damaged database into one that may hold others: with other numbers there."""

    def __init__(self, damaged: Sql, into: Sql) -> None:
        self._damaged = damaged
        self._into = into
        self._taken = {name: into.integer(f"SELECT ifnull(max(seq), 0) FROM {name}") or 0 for name in _TABLES}  # noqa: S608
        """By table how many numbers are given: those of the rows that come follow them."""
        self._there: set[int] = set()
        """The numbers, here, that the conversations which are there already would have had."""

    def copy(self, table: str) -> int:
        """Take over the rows of a table; how many cannot be read or kept."""
        columns = _columns(self._into, table)
        seen = lost = 0
        for row in _rows(self._damaged, table, [name for name, _ in columns]):
            is_seen = row is not None and self._insert(table, columns, row)
            seen, lost = seen + is_seen, lost + (not is_seen)
        with suppress(*_UNREADABLE):  # an index may know of more
            lost = max(lost, (self._damaged.integer(f"SELECT count(*) FROM {table}") or 0) - seen)  # noqa: S608 - of constants
        return lost

    def copy_keyed(self, table: str) -> int:
        """The same of a table without numbers, forwards and backwards as far as it goes; whether some are missing."""
        columns = _columns(self._into, table)
        named = ", ".join(name for name, _ in columns)
        lost = 0
        for order in ("", "DESC"):
            try:
                for row in self._damaged.each(f"SELECT {named} FROM {table} ORDER BY {columns[0][0]} {order}"):  # noqa: S608
                    self._insert(table, columns, row)
            except _UNREADABLE:
                lost = 1
            else:
                return 0
        return lost

    def _insert(self, table: str, columns: list[tuple[str, str]], row: tuple[Cell, ...]) -> bool:
        """Keep a row, each cell of the kind of its column; whether it is kept now or its conversation was before."""
        cells = dict(zip((name for name, _ in columns), self._cells(table, columns, row), strict=True))
        if cells.get("conversation") in self._there:
            return True
        places = ", ".join("?" * len(cells))
        try:
            self._into.run(f"INSERT INTO {table} ({', '.join(cells)}) VALUES ({places})", [*cells.values()])  # noqa: S608
        except apsw.ConstraintError:
            if table == "conversations" and self._into.rows("SELECT 1 FROM conversations WHERE id = ?", (cells["id"],)):
                self._there.add(row_mapping.number_of(cells["seq"]))
                return True
            return False
        return True

    def _cells(self, table: str, columns: list[tuple[str, str]], row: tuple[Cell, ...]) -> Iterator[Cell]:
        for (name, kind), cell in zip(columns, row, strict=True):
            if cell is None:
                yield None
            elif kind == "TEXT":
                yield row_mapping.text_of(cell)
            else:
                numbered = _NUMBERS[table].get(name)
                number = row_mapping.number_of(cell) + (self._taken[numbered] if numbered else 0)
                yield min(number, _LAST)


def _rows(damaged: Sql, table: str, names: list[str]) -> Iterator[tuple[Cell, ...] | None]:
    """The rows of a table by their numbers; None for each that is there and cannot be read."""
    told = ", ".join(names)
    many = f"SELECT {told} FROM {table} WHERE seq > ? ORDER BY seq LIMIT {_BATCH}"  # noqa: S608 - of constants
    one = f"SELECT {told} FROM {table} WHERE seq = ?"  # noqa: S608
    at, found, last = 0, 0, _last(damaged, table)
    while last is None or at < last:
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
                found = number if batch else found
                yield from batch
            at += _BATCH
            if last is None and at > found + _BEYOND:
                return
        else:
            yield from batch
            if not batch:
                return
            at = found = max(at + 1, row_mapping.number_of(batch[-1][0]))


def _last(damaged: Sql, table: str) -> int | None:
    """The number of the last row; None where it cannot be asked for."""
    with suppress(*_UNREADABLE):
        return damaged.integer(f"SELECT ifnull(max(seq), 0) FROM {table}")  # noqa: S608
    return None


def _columns(sql: Sql, table: str) -> list[tuple[str, str]]:
    """The names and types of a table's columns."""
    return [(name, kind) for name, kind in sql.rows("SELECT name, type FROM pragma_table_info(?)", (table,))]


def aside_notice(place: Path | None, newest: Path | None) -> Phrase:
    """What is said once a damaged database was set aside."""
    if newest is None:
        return phrase(
            "The database of conversations was damaged. It was set aside whole in {place}; a new one was begun.",
            place=place,
        )
    return phrase(
        "The database of conversations was damaged. It was set aside whole in {place}; a new one was begun."
        " The newest backup is {backup}.",
        place=place,
        backup=newest,
    )
