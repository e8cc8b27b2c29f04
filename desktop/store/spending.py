"""What answers cost, by the figures that are kept with them."""

from __future__ import annotations

from datetime import datetime

from desktop.store import rows
from desktop.store.sql import Sql


def since(sql: Sql, at: datetime) -> float:
    """US dollars of all answers made since a time; those without a price count nothing."""
    ms = rows.to_ms(at)
    # Ids begin with their time: the index on them spares looking at older messages.
    found = sql.row(
        "SELECT sum(json_extract(facts, '$.figures.cost')) FROM messages"
        " WHERE id >= ? AND created_at >= ? AND role = 'assistant'",
        (f"{ms:012x}", ms),
    )
    return float(found[0] or 0.0) if found else 0.0
