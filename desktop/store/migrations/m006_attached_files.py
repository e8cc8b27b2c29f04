"""Which files messages refer to, so that those to which nothing refers any more can be told."""

from __future__ import annotations

from desktop.store.sqlite.sql import Sql

_SCHEMA = """
CREATE TABLE message_files (
    message INTEGER NOT NULL REFERENCES messages (seq) ON DELETE CASCADE,
    sha256 TEXT NOT NULL,          -- of the file's bytes, in hex
    PRIMARY KEY (message, sha256)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_files_sha256 ON message_files (sha256);
"""


def up(sql: Sql) -> None:
    """Add the table: no message of an earlier version had files."""
    sql.run(_SCHEMA)
