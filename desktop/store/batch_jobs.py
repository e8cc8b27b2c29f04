"""Jobs of a Batch API as the rest of the program keeps and finds them."""

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
    """The jobs of one database. Every method raises StoreError's tree, RunUnknown and RunAmbiguous too."""

    def __init__(self, database: Database, mask: Mask) -> None:
        self._database = database
        self._mask = mask

    async def plan(self, run_id: str, jobs: Sequence[tuple[BatchJob, Sequence[CellKey]]]) -> None:
        """Keep new jobs of a run with their cells, all or none: on the disk on return."""

        def job(sql: Sql) -> None:
            """In one transaction."""
            seq = suite_run_rows.find(sql, run_id)
            for each, cells in jobs:
                batch_job_rows.add_planned(sql, seq, each, cells)

        await self._database.write(job)

    async def keep(self, run_id: str, job: BatchJob) -> BatchJob:
        """Keep how far a job got, without keys in what its server said; the job as it is on the disk on return."""
        hide = self._mask.hide
        masked = msgspec.structs.replace(job, problem=hide(job.problem), status=hide(job.status))
        await self._database.write(lambda sql: batch_job_rows.keep(sql, suite_run_rows.find(sql, run_id), masked))
        return masked

    async def list(self, run_id: str) -> builtins.list[BatchJob]:
        """All of a run, in their order."""
        return await self._database.read(lambda sql: batch_job_rows.listed(sql, suite_run_rows.find(sql, run_id)))

    async def cells(self, run_id: str, number: int) -> builtins.list[CellKey]:
        """Which cells are in the file of a job."""
        return await self._database.read(
            lambda sql: batch_job_rows.cells(sql, suite_run_rows.find(sql, run_id), number)
        )

    async def next_number(self, run_id: str) -> int:
        """The number of a run's next job."""
        return await self._database.read(lambda sql: batch_job_rows.next_number(sql, suite_run_rows.find(sql, run_id)))
