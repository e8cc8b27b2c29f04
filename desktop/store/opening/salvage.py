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

DUE = "due"
"""The name of an empty file beside a database that was set aside, until what can be read of it was taken over."""

_BATCH = 200
_BEYOND = 100_000
"""So many numbers are tried behind the last row that was found, where the last of all cannot be asked for."""

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
    "DELETE FROM files_released",
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
    """Fill a new database of this schema from a damaged one of it, which is only read; all of it or nothing.

    Raises apsw.Error where nothing can be written.
    """
    if version(damaged) != version(into):
        return Salvaged(0, 0)
    into.pragma("foreign_keys", "off")
    try:
        with into.transaction():
            lost = sum(_copy(damaged, into, table) for table in _TABLES)
            lost += sum(_copy_keyed(damaged, into, table) for table in _KEYED)
            lost += _placed(into)
            found = into.integer("SELECT count(*) FROM conversations") or 0
    finally:
        into.pragma("foreign_keys", "on")
    row_soundness.index_anew(into)
    _log.warning("of a damaged database %d conversations were taken over, %d rows not", found, lost)
    return Salvaged(found, lost)


def _placed(into: Sql) -> int:
    """Put right what refers to rows that are gone; how many messages are without their conversation."""
    gone = into.integer("SELECT count(*) FROM messages WHERE conversation NOT IN (SELECT seq FROM conversations)") or 0
    into.run("DELETE FROM messages WHERE conversation NOT IN (SELECT seq FROM conversations)")
    into.run(_ALONE)
    for statement in _ORPHANS:
        into.run(statement)
    return gone


def _copy(damaged: Sql, into: Sql, table: str) -> int:
    """Take over the rows of a table; how many cannot be read or kept."""
    columns = _columns(into, table)
    kept = lost = 0
    for row in _rows(damaged, table, [name for name, _ in columns]):
        is_kept = row is not None and _insert(into, table, columns, row)
        kept, lost = kept + is_kept, lost + (not is_kept)
    with suppress(*_UNREADABLE):  # an index may know of more
        lost = max(lost, (damaged.integer(f"SELECT count(*) FROM {table}") or 0) - kept)  # noqa: S608 - of constants
    return lost


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


def _copy_keyed(damaged: Sql, into: Sql, table: str) -> int:
    """The same of a table without numbers, forwards and backwards as far as it goes; whether something is missing."""
    columns = _columns(into, table)
    named = ", ".join(name for name, _ in columns)
    lost = 0
    for order in ("", "DESC"):
        try:
            for row in damaged.each(f"SELECT {named} FROM {table} ORDER BY {columns[0][0]} {order}"):  # noqa: S608
                _insert(into, table, columns, row)
        except _UNREADABLE:
            lost = 1
        else:
            return 0
    return lost


def _columns(sql: Sql, table: str) -> list[tuple[str, str]]:
    """The names and types of a table's columns."""
    return [(name, kind) for name, kind in sql.rows("SELECT name, type FROM pragma_table_info(?)", (table,))]


def _insert(into: Sql, table: str, columns: list[tuple[str, str]], row: tuple[Cell, ...]) -> bool:
    """Keep a row, each cell of the kind of its column; whether it is kept, and was not before."""
    cells = [
        cell if cell is None else row_mapping.text_of(cell) if kind == "TEXT" else row_mapping.number_of(cell)
        for (_, kind), cell in zip(columns, row, strict=True)
    ]
    places = ", ".join("?" * len(cells))
    try:
        into.run(f"INSERT INTO {table} ({', '.join(name for name, _ in columns)}) VALUES ({places})", cells)  # noqa: S608
    except apsw.ConstraintError:
        return False
    return True


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
