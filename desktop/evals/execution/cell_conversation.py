"""Converts a cell of a run to a conversation that can be continued."""

from __future__ import annotations

from desktop.domain.conversation_types import Conversation, Message, Parameters, Role, Status, new_id, now
from desktop.domain.message_parts import ReasoningPart, TextPart
from desktop.domain.suite_cells import CellRecord
from desktop.evals.suites.suite import Suite
from desktop.session.prompt_title import title_of


def conversation_of(suite: Suite, record: CellRecord) -> Conversation:
    """Return a new, unstored conversation with the messages of a cell.

    Its messages are marked as imported, so their cost is not counted again.
    """
    contender = suite.contenders[record.key.contender]
    turns = suite.turns(suite.cases[record.key.case])
    at, messages = now(), list[Message]()
    for turn, prompt in enumerate(turns[: len(record.answers)]):
        prompt_message = Message(
            id=new_id(),
            parent=messages[-1].id if messages else None,
            role=Role.USER,
            parts=(TextPart(text=prompt),),
            status=Status.COMPLETE,
            created_at=at,
        )
        is_last = len(messages) // 2 == len(record.answers) - 1
        thought = (ReasoningPart(text=record.reasoning),) if is_last and record.reasoning else ()
        response = Message(
            id=new_id(),
            parent=prompt_message.id,
            role=Role.ASSISTANT,
            parts=(*thought, *record.parts(turn)),
            status=Status.COMPLETE,
            created_at=at,
            model=contender.model,
            figures=record.figures if is_last else None,
            usage=record.usage if is_last else None,
            imported=True,
        )
        messages += [prompt_message, response]
    return Conversation(
        id=new_id(),
        title=title_of(turns[0]) if turns else suite.name,
        model=contender.model,
        created_at=at,
        updated_at=at,
        current=messages[-1].id if messages else None,
        system=suite.system_of(contender),
        parameters=Parameters(values=contender.parameters),
        messages=tuple(messages),
    )
