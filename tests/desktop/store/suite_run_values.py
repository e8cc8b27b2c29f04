"""Runs and cells for the tests of what keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from desktop.domain.conversation_types import Figures, Problem, Usage
from desktop.domain.suite_cells import CellKey, CellRecord, CellStatus, Grade, RunRecord, RunState
from desktop.store.store import Store
from tests.desktop.store import made

SCORES = {CellStatus.PASSED: 1.0, CellStatus.FAILED: 0.0}


def suite_run(
    number: int = 0, *, cases: int = 2, contenders: Sequence[str] = ("lab/a", "lab/b"), cap: float | None = None
) -> RunRecord:
    at = made.START + timedelta(seconds=number)
    return RunRecord(
        id=f"{number:032x}",
        name=f"Run {number}",
        state=RunState.WAITING,
        created_at=at,
        updated_at=at,
        suite={"name": "Zanzibar"},
        digest="d" * 64,
        cases=cases,
        contenders=tuple(contenders),
        repeats=1,
        seed=7,
        cap=cap,
    )


def cell(
    case: int = 0,
    contender: int = 0,
    status: CellStatus = CellStatus.PASSED,
    *,
    text: str = "Zanzibar is an island.\nSo.",
    reason: str = "so",
) -> CellRecord:
    is_error = status is CellStatus.ERROR
    return CellRecord(
        key=CellKey(case, contender, 0),
        status=status,
        score=SCORES.get(status),
        answers=() if is_error else ("Before.", text),
        grades=() if is_error else (Grade(grader="equals", passed=None, score=None, reason=reason),),
        problem=Problem(code="rate_limited", message="Too many.") if is_error else None,
        figures=None if is_error else Figures(duration_ms=12.5, ttft_ms=3.0, cost=0.25, server_model="a-1"),
        usage=None if is_error else Usage(output_tokens=7),
    )


async def kept(store: Store, *cells: CellRecord, run: RunRecord | None = None, spent: float = 0.25) -> RunRecord:
    """Keep a run with some cells; the run."""
    run = run or suite_run()
    await store.suite_runs.create(run)
    for each in cells:
        await store.suite_runs.keep(run.id, each, spent)
    return run
