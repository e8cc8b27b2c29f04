"""Adds judges' verdicts on pairs of responses."""

from __future__ import annotations

from desktop.store.sqlite.sql import Sql

_SCHEMA = """
CREATE TABLE judge_verdicts (
    seq INTEGER PRIMARY KEY,
    suite_run INTEGER NOT NULL REFERENCES suite_runs (seq) ON DELETE CASCADE,
    judge TEXT NOT NULL,           -- the digest of the grader in the suite
    case_number INTEGER NOT NULL,
    repeat INTEGER NOT NULL,
    first INTEGER NOT NULL,        -- the contender of the lower number, and the other one
    second INTEGER NOT NULL,
    at INTEGER NOT NULL,           -- when something was spent on it, milliseconds UTC
    cost REAL NOT NULL,            -- US dollars spent on it here
    is_problem INTEGER NOT NULL,   -- 1 where it came to nothing
    state TEXT NOT NULL,           -- JSON: the verdict whole
    UNIQUE (suite_run, judge, case_number, repeat, first, second)
) STRICT;
"""


def up(sql: Sql) -> None:
    """Create the table for verdicts."""
    sql.run(_SCHEMA)
