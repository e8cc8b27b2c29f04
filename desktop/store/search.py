"""Finds messages that hold all the words searched for, in their text or their conversation's title."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from desktop.domain import SearchHit
from desktop.store import rows, words
from desktop.store.database import Database
from desktop.store.sql import Sql

_COLUMNS = (
    "SELECT m.seq, m.id, m.parts, m.created_at, c.seq, c.id, c.title, c.connection, c.model, c.updated_at,"
    " c.pinned_at, c.archived_at,"
    " (SELECT count(*) FROM messages WHERE conversation = c.seq)"
)
_NEWEST_FIRST = " ORDER BY m.created_at DESC, m.seq DESC LIMIT ?"
# What is sorted is only a number a message: the rest is read of those that are shown.
_MATCHING = (
    "SELECT m.seq FROM messages_index JOIN messages m ON m.seq = messages_index.rowid"
    " JOIN conversations c ON c.seq = m.conversation"
    " WHERE messages_index MATCH ? AND c.trashed_at IS NULL"
)
_WITHIN = " AND m.conversation IN (SELECT value FROM json_each(?))"
_LEAVES = (
    f"{_COLUMNS} FROM conversations c LEFT JOIN messages m ON m.seq = c.current"  # noqa: S608 - only constants
    " WHERE c.trashed_at IS NULL AND c.seq IN (SELECT value FROM json_each(?))"
)


class _Found(NamedTuple):
    seq: int | None
    id: str | None
    parts: str | None
    created_at: int | None
    conversation: int
    conversation_id: str
    title: str
    connection: str
    model: str
    updated_at: int
    pinned_at: int | None
    archived_at: int | None
    messages: int


class Search:
    """Full-text search over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def search(self, text: str, limit: int = 50) -> tuple[SearchHit, ...]:
        """At most `limit` messages, newest first, that hold every word of `text`, the last one as a beginning.

        Case and diacritics do not count; words are taken as they stand, there is no query syntax. A word may stand
        in the title instead. A conversation found by its title alone is one hit: its current leaf (an empty
        `message_id` where it has no message). Answers that still stream, and the trash, are not found.
        """
        expressions = tuple(dict.fromkeys(words.expressions(text)))
        if not expressions:
            return ()
        found = await self._database.read(lambda sql: _find(sql, expressions, limit))
        return tuple(_hit(row, text) for row in found)


def _find(sql: Sql, expressions: Sequence[str], limit: int) -> list[_Found]:
    found = _messages(sql, _MATCHING, (_all_of(expressions), limit))
    hit = {row.conversation for row in found}
    titled: list[_Found] = []
    for matched, conversations in _titles(sql, expressions).items():
        rest = [expression for place, expression in enumerate(expressions) if place not in matched]
        within = json.dumps(conversations)
        if rest:
            titled += _messages(sql, _MATCHING + _WITHIN, (_all_of(rest), within, limit))
        else:
            leaves = (_Found(*row) for row in sql.rows(_LEAVES + _NEWEST_FIRST, (within, limit)))
            titled.extend(leaf for leaf in leaves if leaf.conversation not in hit)
    unique = {(row.conversation, row.seq): row for row in (*found, *titled)}
    return sorted(unique.values(), key=lambda row: (row.created_at or row.updated_at, row.seq or 0), reverse=True)[
        :limit
    ]


def _messages(sql: Sql, matching: str, values: Sequence[str | int]) -> list[_Found]:
    """The newest messages that a query gives, in no order."""
    query = (
        f"{_COLUMNS} FROM messages m JOIN conversations c ON c.seq = m.conversation"
        f" WHERE m.seq IN ({matching}{_NEWEST_FIRST})"
    )
    return [_Found(*row) for row in sql.rows(query, values)]


def _titles(sql: Sql, expressions: Sequence[str]) -> dict[frozenset[int], list[int]]:
    """Conversations by which of the words their titles hold, at least one of them."""
    matched: defaultdict[int, set[int]] = defaultdict(set)
    for place, expression in enumerate(expressions):
        for (seq,) in sql.rows(
            "SELECT rowid FROM conversations_index WHERE conversations_index MATCH ?", (expression,)
        ):
            matched[seq].add(place)
    found: defaultdict[frozenset[int], list[int]] = defaultdict(list)
    for seq, places in matched.items():
        found[frozenset(places)].append(seq)
    return found


def _all_of(expressions: Sequence[str]) -> str:
    return " AND ".join(expressions)


def _hit(row: _Found, text: str) -> SearchHit:
    said = rows.plain(rows.parts(row.parts)) if row.parts else ""
    return SearchHit(
        conversation=rows.summary(
            row.conversation_id,
            row.title,
            row.connection,
            row.model,
            row.updated_at,
            row.pinned_at,
            row.archived_at,
            row.messages,
        ),
        message_id=row.id or "",
        snippet=words.snippet(said, text),
    )
