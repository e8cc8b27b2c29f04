"""Graders and answers for tests."""

from __future__ import annotations

from typing import cast

from desktop.domain.conversation_types import Figures, JsonValue
from desktop.domain.suite_cells import Grade
from desktop.evals.graders.grader_kinds import GraderKind, Takes
from desktop.evals.graders.grader_table import grader_of
from desktop.evals.graders.grading import Graded
from desktop.evals.suites.suite import GraderSpec
from desktop.evals.suites.suite_file import suite_of

_FIELDS: dict[str, dict[str, object]] = {
    "contains-any": {"value": ["a"]},
    "contains-all": {"value": ["a"]},
    "json-schema": {"value": {"type": "object"}},
    "fields": {"value": {"a.b[0]": 1, "c": {"similarity": "x", "threshold": 0.5}}, "threshold": 0.5},
    "tool-call": {"value": {"tool": "a", "arguments": {"b": 1}, "count": {"min": 1, "max": 2}, "order": 1}},
    "numeric": {"value": "5", "tolerance": "5%", "position": "only"},
    "length": {"min": 1, "max": 5, "unit": "words"},
    "latency": {"threshold": 5.0},
    "cost": {"threshold": 5.0},
    "judge": {"model": "lab/judge", "rubric": "Good", "threshold": 0.7},
    "judge-pair": {"model": "lab/judge"},
}
"""Fields of graders that need more than a text."""


def fields_of(kind: GraderKind) -> dict[str, object]:
    """The fields of a small valid grader of a kind."""
    return _FIELDS.get(kind.name, {} if kind.takes is Takes.NOTHING else {"value": "a"})


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
