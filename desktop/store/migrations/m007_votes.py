"""Adds votes and blind rounds."""

from __future__ import annotations

from desktop.store.sqlite.sql import Sql

_SCHEMA = """
CREATE TABLE votes (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,           -- milliseconds UTC, as everywhere
    comparison TEXT,               -- the id of the comparison that it was given in
    state TEXT NOT NULL            -- JSON: the vote
) STRICT;
CREATE INDEX votes_at ON votes (at);
CREATE INDEX votes_comparison ON votes (comparison) WHERE comparison IS NOT NULL;

CREATE TABLE vote_answers (
    vote INTEGER NOT NULL REFERENCES votes (seq) ON DELETE CASCADE,
    message TEXT NOT NULL,         -- the id of an answer that was voted on
    PRIMARY KEY (vote, message)
) STRICT, WITHOUT ROWID;
CREATE INDEX vote_answers_message ON vote_answers (message);

CREATE TABLE rounds (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    cost REAL NOT NULL,            -- US dollars of its answers so far
    state TEXT NOT NULL            -- JSON: the round with its conversations
) STRICT;
"""


def up(sql: Sql) -> None:
    """Create the tables for votes and rounds."""
    sql.run(_SCHEMA)
