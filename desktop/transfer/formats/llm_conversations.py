"""Conversations in `logs.db` of the command-line program llm, in the tables of any version, read row by row."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

import apsw

from desktop.store.sqlite.sql import Sql
from desktop.transfer.archives.loose_json import number, text

Key = str | int | float | None
Row = Mapping[str, object]


class LogTables:
    """Tables of one database. Every method raises apsw.Error.

    Callers pass names of tables and columns, which are checked against plain tables; no text from the file becomes part
    of a statement. Invalid UTF-8 is decoded to lone surrogates, so that different keys remain different.
    """

    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        self._codec = str(sql.pragma("encoding"))
        self._columns: dict[str, frozenset[str]] = {}

    def columns(self, table: str) -> frozenset[str]:
        """Return the columns of a plain table; none for a view, a virtual table or a missing table."""
        if table not in self._columns:
            made = self._sql.row(
                "SELECT CAST(sql AS BLOB) FROM sqlite_schema WHERE type = 'table' AND name = ?", (table,)
            )
            plain = made is not None and not bytes(made[0]).upper().startswith(b"CREATE VIRTUAL")
            names = self._sql.rows("SELECT CAST(name AS BLOB) FROM pragma_table_info(?)", (table,)) if plain else []
            self._columns[table] = frozenset(str(self._text(row[0])) for row in names)
        return self._columns[table]

    def has(self, table: str, *columns: str) -> bool:
        """Whether there is a plain table with these columns."""
        return bool(self.columns(table)) and set(columns) <= self.columns(table)

    def count(self, table: str) -> int:
        """Return the number of rows."""
        return (self._sql.integer(f'SELECT count(*) FROM "{table}"') or 0) if self.columns(table) else 0  # noqa: S608

    def grouped(self, table: str, column: str) -> Mapping[Key, Sequence[int]]:
        """Return the ROWIDs of a table grouped by the value of a column, both in order."""
        found: defaultdict[Key, list[int]] = defaultdict(list)
        if self.has(table, column):
            asked = f'SELECT rowid, {_cell(column)} FROM "{table}" ORDER BY "{column}", rowid'  # noqa: S608
            for number, key in self._sql.each(asked):
                found[self._text(key)].append(number)
        return found

    def rows(self, table: str, wanted: Sequence[str], numbers: Sequence[int]) -> list[Row]:
        """Return the rows with these ROWIDs, in this order, with those wanted columns that exist."""
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
        """Return the ancestors of turns and threads, with number, hash, parent and role; roots come last."""
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
        # UNION drops duplicates, so that the recursion ends if messages form a cycle.
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
            if self._codec == "UTF-8":
                return cell.decode("utf-8", "surrogateescape")
            return cell.decode(self._codec, "replace")
        return cell if isinstance(cell, (str, int, float)) else None


def _cell(column: str, table: str = "") -> str:
    """Return an SQL expression that selects text as bytes, because SQLite does not check that text is valid UTF-8."""
    name = f'{table}."{column}"' if table else f'"{column}"'
    return f"CASE typeof({name}) WHEN 'text' THEN CAST({name} AS BLOB) ELSE {name} END"


def opened(address: str, patience: int) -> Sql:
    """Open a database read-only, without locks, journals or triggers. Raises apsw.Error."""
    connection = apsw.Connection(address, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    connection.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    connection.set_progress_handler(lambda: True, patience)
    sql = Sql(connection)
    sql.pragma("mmap_size", 0)
    sql.pragma("cell_size_check", "on")
    return sql


_SIDES = ("prompt_fragments", "system_fragments", "tool_calls", "tool_results", "prompt_attachments")
"""Tables with further data of a response, by its id."""

_RESPONSE = (
    "id",
    "model",
    "prompt",
    "system",
    "response",
    "reasoning",
    "options_json",
    "schema_id",
    "duration_ms",
    "datetime_utc",
    "input_tokens",
    "output_tokens",
)
_TURN = (
    "id",
    "parent_message_hash",
    "tip_message_hash",
    "model",
    "options_json",
    "schema_id",
    "duration_ms",
    "datetime_utc",
    "input_tokens",
    "output_tokens",
)
_PART = ("position", "type", "text", "payload")


@dataclass(kw_only=True)
class _Place:
    """ROWIDs of a conversation's rows."""

    id: str
    conversations: Sequence[int] = ()
    threads: Sequence[int] = ()
    responses: list[int] = field(default_factory=list[int])
    turns: list[int] = field(default_factory=list[int])


