"""Executes a run from its current state until its end, its cap, or until it is stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from typing import NamedTuple

from desktop.catalog.catalog import Catalog
from desktop.domain.suite_cells import RunRecord, RunState
from desktop.errors import StoreError, UsageError
from desktop.evals.execution.cap_ledger import CapLedger
from desktop.evals.execution.cell_outcome import is_unjudged
from desktop.evals.execution.price_lookup import look_up_prices
from desktop.evals.execution.run_callers import judges_of, require_parameters, require_run
from desktop.evals.execution.run_calls import RunCalls
from desktop.evals.execution.run_cells import RUN_ENDS, AnsweredCell, CellDropped, GradedCells
from desktop.evals.execution.run_limits import RunLimits
from desktop.evals.execution.run_plan import models_of, own_suite, plan_of
from desktop.evals.execution.run_work import Listener, RunEnd, RunWork, StoppableRun, stopped_by
from desktop.evals.execution.tool_recordings import recordings_of
from desktop.evals.graders.check_desk import CheckDesk
from desktop.evals.suites.suite import Suite
from desktop.session.gateway import Gateway
from desktop.store.store import Store
from desktop.system.log import logger
from desktop.text.phrases import phrase
from desktop.tools.tool_runner import Toolbox

_log = logger("runs")

CASES_AT_ONCE = 50
"""Number of cases whose responses are in memory together."""


class RunTools(NamedTuple):
    """Services that execute runs. `limits` are shared by all runs of the process.

    `check_command` starts the child process for checks. `toolbox` has the tools of suites that offer some.
    """

    store: Store
    gateway: Gateway
    catalog: Catalog
    limits: RunLimits
    check_command: Sequence[str] = ()
    toolbox: Callable[[], Toolbox] | None = None


class SuiteRunner(StoppableRun):
    """Executes one run. Call `run` once; `pause` and `stop` from the same loop at any time.

    `listener` receives each stored cell and must be quick. `allowed_tools` are servers, `server/tool`, or `all`,
    which are allowed in addition to the user's lasting decisions; other calls are denied, since nobody is asked.
    """

    def __init__(
        self,
        tools: RunTools,
        *,
        listener: Listener = lambda _record: None,
        allow_flagged: bool = False,
        allow_parameters: bool = False,
        allowed_tools: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(phrase("The run was stopped."))
        self._tools = tools
        self._listener = listener
        self._allow_flagged = allow_flagged
        self._allow_parameters = allow_parameters
        self._allowed_tools = allowed_tools

    async def run(self, run_id: str) -> RunEnd:
        """Ask all unanswered cells of a run, and return how it ended.

        Raises:
            RunUnknown: If there is no such run; also RunBusy, PolicyForbids and UsageError.
        """
        runs = self._tools.store.suite_runs
        run = await runs.take(run_id)
        end = RunEnd(RunState.STOPPED)
        try:
            if run.is_batch:
                raise UsageError(
                    phrase("This run is a batch: its prompts are in files on the server."),
                    hint=phrase("Continue the run in a terminal: `paragone runs resume`."),
                )
            asked = await runs.asked(run.id)
            suite = await asyncio.to_thread(own_suite, run)
            policy = self._tools.gateway.settings.policy
            require_run(policy, judges_of(suite))
            require_parameters(suite, policy, allowed=self._allow_parameters)
            recordings = await recordings_of(runs, run, suite)
            self._calls = calls_of(
                self._tools, run, suite, allow_flagged=self._allow_flagged, allowed_tools=self._allowed_tools
            )
            if self._end is not None:  # somebody stopped it by now
                self._calls.stop()
            keys = await asyncio.to_thread(lambda: list(plan_of(run).keys(asked.answered | asked.errors)))
            if run.cap:
                await self._require_prices(suite, self._calls)
            async with aclosing(CheckDesk(self._tools.check_command)) as checks:
                cells = GradedCells(suite, self._calls, checks, recordings)
                work = RunWork(run.id, runs, cells, self._halt, self._listener)
                if asked.answered:
                    await self._judge_left(run, suite, cells, work)
                models = [each.model for each in suite.contenders]
                await work.carry_out(keys, lambda key: models[key.contender].connection, suite.limits.concurrency)
                await self._judge(run, suite, cells)
            end = self._end or RunEnd(RunState.COMPLETE)
            return end
        finally:
            try:
                await runs.release(run.id, end.state, str(end.reason))
            except StoreError as error:
                _log.warning("how far a run got is not kept: %s", error.code)

    async def _require_prices(self, suite: Suite, calls: RunCalls) -> None:
        """End before any call if the cap lacks a price."""
        await look_up_prices(self._tools.gateway, self._tools.catalog, models_of(suite))
        try:
            calls.require_prices(models_of(suite))
        except RUN_ENDS as error:
            self._halt(stopped_by(error))

    async def _judge_left(self, run: RunRecord, suite: Suite, cells: GradedCells, work: RunWork) -> None:
        """Regrade responses whose judges were not called before the cap was raised."""
        judged = [at for at, case in enumerate(suite.cases) if any("model" in spec.options for spec in case.graders)]
        for first in range(0, len(judged), CASES_AT_ONCE):
            records = await self._tools.store.suite_runs.records(run.id, judged[first : first + CASES_AT_ONCE])
            for record in filter(is_unjudged, records):
                if cells.is_halted:
                    return
                graded = await cells.graded(record, suite.turns(suite.cases[record.key.case]))
                if cells.judges_ended is not None:
                    work.stop(stopped_by(cells.judges_ended))
                spent = sum(grade.cost or 0.0 for grade in graded.grades)
                if work.is_over:
                    await work.drop(CellDropped(spent))
                    return
                if not await work.keep(AnsweredCell(graded, spent, None)):
                    return

    async def _judge(self, run: RunRecord, suite: Suite, cells: GradedCells) -> None:
        """Judge responses in pairs, if the suite demands it and all are present."""
        from desktop.evals.judges.judge_run import judge_run

        if self._end is not None:
            return
        try:
            await judge_run(run, suite, self._tools.store, cells.ask_judge)
        except RUN_ENDS as error:
            self._halt(stopped_by(error))


def calls_of(
    tools: RunTools,
    run: RunRecord,
    suite: Suite,
    *,
    allow_flagged: bool = False,
    allowed_tools: frozenset[str] = frozenset(),
) -> RunCalls:
    """Return the calls of a run."""
    return RunCalls(
        gateway=tools.gateway,
        catalog=tools.catalog,
        limits=tools.limits,
        suite_limits=suite.limits,
        ledger=CapLedger(run.cap, run.spent),
        unknown_prices=run.unknown_prices,
        allow_flagged=allow_flagged,
        toolbox=tools.toolbox,
        allowed_tools=allowed_tools,
    )
