"""Grouped lists of conversations: the newest of each group and the counts, but never all of a large store."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec

from desktop.domain.conversation_types import ConversationSummary, ModelRef, Value
from desktop.store.records import index_text, row_mapping, tags
from desktop.store.records.tags import TagCount
from desktop.store.sqlite.database import Database
from desktop.store.sqlite.sql import Sql

WHOLE = 1_000
"""Maximum number of conversations for which all are listed."""

_AT_FIRST = 600  # of more than that so many in all, shared by the groups
_LEAST = 20  # of a group
_SIDE = 200  # of the pinned, the archived and the trashed
MOST_MODELS = 200
"""Maximum number of groups by model; the remaining models share one group."""

_SUMMARY = f"SELECT {row_mapping.SUMMARY} FROM conversations c"  # noqa: S608 - only constants
_APART = "c.seq NOT IN (SELECT value FROM json_each(?))"
_LISTED = f"{_APART} AND c.trashed_at IS NULL AND c.archived_at IS NULL AND c.pinned_at IS NULL"
_PAIRS = "SELECT value ->> 0, value ->> 1 FROM json_each(?)"
_NEWEST_FIRST = " ORDER BY c.updated_at DESC, c.seq DESC LIMIT ?"

_ARCHIVED = """
SELECT (SELECT count(*) FROM conversations WHERE archived_at IS NOT NULL)
    - (SELECT count(*) FROM conversations WHERE archived_at IS NOT NULL AND trashed_at IS NOT NULL)
"""
"""Query that counts archived conversations from two indexes without reading rows."""

_LATEST = """
    SELECT c.seq FROM conversations c WHERE c.trashed_at IS NULL{}
    ORDER BY c.connection DESC, c.model DESC, c.updated_at DESC, c.seq DESC LIMIT 1
"""
_MODELS = f"""
WITH RECURSIVE latest(seq) AS (
    SELECT * FROM ({_LATEST.format("")})
    UNION ALL SELECT coalesce(
        ({_LATEST.format(" AND c.connection = p.connection AND c.model < p.model")}),
        ({_LATEST.format(" AND c.connection < p.connection")})
    ) FROM latest JOIN conversations p USING (seq) LIMIT ?
)
SELECT c.connection, c.model FROM latest JOIN conversations c USING (seq) ORDER BY c.updated_at DESC, c.seq DESC
"""  # noqa: S608 - only constants
"""Query for models by their latest conversation, which jumps through the index."""

_MANY_MODELS = """
SELECT c.connection, c.model FROM conversations c WHERE c.trashed_at IS NULL
GROUP BY c.connection, c.model ORDER BY max(c.updated_at) DESC, max(c.seq) DESC LIMIT ?
"""
"""Query for models when there are so many that scanning the index is faster."""

Periods = Callable[[datetime], Sequence[datetime]]
"""Returns the starts of periods, newest first, for the time of the oldest conversation."""

PINNED, ARCHIVE, TRASH, OTHERS = "pinned", "archive", "trash", "others"
"""Keys of fixed groups. Other keys are a model's `connection/name` or the start of a period in milliseconds."""


class ConversationGroup(Value, frozen=True, kw_only=True):
    """The newest of `count` conversations of a model, of a period, or of all remaining models."""

    key: str
    count: int
    conversations: tuple[ConversationSummary, ...]
    model: ModelRef | None = None
    since: datetime | None = None


class Wanted(Value, frozen=True, kw_only=True):
    """Conversations to list. `most` has the maximum per group key; `also` are ids of further conversations.

    `within` are the ids of chats that lists show only within a comparison, so no group contains them.
    """

    archive: bool = False
    trash: bool = False
    most: Mapping[str, int] = msgspec.field(default_factory=dict[str, int])
    also: tuple[str, ...] = ()
    within: tuple[str, ...] = ()


