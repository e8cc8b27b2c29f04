"""Messages for the transcript's tests."""

from __future__ import annotations

from PySide6.QtCore import QPoint, SignalInstance

from desktop.domain.conversation_types import (
    Figures,
    Message,
    ModelRef,
    Problem,
    Role,
    Status,
    new_id,
    now,
)
from desktop.domain.message_parts import Part, ReasoningPart, TextPart
from ui.transcript.list.message_list import MessageList
from ui.transcript.transcript_view import TranscriptView

REF = ModelRef(connection="lab", name="scripted")


def prompt(text: str, parent: str | None = None) -> Message:
    """What the user said."""
    return Message(
        id=new_id(),
        parent=parent,
        role=Role.USER,
        parts=(TextPart(text=text),),
        status=Status.COMPLETE,
        created_at=now(),
    )


def answer(
    text: str,
    parent: str | None = None,
    *,
    reasoning: str = "",
    status: Status = Status.COMPLETE,
    problem: Problem | None = None,
    finish_reason: str | None = "stop",
) -> Message:
    """What the model said."""
    parts: list[Part] = [ReasoningPart(text=reasoning)] if reasoning else []
    return Message(
        id=new_id(),
        parent=parent,
        role=Role.ASSISTANT,
        parts=(*parts, TextPart(text=text)) if text else tuple(parts),
        status=status,
        created_at=now(),
        model=REF,
        problem=problem,
        figures=Figures(finish_reason=finish_reason, request_id="r-1"),
    )


def turns(count: int, length: int = 3) -> list[Message]:
    """A conversation of so many prompts, each answered."""
    messages: list[Message] = []
    for number in range(count):
        asked = prompt(f"Question {number}?", messages[-1].id if messages else None)
        messages += [asked, answer(f"Answer {number}. " * length, asked.id)]
    return messages


def heard(signal: SignalInstance) -> list[tuple[object, ...]]:
    """A list that grows by the arguments of each time the signal is given."""
    got: list[tuple[object, ...]] = []

    def take(*arguments: object) -> None:
        got.append(arguments)

    signal.connect(take)
    return got


def listed(view: TranscriptView) -> MessageList:
    """The list of a view."""
    found = view.findChild(MessageList)
    assert found is not None
    return found


def point_in(view: TranscriptView, row: int, x: int = 20, y: int = 8, segment: int = 0) -> QPoint:
    """A point in a segment of a row's text, from the segment's corner."""
    messages = listed(view)
    left, width = messages.column
    each = next(each for each in messages.placed if each.row == row and each.slab in view.rows[row].parts.body)
    return QPoint(left + each.slab.inset() + x, each.top + each.slab.segment_top(segment, width) + y)
