"""Executes a run from its current state until its end, its cap, or until it is stopped."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing, suppress
from typing import NamedTuple

from desktop.catalog.catalog import Catalog
from desktop.domain.suite_cells import CellKey, CellRecord, CellStatus, RunRecord, RunState
from desktop.errors import ParagoneError, PolicyForbids, PromptHeld, RunCapped, StoreError, UsageError
from desktop.evals.execution.cap_ledger import CapLedger
from desktop.evals.execution.cell_outcome import CAP, is_unjudged
from desktop.evals.execution.price_lookup import look_up_prices
from desktop.evals.execution.run_callers import require_parameters
from desktop.evals.execution.run_calls import RunCalls
from desktop.evals.execution.run_cells import RUN_ENDS, AnsweredCell, CellDropped, GradedCells
from desktop.evals.execution.run_limits import RunLimits
from desktop.evals.execution.run_plan import models_of, own_suite, plan_of
from desktop.evals.execution.worker_tasks import all_of
from desktop.evals.graders.check_desk import CheckDesk
from desktop.evals.suites.suite import Suite
from desktop.providers.wire.retry import LONGEST_WAIT_S
from desktop.session.gateway import Gateway
from desktop.store.store import Store
from desktop.store.suite_runs import SuiteRuns
from desktop.system.log import logger
from desktop.text.phrases import NOTHING, Phrase, phrase

MOST_ERRORS = 20
"""Number of consecutive failed calls of a connection that stops a run."""

_log = logger("runs")

_NOT_OF_THE_SERVER = frozenset(
    {PolicyForbids.code, CAP, "length", "content_filter", "refusal"}
    | {kind.code for kind in (PromptHeld, *PromptHeld.__subclasses__())}
)
"""Errors that say nothing about a connection's state."""

CASES_AT_ONCE = 50
"""Number of cases whose responses are in memory together."""

Listener = Callable[[CellRecord], None]


class RunEnd(NamedTuple):
    """Final state of a run and the reason, empty if it is complete."""

    state: RunState
    reason: Phrase = NOTHING
    hint: Phrase = NOTHING


class RunTools(NamedTuple):
    """Services that execute runs. `limits` are shared by all runs of the process.

    `check_command` starts the child process for checks.
    """

    store: Store
    gateway: Gateway
    catalog: Catalog
    limits: RunLimits
    check_command: Sequence[str] = ()


class SuiteRunner:
    """Executes one run. Call `run` once; `pause` and `stop` from the same loop at any time.

    `listener` receives each stored cell and must be quick.
    """

    def __init__(
        self,
        tools: RunTools,
        *,
        listener: Listener = lambda _record: None,
        allow_flagged: bool = False,
        allow_parameters: bool = False,
    ) -> None:
        self._tools = tools
        self._listener = listener
        self._allow_flagged = allow_flagged
        self._allow_parameters = allow_parameters
        self._end: RunEnd | None = None
        self._calls: RunCalls | None = None

    def pause(self) -> None:
        """Begin no further calls; those in progress complete and are stored."""
        self._halt(RunEnd(RunState.STOPPED, phrase("The run was stopped.")))

    def stop(self) -> None:
        """End calls in progress too; their cells are asked again on resume."""
        self.pause()
        if self._calls is not None:
            self._calls.stop()

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
            require_parameters(suite, self._tools.gateway.settings.policy, allowed=self._allow_parameters)
            self._calls = calls_of(self._tools, run, suite, allow_flagged=self._allow_flagged)
            if self._end is not None:  # somebody stopped it by now
                self._calls.stop()
            keys = await asyncio.to_thread(lambda: list(plan_of(run).keys(asked.answered | asked.errors)))
            if run.cap:
                await self._require_prices(suite, self._calls)
            async with aclosing(CheckDesk(self._tools.check_command)) as checks:
                cells = GradedCells(suite, self._calls, checks)
                work = _RunWork(run, runs, cells, self._halt, self._listener)
                if asked.answered:
                    await work.judge_left(suite)
                await work.carry_out(suite, keys)
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

    async def _judge(self, run: RunRecord, suite: Suite, cells: GradedCells) -> None:
        """Judge responses in pairs, if the suite demands it and all are present."""
        from desktop.evals.judges.judge_run import judge_run

        if self._end is not None:
            return
        try:
            await judge_run(run, suite, self._tools.store, cells.ask_judge)
        except RUN_ENDS as error:
            self._halt(stopped_by(error))

    def _halt(self, end: RunEnd) -> None:
        """Stop with a reason; the first reason counts."""
        self._end = self._end or end
        if self._calls is not None:
            self._calls.halt()


