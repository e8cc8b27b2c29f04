"""Origin of a copied chat that has no stored message yet, from which the chat is rebuilt when it is shown again."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from desktop.domain.conversation_types import Conversation


class Carried(Struct, frozen=True):
    """Source of a copied chat: the ID of the stored conversation and the messages copied from it."""

    source: str
    ids: dict[str, str]
    """Original message ID by the ID of its copy."""
    current: str | None = None


def carried(made: Conversation, before: Conversation, origin: Carried | None) -> Carried | None:
    """Return the origin of the chat `made` by copying `before`, traced back to a stored conversation.

    The copy contains all messages or the newest visible ones. Returns None if it contains none.
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
    """Return an empty chat with its copied messages restored, provided that the source still has them."""
    own = {each: copy for copy, each in origin.ids.items()}
    messages = tuple(
        msgspec.structs.replace(each, id=own[each.id], parent=own.get(each.parent or ""))
        for each in source.messages
        if each.id in own
    )
    kept = {each.id for each in messages}
    current = origin.current if origin.current in kept else None
    return msgspec.structs.replace(empty, title=source.title, messages=messages, current=current)