class Listing(Value, frozen=True, kw_only=True):
    """A grouped list. `also` are the conversations requested by id.

    `models` are those of all conversations outside the trash, most recent first.
    """

    pinned: ConversationGroup
    groups: tuple[ConversationGroup, ...]
    archive: ConversationGroup
    trash: ConversationGroup
    also: tuple[ConversationSummary, ...] = ()
    tags: tuple[TagCount, ...] = ()
    models: tuple[ModelRef, ...] = ()
    thrown: frozenset[str] = frozenset()


class Listings:
    """Reads grouped lists from one database. Methods may raise StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_model(self, wanted: Wanted) -> Listing:
        """Return groups by model, most recent first."""
        return await self._database.read(lambda sql: _Reading(sql, wanted).listing(_by_model))

    async def by_date(self, wanted: Wanted, periods: Periods) -> Listing:
        """Return groups by period. Empty groups are omitted."""
        return await self._database.read(
            lambda sql: _Reading(sql, wanted).listing(lambda reading: _by_date(reading, periods))
        )

    async def titled(self, words: Sequence[str], most: int) -> tuple[ConversationSummary, ...]:
        """Return the newest conversations whose titles contain all words, ignoring case."""
        return await self._database.read(lambda sql: _titled(sql, [word.casefold() for word in words], most))


def _titled(sql: Sql, words: Sequence[str], most: int) -> tuple[ConversationSummary, ...]:
    newest = sql.each(
        "SELECT c.seq, c.title FROM conversations c WHERE c.trashed_at IS NULL AND c.title IS NOT NULL"
        " ORDER BY c.updated_at DESC, c.seq DESC"
    )
    # SQLite's LIKE ignores case only for ASCII
    fitting = (seq for seq, title in newest if all(word in folded for folded in (title.casefold(),) for word in words))
    found = [*islice(fitting, most)]
    return row_mapping.summaries(row for seq in found for row in sql.rows(f"{_SUMMARY} WHERE c.seq = ?", (seq,)))


class _Reading:
    def __init__(self, sql: Sql, wanted: Wanted) -> None:
        self.sql = sql
        self._wanted = wanted
        asked = "SELECT seq, id, trashed_at FROM conversations WHERE id IN (SELECT value FROM json_each(?))"
        ids = [index_text.clean(each) for each in wanted.within]
        found = sql.rows(asked, (json.dumps(ids),)) if ids else ()
        self.within = json.dumps([seq for seq, _, _ in found])
        """The numbers of the chats that stand within comparisons, for `_APART`."""
        self._thrown = frozenset(row_mapping.text_of(id_) for _, id_, at in found if at is not None)

    def listing(self, grouped: Callable[[_Reading], list[ConversationGroup]]) -> Listing:
        """Return the complete list, read from one snapshot."""
        archived = "c.archived_at IS NOT NULL AND c.trashed_at IS NULL"
        return Listing(
            pinned=self._side(PINNED, "c.pinned_at IS NOT NULL AND c.archived_at IS NULL AND c.trashed_at IS NULL"),
            groups=tuple(grouped(self)),
            archive=self._side(ARCHIVE, archived, shown=self._wanted.archive, counting=_ARCHIVED),
            trash=self._side(TRASH, f"{_APART} AND c.trashed_at IS NOT NULL", self.within, shown=self._wanted.trash),
            also=self._named(self._wanted.also),
            tags=tags.listed(self.sql),
            models=self._models(),
            thrown=self._thrown,
        )

    def group(
        self,
        key: str,
        where: str,
        values: Sequence[str | int],
        count: int,
        most: int,
        **of: Any,  # noqa: ANN401
    ) -> ConversationGroup:
        """Return the newest conversations of a group."""
        limit = max(most, self._wanted.most.get(key, 0))
        found = self.sql.rows(f"{_SUMMARY} WHERE {where}{_NEWEST_FIRST}", (*values, limit))
        return ConversationGroup(key=key, count=count, conversations=row_mapping.summaries(found), **of)

    def _models(self) -> tuple[ModelRef, ...]:
        found: Sequence[tuple[str, str]] = self.sql.rows(_MODELS, (MOST_MODELS + 1,))
        if len(found) > MOST_MODELS:
            found = self.sql.rows(_MANY_MODELS, (MOST_MODELS,))
        return tuple(row_mapping.model_ref(connection, name) for connection, name in found)

    def _side(self, key: str, where: str, *values: str, shown: bool = True, counting: str = "") -> ConversationGroup:
        count = self.sql.integer(counting or f"SELECT count(*) FROM conversations c WHERE {where}", values) or 0  # noqa: S608
        return (
            self.group(key, where, values, count, _SIDE)
            if shown
            else ConversationGroup(key=key, count=count, conversations=())
        )

    def _named(self, ids: Sequence[str]) -> tuple[ConversationSummary, ...]:
        found = (self.sql.rows(f"{_SUMMARY} WHERE c.id = ?", (index_text.clean(id_),)) for id_ in ids)
        return row_mapping.summaries(row for each in found for row in each)


def _by_model(reading: _Reading) -> list[ConversationGroup]:
    counted: Sequence[tuple[str, str, int, int]] = reading.sql.rows(
        f"SELECT c.connection, c.model, count(*), max(c.updated_at) FROM conversations c WHERE {_LISTED}"  # noqa: S608
        " GROUP BY c.connection, c.model ORDER BY max(c.updated_at) DESC, c.connection, c.model LIMIT ?",
        (reading.within, MOST_MODELS),
    )
    own = sum(count for _, _, count, _ in counted)
    total = own
    if len(counted) == MOST_MODELS:
        total = reading.sql.integer(f"SELECT count(*) FROM conversations c WHERE {_LISTED}", (reading.within,)) or 0  # noqa: S608
    most = _share(total, len(counted))
    where = f"{_LISTED} AND c.connection = ? AND c.model = ?"
    groups: list[ConversationGroup] = []
    for connection, name, count, _ in counted:
        ref = row_mapping.model_ref(connection, name)
        groups.append(reading.group(str(ref), where, (reading.within, connection, name), count, most, model=ref))
    if total > own:
        named = json.dumps([(connection, name) for connection, name, _, _ in counted])
        others = f"{_LISTED} AND (c.connection, c.model) NOT IN ({_PAIRS})"
        groups.append(reading.group(OTHERS, others, (reading.within, named), total - own, most))
    return groups


def _by_date(reading: _Reading, periods: Periods) -> list[ConversationGroup]:
    within = reading.within
    asked = f"SELECT c.updated_at FROM conversations c WHERE {_LISTED} ORDER BY c.updated_at LIMIT 1"  # noqa: S608
    oldest = reading.sql.row(asked, (within,))
    if oldest is None:
        return []
    end = 1 << 62
    counted: list[tuple[datetime, int, int, int]] = []
    where = f"{_LISTED} AND c.updated_at >= ? AND c.updated_at < ?"
    first = row_mapping.number_of(oldest[0])
    starts = periods(row_mapping.from_ms(first))
    for since in starts:
        start = row_mapping.to_ms(since) if since is not starts[-1] else min(row_mapping.to_ms(since), first)
        count = reading.sql.integer(f"SELECT count(*) FROM conversations c WHERE {where}", (within, start, end)) or 0  # noqa: S608
        if count:
            counted.append((since, start, end, count))
        end = start
    most = _share(sum(count for *_, count in counted), len(counted))
    return [
        reading.group(str(start), where, (within, start, end), count, most, since=since)
        for since, start, end, count in counted
    ]


def _share(total: int, groups: int) -> int:
    """Return how many conversations of each group are listed."""
    return WHOLE if total <= WHOLE else max(_LEAST, _AT_FIRST // max(groups, 1))
