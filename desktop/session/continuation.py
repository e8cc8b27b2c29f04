"""Messages that make a model continue an interrupted response."""

from __future__ import annotations

from desktop.domain.conversation_types import Kind, Role
from desktop.providers.provider import ChatMessage

CONTINUE = "Continue your answer exactly where it broke off. Repeat nothing and say nothing about it."
"""Prompt sent by Paragone instead of the user."""


def continuation(said: str, kind: Kind) -> tuple[ChatMessage, ...]:
    """Return the messages after which a model continues. The embedded engine takes the partial response itself."""
    if not said:
        return ()
    begun = ChatMessage(role=Role.ASSISTANT, text=said)
    return (begun,) if kind is Kind.EMBEDDED else (begun, ChatMessage(role=Role.USER, text=CONTINUE))
