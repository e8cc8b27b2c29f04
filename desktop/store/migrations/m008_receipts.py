"""Adds receipts of responses."""

from __future__ import annotations

from desktop.store.sqlite.sql import Sql

_SCHEMA = """
CREATE TABLE receipts (
    message INTEGER PRIMARY KEY REFERENCES messages (seq) ON DELETE CASCADE,
    state TEXT NOT NULL            -- JSON: the receipt, with the texts of messages by reference
) STRICT;
"""


def up(sql: Sql) -> None:
    """Create the table for receipts; earlier responses have none."""
    sql.run(_SCHEMA)
