"""Adds runs of suites, their cells and responses."""

from __future__ import annotations

from desktop.store.sqlite.sql import Sql

_SCHEMA = """
CREATE TABLE suite_runs (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    owner TEXT,                    -- the run of the program that works on it
    created_at INTEGER NOT NULL,   -- milliseconds UTC, as everywhere
    updated_at INTEGER NOT NULL,
    passed INTEGER NOT NULL,       -- how many of its cells did, counted with each that is kept
    failed INTEGER NOT NULL,
    ungraded INTEGER NOT NULL,
    errors INTEGER NOT NULL,
    spent REAL NOT NULL,           -- US dollars
    cap REAL,
    revision INTEGER NOT NULL,     -- grows with each change of a cell
    facts TEXT NOT NULL            -- JSON: what never changes of it, but the suite
) STRICT;

CREATE TABLE run_suites (
    seq INTEGER PRIMARY KEY REFERENCES suite_runs (seq) ON DELETE CASCADE,
    suite TEXT NOT NULL            -- JSON, of megabytes perhaps: apart from what is written with each cell
) STRICT;

CREATE TABLE run_cells (
    seq INTEGER PRIMARY KEY,
    suite_run INTEGER NOT NULL REFERENCES suite_runs (seq) ON DELETE CASCADE,
    case_number INTEGER NOT NULL,
    contender INTEGER NOT NULL,
    repeat INTEGER NOT NULL,
    status TEXT NOT NULL,          -- empty where it is to be asked again
    reviewed INTEGER,              -- 1 passed and 0 failed, by a person
    at INTEGER NOT NULL,           -- when something was spent on it last
    cost REAL NOT NULL,            -- US dollars spent on it here, judges and earlier tries too
    head TEXT NOT NULL,            -- JSON: what tables show, without the key
    UNIQUE (suite_run, case_number, contender, repeat)
) STRICT;
CREATE INDEX run_cells_status ON run_cells (suite_run, status, reviewed, case_number, contender, repeat);

CREATE TABLE cell_answers (
    seq INTEGER PRIMARY KEY REFERENCES run_cells (seq) ON DELETE CASCADE,
    state TEXT NOT NULL,           -- JSON: the cell whole, as its graders saw it
    receipt TEXT                   -- JSON: what is known of the request beside its body
) STRICT;
"""


def up(sql: Sql) -> None:
    """Create the tables for runs."""
    sql.run(_SCHEMA)
