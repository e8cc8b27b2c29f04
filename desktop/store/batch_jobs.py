"""Stored jobs of Batch APIs."""

from __future__ import annotations

import builtins
from collections.abc import Sequence

import msgspec

from desktop.domain.suite_cells import CellKey
from desktop.redaction.redactor import Mask
from desktop.store.records import batch_job_rows, suite_run_rows
from desktop.store.records.batch_job_rows import BatchJob
from desktop.store.sqlite.database import Database
from desktop.store.sqlite.sql import Sql


class BatchJobs:
    """Batch jobs stored in one database. All methods may raise StoreError, RunUnknown and RunAmbiguous."""

    def __init__(self, database: Database, mask: Mask) -> None:
        self._database = database
        self._mask = mask

    async def plan(self, run_id: str, jobs: Sequence[tuple[BatchJob, Sequence[CellKey]]]) -> None:
        """Store new jobs of a run with their cells in one durable transaction."""

        def job(sql: Sql) -> None:
            seq = suite_run_rows.find(sql, run_id)
            for each, cells in jobs:
                batch_job_rows.add_planned(sql, seq, each, cells)

        await self._database.write(job)

    async def keep(self, run_id: str, job: BatchJob) -> BatchJob:
        """Store a job's progress, with secrets redacted in text from the server, and return the stored job."""
        hide = self._mask.hide
        masked = msgspec.structs.replace(job, problem=hide(job.problem), status=hide(job.status))
        await self._database.write(lambda sql: batch_job_rows.keep(sql, suite_run_rows.find(sql, run_id), masked))
        return masked

    async def list(self, run_id: str) -> builtins.list[BatchJob]:
        """Return the jobs of a run in order."""
        return await self._database.read(lambda sql: batch_job_rows.listed(sql, suite_run_rows.find(sql, run_id)))

    async def cells(self, run_id: str, number: int) -> builtins.list[CellKey]:
        """Return the cells in a job's file."""
        return await self._database.read(
            lambda sql: batch_job_rows.cells(sql, suite_run_rows.find(sql, run_id), number)
        )

    async def next_number(self, run_id: str) -> int:
        """Return the number for the next job of a run."""
        return await self._database.read(lambda sql: batch_job_rows.next_number(sql, suite_run_rows.find(sql, run_id)))
