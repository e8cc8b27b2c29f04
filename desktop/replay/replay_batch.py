"""Replays sent in batches: the same requests as one by one, at half the price and within a day."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager

from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import Message, ModelRef, Usage
from desktop.domain.suite_cells import CellKey, CellRecord, RunRecord
from desktop.errors import ConversationUnknown, ParagoneError, PriceUnknown, RunHalted
from desktop.evals.batch.batch_costs import SHARE
from desktop.evals.batch.batch_plan import require_batch_models
from desktop.evals.execution.cap_ledger import has_price
from desktop.evals.execution.cell_outcome import record_of
from desktop.evals.execution.run_callers import require_run
from desktop.evals.execution.run_cells import JudgeCalls
from desktop.evals.execution.run_estimate import MOST_OUTPUT
from desktop.evals.execution.run_limits import RunLimits
from desktop.replay.replay_estimate import pair_cost
from desktop.replay.replay_plan import ReplayPlan, plan_of
from desktop.replay.replay_runner import DELETED_TEXT, REPLAY_LIMITS, calls_of, deleted, judge_replay, with_signals
from desktop.replay.replay_texts import ReplayTexts
from desktop.replay.requests import ReplayRequest, conversation_of
from desktop.replay.turn_selection import ReplayTools, tokens_of
from desktop.session.answer import AnswerTask
from desktop.session.apart_answer import new_prompt, task_apart
from desktop.session.charge import most_output
from desktop.session.session import new_conversation
from desktop.store.suite_runs import SuiteRuns
from desktop.text.phrases import phrase


class ReplayBatches:
    """Replays as batches. See BatchKind."""

    def __init__(self, tools: ReplayTools, limits: RunLimits) -> None:
        self._tools = tools
        self._limits = limits

    @property
    def runs(self) -> SuiteRuns:
        """Stored replays."""
        return self._tools.store.replays

    @asynccontextmanager
    async def opened(self, run: RunRecord, *, sends: bool) -> AsyncGenerator[_ReplayBatch]:
        """Return the cells of a replay.

        Raises:
            UsageError: If a model cannot be asked through a Batch API; also StoreError and PolicyForbids.
        """
        plan = plan_of(run)
        require_run(self._tools.gateway.settings.policy, plan.judges, is_batch=sends)
        require_batch_models(plan.contenders, self._tools.gateway, self._tools.catalog)
        yield _ReplayBatch(self._tools, self._limits, run, plan)


class _ReplayBatch:
    """Cells of one replay. See BatchSource."""

    def __init__(self, tools: ReplayTools, limits: RunLimits, run: RunRecord, plan: ReplayPlan) -> None:
        self.calls = calls_of(tools, limits, run)
        self.models: Sequence[ModelRef] = plan.contenders
        self.callers: Collection[ModelRef] = plan.callers
        self.at_once = REPLAY_LIMITS.concurrency
        self._judges = JudgeCalls(self.calls)
        self._texts = ReplayTexts(tools.store)
        self._tools = tools
        self._run = run
        self._plan = plan

    @property
    def judges_ended(self) -> ParagoneError | None:
        return self._judges.ended

    def keys(self, without: Collection[CellKey]) -> Iterable[CellKey]:
        return self._plan.keys(without)

    async def task(self, key: CellKey) -> AnswerTask:
        request = await self._texts.request(self._plan.items[key.case])
        if request is None:
            raise ConversationUnknown(DELETED_TEXT)
        tools, model = self._tools, self.models[key.contender]
        entry, path = tools.entry_of(model), (*request.history, request.prompt)
        given = await tools.given(path, model, entry)
        return task_apart(tools.gateway, tools.catalog, conversation_of(request, model, entry), path, given)

    async def answered(self, key: CellKey) -> AnswerTask:
        try:
            return await self.task(key)
        except ConversationUnknown:
            conversation = new_conversation(self.models[key.contender])
            return task_apart(self._tools.gateway, self._tools.catalog, conversation, (new_prompt(""),))

    async def graded(self, record: CellRecord, message: Message) -> CellRecord:
        request = await self._texts.request(self._plan.items[record.key.case])
        if request is None:
            return record_of(record.key, [message], deleted())
        return with_signals(record, request, message)

    async def require_bounds(self, keys: Sequence[CellKey], *, unknown_prices: bool) -> None:
        for key in keys:
            model = self.models[key.contender]
            entry = self._tools.entry_of(model)
            if has_price(entry):
                request = await self._texts.request(self._plan.items[key.case])
                if request is not None and _most_output(request, model, entry) is None:
                    raise RunHalted(
                        phrase(
                            "A batch cannot be stopped at a cap, and the responses from {contender} have no maximum "
                            "length.",
                            contender=model,
                        ),
                        hint=phrase("Replay without a batch, or without a cap."),
                    )
            elif not unknown_prices:
                raise PriceUnknown(phrase("No price is known for {model}, and the run has a cap.", model=model))

    async def most_cost(self, keys: Sequence[CellKey]) -> float:
        total = 0.0
        for key in keys:
            request = await self._texts.request(self._plan.items[key.case])
            if request is None:
                continue
            model = self.models[key.contender]
            entry, tokens = self._tools.entry_of(model), tokens_of(request)
            most = _most_output(request, model, entry) or MOST_OUTPUT
            total += SHARE * (entry.cost(Usage(input_tokens=tokens.sent, output_tokens=most)) or 0.0)
            total += pair_cost(self._plan, tokens, self._tools.entry_of)[1] or 0.0
        return total

    async def judge(self) -> None:
        await judge_replay(self._tools, self._run.id, self._plan, self._judges)


def _most_output(request: ReplayRequest, model: ModelRef, entry: Entry) -> int | None:
    """Return the maximum tokens of a response, or None if neither the request nor the model has a limit."""
    return most_output(conversation_of(request, model, entry).parameters.values, entry)
