"""Checks that the schema supports the store's statements, because a bit error may change the name of a column."""

from __future__ import annotations

import hashlib

import apsw

from desktop.errors import StoreCorrupt
from desktop.store.sqlite.sql import Sql
from desktop.text.phrases import phrase

_READ = (
    "SELECT seq, id, title, words, connection, model, created_at, updated_at, trashed_at, current FROM conversations",
    "SELECT system, parameters, pinned_at, archived_at FROM conversations",
    "SELECT seq, id, conversation, parent, role, status, run, created_at, facts, parts, words FROM messages",
    "SELECT seq, message, kind, text FROM journal",
    "SELECT seq, id, title, created_at, updated_at, trashed_at, state FROM comparisons",
    "SELECT seq, id, at, comparison, state FROM votes",
    "SELECT vote, message FROM vote_answers",
    "SELECT seq, id, created_at, cost, state FROM rounds",
    "SELECT message, state FROM receipts",
    "SELECT seq, id, name, state, owner, created_at, updated_at, spent, cap, revision, facts FROM suite_runs",
    "SELECT passed, failed, ungraded, errors FROM suite_runs",
    "SELECT seq, suite FROM run_suites",
    "SELECT seq, suite_run, case_number, contender, repeat, status, reviewed, at, cost, head FROM run_cells",
    "SELECT seq, state, receipt FROM cell_answers",
    "SELECT seq, suite_run, judge, case_number, repeat, first, second, at, cost, is_problem, state FROM judge_verdicts",
    "SELECT seq, suite_run, number, cells, state FROM batch_jobs",
    "SELECT conversation, key, tag FROM conversation_tags",
)
_INDEXES = (
    "SELECT rowid FROM conversations_index WHERE conversations_index MATCH 'a'",
    "SELECT rowid FROM messages_index WHERE messages_index MATCH 'a'",
)
"""Statements that also read the internal tables of the search indexes."""

_WRITTEN = (
    "INSERT INTO conversations DEFAULT VALUES",
    "INSERT INTO messages DEFAULT VALUES",
    "INSERT INTO journal DEFAULT VALUES",
    "INSERT INTO comparisons DEFAULT VALUES",
    "INSERT INTO votes DEFAULT VALUES",
    "INSERT INTO vote_answers DEFAULT VALUES",
    "INSERT INTO rounds DEFAULT VALUES",
    "INSERT INTO receipts DEFAULT VALUES",
    "INSERT INTO suite_runs DEFAULT VALUES",
    "INSERT INTO run_suites DEFAULT VALUES",
    "INSERT INTO run_cells DEFAULT VALUES",
    "INSERT INTO cell_answers DEFAULT VALUES",
    "INSERT INTO judge_verdicts DEFAULT VALUES",
    "INSERT INTO batch_jobs DEFAULT VALUES",
    "INSERT INTO conversation_tags DEFAULT VALUES",
    "UPDATE conversations SET words = '', current = 1",
    "UPDATE messages SET words = ''",
    "UPDATE index_renewal SET version = 1, message = 1, conversation = 1",
    "DELETE FROM conversations",
    "DELETE FROM messages",
    "DELETE FROM votes",
    "DELETE FROM suite_runs",
)


_DIGEST = "10f02860f8517c10e4eba7f16b3cbefe"
"""Digest of the migrated schema, with which all statements compile; checked by a test."""


def probe(sql: Sql) -> None:
    """Check that the store's statements compile.

    Skipped for the known schema, because compiling takes longer than opening.

    Raises:
        StoreCorrupt: If a statement does not compile.
    """
    try:
        known = digest(sql) == _DIGEST
        for statement in _INDEXES if known else (*_READ, *_INDEXES, *_WRITTEN):
            sql.compile(statement)
    except apsw.SQLError as error:
        said = phrase("The schema of {path} is damaged: {error}", path=sql.connection.filename, error=error)
        raise StoreCorrupt(said) from error


def digest(sql: Sql) -> str:
    """Return a digest of the schema."""
    said = sql.rows("SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY 1, 2")
    return hashlib.blake2b(repr(said).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
