"""Search filters as SQL conditions on messages `m` and conversations `c`."""

from __future__ import annotations

import json
from collections.abc import Sequence

from msgspec import Struct

from desktop.domain.conversation_types import ModelRef
from desktop.store.records import index_text, row_mapping
from desktop.store.search.query import Query
from desktop.store.sqlite.sql import Cell, Sql

_FEW, _MANY = 300, 8_000
# Messages exclude a list of trashed conversations; conversations have an indexed column.
_KEPT = "{of} NOT IN (SELECT seq FROM conversations WHERE trashed_at IS NOT NULL)"


class Where(Struct, frozen=True):
    """A condition with its values; `{of}` is the placeholder for the column that contains the conversation.

    `few` is whether some hundred conversations match, `many` whether thousands match; both select the query plan.
    """

    text: str = "TRUE"
    values: tuple[Cell, ...] = ()
    few: bool = False
    many: bool = False

    def __and__(self, other: Where) -> Where:
        text, values = f"{self.text} AND {other.text}", (*self.values, *other.values)
        return Where(text, values, self.few or other.few, self.many or other.many)

    def on(self, column: str) -> str:
        """Return the condition for a column that contains the conversation."""
        text = self.text.replace(_KEPT, "c.trashed_at IS NULL") if column == "c.seq" else self.text
        return text.replace("{of}", column)

    def on_found(self) -> str:
        """Return the condition for conversations that were found otherwise, so that no index is used for it."""
        return f"c.trashed_at IS NULL AND {self.text.replace(_KEPT, 'TRUE').replace('{of}', '+c.seq')}"

    def on_newest(self) -> str:
        """Return the condition for the newest conversations, which are scanned by time if many match."""
        return self.on_found() if self.many else self.on("c.seq")


def messages(query: Query) -> Where:
    """Return the conditions on messages."""
    where = Where()
    if query.roles:
        where &= Where("m.role IN (SELECT value FROM json_each(?))", (json.dumps(sorted(query.roles)),))
    if query.since is not None:
        where &= Where("m.created_at >= ?", (row_mapping.to_ms(query.since),))
    if query.until is not None:
        where &= Where("m.created_at < ?", (row_mapping.to_ms(query.until),))
    if query.code:
        where &= Where("instr(m.parts, '```') > 0")
    return where


def conversations(sql: Sql, query: Query) -> Where:
    """Return the conditions on conversations, excluding the trash."""
    if not query.filters_conversations:
        return Where(_KEPT)
    where = Where("c.trashed_at IS NULL")
    if query.models or query.connections:
        where &= _models(sql, query)
    if query.pinned:
        where &= Where("c.pinned_at IS NOT NULL")
    if query.archived:
        where &= Where("c.archived_at IS NOT NULL")
    if query.tags:
        where &= _tagged(sql, query)
    # Counted once, to determine whether they are few.
    seqs = [seq for (seq,) in sql.rows(f"SELECT c.seq FROM conversations c WHERE {where.text}", where.values)]  # noqa: S608
    return Where("{of} IN (SELECT value FROM json_each(?))", (json.dumps(seqs),), len(seqs) <= _FEW, len(seqs) > _MANY)


def _models(sql: Sql, query: Query) -> Where:
    known = sql.rows("SELECT DISTINCT connection, model FROM conversations WHERE trashed_at IS NULL")
    refs = [ModelRef(connection=connection, name=name) for connection, name in known]
    meant = [ref for ref in refs if _is_meant(ref, query)]
    return Where(
        "(c.connection, c.model) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))",
        (json.dumps([[ref.connection, ref.name] for ref in meant]),),
    )


def _is_meant(ref: ModelRef, query: Query) -> bool:
    return (not query.models or any(name.fits(ref.name, str(ref)) for name in query.models)) and (
        not query.connections or any(name.fits(ref.connection) for name in query.connections)
    )


def _tagged(sql: Sql, query: Query) -> Where:
    known: Sequence[tuple[str]] = sql.rows("SELECT DISTINCT key FROM conversation_tags")
    keys = [key for (key,) in known if any(name.fits(index_text.folded_name(key)) for name in query.tags)]
    return Where(
        "c.seq IN (SELECT conversation FROM conversation_tags WHERE key IN (SELECT value FROM json_each(?)))",
        (json.dumps(keys),),
    )
