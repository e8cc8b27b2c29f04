"""Answers that dead runs left streaming become interrupted, with the text that was journaled."""

from __future__ import annotations

from desktop.domain import Status
from desktop.store import rows
from desktop.store.sql import Sql


def recover(sql: Sql, living: frozenset[str]) -> int:
    """Mark the answers of runs that do not live, in one transaction, and return how many there were."""
    with sql.transaction():
        found = [
            (int(seq), str(parts))
            for seq, run, parts in sql.rows(
                "SELECT seq, run, parts FROM messages WHERE status = ?", (Status.STREAMING,)
            )
            if run not in living
        ]
        for seq, parts in found:
            _interrupt(sql, seq, parts)
    return len(found)


def _interrupt(sql: Sql, seq: int, parts: str) -> None:
    deltas = sql.rows("SELECT kind, text FROM journal WHERE message = ? ORDER BY seq", (seq,))
    kept = rows.merged(rows.parts(parts), deltas)
    sql.run(
        "UPDATE messages SET status = ?, run = NULL, parts = ?, words = ? WHERE seq = ?",
        (Status.INTERRUPTED, rows.to_json(kept), rows.searchable(kept), seq),
    )
    sql.run("DELETE FROM journal WHERE message = ?", (seq,))
