"""What answers cost, by the figures that are kept with them."""

from __future__ import annotations

from datetime import datetime

from desktop.store import row_mapping
from desktop.store.sqlite.sql import Sql


def since(sql: Sql, at: datetime) -> float:
    """US dollars of all answers that ended here since a time.

    Those without a price count nothing, and neither does what an import or a copy brought: that was not spent here.
    """
    ms = row_mapping.to_ms(at)
    # Ids begin with their time: the index on them spares looking at older messages.
    found = sql.row(
        "SELECT sum(max(json_extract(facts, '$.figures.cost'), 0)) FROM messages"
        " WHERE id >= ? AND created_at >= ? AND role = 'assistant'"
        # Of one whose facts are damaged nothing is known, which must not keep all prompts from being sent.
        " AND CASE WHEN json_valid(facts) THEN json_extract(facts, '$.uncounted') ELSE 1 END IS NULL",
        (f"{ms:012x}", ms),
    )
    return float(found[0] or 0.0) if found else 0.0
