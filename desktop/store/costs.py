"""What answers cost, by the figures that are kept with them."""

from __future__ import annotations

from datetime import datetime

from desktop.store.records import judge_verdict_rows, row_mapping, run_cell_rows, vote_rows
from desktop.store.sqlite.sql import Sql


def since(sql: Sql, at: datetime) -> float:
    """US dollars of all answers that ended here since a time, those of runs too.

    Those without a price count nothing, and neither does what an import or a copy brought: that was not spent here.
    """
    ms = row_mapping.to_ms(at)
    # Ids begin with their time: the index on them spares looking at older messages.
    found = sql.row(
        "SELECT sum(max(coalesce(json_extract(facts, '$.figures.own_cost'),"
        " json_extract(facts, '$.figures.cost')), 0)) FROM messages"
        " WHERE id >= ? AND created_at >= ? AND role = 'assistant'"
        # Of one whose facts are damaged nothing is known, which must not keep all prompts from being sent.
        " AND CASE WHEN json_valid(facts) THEN json_extract(facts, '$.uncounted') ELSE 1 END IS NULL",
        (f"{ms:012x}", ms),
    )
    spent = float(found[0] or 0.0) if found else 0.0
    runs = run_cell_rows.spent_since(sql, ms) + judge_verdict_rows.spent_since(sql, ms)
    return spent + _of_rounds(sql, ms) + runs


def _of_rounds(sql: Sql, ms: int) -> float:
    """The same of blind rounds that were not revealed: from then on their answers are messages as others."""
    if not vote_rows.is_there(sql):
        return 0.0
    found = sql.row("SELECT sum(max(cost, 0)) FROM rounds WHERE created_at >= ?", (ms,))
    return float(found[0] or 0.0) if found else 0.0
