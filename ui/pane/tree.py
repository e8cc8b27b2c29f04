"""Versions of messages in a conversation's tree: which siblings there are, and where another one leads."""

from __future__ import annotations

from collections.abc import Mapping

from desktop.domain import Conversation, Message

_NONE: Mapping[str, str] = {}


def siblings(conversation: Conversation, message: Message) -> tuple[Message, ...]:
    """The versions of a message, itself among them, oldest first."""
    return tuple(each for each in conversation.messages if each.parent == message.parent and each.role is message.role)


def branches(conversation: Conversation) -> dict[str, tuple[int, int]]:
    """Of each message on the current path that has other versions: which it is, from 1, and of how many."""
    path = conversation.path()
    if len(path) == len(conversation.messages):
        return {}  # nothing was ever asked or answered twice
    groups: dict[tuple[str | None, str], list[str]] = {}
    for message in conversation.messages:
        groups.setdefault((message.parent, message.role), []).append(message.id)
    found: dict[str, tuple[int, int]] = {}
    for message in path:
        group = groups[message.parent, message.role]
        if len(group) > 1:
            found[message.id] = (group.index(message.id) + 1, len(group))
    return found


def leaf_below(conversation: Conversation, message_id: str) -> str:
    """The message that was made last of all that a message leads to, itself where nothing follows it."""
    children: dict[str | None, list[str]] = {}
    order: dict[str, int] = {}
    for number, each in enumerate(conversation.messages):
        children.setdefault(each.parent, []).append(each.id)
        order[each.id] = number
    found, waiting, seen = message_id, [message_id], {message_id}
    while waiting:
        below = [each for each in children.get(waiting.pop(), ()) if each not in seen]
        seen.update(below)
        waiting += below
        found = max((found, *below), key=lambda each: order.get(each, -1))
    return found


def leaves_shown(conversation: Conversation) -> dict[str, str]:
    """By each message on the current path that has other versions: the leaf that is shown below it."""
    leaf = conversation.current
    return dict.fromkeys(branches(conversation), leaf) if leaf is not None else {}


def leaf_of_version(
    conversation: Conversation, message_id: str, step: int, shown: Mapping[str, str] = _NONE
) -> str | None:
    """The leaf to show for the version `step` further, round at the ends. None without one.

    It is the one that was `shown` last below that version, else the newest.
    """
    message = next((each for each in conversation.messages if each.id == message_id), None)
    if message is None:
        return None
    versions = siblings(conversation, message)
    if len(versions) < 2:
        return None
    version = versions[(versions.index(message) + step) % len(versions)]
    leaf = shown.get(version.id)
    if leaf is not None and version in conversation.path(leaf):
        return leaf
    return leaf_below(conversation, version.id)
