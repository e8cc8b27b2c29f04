"""Cells of one run: asked turn by turn, graded, and complete before they are stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from desktop.domain.conversation_types import JsonValue, Message, ModelRef, Problem
from desktop.domain.suite_cells import CellKey, CellRecord
from desktop.errors import (
    AuditFailed,
    BudgetSpent,
    ParagoneError,
    RunCapped,
    RunHalted,
    SettingsError,
    StoreError,
)
from desktop.evals.execution.cell_journal import CellJournal
from desktop.evals.execution.cell_outcome import capped, cut, problem_of, record_of, unjudged
from desktop.evals.execution.run_calls import Caller, RunCalls
from desktop.evals.execution.tool_recordings import RunRecordings
from desktop.evals.graders.cell_grading import grade_all
from desktop.evals.graders.check_child import Checker
from desktop.evals.graders.grader_table import grader_of
from desktop.evals.graders.grading import Graded, Grader, JudgeAnswer
from desktop.evals.suites.suite import GraderSpec, Suite
from desktop.receipts.receipt import Receipt
from desktop.tools.tool_runner import Unattended

RUN_ENDS = (BudgetSpent, AuditFailed, SettingsError, StoreError, RunCapped, RunHalted)
"""Errors that affect every call of a run and leave the cell unanswered."""


class AnsweredCell(NamedTuple):
    """A cell ready to be stored, with its total cost and the last receipt."""

    record: CellRecord
    spent: float
    receipt: Receipt | None


class CellDropped(Exception):
    """A cell was interrupted because its run ends. `spent` is its cost so far in US dollars."""

    def __init__(self, spent: float, error: ParagoneError | None = None) -> None:
        super().__init__()
        self.spent = spent
        self.error = error


class JudgeCalls:
    """Asks the judges of a run. `ended` is why no judge is asked any more, where the run ends for that."""

    def __init__(self, calls: RunCalls) -> None:
        self.ended: ParagoneError | None = None
        self._calls = calls

    async def ask(self, model: ModelRef, system: str, prompt: str, parameters: Mapping[str, JsonValue]) -> JudgeAnswer:
        """Call a model once, as described by AskJudge, with guards, policy, budget and cap."""
        session = self._calls.session(model, system, parameters, CellJournal())
        try:
            asked = await self._calls.without_keys(prompt)
            call = await self._calls.call(session, asked, Caller(str(model), is_judge=True))
        except RUN_ENDS as error:
            self.ended = self.ended or error
            raise
        problem = capped() if call.capped else cut(call.message)
        if problem is not None:
            # Without its hint, which is for manual prompts; its cost is still counted
            return JudgeAnswer(text="", cost=call.cost, problem=problem.message)
        return JudgeAnswer(text=call.message.text, cost=call.cost)


class GradedCells:
    """Asks and grades the cells of a suite."""

    def __init__(
        self, suite: Suite, calls: RunCalls, checker: Checker, recordings: RunRecordings | None = None
    ) -> None:
        self._recordings = recordings
        self._suite = suite
        self._calls = calls
        self._checker = checker
        self._graders: dict[int, Grader] = {}
        self._judges = JudgeCalls(calls)
        self.ask_judge = self._judges.ask

    @property
    def judges_ended(self) -> ParagoneError | None:
        """Why no judge is asked any more, where the run ends for that."""
        return self._judges.ended

    @property
    def is_halted(self) -> bool:
        """Whether no further cells begin."""
        return self._calls.halted

    async def answered(self, key: CellKey) -> AnsweredCell:
        """Ask and grade a cell.

        Raises:
            CellDropped: If the run ends before it is complete.
        """
        recordings = self._recordings
        if recordings is None:
            return await self._answered(key)
        try:
            turn = await recordings.begin(key.case)
        except StoreError as error:
            raise CellDropped(0.0, error) from error
        cell = await self._answered(key, turn)
        recordings.end(key.case)
        return cell

    async def _answered(self, key: CellKey, recorded_turn: str = "") -> AnsweredCell:
        case, contender = self._suite.cases[key.case], self._suite.contenders[key.contender]
        journal = CellJournal()
        system = self._suite.system_of(contender)
        session = self._calls.session(contender.model, system, contender.parameters, journal, self._suite.tools)
        if self._recordings is not None:
            session.unattended = Unattended(allowed=self._calls.allowed_tools, recordings=self._recordings.calls)
            session.frozen = () if self._recordings.is_closed else None
        messages: list[Message] = []
        problem: Problem | None = None
        spent = 0.0
        turns = self._suite.turns(case)
        for number, text in enumerate(turns):
            turn = recorded_turn
            if not turn and self._suite.tools.servers:
                turn = f"{id(self)} {key.case} {key.repeat} {number}"
            try:
                call = await self._calls.call(session, text, Caller(key.contender), turn=turn)
            except RUN_ENDS as error:
                raise CellDropped(spent, error) from error
            except ParagoneError as error:
                problem = problem_of(error)
                break
            messages.append(call.message)
            spent += call.cost or 0.0
            if call.halted:
                raise CellDropped(spent)
            problem = capped() if call.capped else cut(call.message)
            if problem is not None:
                break
        record = record_of(key, messages, problem)
        if problem is None:
            record = await self.graded(record, turns)
        spent += sum(grade.cost or 0.0 for grade in record.grades)
        is_unjudged = any(grade.passed is None and grade.weight for grade in record.grades)
        if is_unjudged and (self._calls.is_stopped or self.judges_ended is not None):
            if self._calls.is_stopped or not isinstance(self.judges_ended, RunCapped):
                raise CellDropped(spent, self.judges_ended)  # its judges were not asked any more
            record = msgspec.structs.replace(record, problem=unjudged())  # it is paid for
        return AnsweredCell(record, spent, journal.receipt)

    async def graded(self, record: CellRecord, turns: Sequence[str]) -> CellRecord:
        """Return a response with its grades; `turns` are the prompts."""
        case = self._suite.cases[record.key.case]
        graded_input = Graded(
            turns=tuple(turns),
            answers=record.answers,
            variables=case.vars,
            figures=record.figures,
            contender=self._suite.contenders[record.key.contender].model,
            parts=record.parts(len(record.answers) - 1) if record.answers and record.calls is not None else None,
        )
        graders = [self._grader(spec) for spec in case.graders]
        status, score, grades = await grade_all(graders, graded_input, case.threshold)
        return msgspec.structs.replace(record, status=status, score=score, grades=grades, problem=None)

    def _grader(self, spec: GraderSpec) -> Grader:
        """Return the grader for a specification, created once."""
        return self._graders.setdefault(id(spec), grader_of(spec, self.ask_judge, self._checker))
