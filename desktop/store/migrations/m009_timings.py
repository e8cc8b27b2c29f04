"""Adds an index of response times, so that latencies can be computed without reading message text."""

from __future__ import annotations

from desktop.store.sqlite.sql import Sql

TIMED = (
    "role = 'assistant' AND CASE WHEN json_valid(facts) THEN json_type(facts, '$.figures') = 'object'"
    " AND json_type(facts, '$.uncounted') IS NULL END"
)
"""Condition for responses measured here: not copied, imported or damaged."""

TIMING = (
    "'[' || created_at || ',\"' || status || '\",' || substr(json_extract(facts,"
    " '$.model.connection', '$.model.name', '$.figures.ttft_ms', '$.figures.duration_ms',"
    " '$.figures.tokens_per_second', '$.usage.output_tokens', '$.usage.reasoning_tokens'), 2)"
)
"""Expression for a response's AnswerTiming fields as a JSON array."""


def up(sql: Sql) -> None:
    """Create the index on exactly these expressions; takes a second per hundred thousand responses."""
    sql.run(f"CREATE INDEX messages_timed ON messages (created_at, conversation, {TIMING}) WHERE {TIMED}")
