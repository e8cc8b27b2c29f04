"""Graders that look for a text: equals, contains, contains-any, contains-all, starts-with."""

from __future__ import annotations

from collections.abc import Mapping

from desktop.phrases import Phrase, phrase
from desktop.runs.graders.grading import Graded, worked_out
from desktop.runs.graders.verdicts import quoted, verdict
from desktop.runs.suite import GraderSpec
from desktop.runs.templates import filled
from desktop.suite_cells import Grade
from desktop.unicode_form import composed


class TextGrader:
    """Holds the answer against one text or several. Blanks around the answer do not count where all of it is compared.

    Both are compared in one form of Unicode, so that an accent may be written either way.
    """

    def __init__(self, spec: GraderSpec) -> None:
        self._spec = spec

    async def grade(self, graded: Graded) -> Grade:
        """Pass or fail, with what is wanted and what came."""
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
    """The texts that a grader's value names, the case's variables filled in."""
    values = spec.value if isinstance(spec.value, list) else [spec.value]
    return [filled(each if isinstance(each, str) else "" if each is None else str(each), variables) for each in values]


def expected_text(spec: GraderSpec, variables: Mapping[str, str]) -> str:
    """The one text that a grader's value names."""
    return expected_texts(spec, variables)[0]


def _listed(texts: list[str]) -> str:
    return ", ".join(map(quoted, texts[:5])) + (", …" if len(texts) > 5 else "")
