"""Outcome of a cell: a response to grade, or an error, which is never a failed grade. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from desktop.domain.conversation_types import Figures, Message, Problem, Status, Usage
from desktop.domain.suite_cells import CellKey, CellRecord, CellStatus
from desktop.errors import ParagoneError, ProviderError
from desktop.text.phrases import NOTHING, Phrase, phrase

_CUT: dict[str, tuple[str, Phrase]] = {
    "length": ("length", phrase("The response reached the maximum length and was cut off.")),
    "content_filter": ("content_filter", phrase("A content filter stopped the response.")),
    "refusal": ("refusal", phrase("A guard or policy blocked the request.")),
    "failed": ("failed", phrase("The server interrupted the response.")),
}
"""Error code and sentence by finish reason of incomplete responses."""

CAP = "cap"
"""Error code for what the run's cap cut off."""


def cut(message: Message) -> Problem | None:
    """Return why a response cannot be graded, or None if it is complete."""
    if message.status is not Status.COMPLETE:
        said = phrase("The response was interrupted.")
        return message.problem or Problem(code="interrupted", message=said)
    reason = message.figures.finish_reason if message.figures is not None else None
    code, sentence = _CUT.get(reason or "", ("", NOTHING))
    return Problem(code=code, message=sentence) if code else None


def capped() -> Problem:
    """Return the problem of a response that was stopped at the cap."""
    return Problem(
        code=CAP,
        message=phrase("The response was stopped: the run reached its cap."),
        hint=phrase("Resume the run with a higher cap, then retry its errors."),
    )


def unjudged() -> Problem:
    """Return the problem of a complete response whose judges were not called because of the cap."""
    return Problem(
        code=CAP,
        message=phrase("The judges were not called for this response: the run reached its cap."),
        hint=phrase("Resume the run with a higher cap."),
    )


def is_unjudged(record: CellRecord) -> bool:
    """Whether a response's judges were not called because of the cap."""
    return record.status is not CellStatus.ERROR and record.problem is not None and record.problem.code == CAP


def problem_of(error: ParagoneError) -> Problem:
    """Return an error in the form stored with a cell."""
    wait = error.retry_after_s if isinstance(error, ProviderError) else None
    return Problem(code=error.code, message=error.message, hint=error.hint, retry_after_s=wait)


def record_of(key: CellKey, messages: Sequence[Message], problem: Problem | None = None) -> CellRecord:
    """Return an ungraded cell from the responses to its turns."""
    return CellRecord(
        key=key,
        status=CellStatus.UNGRADED if problem is None else CellStatus.ERROR,
        score=None,
        answers=tuple(each.text for each in messages),
        reasoning=messages[-1].reasoning if messages else "",
        problem=problem,
        figures=_figures(messages),
        usage=_usage(messages),
    )


def cost_of(messages: Sequence[Message]) -> float | None:
    """Return the cost of responses in US dollars, or None if one has no price."""
    costs = [each.figures.cost for each in messages if each.figures is not None]
    known = [each for each in costs if each is not None]
    return sum(known) if known and len(known) == len(costs) else None


def _figures(messages: Sequence[Message]) -> Figures | None:
    """Return the last response's figures with the total cost."""
    last = messages[-1].figures if messages else None
    return None if last is None else msgspec.structs.replace(last, cost=cost_of(messages))


def _usage(messages: Sequence[Message]) -> Usage | None:
    """Return the total tokens, or None if a response was not counted."""
    counted = [each.usage for each in messages if each.usage is not None]
    if not counted or len(counted) < len(messages):
        return None
    if len(counted) == 1:
        return counted[0]

    def total(name: str) -> int | None:
        values = [getattr(each, name) for each in counted]
        return sum(values) if None not in values else None

    names = ("input_tokens", "output_tokens", "reasoning_tokens", "total_tokens", "cached_tokens", "stored_tokens")
    return Usage(**{name: total(name) for name in names}, estimated=any(each.estimated for each in counted))
