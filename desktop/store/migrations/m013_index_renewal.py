"""Adds a table that tracks the renewal of the search index, which starts with the newest messages."""

from __future__ import annotations

from desktop.store.sqlite.sql import Sql

_SCHEMA = """
CREATE TABLE index_renewal (
    version INTEGER NOT NULL,       -- of words that rows from the next two on have
    message INTEGER NOT NULL,
    conversation INTEGER NOT NULL
) STRICT;
INSERT INTO index_renewal SELECT iif(EXISTS (SELECT 1 FROM conversations), 1, 2),
    (SELECT min(coalesce(max(seq), 0), {last}) + 1 FROM messages),
    (SELECT min(coalesce(max(seq), 0), {last}) + 1 FROM conversations);
"""

_LAST = 1 << 62
"""Highest ROWID considered, because damaged rows may have any."""


def up(sql: Sql) -> None:
    """Record that the whole index is outdated; it is renewed later."""
    sql.run(_SCHEMA.format(last=_LAST))