class LogConversations:
    """Conversations in a log. Each may have rows in the older tables, the newer ones, or both."""

    def __init__(self, tables: LogTables) -> None:
        self._tables = tables
        self._sides = {name: tables.grouped(name, "response_id") for name in _SIDES}
        self._given = tables.grouped("turn_fragments", "turn_id")
        self._parts = tables.grouped("parts", "message_hash")
        self._attached = tables.grouped("part_attachments", "part_id")
        self._borrowed = tables.grouped("part_fragments", "part_id")
        self._attachments = tables.grouped("attachments", "id")
        self._fragments = tables.grouped("fragments", "id")
        self._places = list(self._found())

    def __len__(self) -> int:
        return len(self._places)

    def read(self, place: int) -> Mapping[str, object]:
        """Return the rows of one conversation. Raises apsw.Error."""
        at = self._places[place]
        known = self._tables.rows("conversations", ("name", "model"), at.conversations)
        thread = self._tables.rows("threads", ("name", "tip_message_hash"), at.threads)
        fragments: dict[Key, str] = {}
        return {
            "id": at.id,
            "name": next((named for row in (*known, *thread) if (named := text(row.get("name")))), ""),
            "model": next((text(row.get("model")) for row in known), ""),
            "responses": [
                self._response(row, fragments) for row in self._in_time("responses", _RESPONSE, at.responses)
            ],
            "turns": [self._turn(row, fragments) for row in self._in_time("turns", _TURN, at.turns)],
            "messages": [self._message(row, fragments) for row in self._chain(at)],
            "tip": next((row.get("tip_message_hash") for row in thread), None),
            "fragments": fragments,
        }

    def _found(self) -> Iterator[_Place]:
        """Yield conversations in order of id, then each response without a conversation as one of its own."""
        conversations, threads = self._tables.grouped("conversations", "id"), self._tables.grouped("threads", "id")
        turned = self._tables.grouped("turns", "id")
        responses = self._belonging("responses", "conversation_id", without=turned)
        turns = self._belonging("turns", "thread_id", without={})
        for key in sorted({*conversations, *threads, *responses, *turns} - {None}, key=str):
            yield _Place(
                id=text(key),
                conversations=conversations.get(key, ()),
                threads=threads.get(key, ()),
                responses=responses.get(key, []),
                turns=turns.get(key, []),
            )
        yield from self._alone("responses", responses.get(None, []))
        yield from self._alone("turns", turns.get(None, []))

    def _alone(self, table: str, numbers: Sequence[int]) -> Iterator[_Place]:
        for each, row in zip(numbers, self._tables.rows(table, ("id",), numbers), strict=True):
            if table == "turns":
                yield _Place(id=f"turn {text(row.get('id'))}", turns=[each])
            else:
                yield _Place(id=f"response {text(row.get('id'))}", responses=[each])

    def _belonging(self, table: str, column: str, *, without: Mapping[Key, Sequence[int]]) -> dict[Key, list[int]]:
        """Return ROWIDs by conversation, without those for `without`, which are read elsewhere."""
        ids = self._tables.grouped(table, "id")
        left_out = {each for key in without if key is not None for each in ids.get(key, ())}
        owners = {each: key for key, numbers in self._tables.grouped(table, column).items() for each in numbers}
        found: defaultdict[Key, list[int]] = defaultdict(list)
        for each in (each for numbers in ids.values() for each in numbers):
            if each not in left_out:
                found[owners.get(each)].append(each)
        return dict(found)

    def _in_time(self, table: str, wanted: Sequence[str], numbers: Sequence[int]) -> list[Row]:
        """Return rows sorted by time; rows with equal times are sorted by id, because llm's ids ascend."""
        return sorted(self._tables.rows(table, wanted, numbers), key=lambda row: text(row.get("datetime_utc")))

    def _response(self, row: Row, fragments: dict[Key, str]) -> Row:
        sides = {name: self._sides[name].get(_key(row.get("id")), ()) for name in _SIDES}
        calls = self._tables.rows("tool_calls", ("name", "arguments", "tool_call_id"), sides["tool_calls"])
        return {
            **row,
            "prompt_fragments": self._fragments_of("prompt_fragments", sides["prompt_fragments"], fragments),
            "system_fragments": self._fragments_of("system_fragments", sides["system_fragments"], fragments),
            "tool_calls": calls,
            "tool_results": len(sides["tool_results"]),
            "attachments": self._names("prompt_attachments", sides["prompt_attachments"]),
        }

    def _turn(self, row: Row, fragments: dict[Key, str]) -> Row:
        """Return a turn with the fragments of its system prompt, which messages contain only for the first turn."""
        numbers = self._given.get(_key(row.get("id")), ())
        rows = sorted(self._tables.rows("turn_fragments", ("fragment_id", "order", "kind"), numbers), key=_order)
        ids = [_key(each.get("fragment_id")) for each in rows if each.get("kind") == "system"]
        self._fetch(ids, fragments)
        return {**row, "system_fragments": ids}

    def _fragments_of(self, table: str, numbers: Sequence[int], fragments: dict[Key, str]) -> Sequence[Key]:
        rows = self._tables.rows(table, ("fragment_id", "order"), numbers)
        ids = [_key(row.get("fragment_id")) for row in sorted(rows, key=_order)]
        self._fetch(ids, fragments)
        return ids

    def _fetch(self, ids: Sequence[Key], fragments: dict[Key, str]) -> None:
        for each in ids:
            if each not in fragments:
                rows = self._tables.rows("fragments", ("content",), self._fragments.get(each, ())[:1])
                fragments[each] = text(rows[0].get("content")) if rows else ""

    def _names(self, table: str, numbers: Sequence[int]) -> Sequence[str]:
        """Return the names of attachments: the file name, otherwise the end of the address or the type."""
        rows = sorted(self._tables.rows(table, ("attachment_id", "order"), numbers), key=_order)
        names: list[str] = []
        for row in rows:
            numbered = self._attachments.get(_key(row.get("attachment_id")), ())[:1]
            nothing: Row = {}
            held = next(iter(self._tables.rows("attachments", ("type", "path", "url"), numbered)), nothing)
            where = text(held.get("path")) or text(held.get("url")).partition("?")[0].rstrip("/")
            names.append(PurePath(where.replace("\\", "/")).name or text(held.get("type")))
        return names

    def _chain(self, at: _Place) -> Sequence[Row]:
        return self._tables.chain(at.turns, at.threads) if at.turns or at.threads else ()

    def _message(self, row: Row, fragments: dict[Key, str]) -> Row:
        numbers = self._parts.get(_key(row.get("hash")), ())
        found: list[Row] = []
        for each, part in zip(numbers, self._tables.rows("parts", _PART, numbers), strict=True):
            attached = self._names("part_attachments", self._attached.get(each, ()))
            self._fragments_of("part_fragments", self._borrowed.get(each, ()), fragments)
            found.append({**part, "attachments": attached})
        return {**row, "parts": sorted(found, key=_position)}


def _key(value: object) -> Key:
    return value if isinstance(value, (str, int, float)) else None


def _order(row: Row) -> float:
    return number(row.get("order")) or 0


def _position(row: Row) -> float:
    return number(row.get("position")) or 0
