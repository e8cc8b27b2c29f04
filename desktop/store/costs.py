"""Cost of responses, from their stored figures."""

from __future__ import annotations

from datetime import datetime

from desktop.store.records import judge_verdict_rows, row_mapping, run_cell_rows, vote_rows
from desktop.store.sqlite.sql import Sql


def since(sql: Sql, at: datetime) -> float:
    """Return the cost in US dollars of all responses generated here since a time, including those of runs.

    Responses without a price, imported ones and copies count as free.
    """
    ms = row_mapping.to_ms(at)
    # Ids begin with a timestamp, so the index skips older messages.
    total = sql.row(
        "SELECT sum(max(coalesce(json_extract(facts, '$.figures.own_cost'),"
        " json_extract(facts, '$.figures.cost')), 0)) FROM messages"
        " WHERE id >= ? AND created_at >= ? AND role = 'assistant'"
        # Damaged facts count as zero, so that they do not block all prompts.
        " AND CASE WHEN json_valid(facts) THEN json_extract(facts, '$.uncounted') ELSE 1 END IS NULL",
        (f"{ms:012x}", ms),
    )
    spent = float(total[0] or 0.0) if total else 0.0
    runs = run_cell_rows.spent_since(sql, ms) + judge_verdict_rows.spent_since(sql, ms)
    return spent + _of_rounds(sql, ms) + runs


def _of_rounds(sql: Sql, ms: int) -> float:
    """Return the cost of unrevealed blind rounds; revealed rounds are counted as messages."""
    if not vote_rows.is_there(sql):
        return 0.0
    found = sql.row("SELECT sum(max(cost, 0)) FROM rounds WHERE created_at >= ?", (ms,))
    return float(found[0] or 0.0) if found else 0.0
