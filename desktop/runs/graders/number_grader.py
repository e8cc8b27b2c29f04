"""The grader of numbers: the last number of an answer held against one, within a tolerance."""

from __future__ import annotations

from desktop.phrases import phrase
from desktop.runs.graders.grading import Graded, worked_out
from desktop.runs.graders.number_text import number_in
from desktop.runs.graders.text_graders import expected_text
from desktop.runs.graders.verdicts import quoted, unsure, verdict
from desktop.runs.suite import GraderSpec
from desktop.suite_cells import Grade

_ROUNDING = 1e-9
"""So much of a number is never held against an answer: it is how numbers are kept."""


class NumberGrader:
    """Finds the number that the answer ends with, or its first or only one, and holds it against the value."""

    def __init__(self, spec: GraderSpec) -> None:
        self._spec = spec

    async def grade(self, graded: Graded) -> Grade:
        """Pass where it is the number, within the tolerance."""
        return await worked_out(graded, self._grade)

    def _grade(self, graded: Graded) -> Grade:
        text = expected_text(self._spec, graded.variables)
        wanted = number_in(text, "only")
        if wanted is None:
            return unsure(self._spec, phrase("The expected value is not a number: {text}.", text=quoted(text)))
        position = str(self._spec.options.get("position", "last"))
        found = number_in(graded.text, position)
        if found is None:
            reason = phrase("Expected the number {number}, got {answer}.", number=text, answer=quoted(graded.text))
            return verdict(self._spec, passed=False, reason=reason)
        allowed = tolerance_of(str(self._spec.options.get("tolerance", "0")), wanted)
        if abs(found - wanted) <= allowed + _ROUNDING * abs(wanted):
            return verdict(self._spec, passed=True, reason=phrase("The number is {number}.", number=f"{found:.12g}"))
        return verdict(
            self._spec,
            passed=False,
            reason=phrase("The number is {found}, not {number}.", found=f"{found:.12g}", number=f"{wanted:.12g}"),
        )


def tolerance_of(text: str, wanted: float) -> float:
    """How far off a number may be: as it is written, or as a share of what is wanted where it ends in %."""
    text = text.strip()
    share = text.endswith("%")
    number = float(text.removesuffix("%"))
    return abs(wanted) * number / 100 if share else number
