"""Adds indexes for fast lists and searches in stores with a million messages."""

from __future__ import annotations

from desktop.store.sqlite.sql import Sql

_SCHEMA = """
-- Newest messages first, with what filters ask of them, without a look at the messages themselves.
CREATE INDEX messages_dated ON messages (created_at, conversation, role);
CREATE INDEX messages_code ON messages (created_at, conversation, role) WHERE instr(parts, '```') > 0;

CREATE INDEX conversations_listed ON conversations (connection, model, updated_at, seq)
    WHERE trashed_at IS NULL AND archived_at IS NULL AND pinned_at IS NULL;
CREATE INDEX conversations_latest ON conversations (updated_at, seq)
    WHERE trashed_at IS NULL AND archived_at IS NULL AND pinned_at IS NULL;
CREATE INDEX conversations_pinned ON conversations (updated_at, seq) WHERE pinned_at IS NOT NULL;
CREATE INDEX conversations_archived ON conversations (updated_at, seq) WHERE archived_at IS NOT NULL;
CREATE INDEX conversations_trashed ON conversations (trashed_at, seq) WHERE trashed_at IS NOT NULL;
"""


def up(sql: Sql) -> None:
    """Create the indexes, which takes seconds for a million messages."""
    sql.run(_SCHEMA)
