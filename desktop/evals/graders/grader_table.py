"""Implementations of graders, by type."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import cast

import msgspec

from desktop.domain.conversation_types import JsonValue
from desktop.domain.suite_cells import Grade
from desktop.evals.graders.check_child import Checker, CheckReply, CheckTask
from desktop.evals.graders.check_desk import SingleChecks
from desktop.evals.graders.field_grader import FieldGrader
from desktop.evals.graders.grading import AskJudge, Graded, Grader, worked_out
from desktop.evals.graders.number_text import number_in, tolerance_of
from desktop.evals.graders.text_share import is_quick, share_of
from desktop.evals.graders.tool_call_grader import ToolCallGrader
from desktop.evals.graders.verdicts import quoted, unsure, verdict
from desktop.evals.suites.suite import GraderSpec
from desktop.evals.suites.templates import filled
from desktop.text.phrases import Phrase, counted, phrase
from desktop.text.unicode_form import composed


class TextGrader:
    """Compares the response with texts. Whole-text comparisons ignore surrounding whitespace.

    Both texts are normalized to the same Unicode form.
    """

    def __init__(self, spec: GraderSpec) -> None:
        self._spec = spec

    async def grade(self, graded: Graded) -> Grade:
        """Return a pass or fail that quotes the expected and the actual text."""
        return await worked_out(graded, self._grade)

    def _grade(self, graded: Graded) -> Grade:
        wanted = expected_texts(self._spec, graded.variables)
        answer = self._form(graded.text)
        missing = [text for text in wanted if not self._fits(answer, self._form(text))]
        match self._spec.type:
            case "contains-any":
                passed = len(missing) < len(wanted)
            case _:
                passed = not missing
        return verdict(self._spec, passed=passed, reason=self._reason(graded.text, wanted, missing, passed=passed))

    def _form(self, text: str) -> str:
        text = composed(text)
        return composed(text.casefold()) if self._spec.folded else text

    def _fits(self, answer: str, text: str) -> bool:
        match self._spec.type:
            case "equals":
                return answer.strip() == text.strip()
            case "starts-with":
                return answer.lstrip().startswith(text.lstrip())
            case _:
                return text in answer

    def _reason(self, answer: str, wanted: list[str], missing: list[str], *, passed: bool) -> Phrase:
        came = quoted(answer)
        text = quoted(wanted[0] if wanted else "")
        match self._spec.type:
            case "equals" if passed:
                return phrase("The response is {text}.", text=text)
            case "equals":
                return phrase("Expected {text}, got {answer}.", text=text, answer=came)
            case "starts-with" if passed:
                return phrase("The response begins with {text}.", text=text)
            case "starts-with":
                return phrase("Expected the response to begin with {text}, got {answer}.", text=text, answer=came)
            case "contains-any" if not passed:
                return phrase("The response contains none of {texts}: {answer}.", texts=_listed(wanted), answer=came)
            case "contains-any":
                held = [each for each in wanted if each not in missing]
                return phrase("The response contains {text}.", text=quoted(held[0]))
            case _ if passed:
                return phrase("The response contains {text}.", text=_listed(wanted))
            case _:
                return phrase("The response does not contain {text}: {answer}.", text=_listed(missing), answer=came)


def expected_texts(spec: GraderSpec, variables: Mapping[str, str]) -> list[str]:
    """Return a grader's texts with variables filled in."""
    values = spec.value if isinstance(spec.value, list) else [spec.value]
    return [filled(each if isinstance(each, str) else "" if each is None else str(each), variables) for each in values]


def expected_text(spec: GraderSpec, variables: Mapping[str, str]) -> str:
    """Return a grader's only text."""
    return expected_texts(spec, variables)[0]


def _listed(texts: list[str]) -> str:
    return ", ".join(map(quoted, texts[:5])) + (", …" if len(texts) > 5 else "")


USUAL_SHARE = 0.8
"""Default similarity threshold."""


class RegexGrader:
    """Searches the response for a regular expression, in a child process with a time limit."""

    def __init__(self, spec: GraderSpec, checker: Checker) -> None:
        self._spec = spec
        self._checker = checker

    async def grade(self, graded: Graded) -> Grade:
        """Pass if the expression matches anywhere."""
        expression = expected_text(self._spec, graded.variables)
        task = CheckTask(kind="regex", text=graded.text, expected=expression, folded=self._spec.folded)
        reply = await self._checker.check(task)
        if reply.fits is None:
            return unsure(self._spec, _untold(reply))
        if reply.fits:
            reason = phrase("{expression} matches {text}.", expression=quoted(expression), text=quoted(reply.what))
            return verdict(self._spec, passed=True, reason=reason)
        answer = quoted(graded.text)
        reason = phrase(
            "{expression} does not match the response: {answer}.", expression=quoted(expression), answer=answer
        )
        return verdict(self._spec, passed=False, reason=reason)


