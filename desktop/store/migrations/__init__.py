"""Migrations to the current schema: append-only steps, each in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from desktop.store.migrations import (
    m001_conversations,
    m002_pinned_and_archived,
    m003_comparisons,
    m004_tags,
    m005_great_stores,
    m006_attached_files,
    m007_votes,
    m008_receipts,
    m009_timings,
    m010_suite_runs,
    m011_judge_verdicts,
    m012_batch_jobs,
    m013_index_renewal,
)
from desktop.store.sqlite.sql import Sql

Migration = Callable[[Sql], None]

MIGRATIONS: tuple[Migration, ...] = (
    m001_conversations.up,
    m002_pinned_and_archived.up,
    m003_comparisons.up,
    m004_tags.up,
    m005_great_stores.up,
    m006_attached_files.up,
    m007_votes.up,
    m008_receipts.up,
    m009_timings.up,
    m010_suite_runs.up,
    m011_judge_verdicts.up,
    m012_batch_jobs.up,
    m013_index_renewal.up,
)
"""Migrations. The step at index N upgrades `user_version` from N to N+1."""

READABLE_FROM = 4
"""Oldest schema version that can be read without migration on read-only storage."""

WITH_FILES = 6
"""First schema version in which messages refer to files."""

WITH_VOTES = 7
"""First schema version with votes and rounds."""

WITH_RECEIPTS = 8
"""First schema version with receipts."""

WITH_TIMINGS = 9
"""First schema version with the index of response times."""

WITH_RUNS = 10
"""First schema version with runs of suites."""

WITH_JUDGE_VERDICTS = 11
"""First schema version with verdicts of judges."""

WITH_BATCH_JOBS = 12
"""First schema version with jobs of a Batch API."""

WITH_INDEX_RENEWAL = 13
"""First schema version that tracks the renewal of the search index."""


def version(sql: Sql) -> int:
    """Return the schema version of an open database, 0 if it is empty."""
    return int(sql.pragma("user_version") or 0)


def migrate(sql: Sql, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Run all missing steps. After a crash, the schema has the version before or after a step, never anything between.

    A new database runs all steps in one transaction.
    """
    if version(sql) == 0:
        with sql.transaction():
            _take(sql, range(len(migrations)), migrations)
    for number in range(version(sql), len(migrations)):
        with sql.transaction():
            _take(sql, [number], migrations)


def _take(sql: Sql, numbers: Iterable[int], migrations: Sequence[Migration]) -> None:
    for number in numbers:
        migrations[number](sql)
        sql.pragma("user_version", number + 1)
