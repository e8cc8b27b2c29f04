"""The `llm` command's logs.db, opened to be read alone: nothing is written beside it, nothing in its schema runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import apsw

from desktop.errors import TransferError
from desktop.phrases import phrase
from desktop.store.sql import Sql
from desktop.transfer.importers import llm_logs
from desktop.transfer.loose import Unreadable
from desktop.transfer.sources import Source

MAGIC = b"SQLite format 3\0"

_WANTED = (
    "id",
    "model",
    "prompt",
    "system",
    "response",
    "duration_ms",
    "datetime_utc",
    "input_tokens",
    "output_tokens",
)
_WAITING = phrase(
    "The newest answers may be missing: llm has them in the file beside it. Import again when it is at rest."
)
_PATIENCE = 20_000_000
"""Steps of SQLite that one question may take."""


def open_database(path: Path) -> Source:
    """The conversations of a log. Raises TransferError where the file is none."""
    try:
        sql = _connected(path)
    except apsw.Error as error:
        raise _damaged(path, error) from error
    with ExitStack() as undo:
        undo.callback(sql.close)
        try:
            source = _source(path, sql)
        except apsw.Error as error:
            raise _damaged(path, error) from error
        undo.pop_all()
    return source


def _source(path: Path, sql: Sql) -> Source:
    columns = _columns(sql, "responses")
    if not {"id", "model", "prompt", "response"} <= columns:
        raise TransferError(phrase("{name} is a database, but not the log of llm.", name=path.name))
    held = _conversations(sql, columns)
    attachments = "response_id" in _columns(sql, "prompt_attachments")

    def read(place: int) -> object:
        """One conversation. Raises Unreadable where the database is damaged there."""
        try:
            return _item(sql, held[place], columns, attachments=attachments)
        except apsw.Error as error:
            raise Unreadable(phrase("The database is damaged: {error}.", error=error)) from None

    log = path.with_name(f"{path.name}-wal")
    waiting = log.exists() and log.stat().st_size > 0
    return Source(
        name=path.name,
        format=llm_logs.FORMAT,
        count=len(held),
        read=read,
        notice=_WAITING if waiting else "",
        close=sql.close,
    )


def _damaged(path: Path, error: apsw.Error) -> TransferError:
    return TransferError(phrase("{name} is not a database that can be read: {error}.", name=path.name, error=error))


def _connected(path: Path) -> Sql:
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    connection = apsw.Connection(address, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    connection.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    connection.set_progress_handler(lambda: True, _PATIENCE)
    sql = Sql(connection)
    sql.pragma("mmap_size", 0)
    sql.pragma("cell_size_check", "on")
    return sql


def _columns(sql: Sql, name: str) -> frozenset[str]:
    """The columns of a plain table; none where there is no such table, or it is a view or a virtual one."""
    made = sql.row("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?", (name,))
    if made is None or str(made[0]).upper().startswith("CREATE VIRTUAL"):
        return frozenset()
    return frozenset(str(row[0]) for row in sql.rows("SELECT name FROM pragma_table_info(?)", (name,)))


def _conversations(sql: Sql, columns: frozenset[str]) -> Sequence[Mapping[str, object]]:
    """Conversations, then responses that belong to none, each one of its own."""
    found: list[Mapping[str, object]] = []
    if {"id", "name", "model"} <= _columns(sql, "conversations") and "conversation_id" in columns:
        rows = sql.rows("SELECT id, name, model FROM conversations ORDER BY id")
        found = [{"id": id_, "name": name, "model": model} for id_, name, model in rows]
        alone = sql.rows("SELECT id, model FROM responses WHERE conversation_id IS NULL ORDER BY id")
    else:
        alone = sql.rows("SELECT id, model FROM responses ORDER BY id")
    return [*found, *({"id": f"response {id_}", "response": id_, "model": model} for id_, model in alone)]


def _item(sql: Sql, entry: Mapping[str, object], columns: frozenset[str], *, attachments: bool) -> Mapping[str, object]:
    names = [name for name in _WANTED if name in columns]
    alone = "response" in entry
    key = str(entry["response"] if alone else entry["id"])
    # Names come from the list above and stand in a plain table: they are no text of the file's.
    where = "id = ?" if alone else "conversation_id = ?"
    order = "datetime_utc, rowid" if "datetime_utc" in names else "rowid"
    rows = sql.rows(f"SELECT {', '.join(names)} FROM responses WHERE {where} ORDER BY {order}", (key,))  # noqa: S608
    responses = [dict(zip(names, row, strict=True)) for row in rows]
    count = 0
    if attachments:
        for each in responses:
            asked = "SELECT count(*) FROM prompt_attachments WHERE response_id = ?"
            count += sql.integer(asked, (str(each.get("id")),)) or 0
    return {**entry, "responses": responses, "attachments": count}
