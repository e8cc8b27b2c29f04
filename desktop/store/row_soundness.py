"""Whether every row of a file that is not trusted can be read: its text, its JSON, its trees."""

from __future__ import annotations

from pathlib import Path

import msgspec

from desktop.errors import StoreCorrupt, StoreError
from desktop.phrases import phrase
from desktop.store import comparisons, select
from desktop.store.sqlite.sql import Sql

# A message follows its parent: where it does not, a tree may have a ring, in which nothing ends.
_RINGS = "SELECT 1 FROM messages WHERE parent >= seq LIMIT 1"
_TEXTS = (
    "SELECT run FROM messages WHERE run IS NOT NULL",
    "SELECT kind, text FROM journal",
    "SELECT key, tag FROM conversation_tags",
)


def demand_readable(sql: Sql, path: Path) -> None:
    """Go on where all that a database holds can be read. Raises StoreCorrupt, apsw.Error; `path` is whose it is."""
    try:
        sound = not sql.rows(_RINGS) and not sql.rows("PRAGMA foreign_key_check") and _is_read(sql)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, StoreError):
        sound = False
    if not sound:
        raise StoreCorrupt(phrase("{path} is damaged: something in it cannot be read.", path=path))


def _is_read(sql: Sql) -> bool:
    """Read everything, one by one: each may be some megabytes."""
    for statement in _TEXTS:
        for _ in sql.each(statement):
            pass
    for (id_,) in sql.rows("SELECT id FROM conversations"):
        select.conversation(sql, id_)
    for (id_,) in sql.rows("SELECT id FROM comparisons"):
        comparisons.read(sql, id_)
    return True
