"""Adds tags to conversations."""

from __future__ import annotations

from desktop.store.sqlite.sql import Sql

_SCHEMA = """
CREATE TABLE conversation_tags (
    conversation INTEGER NOT NULL REFERENCES conversations (seq) ON DELETE CASCADE,
    key TEXT NOT NULL,             -- the tag folded: what makes two of them one
    tag TEXT NOT NULL,             -- as it was typed
    PRIMARY KEY (conversation, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX conversation_tags_key ON conversation_tags (key, conversation);
"""


def up(sql: Sql) -> None:
    """Create the table for tags."""
    sql.run(_SCHEMA)
