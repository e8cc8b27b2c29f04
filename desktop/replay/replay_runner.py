"""Executes a replay: asks the successors what the incumbent was asked, then the judge; resumable at any point."""

from __future__ import annotations

import msgspec

from desktop.domain.conversation_types import Message, Problem
from desktop.domain.suite_cells import CellKey, CellRecord, CellStatus, Grade, RunRecord, RunState
from desktop.errors import ConversationUnknown, ParagoneError, StoreError, UsageError
from desktop.evals.execution.cap_ledger import CapLedger
from desktop.evals.execution.cell_journal import CellJournal
from desktop.evals.execution.cell_outcome import capped, cut, problem_of, record_of
from desktop.evals.execution.price_lookup import look_up_prices
from desktop.evals.execution.run_callers import require_run
from desktop.evals.execution.run_calls import Caller, CallFiles, RunCalls
from desktop.evals.execution.run_cells import RUN_ENDS, AnsweredCell, CellDropped, JudgeCalls
from desktop.evals.execution.run_limits import RunLimits
from desktop.evals.execution.run_work import Listener, RunEnd, RunWork, StoppableRun, stopped_by
from desktop.evals.judges.judge_run import JudgedPair, PairJudge, PairTask, PairWork, VerdictListener
from desktop.evals.judges.judge_setup import PairContext
from desktop.evals.suites.suite import GraderSpec, SuiteLimits
from desktop.replay.replay_plan import ReplayPlan, plan_of
from desktop.replay.replay_texts import ReplayTexts
from desktop.replay.requests import ReplayRequest, conversation_of
from desktop.replay.signals import signals_of
from desktop.replay.turn_selection import ReplayTools
from desktop.system.log import logger
from desktop.text.phrases import phrase

_log = logger("replay")

REPLAY_LIMITS = SuiteLimits()
_ITEMS_AT_ONCE = 20
"""Number of items whose texts are in memory together for the judge."""

DELETED = ConversationUnknown.code
"""Error code of an item whose conversation was deleted."""


def judge_spec(model: str) -> GraderSpec:
    """Return the pairwise judge of a replay."""
    return GraderSpec(type="judge-pair", options={"model": model})


def _silent(_record: object) -> None:
    return None


class ReplayRunner(StoppableRun):
    """Executes one replay. Call `run` once; `pause` and `stop` from the same loop at any time.

    Listeners receive each stored answer and verdict of the judge, and must be quick.
    """

    def __init__(
        self,
        tools: ReplayTools,
        limits: RunLimits,
        *,
        listener: Listener = _silent,
        verdict_listener: VerdictListener = _silent,
    ) -> None:
        super().__init__(phrase("The replay was stopped."))
        self._tools = tools
        self._limits = limits
        self._listener = listener
        self._verdict_listener = verdict_listener

    async def run(self, run_id: str) -> RunEnd:
        """Ask everything that is not answered yet, and return how it ended.

        Raises:
            RunUnknown: If there is no such replay; also RunBusy, PolicyForbids and StoreError.
        """
        runs = self._tools.store.replays
        run = await runs.take(run_id)
        end = RunEnd(RunState.STOPPED)
        try:
            plan = plan_of(run)
            asked = await runs.asked(run.id)
            if run.is_batch:
                raise UsageError(phrase("This replay is a batch: its prompts are in files on the server."))
            require_run(self._tools.gateway.settings.policy, plan.judges)
            self._calls = calls = calls_of(self._tools, self._limits, run)
            if self._end is not None:  # somebody stopped it by now
                calls.stop()
            if run.cap:
                await self._require_prices(plan, calls)
            cells = ReplayCells(plan, self._tools, calls)
            work = RunWork(run.id, runs, cells, self._halt, self._listener)
            contenders = plan.contenders
            keys = plan.keys(asked.answered | asked.errors)
            await work.carry_out(keys, lambda key: contenders[key.contender].connection, REPLAY_LIMITS.concurrency)
            if self._end is None:
                try:
                    await judge_replay(self._tools, run.id, plan, cells.judges, self._verdict_listener)
                except RUN_ENDS as error:
                    self._halt(stopped_by(error))
            end = self._end or RunEnd(RunState.COMPLETE)
            return end
        finally:
            try:
                await runs.release(run.id, end.state, str(end.reason))
            except StoreError as error:
                _log.warning("how far a replay got is not kept: %s", error.code)

    async def _require_prices(self, plan: ReplayPlan, calls: RunCalls) -> None:
        """End before any call if the cap lacks a price."""
        models = plan.callers
        await look_up_prices(self._tools.gateway, self._tools.catalog, models)
        try:
            calls.require_prices(models)
        except RUN_ENDS as error:
            self._halt(stopped_by(error))


