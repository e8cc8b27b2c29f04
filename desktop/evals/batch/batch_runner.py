"""Executes a run through a Batch API, resuming from any state: plan, send, poll and collect."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import Enum

import msgspec

from desktop.domain.suite_cells import CellKey, RunRecord, RunState
from desktop.errors import (
    AnswerUnreadable,
    BudgetSpent,
    ConnectFailed,
    ParagoneError,
    ProviderError,
    RateLimited,
    RequestTimedOut,
    RunCapped,
    ServerFailed,
    StoreError,
    UsageError,
)
from desktop.evals.batch.batch_lines import BatchLines
from desktop.evals.batch.batch_plan import BOUNDS, FileBounds, files_of
from desktop.evals.batch.batch_results import BatchResults
from desktop.evals.batch.batch_source import BatchKind, BatchSource
from desktop.evals.batch.batch_steps import BatchSteps
from desktop.evals.execution.price_lookup import look_up_prices
from desktop.evals.execution.run_cells import RUN_ENDS
from desktop.evals.execution.run_work import Listener, RunEnd, stopped_by
from desktop.evals.execution.suite_runner import RunTools
from desktop.settings.schema import BUDGET
from desktop.store.records.batch_job_rows import BatchJob, BatchStep
from desktop.system.log import logger
from desktop.text.phrases import NOTHING, Phrase, counted, phrase

POLL_S = 60.0
"""Minimum interval between polls of a server in seconds."""

MOST_FAILURES = 30
"""Number of consecutive failed polls before giving up: half an hour at the default interval."""

PASSING = (AnswerUnreadable, ConnectFailed, RateLimited, RequestTimedOut, ServerFailed)
"""Errors that may be resolved by the next poll. Other errors require the user to act."""

_log = logger("runs")


class _Aim(Enum):
    """Purpose of working on a batch run."""

    RUN = "run"  # get responses to all cells: send those that no job contains
    WATCH = "watch"  # only collect responses to what was already sent
    CANCEL = "cancel"  # stop the jobs and collect the responses that exist


Watcher = Callable[[Sequence[BatchJob]], None]
"""Receives all jobs of a run after each poll."""


class BatchRunner:
    """Executes one run. Call `run`, `watch` or `cancel` once; `stop` may be called from the same loop at any time.

    `listener` receives each stored cell, `watcher` all jobs after each poll.
    """

    def __init__(
        self,
        tools: RunTools,
        kind: BatchKind,
        *,
        listener: Listener = lambda _record: None,
        watcher: Watcher = lambda _jobs: None,
        notice: Callable[[Phrase], None] = lambda _said: None,
        allow_flagged: bool = False,
        poll_s: float = POLL_S,
        bounds: FileBounds = BOUNDS,
    ) -> None:
        self._tools = tools
        self._kind = kind
        self._listener = listener
        self._watcher = watcher
        self._notice = notice
        self._allow_flagged = allow_flagged
        self._poll_s = poll_s
        self._bounds = bounds
        self._end: RunEnd | None = None
        self._task: asyncio.Task[object] | None = None

    def pause(self) -> None:
        """Stop, as requests that were sent go on by themselves."""
        self.stop()

    def stop(self) -> None:
        """Stop polling. All progress is stored, and the server continues to process the jobs."""
        self._end = self._end or RunEnd(RunState.STOPPED, phrase("The run was stopped."))
        if self._task is not None:
            self._task.cancel()

    async def run(self, run_id: str, *, waits: bool = True) -> RunEnd:
        """Send the unsent cells, then poll until all have responses. Without `waits`, poll only once.

        Raises:
            RunUnknown: If there is no such run.
            UsageError: If the run is not a batch, or cannot be sent through a Batch API.
        """
        return await self._work(run_id, _Aim.RUN, waits=waits)

    async def watch(self, run_id: str, *, waits: bool = True) -> RunEnd:
        """Poll the jobs that were already sent, without sending more. Raises like `run`."""
        return await self._work(run_id, _Aim.WATCH, waits=waits)

    async def cancel(self, run_id: str, *, waits: bool = True) -> RunEnd:
        """Cancel the jobs of a run and collect the responses that exist. Raises like `run`."""
        return await self._work(run_id, _Aim.CANCEL, waits=waits)

    async def _work(self, run_id: str, aim: _Aim, *, waits: bool) -> RunEnd:
        runs = self._kind.runs
        run = await runs.take(run_id)
        end = RunEnd(RunState.STOPPED)
        self._task = asyncio.current_task()
        try:
            if not run.is_batch:
                raise UsageError(phrase("This run is not a batch: its prompts are sent one by one."))
            async with self._kind.opened(run, sends=aim is _Aim.RUN) as source:
                try:
                    end = await self._carried_out(run, source, aim, waits=waits)
                except asyncio.CancelledError:
                    if self._end is None or self._task is None or self._task.cancelling() > 1:
                        raise
                    self._task.uncancel()
                    end = self._end
                except ParagoneError as error:
                    end = stopped_by(error)
            return end
        finally:
            self._task = None
            try:
                await runs.release(run.id, end.state, str(end.reason))
            except StoreError as error:
                _log.warning("how far a run got is not kept: %s", error.code)

    async def _carried_out(self, run: RunRecord, source: BatchSource, aim: _Aim, *, waits: bool) -> RunEnd:
        store, runs = self._tools.store, self._kind.runs
        if self._end is not None:  # the run was stopped in the meantime
            return self._end
        results = BatchResults(
            self._tools, runs, run.id, source, self._listener, self._notice, most_held=self._bounds.held
        )
        lines = BatchLines(self._tools, runs, run.id, source, results.fail, allow_flagged=self._allow_flagged)
        steps = BatchSteps(self._tools, run.id, lines, results, self._notice, self._poll_s)
        if aim is _Aim.CANCEL:
            await self._withdraw(run)
        elif aim is _Aim.RUN:
            await self._plan(run, source, lines)
        await self._look(run, steps, waits=waits)
        jobs = await store.batch_jobs.list(run.id)
        if left := sum(job.is_open for job in jobs):
            return _under_way(left)
        asked = await runs.asked(run.id)
        if any(True for _ in source.keys(asked.answered | asked.errors)):
            return RunEnd(RunState.STOPPED, phrase("No batch is running, and not all requests have responses."))
        await source.judge()
        return RunEnd(RunState.COMPLETE)

    async def _plan(self, run: RunRecord, source: BatchSource, lines: BatchLines) -> None:
        """Put the cells that no open job contains into new jobs.

        Raises:
            RunCapped: If the new jobs might exceed the cap.
            PriceUnknown: If the run has a cap and a price is unknown.
            BudgetSpent: If the new jobs might exceed the monthly budget.
        """
        store, gateway = self._tools.store, self._tools.gateway
        asked = await self._kind.runs.asked(run.id)
        unasked = list(source.keys(asked.answered | asked.errors))
        planned: set[CellKey] = set()
        for job in await store.batch_jobs.list(run.id):
            if job.is_open:
                planned.update(await store.batch_jobs.cells(run.id, job.number))
        new = [key for key in unasked if key not in planned]
        if not new:
            return
        if run.cap:
            await look_up_prices(gateway, self._tools.catalog, source.callers)
            source.calls.require_prices(source.callers)
        await self._require_money(run, source, unasked)
        endpoints = {each.connection: await gateway.batches(each.connection) for each in source.models}
        sized = await lines.sized(new)
        first = await store.batch_jobs.next_number(run.id)
        jobs = files_of(
            run.id,
            sized,
            first,
            lambda model, wire: api.endpoint(wire) if (api := endpoints[model.connection]) is not None else "",
            self._bounds,
        )
        await store.batch_jobs.plan(run.id, jobs)

    async def _require_money(self, run: RunRecord, source: BatchSource, unasked: Sequence[CellKey]) -> None:
        """Check that the cap and the budget cover all unanswered cells at maximum length."""
        most = await source.most_cost(unasked)
        if run.cap is not None:
            await source.require_bounds(unasked, unknown_prices=run.unknown_prices)
            if run.cap <= 0 or run.spent + most > run.cap:
                raise RunCapped(
                    phrase(
                        "The batch may cost up to {most} USD, but the run's cap is {cap} USD. Nothing was sent.",
                        most=f"{run.spent + most:,.2f}",
                        cap=f"{run.cap:,.2f}",
                    )
                )
        budget = self._tools.gateway.settings.get(BUDGET)
        if budget and most:
            month = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
            spent = await self._tools.store.spent(month)
            if spent + most > budget:
                raise BudgetSpent(
                    phrase(
                        "The batch may cost up to {most} USD, but only {left} USD of this month's budget "
                        "is left. Nothing was sent.",
                        most=f"{most:,.2f}",
                        left=f"{max(budget - spent, 0.0):,.2f}",
                    )
                )

    async def _withdraw(self, run: RunRecord) -> None:
        """Mark open jobs as canceled in the store, before any server is contacted."""
        jobs = self._tools.store.batch_jobs
        for job in await jobs.list(run.id):
            if job.is_open and job.step is not BatchStep.ENDED:
                await jobs.keep(run.id, msgspec.structs.replace(job, is_cancelled=True))

    async def _look(self, run: RunRecord, steps: BatchSteps, *, waits: bool) -> None:
        """Poll and advance all jobs until they are done.

        Raises:
            ProviderError: If polling keeps failing or a job fails permanently.
        """
        failures = 0
        stuck: dict[int, ParagoneError] = {}
        while True:
            error = await self._look_once(run, steps, stuck)
            failures = 0 if error is None else failures + 1
            jobs = await self._tools.store.batch_jobs.list(run.id)
            self._watcher(jobs)
            if error is not None and (not waits or failures >= MOST_FAILURES):
                raise error
            if not waits or not any(_is_left(job, steps) and job.number not in stuck for job in jobs):
                break
            await asyncio.sleep(self._poll_s)
        for error in stuck.values():
            raise error

    async def _look_once(
        self, run: RunRecord, steps: BatchSteps, stuck: dict[int, ParagoneError]
    ) -> ProviderError | None:
        """Advance all jobs once. Returns a temporary error, if any; permanent errors are added to `stuck`."""
        failed: ProviderError | None = None
        for job in await self._tools.store.batch_jobs.list(run.id):
            if not _is_left(job, steps) or job.number in stuck:
                continue
            try:
                await steps.advance(job)
            except RUN_ENDS:
                raise
            except ParagoneError as error:
                _log.warning("a look at a batch failed: %s", error.code)
                if isinstance(error, PASSING):
                    failed = error
                else:
                    stuck[job.number] = error
        return failed


def _is_left(job: BatchJob, steps: BatchSteps) -> bool:
    return job.step is not BatchStep.CLEARED and job.number not in steps.undeleted


def _under_way(jobs: int) -> RunEnd:
    said = counted(
        "The server is processing {n} file.",
        "The server is processing {n} files.",
        jobs,
    )
    return RunEnd(RunState.STOPPED, said, NOTHING)
