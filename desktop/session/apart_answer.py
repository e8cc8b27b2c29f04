"""Prompts sent in a file (Batch API): building the request, checking it and building the response."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence

import msgspec

from desktop.catalog.catalog import Catalog
from desktop.domain.conversation_types import Conversation, Message, Role, Status, new_id, now
from desktop.domain.events import StreamEvent
from desktop.domain.message_parts import TextPart
from desktop.providers.provider import ChatRequest
from desktop.session import context_window
from desktop.session.answer import Answer, AnswerTask, Stream
from desktop.session.answer_bounds import require_prompt
from desktop.session.charge import Charge
from desktop.session.gateway import Gateway
from desktop.session.history import NO_FILES, FilesAsSent, fit
from desktop.session.journal import Journal


def new_prompt(text: str) -> Message:
    """Return the first prompt of a conversation."""
    return Message(
        id=new_id(),
        parent=None,
        role=Role.USER,
        parts=(TextPart(text=text),),
        status=Status.COMPLETE,
        created_at=now(),
        turn=new_id(),
    )


def task_apart(
    gateway: Gateway,
    catalog: Catalog,
    conversation: Conversation,
    path: Sequence[Message],
    given: Mapping[str, FilesAsSent] = NO_FILES,
) -> AnswerTask:
    """Build the task for a prompt, which is the last message of `path`, after the messages before it.

    Args:
        given: Files as the model receives them, by message ID.

    Raises:
        UsageError: If the prompt is too long.
    """
    model, system, prompt = conversation.model, conversation.system, path[-1]
    require_prompt(prompt.text, system)
    answer = Message(
        id=new_id(),
        parent=prompt.id,
        role=Role.ASSISTANT,
        parts=(),
        status=Status.STREAMING,
        created_at=now(),
        model=model,
    )
    known = gateway.known(model)
    entry = catalog.entry(known.base, known.name)
    fitted = fit(
        path,
        given=given,
        system=system,
        window=known.context_window or entry.context_window,
        reserve=context_window.reserve(conversation, entry),
    )
    request = ChatRequest(
        model=model.name,
        messages=fitted.messages,
        parameters=conversation.parameters,
        wire=entry.wire,
        most_output=entry.max_output,
        reasons=bool(entry.reasoning),
    )
    return AnswerTask(
        conversation=conversation, prompt=prompt, answer=answer, request=request, entry=entry, program=gateway.program
    )


async def admit(gateway: Gateway, task: AnswerTask, *, flagged_too: bool = False) -> None:
    """Run all checks on a prompt without sending it.

    Raises:
        PolicyForbids: If a policy forbids the model.
        PromptHeld: If the prompt may not be sent.
        SettingsError: If a settings file cannot be used.
        StoreError: If the store cannot be read.
    """
    async with gateway.ask(
        conversation=task.conversation.id,
        model=task.conversation.model,
        entry=task.entry,
        texts=[each.text for each in task.request.messages],
        parameters=task.request.parameters.values,
        flagged_too=flagged_too,
    ):
        pass  # its time comes later, in a file with others


async def answer_apart(
    task: AnswerTask, events: Sequence[StreamEvent], catalog: Catalog, journal: Journal
) -> tuple[Message, Charge | None]:
    """Build a response and its charge from its events. Timings are missing, because its arrival was not observed."""

    async def replayed(request: ChatRequest) -> AsyncGenerator[StreamEvent]:
        del request
        for event in events:
            yield event

    async def opened() -> Stream:
        return replayed

    answer = Answer(task, journal, opened, find_entry=catalog.find)
    message = await answer.run()
    if message.figures is None:
        return message, answer.charge
    timeless = msgspec.structs.replace(
        message.figures, ttft_ms=None, reasoning_ms=None, duration_ms=None, tokens_per_second=None
    )
    return msgspec.structs.replace(message, figures=timeless), answer.charge
