"""Graders whose check could hold the program up: regular expressions, JSON Schemas, similarity; and JSON itself."""

from __future__ import annotations

from typing import cast

import msgspec

from desktop.domain import JsonValue
from desktop.phrases import Phrase, phrase
from desktop.runs.graders.check_task import Checker, CheckReply, CheckTask
from desktop.runs.graders.grading import Graded
from desktop.runs.graders.text_graders import expected_text
from desktop.runs.graders.text_share import is_quick, share_of
from desktop.runs.graders.verdicts import quoted, unsure, verdict
from desktop.runs.suite import GraderSpec
from desktop.suite_cells import Grade

USUAL_SHARE = 0.8
"""The similarity from which on an answer passes, where a grader names none."""


class RegexGrader:
    """Searches the answer for a regular expression, in a child that is ended when it takes too long."""

    def __init__(self, spec: GraderSpec, checker: Checker) -> None:
        self._spec = spec
        self._checker = checker

    async def grade(self, graded: Graded) -> Grade:
        """Pass where it matches anywhere."""
        expression = expected_text(self._spec, graded.variables)
        task = CheckTask(kind="regex", text=graded.text, expected=expression, folded=self._spec.folded)
        reply = await self._checker.check(task)
        if reply.fits is None:
            return unsure(self._spec, _untold(reply))
        if reply.fits:
            reason = phrase("{expression} matches {text}.", expression=quoted(expression), text=quoted(reply.what))
            return verdict(self._spec, passed=True, reason=reason)
        answer = quoted(graded.text)
        reason = phrase("{expression} does not match: {answer}.", expression=quoted(expression), answer=answer)
        return verdict(self._spec, passed=False, reason=reason)


class JsonGrader:
    """Reads the answer as JSON, and where there is a schema holds it against that, in a child."""

    def __init__(self, spec: GraderSpec, checker: Checker) -> None:
        self._spec = spec
        self._checker = checker

    async def grade(self, graded: Graded) -> Grade:
        """Pass where it is JSON, and as the schema says."""
        slip = slip_of_json(graded.text)
        if slip:
            reason = phrase(
                "The response is not JSON: {reason}. Response: {answer}.", reason=slip, answer=quoted(graded.text)
            )
            return verdict(self._spec, passed=False, reason=reason)
        if self._spec.type == "is-json":
            return verdict(self._spec, passed=True, reason=phrase("The response is JSON."))
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
    """Compares the answer with a text: the share that is the same is its score."""

    def __init__(self, spec: GraderSpec, checker: Checker) -> None:
        self._spec = spec
        self._checker = checker

    async def grade(self, graded: Graded) -> Grade:
        """Pass from the threshold on, 0.8 where there is none."""
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
            said = phrase("{share} similar to {text}.", share=f"{share:.0%}", text=quoted(wanted))
        else:
            said = phrase(
                "{share} similar to {text}, less than {least}: {answer}.",
                share=f"{share:.0%}",
                text=quoted(wanted),
                least=f"{least:.0%}",
                answer=quoted(graded.text),
            )
        return verdict(self._spec, passed=passed, reason=said, score=share)


def slip_of_json(text: str) -> str:
    """Why a text is no JSON; empty where all of it is."""
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
