"""Checks and repairs the rows of an untrusted database: text, JSON, message trees and search index."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from desktop.domain.conversation_types import new_id
from desktop.errors import StoreCorrupt, StoreError
from desktop.store import comparisons
from desktop.store.migrations.m001_conversations import INDEX, INDEXED
from desktop.store.records import index_text, row_mapping, row_numbers, select
from desktop.store.sqlite.sql import Sql
from desktop.text.phrases import phrase

# A message must follow its parent, otherwise a tree may contain a cycle.
_RINGS = "SELECT 1 FROM messages WHERE parent >= seq LIMIT 1"
_TEXTS = (
    "SELECT run FROM messages WHERE run IS NOT NULL",
    "SELECT kind, text FROM journal",
    "SELECT key, tag FROM conversation_tags",
)

_KINDS = {"TEXT": ("text", "''"), "INTEGER": ("integer", "0"), "REAL": ("real", "0.0")}
"""Value type and default value by column type."""

# Source column of a row's words, and their conversion.
_SAID: dict[str, tuple[str, Callable[[str], str]]] = {
    "conversations": ("title", index_text.indexed),
    "messages": ("parts", lambda parts: row_mapping.searchable(row_mapping.readable(parts))),
}
assert {*_SAID} == {*INDEXED}


def require_readable(sql: Sql, path: Path) -> None:
    """Check that everything in a database is readable.

    Raises:
        StoreCorrupt: If anything is unreadable.
        apsw.Error: If a query fails.
    """
    try:
        sound = (
            not sql.rows(_RINGS) and _is_numbered(sql) and not sql.rows("PRAGMA foreign_key_check") and _is_read(sql)
        )
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, StoreError):
        sound = False
    if not sound:
        raise StoreCorrupt(phrase("{path} is damaged: part of it cannot be read.", path=path))


def name_anew(sql: Sql) -> None:
    """Replace ids that are not text, because no query could find them.

    Raises:
        apsw.Error: If the database fails.
    """
    for table in ("conversations", "messages", "comparisons", "votes", "rounds", "suite_runs"):
        named = sql.each(f"SELECT seq, CAST(id AS BLOB) FROM {table}")  # noqa: S608 - of constants
        for seq in [seq for seq, name in named if not _is_text(name)]:
            sql.run(f"UPDATE {table} SET id = ? WHERE seq = ?", (new_id(), seq))  # noqa: S608


def kinds_anew(sql: Sql) -> None:
    """Convert cells to the type of their column, since bit errors may have changed it.

    Raises:
        apsw.Error: If the database fails.
    """
    for (table,) in sql.rows("SELECT name FROM pragma_table_list WHERE schema = 'main' AND strict"):
        for column, kind, is_needed in sql.rows('SELECT name, type, "notnull" FROM pragma_table_info(?)', (table,)):
            if kind not in _KINDS:
                continue
            named, empty = _KINDS[kind]
            fitting = f"'{named}'" if is_needed else f"'{named}', 'null'"
            # SQLite assumes that NOT NULL columns have a value; typeof checks that.
            right = f'iif(typeof("{column}") = \'null\', {empty}, CAST("{column}" AS {kind}))'
            sql.run(f'UPDATE "{table}" SET "{column}" = {right} WHERE typeof("{column}") NOT IN ({fitting})')  # noqa: S608


def _is_text(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


def forget_statistics(sql: Sql) -> None:
    """Delete the query planner's statistics, which may be wrong in an untrusted database and make queries slow."""
    for table in ("sqlite_stat1", "sqlite_stat4"):
        sql.run(f"DROP TABLE IF EXISTS {table}")


def index_anew(sql: Sql) -> None:
    """Rebuild search words and index, which cannot be trusted in a foreign database.

    Raises:
        apsw.Error: If the database fails.
    """
    for table, (column, words) in _SAID.items():
        trigger = f"{table}_reindexed"
        (trigger_sql,) = sql.rows("SELECT sql FROM sqlite_schema WHERE name = ?", (trigger,))[0]
        with sql.transaction():
            sql.run(f"DROP TRIGGER {trigger}")  # it would tell an index that is not there
            sql.run(f"DROP TABLE {table}_index")
            for (seq,) in sql.rows(f"SELECT seq FROM {table} NOT INDEXED"):  # noqa: S608 - of constants
                for (held,) in sql.rows(f"SELECT {column} FROM {table} WHERE seq = ?", (seq,)):  # noqa: S608
                    _say_anew(sql, table, seq, words(held))
            sql.run(INDEX.format(table=table))
            sql.run(trigger_sql)
            sql.run(f"INSERT INTO {table}_index ({table}_index) VALUES ('rebuild')")  # noqa: S608


def _say_anew(sql: Sql, table: str, seq: int, words: str) -> None:
    """Correct a row's search words if they differ. Lengths are compared first."""
    sql.run(
        f"UPDATE {table} SET words = ? WHERE seq = ? AND (octet_length(words) <> ? OR words <> ?)",  # noqa: S608
        (words, seq, len(words.encode()), words),
    )


def _is_numbered(sql: Sql) -> bool:
    wrong = "SELECT 1 FROM {} WHERE seq NOT BETWEEN 1 AND ? LIMIT 1"
    return not any(sql.rows(wrong.format(table), (row_numbers.LAST,)) for table in row_numbers.NUMBERED)


def _is_read(sql: Sql) -> bool:
    """Read all values and return whether they are readable.

    They are read one at a time, since each may have megabytes.
    """
    for statement in _TEXTS:
        for _ in sql.each(statement):
            pass
    for (id_,) in sql.rows("SELECT id FROM conversations"):
        select.conversation(sql, id_)
    for (id_,) in sql.rows("SELECT id FROM comparisons"):
        comparisons.read(sql, id_)
    return True