class JsonGrader:
    """Parses the response as JSON, and validates the JSON against a schema in a child process."""

    def __init__(self, spec: GraderSpec, checker: Checker) -> None:
        self._spec = spec
        self._checker = checker

    async def grade(self, graded: Graded) -> Grade:
        """Pass if the response is JSON that conforms to the schema."""
        slip = slip_of_json(graded.text)
        if slip:
            reason = phrase(
                "The response is not valid JSON: {reason}. Response: {answer}.", reason=slip, answer=quoted(graded.text)
            )
            return verdict(self._spec, passed=False, reason=reason)
        if self._spec.type == "is-json":
            return verdict(self._spec, passed=True, reason=phrase("The response is valid JSON."))
        reply = await self._checker.check(CheckTask(kind="schema", text=graded.text, schema=self._spec.value))
        if reply.fits is None:
            return unsure(self._spec, _untold(reply))
        if reply.fits:
            return verdict(self._spec, passed=True, reason=phrase("The response conforms to the schema."))
        return verdict(
            self._spec,
            passed=False,
            reason=phrase("The response does not conform to the schema: {reason}.", reason=reply.what),
        )


class SimilarityGrader:
    """Compares the response with a text. The similarity is the score."""

    def __init__(self, spec: GraderSpec, checker: Checker) -> None:
        self._spec = spec
        self._checker = checker

    async def grade(self, graded: Graded) -> Grade:
        """Pass if the similarity reaches the threshold, 0.8 by default."""
        answer, wanted = graded.text.strip(), expected_text(self._spec, graded.variables).strip()
        if self._spec.folded:
            answer, wanted = answer.casefold(), wanted.casefold()
        share = share_of(answer, wanted) if is_quick(answer, wanted) else None
        if share is None:
            reply = await self._checker.check(CheckTask(kind="similarity", text=answer, expected=wanted))
            if reply.share is None:
                return unsure(self._spec, _untold(reply))
            share = reply.share
        least = USUAL_SHARE if self._spec.threshold is None else self._spec.threshold
        passed = share >= least
        if passed:
            reason = phrase("The response is {share} similar to {text}.", share=f"{share:.0%}", text=quoted(wanted))
        else:
            reason = phrase(
                "The response is {share} similar to {text}, less than {least}: {answer}.",
                share=f"{share:.0%}",
                text=quoted(wanted),
                least=f"{least:.0%}",
                answer=quoted(graded.text),
            )
        return verdict(self._spec, passed=passed, reason=reason, score=share)


def slip_of_json(text: str) -> str:
    """Return why a text is not JSON, or an empty string."""
    try:
        cast("JsonValue", msgspec.json.decode(text))
    except (msgspec.DecodeError, UnicodeError) as error:
        return str(error)
    except RecursionError:
        return "it is too deep"
    return ""


def _untold(reply: CheckReply) -> Phrase:
    if reply.late:
        return phrase("The check timed out.")
    return phrase("The check failed: {reason}.", reason=reply.what)


class LengthGrader:
    """Counts characters or words."""

    def __init__(self, spec: GraderSpec) -> None:
        self._spec = spec
        self._least = _count(spec, "min")
        self._most = _count(spec, "max")

    async def grade(self, graded: Graded) -> Grade:
        """Pass if the length is within bounds."""
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
    """Compares the response time with a threshold in milliseconds."""

    def __init__(self, spec: GraderSpec) -> None:
        self._spec = spec

    async def grade(self, graded: Graded) -> Grade:
        """Pass if the response was fast enough."""
        took = graded.figures.duration_ms if graded.figures is not None else None
        if took is None:
            return unsure(self._spec, phrase("The response time is unknown."))
        most = self._spec.threshold or 0.0
        said = _against(
            phrase("The response took {size}", size=f"{took:,.0f} ms"), f"{most:,.0f} ms", passed=took <= most
        )
        return verdict(self._spec, passed=took <= most, reason=said)


class CostGrader:
    """Compares the cost with a threshold in US dollars."""

    def __init__(self, spec: GraderSpec) -> None:
        self._spec = spec

    async def grade(self, graded: Graded) -> Grade:
        """Pass if the response was cheap enough."""
        cost = graded.figures.cost if graded.figures is not None else None
        if cost is None:
            return unsure(self._spec, phrase("The cost is unknown."))
        most = self._spec.threshold or 0.0
        said = _against(phrase("The response cost {size}", size=f"${cost:.6g}"), f"${most:.6g}", passed=cost <= most)
        return verdict(self._spec, passed=cost <= most, reason=said)


