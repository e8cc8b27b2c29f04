"""Builds grades from measured values, with negation and length-limited reasons."""

from __future__ import annotations

from desktop.domain.suite_cells import Grade
from desktop.evals.suites.suite import GraderSpec
from desktop.text.phrases import Phrase, phrase

LONGEST_REASON = 300
_SHOWN = 80


def verdict(spec: GraderSpec, *, passed: bool, reason: Phrase, score: float | None = None) -> Grade:
    """Return the grade of a response. `passed` means that it matches; a negated grader inverts the grade."""
    measure = float(passed) if score is None else min(max(score, 0.0), 1.0)
    return Grade(
        grader=spec.name,
        passed=passed is not spec.negated,
        score=1.0 - measure if spec.negated else measure,
        reason=bounded_reason(reason),
        weight=spec.weight,
        metric=spec.metric,
    )


def unsure(spec: GraderSpec, reason: Phrase, *, cost: float | None = None) -> Grade:
    """Return the grade of a response that could not be graded."""
    return Grade(
        grader=spec.name,
        passed=None,
        score=None,
        reason=bounded_reason(reason),
        weight=spec.weight,
        metric=spec.metric,
        cost=cost,
    )


def bounded_reason(text: str) -> str:
    """Shorten a reason for storage."""
    return str(text) if len(text) <= LONGEST_REASON else f"{text[: LONGEST_REASON - 1]}…"


def quoted(text: str) -> Phrase:
    """Quote the beginning of a text on one line."""
    line = " ".join(text[: 4 * _SHOWN].split())
    if not line:
        return phrase("nothing")
    cut = len(line) > _SHOWN or len(text) > 4 * _SHOWN
    return phrase("“{text}”", text=f"{line[: _SHOWN - 1]}…" if cut else line)
