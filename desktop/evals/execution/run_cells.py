"""The cells of one run: each asked turn by turn, graded, and whole before it is kept."""

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
from desktop.evals.graders.cell_grading import grade_all
from desktop.evals.graders.check_child import Checker
from desktop.evals.graders.grader_table import grader_of
from desktop.evals.graders.grading import Graded, Grader, JudgeAnswer
from desktop.evals.suites.suite import GraderSpec, Suite
from desktop.receipts.receipt import Receipt

RUN_ENDS = (BudgetSpent, AuditFailed, SettingsError, StoreError, RunCapped, RunHalted)
"""Errors that hold for every call of a run, and leave the cell to be asked again."""


class AnsweredCell(NamedTuple):
    """A cell that is ready to be kept: with what it cost, judges too, and the receipt of its last turn."""

    record: CellRecord
    spent: float
    receipt: Receipt | None


class CellDropped(Exception):
    """A cell was broken off since its run ends: it is to be asked again. `spent` is what that cost in US dollars."""

    def __init__(self, spent: float, error: ParagoneError | None = None) -> None:
        super().__init__()
        self.spent = spent
        self.error = error


class GradedCells:
    """Asks and grades the cells of a suite."""

    def __init__(self, suite: Suite, calls: RunCalls, checker: Checker) -> None:
        self._suite = suite
        self._calls = calls
        self._checker = checker
        self._graders: dict[int, Grader] = {}
        self.judges_ended: ParagoneError | None = None
        """Why no judge is asked any more, where the run ends for that."""

    @property
    def is_halted(self) -> bool:
        """Whether nothing further is to be begun."""
        return self._calls.halted

    async def answered(self, key: CellKey) -> AnsweredCell:
        """Ask a cell and grade it. Raises CellDropped where the run ends before it is whole."""
        case, contender = self._suite.cases[key.case], self._suite.contenders[key.contender]
        journal = CellJournal()
        system = self._suite.system_of(contender)
        session = self._calls.session(contender.model, system, contender.parameters, journal)
        messages: list[Message] = []
        problem: Problem | None = None
        spent = 0.0
        turns = self._suite.turns(case)
        for text in turns:
            try:
                call = await self._calls.call(session, text, Caller(key.contender))
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
        """An answer with its grades; `turns` are what was asked."""
        case = self._suite.cases[record.key.case]
        said = Graded(
            turns=tuple(turns),
            answers=record.answers,
            variables=case.vars,
            figures=record.figures,
            contender=self._suite.contenders[record.key.contender].model,
        )
        graders = [self._grader(spec) for spec in case.graders]
        status, score, grades = await grade_all(graders, said, case.threshold)
        return msgspec.structs.replace(record, status=status, score=score, grades=grades, problem=None)

    def _grader(self, spec: GraderSpec) -> Grader:
        """Each is made once: most cases share theirs."""
        return self._graders.setdefault(id(spec), grader_of(spec, self.ask_judge, self._checker))

    async def ask_judge(
        self, model: ModelRef, system: str, prompt: str, parameters: Mapping[str, JsonValue]
    ) -> JudgeAnswer:
        """Ask a model once, as AskJudge says: through guards, policy, budget, limits and cap of the run."""
        session = self._calls.session(model, system, parameters, CellJournal())
        try:
            asked = await self._calls.without_keys(prompt)
            call = await self._calls.call(session, asked, Caller(str(model), is_judge=True))
        except RUN_ENDS as error:
            self.judges_ended = self.judges_ended or error
            raise
        problem = capped() if call.capped else cut(call.message)
        if problem is not None:
            # Without its hint, which is for whoever asks by hand; what it cost is paid all the same
            return JudgeAnswer(text="", cost=call.cost, problem=problem.message)
        return JudgeAnswer(text=call.message.text, cost=call.cost)
