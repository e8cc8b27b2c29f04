"""Copies readable rows from a damaged database into a new one, so that a damaged page costs only its own rows."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import apsw

from desktop.errors import StoreError
from desktop.store.migrations import MIGRATIONS, version
from desktop.store.opening import database_schema, rebuilt_trees, row_soundness
from desktop.store.opening.salvaged_rows import KEYED, SalvagedRows
from desktop.store.records import suite_run_rows, vote_rows
from desktop.store.records.row_numbers import NUMBERED, number_anew
from desktop.store.sqlite import backups, database_files, database_header, sqlite_faults
from desktop.store.sqlite.database import Access
from desktop.store.sqlite.database_header import DatabaseShape
from desktop.store.sqlite.sql import Sql
from desktop.system.log import logger
from desktop.system.paths import is_file
from desktop.system.private_files import private_folder
from desktop.text.phrases import Phrase, phrase

_log = logger("store")

_Way = Callable[[Access, ExitStack, Callable[[], bool]], Sql]

_ALONE = """
UPDATE messages SET parent = (
    SELECT max(seq) FROM messages before WHERE before.conversation = messages.conversation AND before.seq < messages.seq
) WHERE parent IS NOT NULL AND (parent >= seq OR NOT EXISTS (
    SELECT 1 FROM messages above WHERE above.seq = parent AND above.conversation = messages.conversation
));
UPDATE conversations SET current = (SELECT max(seq) FROM messages WHERE conversation = conversations.seq)
WHERE current IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM messages WHERE seq = current AND conversation = conversations.seq
);
"""
"""Statement that reattaches messages whose parent is lost to the previous message."""

_ORPHANS = (
    "DELETE FROM journal WHERE message NOT IN (SELECT seq FROM messages)",
    "DELETE FROM message_files WHERE message NOT IN (SELECT seq FROM messages)",
    "DELETE FROM conversation_tags WHERE conversation NOT IN (SELECT seq FROM conversations)",
    "DELETE FROM run_suites WHERE seq NOT IN (SELECT seq FROM suite_runs)",
    "DELETE FROM run_cells WHERE suite_run NOT IN (SELECT seq FROM suite_runs)",
    "DELETE FROM cell_answers WHERE seq NOT IN (SELECT seq FROM run_cells)",
    "DELETE FROM judge_verdicts WHERE suite_run NOT IN (SELECT seq FROM suite_runs)",
    "DELETE FROM batch_jobs WHERE suite_run NOT IN (SELECT seq FROM suite_runs)",
)


class Salvaged(NamedTuple):
    """Numbers of recovered conversations and messages, and of unreadable rows."""

    conversations: int
    lost: int
    messages: int = 0


def take_over(sql: Sql, access: Access, folder: Path) -> list[Phrase]:
    """Recover rows from the folder's damaged databases that were not processed before.

    Return a notice for each database.
    """
    return [_taken_over(sql, access, mark) for mark in database_files.due(folder)]


def _taken_over(sql: Sql, access: Access, mark: Path) -> Phrase:
    """Recover one database and return a notice.

    Its marker file is removed last, so that an interrupted recovery is repeated.
    """
    folder, newest = mark.parent, backups.newest(mark.parent.parent / backups.FOLDER)
    salvaged = Salvaged(0, 0)
    try:
        if is_file(folder / access.path.name):
            salvaged = salvage_file(access, folder / access.path.name, sql, is_own=True)
        mark.unlink(missing_ok=True)
    except (apsw.Error, OSError) as error:
        _log.warning("nothing is taken over of a damaged database: %s", type(error).__name__)
        if isinstance(error, apsw.FullError):
            return phrase(
                "{said} There is not enough space to recover the readable part. Free some disk space, "
                "then start Paragone again.",
                said=aside_notice(folder, newest),
            )
    if not salvaged.conversations:
        return aside_notice(folder, newest)
    notice = phrase(
        "The conversation database was damaged. Paragone recovered {n} conversations and {messages} "
        "messages into a new database; {lost} rows could not be read. The damaged database is in {place}.",
        n=f"{salvaged.conversations:,}",
        messages=f"{salvaged.messages:,}",
        lost=f"{salvaged.lost:,}",
        place=folder,
    )
    return notice if newest is None else phrase("{said} The newest backup is {backup}.", said=notice, backup=newest)


def salvage_file(
    access: Access, file: Path, into: Sql, stop: Callable[[], bool] = backups.never, *, is_own: bool = False
) -> Salvaged:
    """Recover the rows of a file encrypted with this key, if it is one of our databases.

    Raises:
        StoreError: If the target fails.
    """
    folder = access.path.parent / backups.FOLDER

    def hung_anew(access: Access, opened: ExitStack, stop: Callable[[], bool]) -> Sql:
        private_folder(folder)
        return rebuilt_trees.hung_anew(access, folder, opened, stop)

    ways: list[_Way] = [_of_ours, _laid_anew, _as_it_is] if is_own else [_of_ours]
    if access.key is None and database_header.shape(file) is not DatabaseShape.DATABASE:
        ways = []
    if access.key is None and is_own:
        ways.insert(0, hung_anew)
    for way in ways:
        with ExitStack() as opened:
            try:
                damaged = way(replace(access, path=file), opened, stop)
            except (apsw.Error, StoreError, OSError) as error:
                if sqlite_faults.is_full(error):
                    raise apsw.FullError(str(error)) from error  # at a later start there may be room
                continue
            return salvage(damaged, into, database_schema.tables_of_ours(damaged, MIGRATIONS))
    return Salvaged(0, 0)


def _as_it_is(access: Access, opened: ExitStack, stop: Callable[[], bool]) -> Sql:
    """Open a damaged database for reading as it is.

    Raises:
        apsw.Error: If that is impossible.
    """
    has_log = database_files.has_log(access.path) and database_header.is_log(access.path)
    damaged = replace(access, still=not has_log, unlocked=has_log).connect_to_read()
    opened.callback(damaged.close)
    _read_what_is_there(damaged)
    damaged.connection.set_progress_handler(stop, backups.STEPS)
    return damaged


def _of_ours(access: Access, opened: ExitStack, stop: Callable[[], bool]) -> Sql:
    """Open a damaged database whose schema is intact and ours.

    Raises:
        StoreError: If the schema is not.
        apsw.Error: If the database cannot be opened.
    """
    damaged = _as_it_is(access, opened, stop)
    database_schema.require_ours(damaged, access.path, MIGRATIONS)
    return damaged


def _laid_anew(access: Access, opened: ExitStack, stop: Callable[[], bool]) -> Sql:
    """Open a damaged database with our schema in place of its own, without changing the file.

    Raises:
        apsw.Error: If that is impossible.
    """
    damaged = access.connect_alone()
    opened.callback(damaged.close)
    damaged.connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    _read_what_is_there(damaged)
    damaged.connection.set_progress_handler(stop, backups.STEPS)
    database_schema.lay_anew(damaged, MIGRATIONS, (*NUMBERED, *KEYED))
    return damaged


def _read_what_is_there(damaged: Sql) -> None:
    """Make SQLite read a truncated file, by allowing changes of the schema."""
    damaged.connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 0)
    damaged.connection.config(apsw.SQLITE_DBCONFIG_WRITABLE_SCHEMA, 1)


def salvage(damaged: Sql, into: Sql, tables: Collection[str]) -> Salvaged:
    """Add the contents of a damaged database's tables in one transaction. Its schema must not be newer."""
    if version(damaged) > version(into):
        return Salvaged(0, 0)
    before = _held(into)
    into.pragma("foreign_keys", "off")
    try:
        with into.transaction():
            rows = SalvagedRows(damaged, into, tables)
            lost = sum(rows.copy(table) for table in NUMBERED)
            lost += sum(rows.copy_keyed(table) for table in KEYED)
            rows.find_conversations()
            lost += _placed(into)
            conversations, messages = (now - then for now, then in zip(_held(into), before, strict=True))
    finally:
        into.pragma("foreign_keys", "on")
    number_anew(into)
    row_soundness.index_anew(into)
    vote_rows.index_anew(into)
    suite_run_rows.count_anew(into)
    _log.warning("of a damaged database %d conversations were taken over, %d rows not", conversations, lost)
    return Salvaged(conversations, lost, messages)


