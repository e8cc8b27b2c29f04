"""Adds jobs of a Batch API."""

from __future__ import annotations

from desktop.store.sqlite.sql import Sql

_SCHEMA = """
CREATE TABLE batch_jobs (
    seq INTEGER PRIMARY KEY,
    suite_run INTEGER NOT NULL REFERENCES suite_runs (seq) ON DELETE CASCADE,
    number INTEGER NOT NULL,       -- of the run's files, from 0
    cells TEXT NOT NULL,           -- JSON: which of the run's cells are in the file; never changes
    state TEXT NOT NULL,           -- JSON: the rest
    UNIQUE (suite_run, number)
) STRICT;
"""


def up(sql: Sql) -> None:
    """Create the table for jobs."""
    sql.run(_SCHEMA)
