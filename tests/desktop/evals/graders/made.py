"""Graders and answers for tests."""

from __future__ import annotations

from typing import cast

from desktop.domain.conversation_types import Figures, JsonValue
from desktop.domain.suite_cells import Grade
from desktop.evals.graders.grader_table import grader_of
from desktop.evals.graders.grading import Graded
from desktop.evals.suites.suite import GraderSpec
from desktop.evals.suites.suite_file import suite_of


def spec(type: str, value: object = None, **fields: object) -> GraderSpec:  # noqa: A002 - as suites call it
    """A grader as a suite spells it."""
    grader = {"type": type, **({} if value is None else {"value": value}), **fields}
    case = {"vars": {"name": "Ada", "number": "12"}, "graders": [grader]}
    data: dict[str, object] = {"schema": "paragone-suite/1", "prompts": ["x"], "cases": [case]}
    suite = suite_of(cast("dict[str, JsonValue]", data))
    return suite.cases[0].graders[0]


def answer(text: str, figures: Figures | None = None) -> Graded:
    """An answer to a prompt."""
    return Graded(turns=("x",), answers=(text,), variables={"name": "Ada", "number": "12"}, figures=figures)


async def grade(made: GraderSpec, text: str, figures: Figures | None = None) -> Grade:
    """What a grader says of an answer."""
    return await grader_of(made, None).grade(answer(text, figures))
