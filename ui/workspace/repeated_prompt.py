"""A prompt that one model answers several times, with its history: the typed prompt or the last one."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from desktop.domain.conversation_types import Conversation, Role
from desktop.session.session import copied, new_conversation
from ui.composer.composer import Composer
from ui.composer.prompt import Prompt
from ui.pane.pane import Pane


class RepeatedPrompt(Struct, frozen=True):
    """`base` is the conversation before the prompt; `field` holds it, or is None if it was already sent."""

    pane: Pane
    base: Conversation
    prompt: Prompt
    field: Composer | None = None

    @property
    def turns(self) -> int:
        """Number of prompts before it."""
        return sum(message.role is Role.USER for message in self.base.messages)

    def conversations(self, times: int) -> tuple[Conversation, ...]:
        """Return new conversations with the same model, system prompt, parameters and messages."""
        base = self.base
        empty = (new_conversation(base.model, system=base.system, parameters=base.parameters) for _ in range(times))
        return tuple(copied(base, each) for each in empty)

    def take(self) -> None:
        """Clear the prompt's field, because it is sent from elsewhere."""
        if self.field is None:
            return
        if self.field.is_editing:
            self.pane.writing.end_edit()
        else:
            self.field.put(Prompt())


def is_repeatable(pane: Pane, field: Composer, typed: Prompt) -> bool:
    """Whether `repeated` would return a prompt; a quick check."""
    if typed.text.strip() or typed.files:
        return True
    path = pane.writing.base.path() if field.is_editing else pane.body.path
    return any(message.role is Role.USER for message in reversed(path))


def repeated(pane: Pane, field: Composer, typed: Prompt) -> RepeatedPrompt | None:
    """Return the prompt a pane's model can answer several times, `typed` in a field or sent last, or None."""
    conversation = pane.writing.base if field.is_editing else pane.conversation
    path = conversation.path()
    if typed.text.strip() or typed.files:
        return RepeatedPrompt(pane, _up_to(conversation, len(path)), typed, field)
    last = next((at for at in range(len(path) - 1, -1, -1) if path[at].role is Role.USER), None)
    if last is None:
        return None
    return RepeatedPrompt(pane, _up_to(conversation, last), Prompt(path[last].text, path[last].files))


def _up_to(conversation: Conversation, count: int) -> Conversation:
    """Return a conversation with only the first messages of its path."""
    messages = conversation.path()[:count]
    current = messages[-1].id if messages else None
    return msgspec.structs.replace(conversation, messages=messages, current=current)