def _against(what: Phrase, most: str, *, passed: bool) -> Phrase:
    if passed:
        return phrase("{what}, within the limit of {most}.", what=what, most=most)
    return phrase("{what}, over the limit of {most}.", what=what, most=most)


def _count(spec: GraderSpec, name: str) -> int | None:
    found = spec.options.get(name)
    return found if isinstance(found, int) else None


_ROUNDING = 1e-9
"""Tolerance for rounding errors."""


class NumberGrader:
    """Compares the last, first or only number in the response with the expected value."""

    def __init__(self, spec: GraderSpec) -> None:
        self._spec = spec

    async def grade(self, graded: Graded) -> Grade:
        """Pass if the number is within the tolerance."""
        return await worked_out(graded, self._grade)

    def _grade(self, graded: Graded) -> Grade:
        text = expected_text(self._spec, graded.variables)
        wanted = number_in(text, "only")
        if wanted is None:
            return unsure(self._spec, phrase("The expected value is not a number: {text}.", text=quoted(text)))
        position = str(self._spec.options.get("position", "last"))
        number = number_in(graded.text, position)
        if number is None:
            reason = phrase("Expected the number {number}, got {answer}.", number=text, answer=quoted(graded.text))
            return verdict(self._spec, passed=False, reason=reason)
        allowed = tolerance_of(str(self._spec.options.get("tolerance", "0")), wanted)
        if abs(number - wanted) <= allowed + _ROUNDING * abs(wanted):
            return verdict(self._spec, passed=True, reason=phrase("The number is {number}.", number=f"{number:.12g}"))
        return verdict(
            self._spec,
            passed=False,
            reason=phrase("The number is {found}, not {number}.", found=f"{number:.12g}", number=f"{wanted:.12g}"),
        )


_ALONE: dict[str, Callable[[GraderSpec], Grader]] = {
    "equals": TextGrader,
    "contains": TextGrader,
    "contains-any": TextGrader,
    "contains-all": TextGrader,
    "starts-with": TextGrader,
    "numeric": NumberGrader,
    "length": LengthGrader,
    "latency": LatencyGrader,
    "cost": CostGrader,
    "tool-call": ToolCallGrader,
}
_CHECKED: dict[str, Callable[[GraderSpec, Checker], Grader]] = {
    "regex": RegexGrader,
    "is-json": JsonGrader,
    "json-schema": JsonGrader,
    "similarity": SimilarityGrader,
    "fields": FieldGrader,
}


def grader_of(spec: GraderSpec, ask_judge: AskJudge | None, checker: Checker | None = None) -> Grader:
    """Return the grader for a specification. Without `ask_judge`, judges cannot grade."""
    if (alone := _ALONE.get(spec.type)) is not None:
        return alone(spec)
    if (checked := _CHECKED.get(spec.type)) is not None:
        return checked(spec, checker or SingleChecks())
    if spec.type == "judge":
        return _judge(spec, ask_judge)
    return PairMark(spec)


class PairMark:
    """Placeholder for a pairwise judge, which does not grade single responses."""

    def __init__(self, spec: GraderSpec) -> None:
        self._spec = spec

    async def grade(self, graded: Graded) -> Grade:
        """Return an empty grade with no weight."""
        del graded
        return Grade(
            grader=self._spec.name,
            passed=None,
            score=None,
            reason=phrase("This grader judges pairs of responses once all responses have arrived."),
            weight=0.0,
            metric=self._spec.metric,
        )


class JudgeMissing:
    """Placeholder for a judge model that cannot be called."""

    def __init__(self, spec: GraderSpec) -> None:
        self._spec = spec

    async def grade(self, graded: Graded) -> Grade:
        """Return an empty grade with the reason."""
        del graded
        if not self._spec.options.get("model"):
            return unsure(self._spec, phrase("No judge model is specified."))
        return unsure(self._spec, phrase("The judge model cannot be called."))


def _judge(spec: GraderSpec, ask_judge: AskJudge | None) -> Grader:
    if ask_judge is None or not spec.options.get("model"):
        return JudgeMissing(spec)
    try:
        room = importlib.import_module("desktop.evals.judges.judge_grader")
    except ImportError:
        return JudgeMissing(spec)
    return cast("Grader", room.judge_grader(spec, ask_judge))
