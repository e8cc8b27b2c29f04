"""Requests of a replay: exactly what the incumbent was sent, from its receipt or else from the conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from desktop.catalog.catalog_entry import Entry
from desktop.catalog.sampling_parameters import is_sampling
from desktop.domain.conversation_types import (
    NO_TOOLS,
    Conversation,
    JsonValue,
    Message,
    ModelRef,
    Parameters,
    Role,
    Status,
    ToolChoice,
    Wire,
    new_id,
)
from desktop.domain.message_parts import TextPart
from desktop.receipts.body_texts import SentChat, SentMessage, chat_of
from desktop.session.charge import BOUNDS, given_bounds
from desktop.session.session import new_conversation
from desktop.store.receipts import SentRequest
from desktop.tools.tool_runner import RecordedCall, recorded_calls

_RENAMED = {"max_output_tokens": "max_tokens", "stop_sequences": "stop"}
"""Names of Chat Completions by those of the other API formats, as parameters are named everywhere else."""

_WITHIN = (("reasoning", "effort", "reasoning_effort"), ("output_config", "effort", "reasoning_effort"))


class ReplayRequest(NamedTuple):
    """What the incumbent was sent for one answer.

    `history` are the messages before the prompt, each the parent of the next; `rebuilt` means that no receipt told.
    """

    system: str
    parameters: Mapping[str, JsonValue]
    history: tuple[Message, ...]
    prompt: Message
    answer: Message
    rebuilt: bool
    tools: ToolChoice = NO_TOOLS

    @property
    def recorded(self) -> tuple[RecordedCall, ...]:
        """Calls of the incumbent with their results, which the successor gets instead of calling tools."""
        return recorded_calls([self.answer])

    @property
    def turns(self) -> tuple[list[str], list[str]]:
        """All prompts, and the answers before the last one."""
        prompts = [each.text for each in self.history if each.role is Role.USER]
        return [*prompts, self.prompt.text], [each.text for each in self.history if each.role is Role.ASSISTANT]


def request_of(conversation: Conversation, answer_id: str, sent: SentRequest | None) -> ReplayRequest | None:
    """Return what was sent for an answer; None if it or its prompt is gone.

    The receipt decides on system prompt, parameters and history, because all three may have changed since. A receipt
    of which something is missing counts as none.
    """
    path = conversation.path(answer_id)
    if len(path) < 2 or path[-1].id != answer_id or path[-2].role is not Role.USER:
        return None
    *before, prompt, answer = path
    chat = chat_of(sent.body) if sent is not None and sent.is_whole else None
    history = None if chat is None else _history(chat, before, prompt)
    if sent is None or chat is None or history is None:
        parameters, own = conversation.parameters.values, _turns(before)
        return ReplayRequest(
            conversation.system, parameters, _chained(own), prompt, answer, rebuilt=True, tools=conversation.tools
        )
    limited = sent.receipt.wire != Wire.MESSAGES.value or bool(given_bounds(conversation.parameters.values))
    parameters = _parameters(chat.fields, limited=limited)
    return ReplayRequest(
        chat.system, parameters, _chained(history), prompt, answer, rebuilt=False, tools=conversation.tools
    )


def accepted(parameters: Mapping[str, JsonValue], entry: Entry) -> tuple[dict[str, JsonValue], tuple[str, ...]]:
    """Return the parameters that a successor accepts, and the names of the others."""
    kept = {name: value for name, value in parameters.items() if is_sampling(name, value) and entry.takes(name)}
    bounds = [value for name, value in parameters.items() if name in BOUNDS and name not in kept]
    if bounds and not given_bounds(kept) and (name := next(filter(entry.takes, BOUNDS), None)):
        kept[name] = bounds[0]  # the same limit under the name that the model takes
    lost = (name for name in parameters if name not in kept and not (name in BOUNDS and given_bounds(kept)))
    return kept, tuple(lost)


def conversation_of(request: ReplayRequest, model: ModelRef, entry: Entry) -> Conversation:
    """Return a conversation with a successor in which the prompt of a request comes next."""
    parameters, _ = accepted(request.parameters, entry)
    return msgspec.structs.replace(
        new_conversation(model, system=request.system, parameters=Parameters(values=parameters), tools=request.tools),
        messages=request.history,
        current=request.history[-1].id if request.history else None,
    )


def _history(chat: SentChat, before: Sequence[Message], prompt: Message) -> list[Message] | None:
    """Return the messages that were sent before the prompt; None if the receipt is of another prompt.

    Own messages are used where they are the ones that were sent, since they carry their attachments; texts from
    elsewhere, such as the answer another pane was given, come from the receipt.
    """
    *earlier, last = chat.messages
    if not _is(last, prompt):
        return None
    own = _turns(before)[-len(earlier) :] if earlier else []
    if len(own) == len(earlier) and all(map(_is, earlier, own)):
        return own
    if not all(each.is_plain for each in earlier):
        return None
    return [_message(each, prompt) for each in earlier]


def _is(sent: SentMessage, message: Message) -> bool:
    """Whether a message was sent with this text; texts of attachments are before it."""
    if sent.role != message.role.value:
        return False
    return sent.text == message.text or (bool(message.files) and sent.text.endswith(message.text))


def _message(sent: SentMessage, like: Message) -> Message:
    role = Role.ASSISTANT if sent.role == Role.ASSISTANT.value else Role.USER
    parts = (TextPart(text=sent.text),)
    return Message(id=new_id(), parent=None, role=role, parts=parts, status=Status.COMPLETE, created_at=like.created_at)


def _turns(path: Sequence[Message]) -> list[Message]:
    """Return the messages that a request contains: prompts with an answer, and their answers."""
    found: list[Message] = []
    for message in path:
        if message.role is Role.ASSISTANT and message.text:
            found.append(message)
        elif message.role is Role.USER:
            if found and found[-1].role is Role.USER:
                found.pop()
            found.append(message)
    return found[:-1] if found and found[-1].role is Role.USER else found


def _chained(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Return messages as a branch of their own: not imported, so that they are sent like typed ones."""
    found: list[Message] = []
    for message in messages:
        parent = found[-1].id if found else None
        found.append(msgspec.structs.replace(message, parent=parent, imported=False))
    return tuple(found)


def _parameters(fields: Mapping[str, JsonValue], *, limited: bool) -> dict[str, JsonValue]:
    """Return the parameters in a request's other fields, by the names of Chat Completions.

    Args:
        limited: Whether an output limit was chosen; Messages requires one, so that it says nothing by itself.
    """
    found: dict[str, JsonValue] = {}
    for name, value in fields.items():
        told = _RENAMED.get(name, name)
        if is_sampling(told, value) and (limited or told not in BOUNDS):
            found[told] = value
    for outer, inner, name in _WITHIN:
        held = fields.get(outer)
        if isinstance(held, dict) and inner in held:
            found[name] = held[inner]
    return found
