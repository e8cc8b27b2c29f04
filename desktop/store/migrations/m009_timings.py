"""How long answers took, in an index of its own: latencies over the whole history, without a look at any text."""

from __future__ import annotations

from desktop.store.sqlite.sql import Sql

TIMED = (
    "role = 'assistant' AND CASE WHEN json_valid(facts) THEN json_type(facts, '$.figures') = 'object'"
    " AND json_type(facts, '$.uncounted') IS NULL END"
)
"""Which messages are answers that were measured when they were made: no copies, nothing imported, nothing damaged."""

TIMING = (
    "'[' || created_at || ',\"' || status || '\",' || substr(json_extract(facts,"
    " '$.model.connection', '$.model.name', '$.figures.ttft_ms', '$.figures.duration_ms',"
    " '$.figures.tokens_per_second', '$.usage.output_tokens', '$.usage.reasoning_tokens'), 2)"
)
"""What the row of such an answer says as one JSON array, the fields of AnswerTiming."""


def up(sql: Sql) -> None:
    """Add the index, which serves these two expressions to the letter; of a hundred thousand answers in a second."""
    sql.run(f"CREATE INDEX messages_timed ON messages (created_at, conversation, {TIMING}) WHERE {TIMED}")
