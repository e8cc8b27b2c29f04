"""Tags of conversations. A tag exists as long as a conversation has it; case is ignored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from desktop.domain.conversation_types import Value
from desktop.store.records import index_text, insert, row_mapping
from desktop.store.sqlite.database import Database
from desktop.store.sqlite.sql import Sql

LONGEST = 60
"""Maximum length of a tag; longer ones are truncated."""

MOST = 2_000
"""Maximum number of tags listed. If there are more, the most frequent ones are listed."""

_ADD = "INSERT INTO conversation_tags (conversation, key, tag) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"


class TagCount(Value, frozen=True, kw_only=True):
    """A tag with the number of its conversations outside the trash."""

    tag: str
    count: int


class Tags:
    """Tags stored in one database. All methods may raise StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self) -> tuple[TagCount, ...]:
        """Return all tags, including those of conversations in the trash."""
        return await self._database.read(listed)

    async def add(self, ids: Sequence[str], tag: str) -> None:
        """Add a tag to conversations: to all of them or, on failure, to none. An empty tag is ignored.

        Raises:
            ConversationUnknown: If an id is unknown.
        """
        await self._database.write(lambda sql: _put_each(sql, ids, tag))

    async def remove(self, ids: Sequence[str], tag: str) -> None:
        """Remove a tag from conversations.

        Raises:
            ConversationUnknown: If an id is unknown.
        """

        def job(sql: Sql) -> None:
            pairs = [(insert.known(sql, id_), index_text.folded_name(tag)) for id_ in ids]
            sql.run_each("DELETE FROM conversation_tags WHERE conversation = ? AND key = ?", pairs)

        await self._database.write(job)

    async def rename(self, tag: str, name: str) -> None:
        """Rename a tag everywhere. If the new name exists, the tags are merged."""
        if shown(name):
            await self._database.write(lambda sql: _rename(sql, tag, name))

    async def delete(self, tag: str) -> tuple[str, ...]:
        """Remove a tag from all conversations, and return their ids."""
        return await self._database.write(lambda sql: _delete(sql, tag))


def shown(tag: str) -> str:
    """Normalize a tag to one line, truncated to the maximum length."""
    return " ".join(index_text.clean(tag).replace("\0", " ").split())[:LONGEST].strip()


def put(sql: Sql, conversation: int, tags: Iterable[str]) -> None:
    """Add tags to a conversation by its ROWID."""
    named = [shown(tag) for tag in tags]
    sql.run_each(_ADD, [(conversation, index_text.folded_name(tag), tag) for tag in named if tag])


def put_all(sql: Sql, tags: Mapping[str, Sequence[str]]) -> None:
    """Add tags to conversations by their ids.

    Raises:
        ConversationUnknown: If an id is unknown.
    """
    for id_, names in tags.items():
        put(sql, insert.known(sql, id_), names)


def listed(sql: Sql) -> tuple[TagCount, ...]:
    """Return tags in alphabetical order; if there are too many, only the most frequent ones."""
    counted_tags = sql.rows(
        "SELECT tag, count FROM (SELECT t.key, substr(min(t.tag), 1, ?) AS tag, sum(c.trashed_at IS NULL) AS count"
        " FROM conversation_tags t JOIN conversations c ON c.seq = t.conversation"
        " GROUP BY t.key ORDER BY count DESC, t.key LIMIT ?) ORDER BY key",
        (LONGEST, MOST),
    )
    return tuple(TagCount(tag=row_mapping.text_of(tag), count=count) for tag, count in counted_tags)


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
