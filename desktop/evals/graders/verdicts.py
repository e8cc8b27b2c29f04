"""Grades as graders give them: from a measure and what it is held to, turned round by `not`, with a bounded reason."""

from __future__ import annotations

from desktop.domain.suite_cells import Grade
from desktop.evals.suites.suite import GraderSpec
from desktop.text.phrases import Phrase, phrase

LONGEST_REASON = 300
_SHOWN = 80


def verdict(spec: GraderSpec, *, passed: bool, reason: Phrase, score: float | None = None) -> Grade:
    """The grade of an answer that does (`passed`) or does not do what a grader looks for; `not` turns it round.

    `reason` says what was expected and what came. `score` is the measure, from 0 to 1, where there is a finer one.
    """
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
    """The grade of an answer of which a grader could not tell."""
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
    """A reason as it is kept."""
    return str(text) if len(text) <= LONGEST_REASON else f"{text[: LONGEST_REASON - 1]}…"


def quoted(text: str) -> Phrase:
    """The beginning of a text in a line, as a reason quotes it."""
    line = " ".join(text[: 4 * _SHOWN].split())
    if not line:
        return phrase("nothing")
    cut = len(line) > _SHOWN or len(text) > 4 * _SHOWN
    return phrase("“{text}”", text=f"{line[: _SHOWN - 1]}…" if cut else line)
