"""Conversations with figures for the tests of evaluation."""

from __future__ import annotations

from desktop.domain.conversation_types import (
    Figures,
    Message,
    ModelRef,
    Role,
    Status,
    Usage,
    new_id,
    now,
)
from desktop.domain.message_parts import TextPart

REF = ModelRef(connection="lab", name="scripted")


def prompt(text: str = "Why?") -> Message:
    """What the user said."""
    return Message(
        id=new_id(),
        parent=None,
        role=Role.USER,
        parts=(TextPart(text=text),),
        status=Status.COMPLETE,
        created_at=now(),
    )


def answer(
    text: str = "Because.",
    *,
    speed: float | None = None,
    tokens: int | None = None,
    cost: float | None = None,
    ttft: float | None = None,
    thought: float | None = None,
    whole: float | None = None,
    status: Status = Status.COMPLETE,
    reason: str | None = "stop",
) -> Message:
    """What a model said, and how it was measured."""
    figures = Figures(
        ttft_ms=ttft,
        reasoning_ms=thought,
        duration_ms=whole,
        tokens_per_second=speed,
        cost=cost,
        finish_reason=reason,
    )
    return Message(
        id=new_id(),
        parent=None,
        role=Role.ASSISTANT,
        parts=(TextPart(text=text),) if text else (),
        status=status,
        created_at=now(),
        model=REF,
        usage=Usage(input_tokens=10, output_tokens=tokens),
        figures=figures,
    )
