"""The schema as migrations make it, held against what a file has: what is damaged there, or of somebody else."""

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
"""So many things a schema has at most, and so many characters what makes one of them: ours is far from both."""

_TEXTS = f"CAST(type AS TEXT), CAST(name AS TEXT), CAST(substr(sql, 1, {_LONGEST}) AS TEXT)"
_READ = f"SELECT {_TEXTS} FROM sqlite_schema LIMIT {_MOST + 1}"  # noqa: S608
"""What damage made numbers or bytes of is read as text; what it took away is None."""

_COMMENT = re.compile(r"--[^\n]*")
_PART = re.compile(r"_part\d+\Z")
_STATISTICS = {
    ("table", "sqlite_stat1"): "CREATE TABLE sqlite_stat1(tbl,idx,stat)",
    ("table", "sqlite_stat4"): "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)",
}
"""What SQLite's ANALYZE makes, as any tool may have asked for: it says nothing and does nothing."""

_Schema = Mapping[tuple[str, str], str]
"""What makes each thing of a schema, by its kind and name."""


def require_ours(sql: Sql, path: Path, migrations: Sequence[Migration]) -> int:
    """The version of a file's schema, where nothing else is in it. Raises StoreCorrupt, apsw.Error.

    A trigger, a view or a constraint of somebody else's would be obeyed, and what stands in a view may be endless.
    Only the schema is read, of which no size or content takes long. A file may say another version than that of its
    schema: a flipped bit.
    """
    if sql.pragma("encoding") != "UTF-8":
        raise StoreCorrupt(
            phrase("{path} is damaged or was changed by another program: its text is not UTF-8.", path=path)
        )
    found = {key: made for key, made in _found(sql).items() if made != _STATISTICS.get(key)}
    said = version(sql)
    for number in sorted(range(1, len(migrations) + 1), key=lambda each: each != said):
        if found == _made_by(tuple(migrations[:number])):
            return number
    wanted = _made_by(tuple(migrations[:said]))
    foreign = {name for (_, name), _ in found.items() ^ wanted.items()}
    if not said or not found:
        raise StoreCorrupt(phrase("{path} is not a backup.", path=path))
    raise StoreCorrupt(
        phrase(
            "{path} is damaged or was changed by another program: unexpected “{name}”.",
            path=path,
            name=bounded(min(foreign)),
        )
    )


def tables_of_ours(sql: Sql, migrations: Sequence[Migration]) -> frozenset[str]:
    """The names of a file's tables that are as some version makes them, whatever else is, or is damaged, in its schema.

    To read them obeys no trigger and no view. None of those behind what cannot be read at all.
    """
    known = {each for number in range(1, len(migrations) + 1) for each in _made_by(tuple(migrations[:number])).items()}
    found: set[str] = set()
    with suppress(apsw.Error):
        for kind, name, made in sql.each(_READ):
            whole = part_of(name or "")
            if kind == "table" and ((kind, whole), _plain(made or "").replace(name, whole, 1)) in known:
                found.add(name)
    return frozenset(found)


def statements(migrations: Sequence[Migration], names: Collection[str], kind: str = "table") -> dict[str, str]:
    """What makes each of these tables, or things of another kind."""
    made = _made_by(tuple(migrations)).items()
    return {name: text for (each, name), text in made if each == kind and name in names}


def names(migrations: Sequence[Migration]) -> frozenset[str]:
    """What everything in the schema is called."""
    return frozenset(name for _, name in _made_by(tuple(migrations)))


def part_of(name: str) -> str:
    """The table that a part of it is named after, where what hung together is found in several."""
    return _PART.sub("", name)


def lay_anew(sql: Sql, migrations: Sequence[Migration], tables: Collection[str]) -> None:
    """Have these tables of a damaged file be read by the statements that make them, in a transaction that stays open.

    A table is known by its name, or by its statement where that is sound. Nothing else of the schema is left, for whom
    this connection reads: to close it undoes all, and the file stays as it is. Raises apsw.Error.
    """
    known = migrations[: version(sql) or None]
    wanted, made_by = _made_by(tuple(known)), statements(known, tables)
    named = {made: name for name, made in made_by.items()}
    sql.pragma("query_only", "off")
    sql.pragma("cache_spill", 0)  # what is changed is never written, whatever is read meanwhile
    sql.run("BEGIN")
    for row, name, made in sql.rows("SELECT rowid, CAST(name AS TEXT), CAST(sql AS TEXT) FROM sqlite_schema"):
        found = named.get(_plain(made), name) if made else ""
        if found in made_by:
            put = "UPDATE sqlite_schema SET type = 'table', name = ?, tbl_name = ?, sql = ? WHERE rowid = ?"
            sql.run(put, (found, found, made_by[found], row))
        elif made or ("index", name) not in wanted:  # what SQLite makes by itself says no statement
            sql.run("DELETE FROM sqlite_schema WHERE rowid = ?", (row,))
    sql.run("PRAGMA writable_schema = RESET")


def put_version_right(sql: Sql, path: Path, migrations: Sequence[Migration]) -> None:
    """Where a file says another version than that of its schema, as one flipped bit makes it, write the right one."""
    if version(sql) == len(migrations) or not sql.rows("SELECT 1 FROM sqlite_schema LIMIT 1"):
        return
    try:
        found = require_ours(sql, path, migrations)
    except StoreCorrupt:
        return
    if found != version(sql):
        sql.pragma("user_version", found)


def require_version(sql: Sql, migrations: Sequence[Migration]) -> None:
    """Go on where migrations can begin: all of a file's version is there, and nothing of a later one.

    Raises StoreCorrupt, apsw.Error: the version may be a flipped bit.
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
    """A statement without its comments and how its lines are broken."""
    return " ".join(_COMMENT.sub(" ", made).split())
