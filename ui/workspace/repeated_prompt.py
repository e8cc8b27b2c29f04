"""A prompt that one model answers several times, either the typed one or the last one, with its history."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from desktop.domain.conversation_types import Conversation, Role
from desktop.session.session import copied, new_conversation
from ui.composer.composer import Composer
from ui.composer.prompt import Prompt
from ui.pane.pane import Pane


class RepeatedPrompt(Struct, frozen=True):
    """A prompt to send several times. `base` is the conversation before it.

    `field` is the composer that contains the prompt, or None if it was already sent.
    """

    pane: Pane
    base: Conversation
    prompt: Prompt
    field: Composer | None = None

    @property
    def turns(self) -> int:
        """Number of prompts in the history."""
        return sum(message.role is Role.USER for message in self.base.messages)

    def conversations(self, times: int) -> tuple[Conversation, ...]:
        """Return new conversations that have the model, system prompt, parameters, tools and history of the prompt."""
        base = self.base
        empty = (
            new_conversation(base.model, system=base.system, parameters=base.parameters, tools=base.tools)
            for _ in range(times)
        )
        return tuple(copied(base, each) for each in empty)

    def take(self) -> None:
        """Clear the prompt field, because the prompt is sent from elsewhere."""
        if self.field is None:
            return
        if self.field.is_editing:
            self.pane.writing.end_edit()
        else:
            self.field.put(Prompt())


def is_repeatable(pane: Pane, field: Composer, typed: Prompt) -> bool:
    """Quickly check whether `repeated` would return a prompt."""
    if typed.text.strip() or typed.files:
        return True
    path = pane.writing.base.path() if field.is_editing else pane.body.path
    return any(message.role is Role.USER for message in reversed(path))


def repeated(pane: Pane, field: Composer, typed: Prompt) -> RepeatedPrompt | None:
    """Return the prompt that a pane's model can answer several times: the typed one, or the last one that was sent.

    Returns None if there is neither.
    """
    conversation = pane.writing.base if field.is_editing else pane.conversation
    path = conversation.path()
    if typed.text.strip() or typed.files:
        return RepeatedPrompt(pane, _up_to(conversation, len(path)), typed, field)
    last = next((at for at in range(len(path) - 1, -1, -1) if path[at].role is Role.USER), None)
    if last is None:
        return None
    return RepeatedPrompt(pane, _up_to(conversation, last), Prompt(path[last].text, path[last].files))


def _up_to(conversation: Conversation, count: int) -> Conversation:
    """Return a conversation that contains only the first `count` messages of its path."""
    messages = conversation.path()[:count]
    current = messages[-1].id if messages else None
    return msgspec.structs.replace(conversation, messages=messages, current=current)
