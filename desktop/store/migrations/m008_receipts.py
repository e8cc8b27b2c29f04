"""Receipts of answers: what was sent for each, and what came back about it."""

from __future__ import annotations

from desktop.store.sqlite.sql import Sql

_SCHEMA = """
CREATE TABLE receipts (
    message INTEGER PRIMARY KEY REFERENCES messages (seq) ON DELETE CASCADE,
    state TEXT NOT NULL            -- JSON: the receipt, with the texts of messages by reference
) STRICT;
"""


def up(sql: Sql) -> None:
    """Add the table: no answer of an earlier version has one."""
    sql.run(_SCHEMA)
