"""Advances one Batch API job as far as the server allows, storing each step before taking the next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from desktop.domain.conversation_types import ModelRef
from desktop.errors import ProviderError, RunHalted, UsageError
from desktop.evals.batch.batch_lines import BatchLines
from desktop.evals.batch.batch_results import BatchResults
from desktop.evals.execution.suite_runner import RunTools
from desktop.providers.batch_api import BatchApi
from desktop.providers.wire.batch_files import BatchState, FileState
from desktop.store.records.batch_job_rows import BatchJob, BatchStep
from desktop.system.log import logger
from desktop.text.phrases import Phrase, phrase

LOOKS = 2
"""How often the server's job list is searched for a job that may already exist, before it is created again."""

FILE_POLL_S, FILE_LOOKS = 5.0, 60
"""Polling interval in seconds, and the maximum number of polls, for a file that was just uploaded."""

_REFUSALS = frozenset({400, 404, 409, 413, 415, 422})
"""HTTP statuses with which a server permanently rejects a file or job."""

_WAITING = frozenset({"uploaded", "pending", "running", "notrunning"})
_BROKEN = frozenset({"error", "failed", "deleting", "deleted"})
_log = logger("runs")

Notify = Callable[[Phrase], None]


class BatchSteps:
    """Advances the jobs of one run. `notice` receives sentences about problems.

    After a crash, the server's list is searched before a job is created, so that no job runs twice.
    """

    def __init__(
        self, tools: RunTools, run_id: str, lines: BatchLines, results: BatchResults, notice: Notify, poll_s: float
    ) -> None:
        self._tools = tools
        self._run_id = run_id
        self._lines = lines
        self._results = results
        self._notice = notice
        self._file_poll_s = min(FILE_POLL_S, poll_s)
        self.undeleted: set[int] = set()
        """Jobs whose files could not all be deleted."""

    async def advance(self, job: BatchJob) -> BatchJob:
        """Advance a job as far as possible, and return it.

        Raises:
            ProviderError: If the server cannot be reached or rejects the credentials.
            StoreError: If a step cannot be stored.
        """
        api = await self._api(job)
        while job.step is not BatchStep.CLEARED and job.number not in self.undeleted:
            further = await self._step(api, job)
            if further is None:
                break
            job = further
        return job

    async def _api(self, job: BatchJob) -> BatchApi:
        """Return the Batch API of a job's server, if policy allows its model.

        Raises:
            RunHalted: If the connection no longer has a Batch API.
            UsageError: If the connection now refers to another server.
        """
        gateway = self._tools.gateway
        gateway.settings.policy.require_model(ModelRef(connection=job.connection, name=job.model))
        api = await gateway.batches(job.connection)
        if api is None:
            raise RunHalted(phrase("“{connection}” no longer has a Batch API.", connection=job.connection))
        if job.origin and job.origin != api.origin:
            raise UsageError(
                phrase(
                    "“{connection}” now points to another server, but {name} was sent to {origin}.",
                    connection=job.connection,
                    name=job.name,
                    origin=job.origin,
                ),
                hint=phrase(
                    "Restore the connection's earlier address until the results have arrived, or delete the run."
                ),
            )
        return api

    async def _step(self, api: BatchApi, job: BatchJob) -> BatchJob | None:
        """Advance a job by one step, or return None if the server needs more time."""
        match job.step:
            case BatchStep.PLANNED:
                return await self._put_off(job) if job.is_cancelled else await self._upload(api, job)
            case BatchStep.UPLOADING:
                return await self._find_file(api, job)
            case BatchStep.UPLOADED:
                return await self._begin_when_ready(api, job)
            case BatchStep.BEGINNING:
                return await self._find_job(api, job)
            case BatchStep.BEGUN:
                return await self._watch(api, job)
            case BatchStep.ENDED:
                await self._results.take(api, job)
                return await self._keep(job, step=BatchStep.TAKEN)
            case _:
                return await self._clear(api, job)

    async def _keep(self, job: BatchJob, **changes: object) -> BatchJob:
        return await self._tools.store.batch_jobs.keep(self._run_id, msgspec.structs.replace(job, **changes))

    async def _put_off(self, job: BatchJob) -> BatchJob:
        """Complete a job for which nothing was sent."""
        return await self._keep(job, step=BatchStep.CLEARED)

    async def _upload(self, api: BatchApi, job: BatchJob) -> BatchJob:
        lines = await self._lines.admitted(api, job)
        if not lines:
            return await self._keep(job, step=BatchStep.CLEARED)
        job = await self._keep(job, step=BatchStep.UPLOADING, origin=api.origin)
        try:
            file = await api.upload(job.name, lines)
        except ProviderError as error:
            return await self._refused(job, error)
        return await self._keep(job, step=BatchStep.UPLOADED, file_id=file.id)

    async def _find_file(self, api: BatchApi, job: BatchJob) -> BatchJob:
        """Search for a file that may already have been uploaded; otherwise, upload it."""
        found: FileState | None = await api.find_file(job.name)
        if found is not None:
            return await self._keep(job, step=BatchStep.UPLOADED, file_id=found.id)
        return await self._put_off(job) if job.is_cancelled else await self._upload(api, job)

    async def _begin_when_ready(self, api: BatchApi, job: BatchJob) -> BatchJob | None:
        if job.is_cancelled:
            return await self._keep(job, step=BatchStep.TAKEN)
        try:
            file = await self._ready(api, job.file_id)
        except ProviderError as error:
            return await self._refused(job, error)
        if file.status in _WAITING:
            return None
        if file.status in _BROKEN:
            return await self._failed(job, phrase("The server did not accept the file {name}.", name=job.name))
        return await self._begin(api, await self._keep(job, step=BatchStep.BEGINNING))

    async def _ready(self, api: BatchApi, file_id: str) -> FileState:
        """Wait until the server has processed a file, or until the maximum number of polls is reached."""
        file = await api.file(file_id)
        for _ in range(FILE_LOOKS):
            if file.status not in _WAITING:
                break
            await asyncio.sleep(self._file_poll_s)
            file = await api.file(file_id)
        return file

    async def _begin(self, api: BatchApi, job: BatchJob) -> BatchJob:
        try:
            state = await api.begin(job.file_id, job.endpoint)
        except ProviderError as error:
            return await self._refused(job, error)
        return await self._begun(job, state)

    async def _find_job(self, api: BatchApi, job: BatchJob) -> BatchJob | None:
        """Search for a job that may already have been created; cancel duplicates."""
        first, *others = [*await api.find_jobs(job.file_id), None]
        for other in others:
            if other is not None and not other.is_over:
                await api.cancel(other.id)
        if first is not None:
            return await self._begun(job, first)
        if job.looks + 1 < LOOKS:
            await self._keep(job, looks=job.looks + 1)
            return None
        return await self._keep(job, step=BatchStep.TAKEN) if job.is_cancelled else await self._begin(api, job)

    async def _begun(self, job: BatchJob, state: BatchState) -> BatchJob:
        return await self._keep(job, step=BatchStep.BEGUN, batch_id=state.id, status=state.status)

    async def _watch(self, api: BatchApi, job: BatchJob) -> BatchJob | None:
        try:
            state = await api.job(job.batch_id)
        except ProviderError as error:
            return await self._refused(job, error)
        if job.is_cancelled and not state.is_over and state.status != "cancelling":
            state = await api.cancel(job.batch_id)
        job = await self._keep(
            job,
            step=BatchStep.ENDED if state.is_over else BatchStep.BEGUN,
            status=state.status,
            output_file_id=state.output_file_id,
            error_file_id=state.error_file_id,
            problem=state.problem,
            done=state.done,
            failed=state.failed,
        )
        return job if state.is_over else None

    async def _clear(self, api: BatchApi, job: BatchJob) -> BatchJob | None:
        """Delete a job's files; failures are reported and retried later."""
        for file_id in filter(None, (job.file_id, job.output_file_id, job.error_file_id)):
            try:
                await api.delete(file_id)
            except ProviderError as error:
                _log.warning("a file of a batch is not deleted: %s", error.code)
                self.undeleted.add(job.number)
                self._notice(
                    phrase(
                        "A file belonging to {name} could not be deleted: {message}",
                        name=job.name,
                        message=error.message,
                    )
                )
                return None
        return await self._keep(job, step=BatchStep.CLEARED)

    async def _refused(self, job: BatchJob, error: ProviderError) -> BatchJob:
        """Mark a rejected job as failed.

        Raises:
            ProviderError: If the server may accept the job later.
        """
        if error.status not in _REFUSALS:
            raise error
        return await self._failed(job, error.message)

    async def _failed(self, job: BatchJob, said: Phrase | str) -> BatchJob:
        return await self._keep(job, step=BatchStep.ENDED, status="failed", problem=str(said))
