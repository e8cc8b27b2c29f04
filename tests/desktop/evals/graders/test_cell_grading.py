"""What grades come to: pass, fail or open, and a score."""

from __future__ import annotations

import asyncio

import pytest

from desktop.domain.suite_cells import CellStatus, Grade
from desktop.evals.graders.cell_grading import grade_all, score_of, status_of
from desktop.evals.graders.grader_table import grader_of
from desktop.evals.suites.suite import GraderSpec
from tests.desktop.evals.graders.made import answer, grade, spec

PASSED, FAILED, UNGRADED = CellStatus.PASSED, CellStatus.FAILED, CellStatus.UNGRADED


def grades(*scores: float | None, weights: tuple[float, ...] = ()) -> tuple[Grade, ...]:
    """Grades that pass from 0.5 on; None where it could not be told."""
    return tuple(
        Grade(grader="x", passed=None if score is None else score >= 0.5, score=score, reason="", weight=weight)
        for score, weight in zip(scores, weights or (1.0,) * len(scores), strict=True)
    )


@pytest.mark.parametrize(
    ("made", "threshold", "status"),
    [
        (grades(1, 1), None, PASSED),
        (grades(1, 0), None, FAILED),
        (grades(1, None), None, UNGRADED),
        (grades(0, None), None, FAILED),
        (grades(), None, UNGRADED),
        (grades(0, weights=(0,)), None, UNGRADED),
        (grades(1, 0, weights=(1, 0)), None, PASSED),
        (grades(1, None, weights=(1, 0)), None, PASSED),
        (grades(1, 0), 0.5, PASSED),
        (grades(1, 0), 0.6, FAILED),
        (grades(1, 0, weights=(3, 1)), 0.75, PASSED),
        (grades(0, None), 0.6, FAILED),
        (grades(1, None), 0.5, UNGRADED),
        (grades(0.1, 0.2, 0.3), 0.2, PASSED),
        (grades(0, 0), 0.0, PASSED),
    ],
)
def test_grades_come_to_a_status(made: tuple[Grade, ...], threshold: float | None, status: CellStatus) -> None:
    assert status_of(made, threshold) is status


def test_a_score_is_the_weighted_mean_of_what_is_known() -> None:
    assert score_of(grades(1, 0, None, weights=(3, 1, 5))) == 0.75
    assert score_of(grades(1, weights=(0,))) is None
    assert score_of(()) is None


async def test_all_graders_of_a_cell_are_asked() -> None:
    made = [grader_of(spec(kind, "a"), None) for kind in ("contains", "equals")]
    status, score, found = await grade_all(made, answer("ab"))
    assert (status, score, [each.passed for each in found]) == (FAILED, 0.5, [True, False])


@pytest.mark.parametrize("model", [{}, {"model": "lab/judge"}])
async def test_a_judge_that_cannot_be_asked_leaves_it_open(model: dict[str, str]) -> None:
    status, score, (found,) = await grade_all([grader_of(spec("judge", rubric="Good", **model), None)], answer("x"))
    assert (status, score, found.passed, bool(found.reason)) == (UNGRADED, None, None, True)


async def test_a_grader_of_pairs_does_not_count_for_one_answer() -> None:
    made = [grader_of(spec("judge-pair", model="lab/judge"), None), grader_of(spec("contains", "x"), None)]
    assert (await grade_all(made, answer("x")))[:2] == (PASSED, 1.0)


@pytest.mark.parametrize("made", [spec("contains", "x"), spec("numeric", 3)])
async def test_others_have_their_turn_while_a_great_answer_is_graded(made: GraderSpec) -> None:
    grading = asyncio.create_task(grade(made, "a\u0301 " * 2_000_000))
    turns = 0
    while not grading.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert turns > 1
