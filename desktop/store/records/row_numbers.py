"""Row numbers: which tables have them, references to them, and renumbering."""

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
"""Numbered tables, each before those that refer to it."""

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
"""Referenced table by table and column."""

LAST = 1 << 62
"""Highest row number considered; SQLite assigns random numbers beyond 2**63 - 1."""


def counted(column: str, more: int = 1) -> str:
    """Return SQL that increments a count safely, even if it is damaged."""
    return f"{column} = min(ifnull({column}, 0), {LAST}) + ({more})"


_FAR = 1 << 40
"""Threshold above which row numbers must be foreign."""


def number_anew(sql: Sql) -> None:
    """Renumber rows from 1 if foreign numbers leave too little room."""
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
            # In order, each row moves to an earlier number that is already free.
            new = f"(SELECT new FROM numbers WHERE old = {column})"  # noqa: S608
            sql.run(f"UPDATE {where} SET {column} = {new} WHERE {column} IN (SELECT old FROM numbers)")  # noqa: S608
    sql.run("DROP TABLE numbers")
