"""Cost of responses, from their stored figures."""

from __future__ import annotations

from datetime import datetime

from desktop.domain.answer_timing import CostSlice
from desktop.domain.conversation_types import ModelRef
from desktop.domain.routers import answering_model
from desktop.store.records import judge_verdict_rows, row_mapping, run_cell_rows, vote_rows
from desktop.store.sqlite.sql import Sql

_COST = "max(coalesce(json_extract(facts, '$.figures.own_cost'), json_extract(facts, '$.figures.cost')), 0)"
_COUNTED = (
    # Ids begin with a timestamp, so the index skips older messages.
    "id >= ? AND created_at >= ? AND role = 'assistant'"
    # Damaged facts count as zero, so that they do not block all prompts.
    " AND CASE WHEN json_valid(facts) THEN json_extract(facts, '$.uncounted') ELSE 1 END IS NULL"
)
_QUARTER_MS = 900_000
"""A quarter of an hour, which is always within a single day in any time zone."""


def since(sql: Sql, at: datetime) -> float:
    """Return the cost in US dollars of all responses generated here since a time, including those of runs.

    Responses without a price, imported ones and copies count as free.
    """
    ms = row_mapping.to_ms(at)
    total = sql.row(f"SELECT sum({_COST}) FROM messages WHERE {_COUNTED}", (f"{ms:012x}", ms))  # noqa: S608
    spent = float(total[0] or 0.0) if total else 0.0
    runs = run_cell_rows.spent_since(sql, ms) + judge_verdict_rows.spent_since(sql, ms)
    return spent + _of_rounds(sql, ms) + runs


def slices_since(sql: Sql, ms: int) -> list[CostSlice]:
    """Return the costs of `since` by model and quarter of an hour, without those of unrevealed blind rounds."""
    rows = sql.rows(
        f"SELECT created_at / {_QUARTER_MS}, json_extract(facts, '$.model.connection'),"  # noqa: S608
        f" json_extract(facts, '$.model.name'), sum({_COST}) AS usd, json_extract(facts, '$.figures.server_model')"
        f" FROM messages WHERE {_COUNTED} AND created_at <= ? GROUP BY 1, 2, 3, 5 HAVING usd > 0",
        (f"{max(ms, 0):012x}", ms, row_mapping.LAST_MS),
    )
    for table, is_there in (("run_cells", run_cell_rows.is_there), ("judge_verdicts", judge_verdict_rows.is_there)):
        if is_there(sql):
            rows += sql.rows(
                f"SELECT at / {_QUARTER_MS}, '', '', sum(cost) AS usd, NULL FROM {table}"  # noqa: S608
                " WHERE at BETWEEN ? AND ? AND cost > 0 GROUP BY 1",
                (ms, row_mapping.LAST_MS),
            )
    slices = list[CostSlice]()
    for quarter, connection, name, usd, served in rows:
        requested = ModelRef(connection=str(connection or ""), name=str(name or ""))
        model = answering_model(requested, served if isinstance(served, str) else None)
        slices.append(CostSlice(int(quarter or 0) * _QUARTER_MS, model.connection, model.name, float(usd or 0.0)))
    return slices


def _of_rounds(sql: Sql, ms: int) -> float:
    """Return the cost of unrevealed blind rounds; revealed rounds are counted as messages."""
    if not vote_rows.is_there(sql):
        return 0.0
    found = sql.row("SELECT sum(max(cost, 0)) FROM rounds WHERE created_at >= ?", (ms,))
    return float(found[0] or 0.0) if found else 0.0
