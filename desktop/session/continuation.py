"""Messages that make a model continue an interrupted response."""

from __future__ import annotations

from desktop.domain.conversation_types import Kind, Role
from desktop.providers.provider import ChatMessage

CONTINUE = "Continue your answer exactly where it broke off. Repeat nothing and say nothing about it."
"""Prompt that Paragone sends after the interrupted response."""


def continuation(said: str, kind: Kind) -> tuple[ChatMessage, ...]:
    """Return the messages that make a model continue. The embedded engine continues the partial response directly."""
    if not said:
        return ()
    begun = ChatMessage(role=Role.ASSISTANT, text=said)
    return (begun,) if kind is Kind.EMBEDDED else (begun, ChatMessage(role=Role.USER, text=CONTINUE))