async def judge_replay(
    tools: ReplayTools, run_id: str, plan: ReplayPlan, judges: JudgeCalls, listener: VerdictListener = _silent
) -> None:
    """Let the plan's judge, if it has one, compare the pairs that it has not compared yet.

    Raises:
        RunCapped: If the cap is reached. Other errors in `RUN_ENDS` are raised, too.
    """
    if not plan.judge:
        return
    store = tools.store
    judge = PairJudge(judge_spec(plan.judge), judges.ask)
    judged = {
        (each.case, each.repeat, each.b)
        for each in await store.judge_verdicts.list(run_id)
        if each.judge == judge.digest
    }
    work = PairWork(run_id, _Judging(tools), listener)
    texts = ReplayTexts(store)
    for start in range(0, len(plan.items), _ITEMS_AT_ONCE):
        cases = range(start, min(start + _ITEMS_AT_ONCE, len(plan.items)))
        tasks = [
            task
            for record in await store.replays.records(run_id, cases)
            if (record.key.case, record.key.repeat, record.key.contender + 1) not in judged
            and (task := await _task(judge, plan, record, texts)) is not None
        ]
        await work.carry_out(tasks, REPLAY_LIMITS.concurrency)


def calls_of(tools: ReplayTools, limits: RunLimits, run: RunRecord) -> RunCalls:
    """Return the calls of a replay."""
    return RunCalls(
        gateway=tools.gateway,
        catalog=tools.catalog,
        limits=limits,
        suite_limits=REPLAY_LIMITS,
        ledger=CapLedger(run.cap, run.spent),
        unknown_prices=run.unknown_prices,
    )


class _Judging:
    """The stores that pairwise judging uses."""

    def __init__(self, tools: ReplayTools) -> None:
        self.suite_runs = tools.store.replays
        self.judge_verdicts = tools.store.judge_verdicts


async def _task(judge: PairJudge, plan: ReplayPlan, record: CellRecord, texts: ReplayTexts) -> PairTask | None:
    """Return the pair of the incumbent's answer, which is number 0, and a successor's; None if one is missing."""
    if record.status is CellStatus.ERROR:
        return None
    request = await texts.request(plan.items[record.key.case])
    if request is None:
        return None
    turns, earlier = request.turns
    pair = JudgedPair(
        case=record.key.case,
        repeat=record.key.repeat,
        a=0,
        b=record.key.contender + 1,
        a_answers=(request.answer.text,),
        b_answers=record.answers,
    )
    return PairTask(judge, pair, PairContext(turns, {}, earlier))


class ReplayCells:
    """Asks the cells of a replay."""

    def __init__(self, plan: ReplayPlan, tools: ReplayTools, calls: RunCalls) -> None:
        self.judges = JudgeCalls(calls)
        self._plan = plan
        self._tools = tools
        self._calls = calls
        self._texts = ReplayTexts(tools.store)

    @property
    def judges_ended(self) -> ParagoneError | None:
        """See CellSource."""
        return self.judges.ended

    async def answered(self, key: CellKey) -> AnsweredCell:
        """Ask a successor what the incumbent was asked.

        Raises:
            CellDropped: If the run ends before it is complete.
        """
        tools, model = self._tools, self._plan.contenders[key.contender]
        journal = CellJournal()
        try:
            request = await self._texts.request(self._plan.items[key.case])
            if request is None:
                return AnsweredCell(record_of(key, [], deleted()), 0.0, None)
            entry = tools.entry_of(model)
            conversation = conversation_of(request, model, entry)
            given = await tools.given((*request.history, request.prompt), model, entry)
            tokens = sum(each.tokens for each in given.values())
            session = self._calls.session_over(conversation, journal, lambda: tools.files)
            session.use_tools(tools.toolbox, frozen=request.recorded)
            attached = CallFiles(request.prompt.files, tokens)
            call = await self._calls.call(session, request.prompt.text, Caller(key.contender), attached)
        except RUN_ENDS as error:
            raise CellDropped(0.0, error) from error
        except ParagoneError as error:
            return AnsweredCell(record_of(key, [], problem_of(error)), 0.0, None)
        spent = call.cost or 0.0
        if call.halted:
            raise CellDropped(spent)
        problem = capped() if call.capped else cut(call.message)
        record = record_of(key, [call.message], problem)
        return AnsweredCell(with_signals(record, request, call.message), spent, journal.receipt)


DELETED_TEXT = phrase("The conversation was deleted, so this turn was not replayed.")
"""Why a turn of a deleted conversation has no answer."""


def deleted() -> Problem:
    """Return why a turn of a deleted conversation has no answer, as it is stored."""
    return Problem(code=DELETED, message=DELETED_TEXT)


def with_signals(record: CellRecord, request: ReplayRequest, successor: Message) -> CellRecord:
    """Return a cell with the signals of its answer, which are stored as failed grades; none if it failed."""
    if record.problem is not None and record.problem.code != "length":
        return record
    signals = signals_of(request.answer, successor)
    grades = tuple(Grade(grader=signal.value, passed=False, score=0.0, reason="") for signal in signals)
    return msgspec.structs.replace(record, grades=grades)
