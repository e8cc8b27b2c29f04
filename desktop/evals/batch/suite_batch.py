"""Suites sent in batches: one request per case, graded like normal responses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection, Iterable, Sequence
from contextlib import aclosing, asynccontextmanager

from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import Message, ModelRef, Parameters
from desktop.domain.suite_cells import CellKey, CellRecord, RunRecord
from desktop.errors import ParagoneError
from desktop.evals.batch.batch_costs import most_cost, require_bounds
from desktop.evals.batch.batch_plan import require_batch_models, require_single_turns
from desktop.evals.execution.run_callers import judges_of, require_parameters, require_run
from desktop.evals.execution.run_cells import GradedCells
from desktop.evals.execution.run_plan import models_of, own_suite, plan_of
from desktop.evals.execution.suite_runner import RunTools, calls_of
from desktop.evals.graders.check_child import Checker
from desktop.evals.graders.check_desk import CheckDesk
from desktop.evals.judges.judge_run import judge_run
from desktop.evals.suites.suite import Suite
from desktop.session.answer import AnswerTask
from desktop.session.apart_answer import new_prompt, task_apart
from desktop.session.session import new_conversation
from desktop.store.suite_runs import SuiteRuns


class SuiteBatches:
    """Runs of suites as batches. See BatchKind."""

    def __init__(self, tools: RunTools, *, allow_flagged: bool = False, allow_parameters: bool = False) -> None:
        self._tools = tools
        self._allow_flagged = allow_flagged
        self._allow_parameters = allow_parameters

    @property
    def runs(self) -> SuiteRuns:
        """Stored runs of suites."""
        return self._tools.store.suite_runs

    @asynccontextmanager
    async def opened(self, run: RunRecord, *, sends: bool) -> AsyncGenerator[_SuiteBatch]:
        """Return the cells of a run.

        Raises:
            UsageError: If its suite cannot be sent through a Batch API.
            ParametersUnconfirmed: If it has parameters that must be allowed; also PolicyForbids.
        """
        tools = self._tools
        suite = await asyncio.to_thread(own_suite, run)
        require_single_turns(suite)
        require_batch_models([each.model for each in suite.contenders], tools.gateway, tools.catalog)
        policy = tools.gateway.settings.policy
        require_run(policy, judges_of(suite), is_batch=sends)
        require_parameters(suite, policy, allowed=self._allow_parameters, judges_only=not sends)
        async with aclosing(CheckDesk(tools.check_command)) as checks:
            yield _SuiteBatch(tools, run, suite, checks, allow_flagged=self._allow_flagged)


class _SuiteBatch:
    """Cells of one run of a suite. See BatchSource."""

    def __init__(self, tools: RunTools, run: RunRecord, suite: Suite, checks: Checker, *, allow_flagged: bool) -> None:
        self.calls = calls_of(tools, run, suite, allow_flagged=allow_flagged)
        self.models: Sequence[ModelRef] = [each.model for each in suite.contenders]
        self.callers: Collection[ModelRef] = models_of(suite)
        self.at_once = suite.limits.concurrency
        self._tools = tools
        self._run = run
        self._suite = suite
        self._cells = GradedCells(suite, self.calls, checks)

    @property
    def judges_ended(self) -> ParagoneError | None:
        return self._cells.judges_ended

    def keys(self, without: Collection[CellKey]) -> Iterable[CellKey]:
        return plan_of(self._run).keys(without)

    async def task(self, key: CellKey) -> AnswerTask:
        suite, gateway, catalog = self._suite, self._tools.gateway, self._tools.catalog
        contender = suite.contenders[key.contender]
        parameters = Parameters(values=dict(contender.parameters))
        conversation = new_conversation(contender.model, system=suite.system_of(contender), parameters=parameters)
        (text,) = suite.turns(suite.cases[key.case])
        return task_apart(gateway, catalog, conversation, (new_prompt(text),))

    async def answered(self, key: CellKey) -> AnswerTask:
        return await self.task(key)

    async def graded(self, record: CellRecord, message: Message) -> CellRecord:
        del message  # the record has all that graders see
        if record.problem is not None:
            return record
        return await self._cells.graded(record, self._suite.turns(self._suite.cases[record.key.case]))

    async def require_bounds(self, keys: Sequence[CellKey], *, unknown_prices: bool) -> None:
        del keys  # each contender is bounded or not
        require_bounds(self._suite, self._entry, unknown_prices=unknown_prices)

    async def most_cost(self, keys: Sequence[CellKey]) -> float:
        return await asyncio.to_thread(most_cost, self._suite, keys, self._entry)

    async def judge(self) -> None:
        await judge_run(self._run, self._suite, self._tools.store, self._cells.ask_judge)

    def _entry(self, model: ModelRef) -> Entry:
        known = self._tools.gateway.known(model)
        return self._tools.catalog.entry(known.base, known.name)
