"""What an import brought that is sent as if it were the user's own: asked about before it is, once."""

from __future__ import annotations

import msgspec

from desktop.domain import Conversation, Message
from desktop.errors import PromptUnconfirmed
from desktop.phrases import phrase

_SHOWN = 200  # characters of parameters


def demand_parameters(conversation: Conversation, allowed: frozenset[str]) -> None:
    """Go on where an imported conversation's parameters may be sent: somebody allowed them, or something was said here.

    Raises PromptUnconfirmed.
    """
    values, messages = conversation.parameters.values, conversation.messages
    fingerprint = f"imported parameters {conversation.id}"
    if not values or not messages or fingerprint in allowed or not all(each.imported for each in messages):
        return
    named = ", ".join(f"{name} = {msgspec.json.encode(value).decode()}" for name, value in values.items())
    raise PromptUnconfirmed(
        phrase(
            "This conversation was imported with parameters that are sent with every prompt: {parameters}.",
            parameters=named if len(named) <= _SHOWN else f"{named[:_SHOWN]}…",
        ),
        found=frozenset({fingerprint}),
    )


def demand_answer(broken: Message, allowed: frozenset[str]) -> None:
    """Go on where an answer may be continued: it was made here, or somebody allowed it. Raises PromptUnconfirmed."""
    fingerprint = f"imported answer {broken.id}"
    if broken.imported and fingerprint not in allowed:
        raise PromptUnconfirmed(
            phrase("This response was imported. If you continue it, the model is told that the words are its own."),
            found=frozenset({fingerprint}),
        )
