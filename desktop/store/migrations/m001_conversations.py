"""Initial schema: conversations, message trees, journal of streaming responses, search index."""

from __future__ import annotations

from desktop.store.sqlite.sql import Sql

_SCHEMA = """
PRAGMA application_id = 0x50417261;  -- "PAra"

CREATE TABLE conversations (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    words TEXT NOT NULL,           -- the title as the index takes it
    connection TEXT NOT NULL,
    model TEXT NOT NULL,
    created_at INTEGER NOT NULL,   -- milliseconds UTC, as everywhere
    updated_at INTEGER NOT NULL,
    trashed_at INTEGER,
    current INTEGER,               -- the leaf that is shown
    system TEXT NOT NULL,
    parameters TEXT NOT NULL,      -- JSON
    FOREIGN KEY (seq, current) REFERENCES messages (conversation, seq) DEFERRABLE INITIALLY DEFERRED
) STRICT;
CREATE INDEX conversations_recent ON conversations (updated_at, seq) WHERE trashed_at IS NULL;
CREATE INDEX conversations_model ON conversations (connection, model, updated_at, seq) WHERE trashed_at IS NULL;

CREATE TABLE messages (
    seq INTEGER PRIMARY KEY,       -- the order of creation
    id TEXT NOT NULL UNIQUE,
    conversation INTEGER NOT NULL REFERENCES conversations (seq),
    parent INTEGER,
    role TEXT NOT NULL,
    status TEXT NOT NULL,
    run TEXT,                      -- the run that receives it, while it streams
    created_at INTEGER NOT NULL,
    facts TEXT NOT NULL,           -- JSON: model, usage, figures, problem
    parts TEXT NOT NULL,           -- JSON
    words TEXT NOT NULL,           -- text and reasoning as the index takes them
    UNIQUE (conversation, seq),
    FOREIGN KEY (conversation, parent) REFERENCES messages (conversation, seq)
) STRICT;
CREATE INDEX messages_parent ON messages (conversation, parent);
CREATE INDEX messages_streaming ON messages (run) WHERE status = 'streaming';

CREATE TABLE journal (
    seq INTEGER PRIMARY KEY,
    message INTEGER NOT NULL REFERENCES messages (seq) ON DELETE CASCADE,
    kind TEXT NOT NULL,            -- text or reasoning
    text TEXT NOT NULL
) STRICT;
CREATE INDEX journal_message ON journal (message, seq);
"""

INDEXED = ("conversations", "messages")
INDEX = """
CREATE VIRTUAL TABLE {table}_index USING fts5 (
    words, content = '{table}', content_rowid = 'seq', tokenize = "unicode61 remove_diacritics 2"
);
INSERT INTO {table}_index ({table}_index, rank) VALUES ('secure-delete', 1);
"""
"""Statement that creates the full-text index of a table's words with secure deletion."""

_TRIGGERS = """
CREATE TRIGGER {table}_indexed AFTER INSERT ON {table} BEGIN
    INSERT INTO {table}_index (rowid, words) VALUES (new.seq, new.words);
END;
CREATE TRIGGER {table}_unindexed AFTER DELETE ON {table} BEGIN
    INSERT INTO {table}_index ({table}_index, rowid, words) VALUES ('delete', old.seq, old.words);
END;
CREATE TRIGGER {table}_reindexed AFTER UPDATE OF words ON {table} BEGIN
    INSERT INTO {table}_index ({table}_index, rowid, words) VALUES ('delete', old.seq, old.words);
    INSERT INTO {table}_index (rowid, words) VALUES (new.seq, new.words);
END;
"""


def up(sql: Sql) -> None:
    """Create tables, indexes, and triggers for the search index."""
    sql.run(_SCHEMA)
    for table in INDEXED:
        sql.run((INDEX + _TRIGGERS).format(table=table))