def _held(sql: Sql) -> tuple[int, int]:
    """Return the numbers of conversations and messages."""
    return sql.rows("SELECT (SELECT count(*) FROM conversations), (SELECT count(*) FROM messages)")[0]


def _placed(into: Sql) -> int:
    """Correct references to lost rows, and return the number of deleted messages without a conversation."""
    released = into.rows("SELECT sha256 FROM files_released")
    orphaned = (
        into.integer("SELECT count(*) FROM messages WHERE conversation NOT IN (SELECT seq FROM conversations)") or 0
    )
    into.run("DELETE FROM messages WHERE conversation NOT IN (SELECT seq FROM conversations)")
    into.run(_ALONE)
    for statement in _ORPHANS:
        into.run(statement)
    into.run("DELETE FROM files_released")  # what a lost message referred to may be looked for
    into.run_each("INSERT INTO files_released (sha256) VALUES (?)", released)
    return orphaned


def gone_notices(folder: Path) -> list[Phrase]:
    """Return a notice if the database is missing although backups exist.

    The newest backup is protected from deletion.
    """
    newest = backups.spare(folder / backups.FOLDER)
    if newest is None:
        return []
    notice = phrase(
        "The conversation database is missing from {folder}. Paragone created a new one. The newest "
        "backup is {backup}.",
        folder=folder,
        backup=newest,
    )
    return [notice]


def aside_notice(place: Path | None, newest: Path | None) -> Phrase:
    """Return the notice about a damaged database that was moved aside."""
    if newest is None:
        return phrase(
            "The conversation database was damaged and was moved to {place}. Paragone created a new one.",
            place=place,
        )
    return phrase(
        "The conversation database was damaged and was moved to {place}. Paragone created a new one. The "
        "newest backup is {backup}.",
        place=place,
        backup=newest,
    )
