"""Regrades the stored responses of a run. Judges are called, contenders are not."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import aclosing

import msgspec

from desktop.domain.suite_cells import CellRecord, CellStatus
from desktop.evals.execution.run_callers import judges_of, require_parameters, require_run
from desktop.evals.execution.run_cells import RUN_ENDS, GradedCells
from desktop.evals.execution.run_plan import digest_of, own_suite
from desktop.evals.execution.run_work import RunEnd, stopped_by
from desktop.evals.execution.suite_runner import RunTools, calls_of
from desktop.evals.execution.worker_tasks import all_of
from desktop.evals.graders.check_desk import CheckDesk
from desktop.evals.judges.judge_run import judge_run
from desktop.evals.suites.suite import GraderSpec, Suite
from desktop.evals.suites.suite_file import suite_from_json, suite_json

_AT_ONCE = 50
"""Number of cases loaded at a time."""


class RunRegrade:
    """Regrades one run. `progress` receives the number of regraded responses and the total; `listener` each cell."""

    def __init__(
        self,
        tools: RunTools,
        progress: Callable[[int, int], None] = lambda _done, _total: None,
        listener: Callable[[CellRecord], None] = lambda _record: None,
        *,
        allow_parameters: bool = False,
    ) -> None:
        self._tools = tools
        self._progress = progress
        self._listener = listener
        self._allow_parameters = allow_parameters
        self._done = 0
        self._total = 0

    async def run(self, run_id: str, graders: Sequence[GraderSpec] | None = None) -> RunEnd:
        """Regrade the run. If `graders` are given, they replace the graders of the suite.

        Raises:
            RunUnknown: If there is no such run.
            RunBusy: If the run is in use.
        """
        runs = self._tools.store.suite_runs
        before = (await runs.summary(run_id)).state
        run = await runs.take(run_id)
        try:
            suite = await asyncio.to_thread(own_suite, run)
            suite = suite if graders is None else _regraded(suite, tuple(graders))
            policy = self._tools.gateway.settings.policy
            if judges := judges_of(suite):
                require_run(policy, judges)
            require_parameters(suite, policy, allowed=self._allow_parameters, judges_only=True)
            if graders is not None:
                kept = suite_json(suite)
                await runs.set_suite(run.id, kept, digest_of(kept))
                suite = suite_from_json(kept)
            progress = await runs.progress(run.id)
            self._total = progress.asked - progress.errors
            async with aclosing(CheckDesk(self._tools.check_command)) as checks:
                cells = GradedCells(suite, calls_of(self._tools, run, suite), checks)
                for first in range(0, run.cases, _AT_ONCE):
                    cases = range(first, min(first + _AT_ONCE, run.cases))
                    queue = deque(await runs.records(run.id, cases))
                    workers = min(max(1, suite.limits.concurrency), len(queue))
                    await all_of([self._work(run.id, suite, cells, queue) for _ in range(workers)])
                    if cells.judges_ended is not None:
                        return stopped_by(cells.judges_ended)._replace(state=before)
                try:
                    await judge_run(run, suite, self._tools.store, cells.ask_judge)
                except RUN_ENDS as error:
                    return stopped_by(error)._replace(state=before)
            return RunEnd(before)
        finally:
            await runs.release(run.id, before)

    async def _work(self, run_id: str, suite: Suite, cells: GradedCells, queue: deque[CellRecord]) -> None:
        while queue and cells.judges_ended is None:
            record = queue.popleft()
            if record.status is CellStatus.ERROR:
                continue
            turns = suite.turns(suite.cases[record.key.case])
            graded = await cells.graded(record, turns)
            if cells.judges_ended is not None and any(each.passed is None for each in graded.grades):
                return  # the previous grades are worth more
            spent = sum(grade.cost or 0.0 for grade in graded.grades)
            self._listener(await self._tools.store.suite_runs.keep(run_id, graded, spent))
            self._done += 1
            self._progress(self._done, self._total)


def _regraded(suite: Suite, graders: tuple[GraderSpec, ...]) -> Suite:
    cases = tuple(msgspec.structs.replace(case, graders=graders) for case in suite.cases)
    return msgspec.structs.replace(suite, cases=cases)
