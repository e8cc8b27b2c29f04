"""Grader that calls a model to judge single responses with a rubric or a reference answer."""

from __future__ import annotations

import msgspec

from desktop.domain.suite_cells import Grade
from desktop.errors import ParagoneError
from desktop.evals.graders.grading import AskJudge, Graded, Grader
from desktop.evals.graders.verdicts import quoted, unsure, verdict
from desktop.evals.judges.judge_setup import answer_prompt, setup_of
from desktop.evals.judges.judge_verdict import read_verdict
from desktop.evals.suites.suite import GraderSpec
from desktop.pages.exported_errors import without_address
from desktop.text.phrases import english, phrase


def judge_grader(spec: GraderSpec, ask_judge: AskJudge) -> Grader:
    """Return the grader for a judge in a suite.

    Raises:
        UsageError: If the grader names no model.
    """
    return JudgeGrader(spec, ask_judge)


class JudgeGrader:
    """Calls the judge once per response. An unreadable verdict yields no grade, but its cost is counted."""

    def __init__(self, spec: GraderSpec, ask_judge: AskJudge) -> None:
        self._spec = spec
        self._ask = ask_judge
        self._setup = setup_of(spec)

    async def grade(self, graded: Graded) -> Grade:
        """Return the judge's verdict on the last response."""
        setup = self._setup
        prompt = answer_prompt(setup, graded.variables, graded.turns, graded.answers)
        try:
            judge_response = await self._ask(setup.model, setup.system_for(), prompt, setup.parameters)
        except ParagoneError as error:
            reason = without_address(error.message, setup.model.connection)
            return unsure(self._spec, phrase("The judge did not respond: {reason}", reason=reason))
        if judge_response.problem:
            reason = without_address(judge_response.problem, setup.model.connection)
            return unsure(
                self._spec, phrase("The judge did not respond: {reason}", reason=reason), cost=judge_response.cost
            )
        found = read_verdict(judge_response.text, self._spec.threshold)
        if found is None:
            unread = phrase("The judge's response could not be read: {text}", text=quoted(judge_response.text[-300:]))
            return unsure(self._spec, unread, cost=judge_response.cost)
        reason = english(found.reason) if found.reason else phrase("The judge gave no reason.")
        grade = verdict(self._spec, passed=found.passed, score=found.score, reason=reason)
        return msgspec.structs.replace(grade, cost=judge_response.cost)
