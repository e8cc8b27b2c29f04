"""Lines of a run's batch files: the request for each cell, after all guards have checked it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from desktop.domain.suite_cells import CellKey
from desktop.errors import ParagoneError
from desktop.evals.batch.batch_plan import SizedLine, name_of
from desktop.evals.batch.batch_source import BatchSource
from desktop.evals.execution.run_cells import RUN_ENDS
from desktop.evals.execution.suite_runner import RunTools
from desktop.providers.batch_api import BatchApi
from desktop.session.apart_answer import admit
from desktop.store.records.batch_job_rows import BatchJob
from desktop.store.suite_runs import SuiteRuns

Fail = Callable[[CellKey, ParagoneError], Awaitable[None]]
"""Stores a cell that could not be sent as an error."""


class BatchLines:
    """Builds the batch file lines of one run. `fail` receives the cells that cannot be sent."""

    def __init__(
        self, tools: RunTools, runs: SuiteRuns, run_id: str, source: BatchSource, fail: Fail, *, allow_flagged: bool
    ) -> None:
        self._tools = tools
        self._runs = runs
        self._run_id = run_id
        self._source = source
        self._fail = fail
        self._allow_flagged = allow_flagged

    async def sized(self, keys: Iterable[CellKey]) -> list[SizedLine]:
        """Return the sizes of the request lines of cells. Cells whose request cannot be built go to `fail`."""
        lines: list[SizedLine] = []
        names = {each.connection for each in self._source.models}
        apis = {name: await self._tools.gateway.batches(name) for name in sorted(names)}
        for key in keys:
            model = self._source.models[key.contender]
            api = apis[model.connection]
            if api is None:
                continue
            try:
                line = api.line(name_of(key), (await self._source.task(key)).request)
            except ParagoneError as error:
                await self._fail(key, error)
                continue
            lines.append(SizedLine(key, model, line.wire, len(line.data)))
        return lines

    async def admitted(self, api: BatchApi, job: BatchJob) -> list[bytes]:
        """Return the lines of a job that may be sent. Cells that may not be sent are stored as errors.

        Raises:
            BudgetSpent: If the budget is used up.
            AuditFailed: If the audit log cannot be written. Other errors in `RUN_ENDS` are raised, too.
        """
        lines: list[bytes] = []
        asked = await self._runs.asked(self._run_id)
        for key in await self._tools.store.batch_jobs.cells(self._run_id, job.number):
            if key in asked.answered or key in asked.errors:
                continue
            try:
                task = await self._source.task(key)
                await admit(self._tools.gateway, task, flagged_too=self._allow_flagged)
                lines.append(api.line(name_of(key), task.request).data)
            except RUN_ENDS:
                raise
            except ParagoneError as error:
                await self._fail(key, error)
        return lines
