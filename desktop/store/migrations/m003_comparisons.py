"""Adds comparisons."""

from __future__ import annotations

from desktop.store.sqlite.sql import Sql

_SCHEMA = """
CREATE TABLE comparisons (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    created_at INTEGER NOT NULL,   -- milliseconds UTC
    updated_at INTEGER NOT NULL,
    trashed_at INTEGER,
    state TEXT NOT NULL            -- JSON: panes, rule, arrangement, draft
) STRICT;
CREATE INDEX comparisons_recent ON comparisons (updated_at, seq) WHERE trashed_at IS NULL;
"""


def up(sql: Sql) -> None:
    """Create the table for comparisons."""
    sql.run(_SCHEMA)