class _RunWork:
    """Work between taking and releasing a run. `halt` receives the reason for stopping."""

    def __init__(
        self, run: RunRecord, runs: SuiteRuns, cells: GradedCells, halt: Callable[[RunEnd], None], listener: Listener
    ) -> None:
        self._run = run
        self._runs = runs
        self._cells = cells
        self._halt = halt
        self._listener = listener
        self._is_over = False
        self._errors: defaultdict[str, int] = defaultdict(int)

    async def carry_out(self, suite: Suite, keys: Iterable[CellKey]) -> None:
        """Ask cells, with as many workers per connection as its limits allow."""
        queues: dict[str, deque[CellKey]] = {}
        for key in keys:
            queues.setdefault(suite.contenders[key.contender].model.connection, deque()).append(key)
        at_once = max(1, suite.limits.concurrency)
        await all_of(
            [
                self._work(connection, queue)
                for connection, queue in queues.items()
                for _ in range(min(at_once, len(queue)))
            ]
        )

    async def judge_left(self, suite: Suite) -> None:
        """Regrade responses whose judges were not called before the cap was raised."""
        judged = [at for at, case in enumerate(suite.cases) if any("model" in spec.options for spec in case.graders)]
        for first in range(0, len(judged), CASES_AT_ONCE):
            records = await self._runs.records(self._run.id, judged[first : first + CASES_AT_ONCE])
            for record in filter(is_unjudged, records):
                if self._cells.is_halted:
                    return
                graded = await self._cells.graded(record, suite.turns(suite.cases[record.key.case]))
                if self._cells.judges_ended is not None:
                    self._stop(stopped_by(self._cells.judges_ended))
                spent = sum(grade.cost or 0.0 for grade in graded.grades)
                if self._is_over:
                    await self._drop(CellDropped(spent))
                    return
                if not await self._keep(AnsweredCell(graded, spent, None)):
                    return

    async def _work(self, connection: str, queue: deque[CellKey]) -> None:
        """Ask the cells of a connection one after another."""
        while queue and not self._is_over:
            try:
                cell = await self._cells.answered(queue.popleft())
            except CellDropped as dropped:
                await self._drop(dropped)
                return
            if not await self._keep(cell):
                return
            if self._cells.judges_ended is not None:
                self._stop(stopped_by(self._cells.judges_ended))
            self._count(connection, cell.record)

    async def _keep(self, cell: AnsweredCell) -> bool:
        """Store and report a cell. Returns whether that succeeded."""
        try:
            kept = await self._runs.keep(self._run.id, cell.record, cell.spent, cell.receipt)
        except StoreError as error:
            self._stop(stopped_by(error))
            return False
        self._listener(kept)
        return True

    async def _drop(self, dropped: CellDropped) -> None:
        if dropped.spent:
            with suppress(StoreError):
                await self._runs.spend(self._run.id, dropped.spent)
        if dropped.error is not None:
            self._stop(stopped_by(dropped.error))

    def _count(self, connection: str, record: CellRecord) -> None:
        """Stop if a connection only fails."""
        if record.status is not CellStatus.ERROR:
            self._errors[connection] = 0
            return
        if record.problem is not None and record.problem.code == CAP:
            self._stop(stopped_by(RunCapped(phrase("A response reached the run's cap."))))
        if record.problem is None or record.problem.code in _NOT_OF_THE_SERVER:
            return
        if (record.problem.retry_after_s or 0.0) > LONGEST_WAIT_S:
            reason = phrase(
                "“{connection}” requires a long wait before the next request: {message}",
                connection=connection,
                message=record.problem.message,
            )
            self._stop(RunEnd(RunState.STOPPED, reason, phrase("Resume the run later, and retry its errors.")))
        self._errors[connection] += 1
        if self._errors[connection] < MOST_ERRORS:
            return
        reason = phrase(
            "{n} consecutive calls to “{connection}” failed. Last error: {message}",
            n=MOST_ERRORS,
            connection=connection,
            message=record.problem.message,
        )
        hint = phrase("Correct the problem, then resume the run and retry its errors.")
        self._stop(RunEnd(RunState.STOPPED, reason, hint))

    def _stop(self, end: RunEnd) -> None:
        self._is_over = True
        self._halt(end)


def calls_of(tools: RunTools, run: RunRecord, suite: Suite, *, allow_flagged: bool = False) -> RunCalls:
    """Return the calls of a run."""
    return RunCalls(
        gateway=tools.gateway,
        catalog=tools.catalog,
        limits=tools.limits,
        suite_limits=suite.limits,
        ledger=CapLedger(run.cap, run.spent),
        unknown_prices=run.unknown_prices,
        allow_flagged=allow_flagged,
    )


def stopped_by(error: ParagoneError) -> RunEnd:
    """Return how a run ends after an error that affects all calls."""
    state = RunState.CAPPED if isinstance(error, RunCapped) else RunState.STOPPED
    return RunEnd(state, error.message, error.hint)
