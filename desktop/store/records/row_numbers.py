"""ROWIDs: which tables have them, references to them, and renumbering."""

from __future__ import annotations

from desktop.store.sqlite.sql import Sql

NUMBERED = (
    "conversations",
    "messages",
    "journal",
    "comparisons",
    "votes",
    "rounds",
    "suite_runs",
    "run_suites",
    "run_cells",
    "cell_answers",
    "judge_verdicts",
    "batch_jobs",
)
"""Tables with ROWIDs. Each table precedes those that refer to it."""

REFERENCES = {
    "conversations": {"seq": "conversations", "current": "messages"},
    "messages": {"seq": "messages", "conversation": "conversations", "parent": "messages"},
    "journal": {"seq": "journal", "message": "messages"},
    "comparisons": {"seq": "comparisons"},
    "votes": {"seq": "votes"},
    "rounds": {"seq": "rounds"},
    "vote_answers": {"vote": "votes"},
    "conversation_tags": {"conversation": "conversations"},
    "message_files": {"message": "messages"},
    "receipts": {"message": "messages"},
    "suite_runs": {"seq": "suite_runs"},
    "run_suites": {"seq": "suite_runs"},
    "run_cells": {"seq": "run_cells", "suite_run": "suite_runs"},
    "cell_answers": {"seq": "run_cells"},
    "judge_verdicts": {"seq": "judge_verdicts", "suite_run": "suite_runs"},
    "batch_jobs": {"seq": "batch_jobs", "suite_run": "suite_runs"},
}
"""Referenced table by referring table and column."""

LAST = 1 << 62
"""Highest ROWID considered; beyond 2**63 - 1, SQLite assigns random ones."""


def counted(column: str, more: int = 1) -> str:
    """Return SQL that increases a count within bounds, even if the count is damaged."""
    return f"{column} = min(ifnull({column}, 0), {LAST}) + ({more})"


_FAR = 1 << 40
"""ROWID above which rows must be from elsewhere."""


def number_anew(sql: Sql) -> None:
    """Renumber rows from 1 if ROWIDs are so high that too few are left."""
    far = [table for table in NUMBERED if (sql.integer(f"SELECT ifnull(max(seq), 0) FROM {table}") or 0) > _FAR]  # noqa: S608
    if not far:
        return
    sql.pragma("foreign_keys", "off")
    try:
        with sql.transaction():
            for table in far:
                _number(sql, table)
    finally:
        sql.pragma("foreign_keys", "on")


def _number(sql: Sql, table: str) -> None:
    sql.run("CREATE TEMP TABLE numbers (old INTEGER PRIMARY KEY, new INTEGER NOT NULL)")
    sql.run(f"INSERT INTO numbers SELECT seq, row_number() OVER (ORDER BY seq) FROM {table}")  # noqa: S608
    for where, columns in REFERENCES.items():
        for column in [column for column, of in columns.items() if of == table]:
            # In this order, each row gets a lower ROWID that is already free.
            new = f"(SELECT new FROM numbers WHERE old = {column})"  # noqa: S608
            sql.run(f"UPDATE {where} SET {column} = {new} WHERE {column} IN (SELECT old FROM numbers)")  # noqa: S608
    sql.run("DROP TABLE numbers")
