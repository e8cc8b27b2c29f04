"""Adds references from messages to attachments, and a list of released attachments."""

from __future__ import annotations

from desktop.store.sqlite.sql import Sql

_SCHEMA = """
CREATE TABLE message_files (
    message INTEGER NOT NULL REFERENCES messages (seq) ON DELETE CASCADE,
    sha256 TEXT NOT NULL,          -- of the file's bytes, in hex
    PRIMARY KEY (message, sha256)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_files_sha256 ON message_files (sha256);
CREATE TABLE files_released (
    sha256 TEXT PRIMARY KEY        -- of a file that a deleted message referred to, until it was seen to
) STRICT, WITHOUT ROWID;
CREATE TRIGGER message_files_deleted AFTER DELETE ON message_files BEGIN
    INSERT OR IGNORE INTO files_released (sha256) VALUES (old.sha256);
END;
"""


def up(sql: Sql) -> None:
    """Create the tables. They are empty, because earlier versions have no attachments."""
    sql.run(_SCHEMA)
