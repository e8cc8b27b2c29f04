"""What a chat that was not sent to yet carries on from: by this it is made anew when it is shown again."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from desktop.domain.conversation_types import Conversation


class Carried(Struct, frozen=True):
    """The conversation of the store, by its id, and which of its messages it begins with."""

    source: str
    ids: dict[str, str]
    """By a message's id, that of the one that it is a copy of."""
    current: str | None = None


def carried(made: Conversation, before: Conversation, origin: Carried | None) -> Carried | None:
    """What a chat has from the one whose place it took, or that of its origin where no store has that one either.

    It holds copies of all messages, or of the newest of those that were shown. None where it holds none.
    """
    if not made.messages:
        return None
    old = before.messages if len(before.messages) == len(made.messages) else before.path()
    source = origin.source if origin is not None else before.id
    known = origin.ids if origin is not None else {}
    ids = {
        copy.id: known.get(each.id, each.id) for copy, each in zip(reversed(made.messages), reversed(old), strict=False)
    }
    return Carried(source, ids, made.current)


def remade(empty: Conversation, origin: Carried, source: Conversation) -> Conversation:
    """An empty chat with the messages again that it began with, as far as their conversation still has them."""
    own = {each: copy for copy, each in origin.ids.items()}
    messages = tuple(
        msgspec.structs.replace(each, id=own[each.id], parent=own.get(each.parent or ""))
        for each in source.messages
        if each.id in own
    )
    kept = {each.id for each in messages}
    current = origin.current if origin.current in kept else None
    return msgspec.structs.replace(empty, title=source.title, messages=messages, current=current)
