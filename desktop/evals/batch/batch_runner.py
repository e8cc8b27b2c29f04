"""A run of a suite through a Batch API: planned, sent, watched and taken, from wherever it stands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from enum import Enum

import msgspec

from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import ModelRef
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
from desktop.evals.batch.batch_costs import most_cost, require_bounds
from desktop.evals.batch.batch_lines import BatchLines
from desktop.evals.batch.batch_plan import BOUNDS, FileBounds, files_of, require_batches
from desktop.evals.batch.batch_results import BatchResults
from desktop.evals.batch.batch_steps import BatchSteps
from desktop.evals.execution.price_lookup import look_up_prices
from desktop.evals.execution.run_callers import require_parameters
from desktop.evals.execution.run_calls import RunCalls
from desktop.evals.execution.run_cells import RUN_ENDS, GradedCells
from desktop.evals.execution.run_plan import models_of, own_suite, plan_of
from desktop.evals.execution.suite_runner import Listener, RunEnd, RunTools, calls_of, stopped_by
from desktop.evals.graders.check_desk import CheckDesk
from desktop.evals.judges.judge_run import judge_run
from desktop.evals.suites.suite import Suite
from desktop.settings.schema import BUDGET
from desktop.store.records.batch_job_rows import BatchJob, BatchStep
from desktop.system.log import logger
from desktop.text.phrases import NOTHING, Phrase, counted, phrase

POLL_S = 60.0
"""Seconds between two looks at a server at least: it wants no more."""

MOST_FAILURES = 30
"""Looks that fail one after the other before a run is left to itself: half an hour without a network."""

PASSING = (AnswerUnreadable, ConnectFailed, RateLimited, RequestTimedOut, ServerFailed)
"""Errors that may have passed by the next look, a network that is not there too; others are for people."""

_log = logger("runs")


class _Aim(Enum):
    """What somebody wants of a run."""

    RUN = "run"  # all of it answered: what no job holds is sent
    WATCH = "watch"  # what was sent answered
    CANCEL = "cancel"  # no more answered than is by now


Watcher = Callable[[Sequence[BatchJob]], None]
"""Is told how far the jobs of a run are, after each look."""


class BatchRunner:
    """Works on one run. `run` or `cancel` it once; `stop` it from the same loop at any time.

    `listener` gets each cell once it is on the disk, `watcher` the jobs after each look, `notice` what is to be known
    of one. The server works on by itself where nobody looks.
    """

    def __init__(
        self,
        tools: RunTools,
        *,
        listener: Listener = lambda _record: None,
        watcher: Watcher = lambda _jobs: None,
        notice: Callable[[Phrase], None] = lambda _said: None,
        allow_flagged: bool = False,
        allow_parameters: bool = False,
        poll_s: float = POLL_S,
        bounds: FileBounds = BOUNDS,
    ) -> None:
        self._tools = tools
        self._listener = listener
        self._watcher = watcher
        self._notice = notice
        self._allow_flagged = allow_flagged
        self._allow_parameters = allow_parameters
        self._poll_s = poll_s
        self._bounds = bounds
        self._end: RunEnd | None = None
        self._task: asyncio.Task[object] | None = None

    def stop(self) -> None:
        """Look no more; every step is on the disk, and the server works on."""
        self._end = self._end or RunEnd(RunState.STOPPED, phrase("The run was stopped."))
        if self._task is not None:
            self._task.cancel()

    async def run(self, run_id: str, *, waits: bool = True) -> RunEnd:
        """Send what is to be sent, then look until all is answered; without waiting once. How far the run got.

        Raises RunUnknown, RunAmbiguous, RunBusy, StoreError and UsageError before anything was sent.
        """
        return await self._work(run_id, _Aim.RUN, waits=waits)

    async def watch(self, run_id: str, *, waits: bool = True) -> RunEnd:
        """The same of what was sent or is about to be; nothing else is. Raises as `run`."""
        return await self._work(run_id, _Aim.WATCH, waits=waits)

    async def cancel(self, run_id: str, *, waits: bool = True) -> RunEnd:
        """Have the jobs of a run cancelled, and take what was answered by then. Raises as `run`."""
        return await self._work(run_id, _Aim.CANCEL, waits=waits)

    async def _work(self, run_id: str, aim: _Aim, *, waits: bool) -> RunEnd:
        runs = self._tools.store.suite_runs
        run = await runs.take(run_id)
        end = RunEnd(RunState.STOPPED)
        self._task = asyncio.current_task()
        try:
            if not run.is_batch:
                raise UsageError(phrase("This run is not a batch: its prompts are sent one by one."))
            suite = await asyncio.to_thread(own_suite, run)
            require_batches(suite, self._tools.gateway, self._tools.catalog)
            policy, judges_only = self._tools.gateway.settings.policy, aim is not _Aim.RUN  # the rest was sent before
            require_parameters(suite, policy, allowed=self._allow_parameters, judges_only=judges_only)
            try:
                end = await self._carried_out(run, suite, aim, waits=waits)
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

    async def _carried_out(self, run: RunRecord, suite: Suite, aim: _Aim, *, waits: bool) -> RunEnd:
        store = self._tools.store
        if self._end is not None:  # somebody stopped it by now
            return self._end
        calls = calls_of(self._tools, run, suite, allow_flagged=self._allow_flagged)
        async with aclosing(CheckDesk(self._tools.check_command)) as checks:
            cells = GradedCells(suite, calls, checks)
            told = (self._listener, self._notice, self._bounds.held)
            results = BatchResults(self._tools, run.id, suite, calls, cells, *told)
            lines = BatchLines(self._tools, run.id, suite, results.fail, allow_flagged=self._allow_flagged)
            steps = BatchSteps(self._tools, run.id, lines, results, self._notice, self._poll_s)
            if aim is _Aim.CANCEL:
                await self._withdraw(run)
            elif aim is _Aim.RUN:
                await self._plan(run, suite, lines, calls)
            await self._look(run, steps, waits=waits)
            jobs = await store.batch_jobs.list(run.id)
            if left := sum(job.is_open for job in jobs):
                return _under_way(left)
            asked = await store.suite_runs.asked(run.id)
            if any(plan_of(run).keys(asked.answered | asked.errors)):
                return RunEnd(RunState.STOPPED, phrase("No batch is running, and not all requests have responses."))
            await judge_run(run, suite, store, cells.ask_judge)
        return RunEnd(RunState.COMPLETE)

    async def _plan(self, run: RunRecord, suite: Suite, lines: BatchLines, calls: RunCalls) -> None:
        """Put what no open job holds into new ones. Raises RunCapped, PriceUnknown and BudgetSpent."""
        store = self._tools.store
        asked = await store.suite_runs.asked(run.id)
        unasked = list(plan_of(run).keys(asked.answered | asked.errors))
        held: set[CellKey] = set()
        for job in await store.batch_jobs.list(run.id):
            if job.is_open:
                held.update(await store.batch_jobs.cells(run.id, job.number))
        new = [key for key in unasked if key not in held]
        if not new:
            return
        if run.cap:
            await look_up_prices(self._tools.gateway, self._tools.catalog, models_of(suite))
            calls.require_prices(models_of(suite))
        await self._require_money(run, suite, unasked)
        endpoints = {
            each.model.connection: await self._tools.gateway.batches(each.model.connection) for each in suite.contenders
        }
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

    async def _require_money(self, run: RunRecord, suite: Suite, unasked: Sequence[CellKey]) -> None:
        """Go on where cap and budget have room for all that is not answered, at its longest."""
        most = most_cost(suite, unasked, self._entry)
        if run.cap is not None:
            require_bounds(suite, self._entry, unknown_prices=run.unknown_prices)
            if run.cap <= 0 or run.spent + most > run.cap:
                raise RunCapped(
                    phrase(
                        "The batch may cost {most} USD, and the run's cap is {cap} USD. Nothing was sent.",
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
                        "The batch may cost {most} USD, and {left} USD of this month's budget is left. "
                        "Nothing was sent.",
                        most=f"{most:,.2f}",
                        left=f"{max(budget - spent, 0.0):,.2f}",
                    )
                )

    def _entry(self, model: ModelRef) -> Entry:
        known = self._tools.gateway.known(model)
        return self._tools.catalog.entry(known.base, known.name)

    async def _withdraw(self, run: RunRecord) -> None:
        """Have it on the disk that open jobs are to be cancelled, before any server is told."""
        jobs = self._tools.store.batch_jobs
        for job in await jobs.list(run.id):
            if job.is_open and job.step is not BatchStep.ENDED:
                await jobs.keep(run.id, msgspec.structs.replace(job, is_cancelled=True))

    async def _look(self, run: RunRecord, steps: BatchSteps, *, waits: bool) -> None:
        """Take every job on, again and again, until all are done with. Raises ProviderError where that is no use."""
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
        """Why a server was not reached that may be reached later; jobs for which waiting is no use become `stuck`.

        Raises what holds for every job of the run.
        """
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
