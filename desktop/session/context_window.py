"""The part of a conversation that fits its model's context window, and shortening of longer ones. Pure functions."""

from __future__ import annotations

import msgspec

from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import Conversation, Message, Role, new_id, now
from desktop.session.history import fit, turns_left_out

_DEFAULT_RESERVE = 1024
"""Tokens reserved for the response if neither the user nor the catalog sets a limit."""


def reserve(conversation: Conversation, entry: Entry) -> int:
    """Return the tokens reserved for the response: the limit set by a parameter, otherwise the model's."""
    for name in ("max_completion_tokens", "max_tokens"):
        limit = conversation.parameters.values.get(name)
        if isinstance(limit, int):
            return limit
    window = entry.context_window or 0
    return min(entry.max_output or _DEFAULT_RESERVE, window // 4) if window else _DEFAULT_RESERVE


def left_out(conversation: Conversation, entry: Entry, window: int | None) -> int:
    """Return how many of the oldest turns would not be sent with an empty prompt. `window` is in tokens."""
    path = conversation.path()
    if window is None or not path:
        return 0
    return turns_left_out(path, system=conversation.system, window=window, reserve=reserve(conversation, entry))


def shortened(conversation: Conversation, entry: Entry, window: int) -> Conversation:
    """Return a new conversation with the newest turns that fit in half of the window, but at least the last turn."""
    path = conversation.path()
    half = (window - reserve(conversation, entry)) // 2
    kept = fit(path, system="", window=half, reserve=0)
    prompts = [place for place, message in enumerate(path) if message.role is Role.USER]
    first = prompts[min(kept.left_out, len(prompts) - 1)] if prompts else 0
    copied: list[Message] = []
    for message in path[first:]:
        parent = copied[-1].id if copied else None
        copied.append(msgspec.structs.replace(message, id=new_id(), parent=parent))
    at = now()
    return msgspec.structs.replace(
        conversation,
        id=new_id(),
        created_at=at,
        updated_at=at,
        messages=tuple(copied),
        current=copied[-1].id if copied else None,
    )
