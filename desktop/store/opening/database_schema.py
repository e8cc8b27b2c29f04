"""Compares a database's schema with the schema that the migrations create."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import apsw

from desktop.errors import StoreCorrupt
from desktop.store.migrations import Migration, version
from desktop.store.sqlite.sql import Sql
from desktop.text.phrases import bounded, phrase

_MOST, _LONGEST = 1_000, 20_000
"""Maximum number of schema entries, and maximum length of each; ours is far below both."""

_TEXTS = f"CAST(type AS TEXT), CAST(name AS TEXT), CAST(substr(sql, 1, {_LONGEST}) AS TEXT)"
_READ = f"SELECT {_TEXTS} FROM sqlite_schema LIMIT {_MOST + 1}"  # noqa: S608
"""Query that returns damaged values as text, and missing ones as None."""

_COMMENT = re.compile(r"--[^\n]*")
_PART = re.compile(r"_part\d+\Z")
_STATISTICS = {
    ("table", "sqlite_stat1"): "CREATE TABLE sqlite_stat1(tbl,idx,stat)",
    ("table", "sqlite_stat4"): "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)",
}
"""Tables of ANALYZE, which any tool may have created and which are harmless."""

_Schema = Mapping[tuple[str, str], str]
"""SQL of schema entries by type and name."""


def require_ours(sql: Sql, path: Path, migrations: Sequence[Migration]) -> int:
    """Return the schema version, after checking that the schema has no foreign entries.

    Foreign triggers, views or constraints could change what is stored.

    Raises:
        StoreCorrupt: If the schema is foreign or damaged.
        apsw.Error: If it cannot be read.
    """
    if sql.pragma("encoding") != "UTF-8":
        raise StoreCorrupt(
            phrase("{path} is damaged or was changed by another program: its text encoding is not UTF-8.", path=path)
        )
    entries = {key: made for key, made in _found(sql).items() if made != _STATISTICS.get(key)}
    stated_version = version(sql)
    for number in sorted(range(1, len(migrations) + 1), key=lambda each: each != stated_version):
        if entries == _made_by(tuple(migrations[:number])):
            return number
    wanted = _made_by(tuple(migrations[:stated_version]))
    foreign = {name for (_, name), _ in entries.items() ^ wanted.items()}
    if not stated_version or not entries:
        raise StoreCorrupt(phrase("{path} is not a backup.", path=path))
    raise StoreCorrupt(
        phrase(
            "{path} is damaged or was changed by another program: the schema of “{name}” is unexpected.",
            path=path,
            name=bounded(min(foreign)),
        )
    )


def tables_of_ours(sql: Sql, migrations: Sequence[Migration]) -> frozenset[str]:
    """Return the names of tables that equal those of some version, even if other entries are damaged.

    These tables can be read safely.
    """
    known = {each for number in range(1, len(migrations) + 1) for each in _made_by(tuple(migrations[:number])).items()}
    tables: set[str] = set()
    with suppress(apsw.Error):
        for kind, name, made in sql.each(_READ):
            whole = part_of(name or "")
            if kind == "table" and ((kind, whole), _plain(made or "").replace(name, whole, 1)) in known:
                tables.add(name)
    return frozenset(tables)


def statements(migrations: Sequence[Migration], names: Collection[str], kind: str = "table") -> dict[str, str]:
    """Return the SQL of tables or other entries by name."""
    made = _made_by(tuple(migrations)).items()
    return {name: text for (each, name), text in made if each == kind and name in names}


def names(migrations: Sequence[Migration]) -> frozenset[str]:
    """Return the names of all schema entries."""
    return frozenset(name for _, name in _made_by(tuple(migrations)))


def part_of(name: str) -> str:
    """Return the table to which a recovered part (`NAME_partN`) belongs."""
    return _PART.sub("", name)


def lay_anew(sql: Sql, migrations: Sequence[Migration], tables: Collection[str]) -> None:
    """Make SQLite use our own SQL for the tables of a damaged database, within an open transaction."""
    known = migrations[: version(sql) or None]
    wanted, made_by = _made_by(tuple(known)), statements(known, tables)
    named = {statement: name for name, statement in made_by.items()}
    sql.pragma("query_only", "off")
    sql.pragma("cache_spill", 0)  # what is changed is never written, whatever is read meanwhile
    sql.run("BEGIN")
    for row, name, statement in sql.rows("SELECT rowid, CAST(name AS TEXT), CAST(sql AS TEXT) FROM sqlite_schema"):
        found = named.get(_plain(statement), name) if statement else ""
        if found in made_by:
            put = "UPDATE sqlite_schema SET type = 'table', name = ?, tbl_name = ?, sql = ? WHERE rowid = ?"
            sql.run(put, (found, found, made_by[found], row))
        elif statement or ("index", name) not in wanted:  # what SQLite makes by itself says no statement
            sql.run("DELETE FROM sqlite_schema WHERE rowid = ?", (row,))
    sql.run("PRAGMA writable_schema = RESET")


def put_version_right(sql: Sql, path: Path, migrations: Sequence[Migration]) -> None:
    """Correct a version number that does not match the schema."""
    if version(sql) == len(migrations) or not sql.rows("SELECT 1 FROM sqlite_schema LIMIT 1"):
        return
    try:
        found = require_ours(sql, path, migrations)
    except StoreCorrupt:
        return
    if found != version(sql):
        sql.pragma("user_version", found)


def require_version(sql: Sql, migrations: Sequence[Migration]) -> None:
    """Check that migrations can start: the schema is exactly that of its version, without entries of later ones.

    Raises:
        StoreCorrupt: If the schema is different.
        apsw.Error: If it cannot be read.
    """
    present = version(sql)
    wanted, later = _made_by(tuple(migrations[:present])), _made_by(tuple(migrations))
    found = _found(sql)
    if any(found.get(key) != made for key, made in wanted.items()) or (later.keys() - wanted.keys()) & found.keys():
        raise StoreCorrupt(
            phrase("{path} is damaged: its contents do not match its version.", path=sql.connection.filename)
        )


@lru_cache(maxsize=8)
def _made_by(migrations: tuple[Migration, ...]) -> _Schema:
    sql = Sql(apsw.Connection(":memory:"))
    try:
        for migration in migrations:
            migration(sql)
        return _found(sql)
    finally:
        sql.close()


def _found(sql: Sql) -> _Schema:
    rows = sql.rows(_READ)
    found = {(kind or "", name or ""): _plain(made or "") for kind, name, made in rows}
    if len(rows) > _MOST or len(found) < len(rows):
        raise StoreCorrupt(phrase("The database {path} is damaged.", path=sql.connection.filename))
    return found


def _plain(made: str) -> str:
    """Return a statement without comments and with normalized whitespace."""
    return " ".join(_COMMENT.sub(" ", made).split())
