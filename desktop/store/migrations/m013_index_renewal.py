"""How far the words for the search are those of this version: they are made anew in slices, the newest first."""

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
"""The highest number that is read: of a damaged or a foreign row it may be any."""


def up(sql: Sql) -> None:
    """Note that all words are of an earlier version, where there are any; nothing is made anew yet."""
    sql.run(_SCHEMA.format(last=_LAST))
