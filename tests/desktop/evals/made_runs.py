"""Runs made for tests: suites of plain prompts, and cells with the scores that are given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

from desktop.domain.conversation_types import Figures, ModelRef, Problem, Usage
from desktop.domain.suite_cells import CellHead, CellKey, CellRecord, CellStatus, Grade, RunRecord, RunState
from desktop.evals.suites.suite import Case, Prompt, Suite, SuiteContender

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)

Scored = float | str | None
"""A score; or the name of a status."""


def suite(
    cases: int | tuple[Case, ...], contenders: Sequence[str] | tuple[SuiteContender, ...] = ("a", "b"), **more: object
) -> Suite:
    """A suite whose contenders are models of one connection, where they are named alone."""
    if isinstance(cases, int):
        cases = tuple(Case(prompt=0, origin=number, vars={"q": f"q{number}"}) for number in range(cases))
    usual = {
        "name": "Replies",
        "prompts": (Prompt(turns=("What is {{q}}?",)),),
        "contenders": tuple(map(_contender, contenders)),
        "cases": cases,
    }
    return Suite(**cast("dict[str, Any]", {**usual, **more}))


def _contender(named: str | SuiteContender) -> SuiteContender:
    return named if isinstance(named, SuiteContender) else SuiteContender(model=ModelRef(connection="lab", name=named))


def run_of(of: Suite, **more: object) -> RunRecord:
    """A run of a suite that is complete."""
    usual: dict[str, object] = {
        "id": "0123abcd",
        "name": of.name,
        "state": RunState.COMPLETE,
        "created_at": NOON,
        "updated_at": NOON,
        "suite": {},
        "digest": "d" * 64,
        "cases": len(of.cases),
        "contenders": tuple(each.name for each in of.contenders),
        "repeats": of.repeats,
    }
    return RunRecord(**cast("dict[str, Any]", {**usual, **more}))


def head(case: int, contender: int, scored: Scored, repeat: int = 0, **more: object) -> CellHead:
    """A cell's head: a whole score passed, any other failed; a text is a status."""
    status = _status(scored)
    usual = {
        "key": CellKey(case, contender, repeat),
        "status": status,
        "score": scored if isinstance(scored, (int, float)) else None,
    }
    return CellHead(**cast("dict[str, Any]", {**usual, **more}))


def _status(scored: Scored) -> CellStatus:
    if isinstance(scored, str):
        return CellStatus(scored)
    return CellStatus.UNGRADED if scored is None else CellStatus.PASSED if scored >= 1 else CellStatus.FAILED


def heads(*columns: Sequence[Scored]) -> list[CellHead]:
    """The heads of contenders, each with its scores case by case."""
    return [head(case, place, each) for place, column in enumerate(columns) for case, each in enumerate(column)]


def record(case: int, contender: int, scored: Scored, text: str = "An answer.", **more: object) -> CellRecord:
    """A cell whole; a failed one with a reason, an error with a problem and without an answer."""
    status = _status(scored)
    is_error = status is CellStatus.ERROR
    grade = Grade(grader="contains", passed=status is CellStatus.PASSED, score=0.0, reason="It lacks “Canberra”.")
    usual = {
        "key": CellKey(case, contender, 0),
        "status": status,
        "score": scored if isinstance(scored, (int, float)) else None,
        "answers": () if is_error else (text,),
        "grades": (grade,) if status is CellStatus.FAILED else (),
        "problem": Problem(code="rate_limited", message="lab.example.com refused it.") if is_error else None,
        "figures": Figures(duration_ms=1500.0, cost=0.002, server_model="served-7", request_id="req-1"),
        "usage": Usage(input_tokens=10, output_tokens=20),
    }
    return CellRecord(**cast("dict[str, Any]", {**usual, **more}))
