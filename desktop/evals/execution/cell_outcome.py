"""Outcome of a cell: either a response to grade, or an error, which never counts as a failed grade. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from desktop.domain.conversation_types import Figures, Message, Problem, Status, Usage
from desktop.domain.message_parts import TextPart, ToolCallPart, ToolResultPart, ToolStatus, words
from desktop.domain.suite_cells import LONGEST_RESULT, CellCall, CellKey, CellRecord, CellStatus
from desktop.errors import ParagoneError, ProviderError
from desktop.text.phrases import NOTHING, Phrase, phrase
from desktop.tools.call_record import cut_result
from desktop.tools.tool_runner import NOT_RECORDED

_CUT: dict[str, tuple[str, Phrase]] = {
    "length": ("length", phrase("The response reached the maximum length and was cut off.")),
    "content_filter": ("content_filter", phrase("A content filter stopped the response.")),
    "refusal": ("refusal", phrase("A guard or policy blocked the request.")),
    "failed": ("failed", phrase("The server interrupted the response.")),
}
"""Error code and message, by the finish reason of an incomplete response."""

CAP = "cap"
"""Error code of responses and judge calls that were stopped by the run's cap."""


def cut(message: Message) -> Problem | None:
    """Return the problem that prevents grading a response, or None if it is complete."""
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
    """Convert an error to the form that is stored with a cell."""
    wait = error.retry_after_s if isinstance(error, ProviderError) else None
    return Problem(code=error.code, message=error.message, hint=error.hint, retry_after_s=wait)


def record_of(key: CellKey, messages: Sequence[Message], problem: Problem | None = None) -> CellRecord:
    """Return an ungraded cell with the responses to its turns."""
    return CellRecord(
        key=key,
        status=CellStatus.UNGRADED if problem is None else CellStatus.ERROR,
        score=None,
        answers=tuple(each.text for each in messages),
        reasoning=messages[-1].reasoning if messages else "",
        problem=problem,
        figures=_figures(messages),
        usage=_usage(messages),
        calls=tuple(_calls(messages)),
    )


def _calls(messages: Sequence[Message]) -> Iterator[CellCall]:
    """Yield the tool calls of responses in order, with results of a length that is stored."""
    for turn, message in enumerate(messages):
        results = {part.call: part for part in message.parts if isinstance(part, ToolResultPart)}
        for place, part in enumerate(message.parts):
            if isinstance(part, ToolCallPart):
                result = results.get(part.id) or ToolResultPart(call=part.id, status=ToolStatus.UNANSWERED)
                is_unmatched = result.status is ToolStatus.ERROR and result.text == NOT_RECORDED
                kept = cut_result(result, LONGEST_RESULT)
                at = len(words(message.parts[:place], TextPart))
                yield CellCall(turn=turn, at=at, call=part, result=kept, is_unmatched=is_unmatched)


def cost_of(messages: Sequence[Message]) -> float | None:
    """Return the total cost of responses in US dollars, or None if any response has no price."""
    costs = [each.figures.cost for each in messages if each.figures is not None]
    known = [each for each in costs if each is not None]
    return sum(known) if known and len(known) == len(costs) else None


def _figures(messages: Sequence[Message]) -> Figures | None:
    """Return the figures of the last response, with the total cost of all responses."""
    last = messages[-1].figures if messages else None
    return None if last is None else msgspec.structs.replace(last, cost=cost_of(messages))


def _usage(messages: Sequence[Message]) -> Usage | None:
    """Return the total token usage, or None if any response has no usage."""
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
