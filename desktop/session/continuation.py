"""What makes a model go on with an answer that broke off."""

from __future__ import annotations

from desktop.domain.conversation_types import Kind, Role
from desktop.providers.provider import ChatMessage

CONTINUE = "Continue your answer exactly where it broke off. Repeat nothing and say nothing about it."
"""What the program itself says in the place of people."""


def continuation(said: str, kind: Kind) -> tuple[ChatMessage, ...]:
    """Messages after which a model goes on from what it said: engines of ours take the begun answer itself."""
    if not said:
        return ()
    begun = ChatMessage(role=Role.ASSISTANT, text=said)
    return (begun,) if kind is Kind.EMBEDDED else (begun, ChatMessage(role=Role.USER, text=CONTINUE))
