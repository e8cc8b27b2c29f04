"""The steps that bring a database to this version's schema: append-only, each in one transaction."""

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
"""What stands at place N brings `user_version` from N to N+1."""

READABLE_FROM = 4
"""The oldest version that is read as it is where nothing can be written: what came since is only written to, or is
asked for by its version."""

WITH_FILES = 6
"""The version from which on messages may refer to files."""

WITH_VOTES = 7
"""The version from which on there are votes and rounds."""

WITH_RECEIPTS = 8
"""The version from which on answers have receipts."""

WITH_TIMINGS = 9
"""The version from which on there is an index of how long answers took."""

WITH_RUNS = 10
"""The version from which on runs of suites are kept."""

WITH_JUDGE_VERDICTS = 11
"""The version from which on verdicts of judges are kept."""

WITH_BATCH_JOBS = 12
"""The version from which on jobs of a Batch API are kept."""

WITH_INDEX_RENEWAL = 13
"""The version from which on it is kept how far the words for the search were made anew."""


def version(sql: Sql) -> int:
    """The schema's version of an open database; 0 for an empty one."""
    return int(sql.pragma("user_version") or 0)


def migrate(sql: Sql, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Take every step that lacks. Killed at any moment, it leaves a whole database of one version or the next.

    A new database gets all of them at once: a transaction each would be twelve waits for the disk at the first start.
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
