"""Adds columns for pinned and archived conversations."""

from __future__ import annotations

from desktop.store.sqlite.sql import Sql

_SCHEMA = """
ALTER TABLE conversations ADD COLUMN pinned_at INTEGER;    -- milliseconds UTC; NULL where it is not pinned
ALTER TABLE conversations ADD COLUMN archived_at INTEGER;  -- likewise
"""


def up(sql: Sql) -> None:
    """Add the columns."""
    sql.run(_SCHEMA)
