"""Whether every row of a file that is not trusted can be read: its text, its JSON, its trees, its index."""

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

# A message follows its parent: where it does not, a tree may have a ring, in which nothing ends.
_RINGS = "SELECT 1 FROM messages WHERE parent >= seq LIMIT 1"
_TEXTS = (
    "SELECT run FROM messages WHERE run IS NOT NULL",
    "SELECT kind, text FROM journal",
    "SELECT key, tag FROM conversation_tags",
)

_KINDS = {"TEXT": ("text", "''"), "INTEGER": ("integer", "0"), "REAL": ("real", "0.0")}
"""By the type of a column what `typeof` calls its values, and what stands for none."""

# What a row's words are made of, and how.
_SAID: dict[str, tuple[str, Callable[[str], str]]] = {
    "conversations": ("title", index_text.indexed),
    "messages": ("parts", lambda parts: row_mapping.searchable(row_mapping.readable(parts))),
}
assert {*_SAID} == {*INDEXED}


def require_readable(sql: Sql, path: Path) -> None:
    """Go on where all that a database holds can be read. Raises StoreCorrupt, apsw.Error; `path` is whose it is."""
    try:
        sound = (
            not sql.rows(_RINGS) and _is_numbered(sql) and not sql.rows("PRAGMA foreign_key_check") and _is_read(sql)
        )
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, StoreError):
        sound = False
    if not sound:
        raise StoreCorrupt(phrase("{path} is damaged: part of it cannot be read.", path=path))


def name_anew(sql: Sql) -> None:
    """Give another id to what has one that is no text any more: nothing could be found by it. Raises apsw.Error."""
    for table in ("conversations", "messages", "comparisons", "votes", "rounds", "suite_runs"):
        named = sql.each(f"SELECT seq, CAST(id AS BLOB) FROM {table}")  # noqa: S608 - of constants
        for seq in [seq for seq, name in named if not _is_text(name)]:
            sql.run(f"UPDATE {table} SET id = ? WHERE seq = ?", (new_id(), seq))  # noqa: S608


def kinds_anew(sql: Sql) -> None:
    """Make each cell of the kind of its column again: one flipped bit calls a text bytes, or a number nothing.

    Indexes tell what lies in the rows when it begins. Raises apsw.Error.
    """
    for (table,) in sql.rows("SELECT name FROM pragma_table_list WHERE schema = 'main' AND strict"):
        for column, kind, is_needed in sql.rows('SELECT name, type, "notnull" FROM pragma_table_info(?)', (table,)):
            if kind not in _KINDS:
                continue
            named, empty = _KINDS[kind]
            fitting = f"'{named}'" if is_needed else f"'{named}', 'null'"
            # Of columns that have a value always SQLite does not look whether they have none: typeof does.
            right = f'iif(typeof("{column}") = \'null\', {empty}, CAST("{column}" AS {kind}))'
            sql.run(f'UPDATE "{table}" SET "{column}" = {right} WHERE typeof("{column}") NOT IN ({fitting})')  # noqa: S608


def _is_text(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


def forget_statistics(sql: Sql) -> None:
    """Take out what ANALYZE told the planner: of a file that is not trusted it may be lies, which cost time."""
    for table in ("sqlite_stat1", "sqlite_stat4"):
        sql.run(f"DROP TABLE IF EXISTS {table}")


def index_anew(sql: Sql) -> None:
    """Make what is searched anew, of what was said: the words of each row, and the index of them. Raises apsw.Error.

    Nothing tells whether those of a file that is not trusted are sound: the words may lie, be no text or have no end,
    and FTS5's own checks pass what then fails, for ever, at the next message that is kept or deleted. It takes about
    as long as copying the file, and where words are others, as keeping what was said.
    """
    for table, (column, words) in _SAID.items():
        trigger = f"{table}_reindexed"
        (made,) = sql.rows("SELECT sql FROM sqlite_schema WHERE name = ?", (trigger,))[0]
        with sql.transaction():
            sql.run(f"DROP TRIGGER {trigger}")  # it would tell an index that is not there
            sql.run(f"DROP TABLE {table}_index")
            for (seq,) in sql.rows(f"SELECT seq FROM {table} NOT INDEXED"):  # noqa: S608 - of constants
                for (held,) in sql.rows(f"SELECT {column} FROM {table} WHERE seq = ?", (seq,)):  # noqa: S608
                    _say_anew(sql, table, seq, words(held))
            sql.run(INDEX.format(table=table))
            sql.run(made)
            sql.run(f"INSERT INTO {table}_index ({table}_index) VALUES ('rebuild')")  # noqa: S608


def _say_anew(sql: Sql, table: str, seq: int, words: str) -> None:
    """Put a row's words right where they are others: their bytes are counted first, which may be many."""
    sql.run(
        f"UPDATE {table} SET words = ? WHERE seq = ? AND (octet_length(words) <> ? OR words <> ?)",  # noqa: S608
        (words, seq, len(words.encode()), words),
    )


def _is_numbered(sql: Sql) -> bool:
    wrong = "SELECT 1 FROM {} WHERE seq NOT BETWEEN 1 AND ? LIMIT 1"
    return not any(sql.rows(wrong.format(table), (row_numbers.LAST,)) for table in row_numbers.NUMBERED)


def _is_read(sql: Sql) -> bool:
    """Read everything, one by one: each may be some megabytes."""
    for statement in _TEXTS:
        for _ in sql.each(statement):
            pass
    for (id_,) in sql.rows("SELECT id FROM conversations"):
        select.conversation(sql, id_)
    for (id_,) in sql.rows("SELECT id FROM comparisons"):
        comparisons.read(sql, id_)
    return True
