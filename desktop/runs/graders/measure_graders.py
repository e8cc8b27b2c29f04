"""Graders of what was measured: how long an answer is, how long it took, and what it cost."""

from __future__ import annotations

from desktop.phrases import Phrase, counted, phrase
from desktop.runs.graders.grading import Graded
from desktop.runs.graders.verdicts import unsure, verdict
from desktop.runs.suite import GraderSpec
from desktop.suite_cells import Grade


class LengthGrader:
    """Counts characters or words; words are what blanks part."""

    def __init__(self, spec: GraderSpec) -> None:
        self._spec = spec
        self._least = _count(spec, "min")
        self._most = _count(spec, "max")

    async def grade(self, graded: Graded) -> Grade:
        """Pass where it is neither too short nor too long."""
        words = self._spec.options.get("unit") == "words"
        text = graded.text.strip()
        size = len(text.split()) if words else len(text)
        has = counted("{n} word", "{n} words", size) if words else counted("{n} character", "{n} characters", size)
        passed, reason = True, phrase("The response has {size}.", size=has)
        if self._least is not None and size < self._least:
            passed, reason = (
                False,
                phrase("The response has {size}, fewer than {least}.", size=has, least=f"{self._least:,}"),
            )
        elif self._most is not None and size > self._most:
            passed, reason = (
                False,
                phrase("The response has {size}, more than {most}.", size=has, most=f"{self._most:,}"),
            )
        return verdict(self._spec, passed=passed, reason=reason)


class LatencyGrader:
    """Holds the time from the request to the last token against its threshold, in milliseconds."""

    def __init__(self, spec: GraderSpec) -> None:
        self._spec = spec

    async def grade(self, graded: Graded) -> Grade:
        """Pass where it was quick enough."""
        took = graded.figures.duration_ms if graded.figures is not None else None
        if took is None:
            return unsure(self._spec, phrase("The response time is unknown."))
        most = self._spec.threshold or 0.0
        said = _against(
            phrase("The response took {size}", size=f"{took:,.0f} ms"), f"{most:,.0f} ms", passed=took <= most
        )
        return verdict(self._spec, passed=took <= most, reason=said)


class CostGrader:
    """Holds what an answer cost against its threshold, in US dollars."""

    def __init__(self, spec: GraderSpec) -> None:
        self._spec = spec

    async def grade(self, graded: Graded) -> Grade:
        """Pass where it was cheap enough."""
        cost = graded.figures.cost if graded.figures is not None else None
        if cost is None:
            return unsure(self._spec, phrase("The cost is unknown."))
        most = self._spec.threshold or 0.0
        said = _against(phrase("The response cost {size}", size=f"${cost:.6g}"), f"${most:.6g}", passed=cost <= most)
        return verdict(self._spec, passed=cost <= most, reason=said)


def _against(what: Phrase, most: str, *, passed: bool) -> Phrase:
    if passed:
        return phrase("{what}, within {most}.", what=what, most=most)
    return phrase("{what}, more than {most}.", what=what, most=most)


def _count(spec: GraderSpec, name: str) -> int | None:
    found = spec.options.get(name)
    return found if isinstance(found, int) else None
