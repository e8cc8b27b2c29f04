"""Combines the grades of all graders into the grade of a cell."""

from __future__ import annotations

import math

from desktop.domain.suite_cells import CellStatus, Grade
from desktop.evals.graders.grading import Graded, Graders


async def grade_all(
    graders: Graders, graded: Graded, threshold: float | None = None
) -> tuple[CellStatus, float | None, tuple[Grade, ...]]:
    """Run all graders, and return status, score and grades."""
    grades = tuple([await grader.grade(graded) for grader in graders])
    return status_of(grades, threshold), score_of(grades), grades


def score_of(grades: tuple[Grade, ...]) -> float | None:
    """Return the weighted mean of the known scores, or None if there are none."""
    known = [(grade.weight, grade.score) for grade in grades if grade.weight > 0 and grade.score is not None]
    if not known:
        return None
    return math.fsum(weight * score for weight, score in known) / math.fsum(weight for weight, _ in known)


def status_of(grades: tuple[Grade, ...], threshold: float | None = None) -> CellStatus:
    """Return the combined status: passed if all weighted graders pass, or the mean reaches the case's threshold.

    If a grade is unknown and could change the outcome, the cell is ungraded.
    """
    counting = [grade for grade in grades if grade.weight > 0]
    unknown = [grade for grade in counting if grade.passed is None]
    if not counting:
        return CellStatus.UNGRADED
    if threshold is None:
        failed = any(grade.passed is False for grade in counting)
    else:
        total = math.fsum(grade.weight for grade in counting)
        most = math.fsum(grade.weight * (1.0 if grade.score is None else grade.score) for grade in counting)
        failed = most / total < threshold - 1e-12
    if failed:
        return CellStatus.FAILED
    return CellStatus.UNGRADED if unknown else CellStatus.PASSED
