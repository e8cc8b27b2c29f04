"""Tags on conversations: one is there as long as a conversation carries it, and case makes no difference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from desktop.domain.conversation_types import Value
from desktop.store.records import index_text, insert, row_mapping
from desktop.store.sqlite.database import Database
from desktop.store.sqlite.sql import Sql

LONGEST = 60
"""Characters of a tag; what is longer is cut off."""

MOST = 2_000
"""So many tags are listed at most, those that most conversations carry."""

_ADD = "INSERT INTO conversation_tags (conversation, key, tag) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"


class TagCount(Value, frozen=True, kw_only=True):
    """A tag, and how many conversations outside the trash carry it."""

    tag: str
    count: int


class Tags:
    """The tags of one database. Every method raises StoreError's tree."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self) -> tuple[TagCount, ...]:
        """As `listed`, also tags that only conversations in the trash carry."""
        return await self._database.read(listed)

    async def add(self, ids: Sequence[str], tag: str) -> None:
        """Put a tag on conversations, on all or none; an empty one is none. Raises ConversationUnknown."""
        await self._database.write(lambda sql: _put_each(sql, ids, tag))

    async def remove(self, ids: Sequence[str], tag: str) -> None:
        """Take a tag off conversations. Raises ConversationUnknown."""

        def job(sql: Sql) -> None:
            """In one transaction. Raises ConversationUnknown, then no conversation loses its tag."""
            pairs = [(insert.known(sql, id_), index_text.folded_name(tag)) for id_ in ids]
            sql.run_each("DELETE FROM conversation_tags WHERE conversation = ? AND key = ?", pairs)

        await self._database.write(job)

    async def rename(self, tag: str, name: str) -> None:
        """Call a tag otherwise wherever it stands; where the other is there too, they become one."""
        if shown(name):
            await self._database.write(lambda sql: _rename(sql, tag, name))

    async def delete(self, tag: str) -> tuple[str, ...]:
        """Take a tag off all conversations; the ids of those that carried it."""
        return await self._database.write(lambda sql: _delete(sql, tag))


def shown(tag: str) -> str:
    """A tag as it is kept: on one line, and not too long."""
    return " ".join(index_text.clean(tag).replace("\0", " ").split())[:LONGEST].strip()


def put(sql: Sql, conversation: int, tags: Iterable[str]) -> None:
    """Put tags on the conversation of a seq."""
    named = [shown(tag) for tag in tags]
    sql.run_each(_ADD, [(conversation, index_text.folded_name(tag), tag) for tag in named if tag])


def put_all(sql: Sql, tags: Mapping[str, Sequence[str]]) -> None:
    """Put tags on conversations by their ids. Raises ConversationUnknown."""
    for id_, names in tags.items():
        put(sql, insert.known(sql, id_), names)


def listed(sql: Sql) -> tuple[TagCount, ...]:
    """The tags, or those of MOST that most conversations carry, in order of the alphabet."""
    found = sql.rows(
        "SELECT tag, count FROM (SELECT t.key, substr(min(t.tag), 1, ?) AS tag, sum(c.trashed_at IS NULL) AS count"
        " FROM conversation_tags t JOIN conversations c ON c.seq = t.conversation"
        " GROUP BY t.key ORDER BY count DESC, t.key LIMIT ?) ORDER BY key",
        (LONGEST, MOST),
    )
    return tuple(TagCount(tag=row_mapping.text_of(tag), count=count) for tag, count in found)


def _put_each(sql: Sql, ids: Sequence[str], tag: str) -> None:
    for id_ in ids:
        put(sql, insert.known(sql, id_), [tag])


def _rename(sql: Sql, tag: str, name: str) -> None:
    sql.run(
        "UPDATE OR REPLACE conversation_tags SET key = ?, tag = ? WHERE key = ?",
        (index_text.folded_name(shown(name)), shown(name), index_text.folded_name(tag)),
    )


def _delete(sql: Sql, tag: str) -> tuple[str, ...]:
    key = (index_text.folded_name(tag),)
    carried = sql.rows(
        "SELECT c.id FROM conversation_tags t JOIN conversations c ON c.seq = t.conversation WHERE t.key = ?", key
    )
    sql.run("DELETE FROM conversation_tags WHERE key = ?", key)
    return tuple(id_ for (id_,) in carried)
