"""Finds messages by their words, their conversation's title and filters, quickly whatever the store holds."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from desktop.domain import now
from desktop.store import row_mapping
from desktop.store.search import query as queries
from desktop.store.search import snippet as snippets
from desktop.store.search.newest_texts import NewestTexts
from desktop.store.search.query import Query
from desktop.store.search.search_hit import SearchHit
from desktop.store.search.seeker import FoundMessage, Seeker
from desktop.store.sqlite.database import Database
from desktop.store.sqlite.sql import Sql

_MESSAGES = (
    f"SELECT m.seq, m.id, m.parts, m.created_at, c.seq, {row_mapping.SUMMARY} FROM messages m"  # noqa: S608 - only constants
    " JOIN conversations c ON c.seq = m.conversation WHERE m.seq IN (SELECT value FROM json_each(?))"
)
_CONVERSATIONS = (
    f"SELECT 0, '', NULL, NULL, c.seq, {row_mapping.SUMMARY} FROM conversations c"  # noqa: S608 - only constants
    " WHERE c.seq IN (SELECT value FROM json_each(?))"
)
_TYPING_S = 20.0
"""After so long without another search nobody types any more."""


class Search:
    """Full-text search over one database."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._clock = clock
        self._newest = NewestTexts()
        self._forgetting: asyncio.TimerHandle | None = None

    async def search(self, text: str, limit: int = 50) -> tuple[SearchHit, ...]:
        """At most `limit` messages, newest first, that hold every word of `text`, the last one as a beginning.

        Case and diacritics do not count; there is no query syntax but phrases in quotes and filters (see `query`). A
        word may stand in the title instead; a title that is just `text` comes first. A conversation found by its title
        alone, or by filters of conversations alone, is one hit: its current leaf (an empty `message_id` where it has no
        message). Answers that still stream, and the trash, are not found. A search that nobody awaits any more ends
        early.
        """
        at = self._clock().astimezone()
        query = queries.parse(text, at)
        if query.is_empty:
            return ()
        given_up = threading.Event()

        def job(sql: Sql) -> tuple[SearchHit, ...]:
            """On the reader's thread, where a search that nobody waits for any more ends at once."""
            found: tuple[SearchHit, ...] = ()
            for loosely in (False, True):
                if not found and not given_up.is_set():
                    asked = queries.parse(text, at, loosely=True) if loosely else query
                    found = _search(sql, asked, limit, given_up.is_set, self._newest)
            return found

        try:
            return await self._database.read(job)
        except asyncio.CancelledError:
            given_up.set()
            raise
        finally:
            self._forget_soon()

    def _forget_soon(self) -> None:
        if self._forgetting is not None:
            self._forgetting.cancel()
        self._forgetting = asyncio.get_running_loop().call_later(_TYPING_S, self._newest.forget)


def _search(
    sql: Sql, query: Query, limit: int, given_up: Callable[[], bool], newest: NewestTexts
) -> tuple[SearchHit, ...]:
    found = Seeker(sql, query, limit, given_up, newest).find()
    sought = [term.marked for term in query.terms]
    hits = {
        **_hits(sql, _MESSAGES, [each.message for each in found if each.message], sought),
        **_hits(sql, _CONVERSATIONS, [-each.conversation for each in found if not each.message], sought),
    }
    # What the index alone has is damage, which keeps nothing else from being found.
    return tuple(hits[_key(each)] for each in found if _key(each) in hits)


def _key(found: FoundMessage) -> int:
    return found.message or -found.conversation


def _hits(sql: Sql, statement: str, seqs: Sequence[int], sought: Sequence[snippets.Marked]) -> dict[int, SearchHit]:
    """What is shown of each message or conversation; read one by one, since each may be some megabytes."""
    if not seqs:
        return {}
    read = sql.each(statement, (json.dumps([abs(seq) for seq in seqs]),))
    return {row[0] or -row[4]: _hit(row, sought) for row in read}


def _hit(row: tuple[Any, ...], sought: Sequence[snippets.Marked]) -> SearchHit:
    _, message_id, parts, at, _, *columns = row
    (summary,) = row_mapping.summaries([tuple(columns)])
    said = row_mapping.plain(row_mapping.readable(row_mapping.text_of(parts))) if parts else ""
    snippet, marks = snippets.excerpt(said, sought)
    return SearchHit(
        conversation=summary,
        message_id=message_id,
        snippet=snippet,
        marks=marks,
        at=None if at is None else row_mapping.from_ms(at),
    )
