"""The table of graders: what makes the grader of each type."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import cast

from desktop.phrases import phrase
from desktop.runs.graders.check_desk import SingleChecks
from desktop.runs.graders.check_task import Checker
from desktop.runs.graders.checked_graders import JsonGrader, RegexGrader, SimilarityGrader
from desktop.runs.graders.grading import AskJudge, Graded, Grader
from desktop.runs.graders.measure_graders import CostGrader, LatencyGrader, LengthGrader
from desktop.runs.graders.number_grader import NumberGrader
from desktop.runs.graders.text_graders import TextGrader
from desktop.runs.graders.verdicts import unsure
from desktop.runs.suite import GraderSpec
from desktop.suite_cells import Grade

_ALONE: dict[str, Callable[[GraderSpec], Grader]] = {
    "equals": TextGrader,
    "contains": TextGrader,
    "contains-any": TextGrader,
    "contains-all": TextGrader,
    "starts-with": TextGrader,
    "numeric": NumberGrader,
    "length": LengthGrader,
    "latency": LatencyGrader,
    "cost": CostGrader,
}
_CHECKED: dict[str, Callable[[GraderSpec, Checker], Grader]] = {
    "regex": RegexGrader,
    "is-json": JsonGrader,
    "json-schema": JsonGrader,
    "similarity": SimilarityGrader,
}


def grader_of(spec: GraderSpec, ask_judge: AskJudge | None, checker: Checker | None = None) -> Grader:
    """The grader that a suite names. `ask_judge` asks the models that judge; without it those cannot tell.

    `checker` carries out what could hold the program up; a CheckDesk serves many cells with one child. Without it each
    such check starts a child of its own. Raises UsageError where there is no grader of this type.
    """
    if (alone := _ALONE.get(spec.type)) is not None:
        return alone(spec)
    if (checked := _CHECKED.get(spec.type)) is not None:
        return checked(spec, checker or SingleChecks())
    if spec.type == "judge":
        return _judge(spec, ask_judge)
    return PairMark(spec)


class PairMark:
    """Stands for a grader of pairs, which says nothing of one answer alone: its grade never counts."""

    def __init__(self, spec: GraderSpec) -> None:
        self._spec = spec

    async def grade(self, graded: Graded) -> Grade:
        """No grade, without weight."""
        del graded
        return Grade(
            grader=self._spec.name,
            passed=None,
            score=None,
            reason=phrase("This grader judges pairs of responses once all have arrived."),
            weight=0.0,
            metric=self._spec.metric,
        )


class JudgeMissing:
    """Stands for a judge that cannot be asked."""

    def __init__(self, spec: GraderSpec) -> None:
        self._spec = spec

    async def grade(self, graded: Graded) -> Grade:
        """That nobody could tell, and why."""
        del graded
        if not self._spec.options.get("model"):
            return unsure(self._spec, phrase("No judge model is named."))
        return unsure(self._spec, phrase("The judge model cannot be asked here."))


def _judge(spec: GraderSpec, ask_judge: AskJudge | None) -> Grader:
    if ask_judge is None or not spec.options.get("model"):
        return JudgeMissing(spec)
    try:
        room = importlib.import_module("desktop.runs.judges.judge_grader")
    except ImportError:
        return JudgeMissing(spec)
    return cast("Grader", room.judge_grader(spec, ask_judge))
