"""Versions of messages in a conversation tree: siblings, and the leaf below each version."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from desktop.domain.conversation_types import Conversation, Message
from desktop.domain.events import Begun
from ui.transcript.message.shown import Version

_NONE: Mapping[str, str] = {}


def siblings(conversation: Conversation, message: Message) -> tuple[Message, ...]:
    """Return all versions of a message, including the message itself, oldest first."""
    return tuple(each for each in conversation.messages if each.parent == message.parent and each.role is message.role)


def branches(conversation: Conversation, shown: Mapping[str, str] = _NONE) -> dict[str, Version]:
    """Return the version numbers of all messages on the current path that have other versions.

    Each includes the number of messages below the longest other version, counted to the leaf last `shown` below
    that version (by its ID), or else to the newest leaf.
    """
    path = conversation.path()
    if len(path) == len(conversation.messages):
        return {}  # nothing was ever asked or answered twice
    groups: dict[tuple[str | None, str], list[str]] = {}
    for message in conversation.messages:
        groups.setdefault((message.parent, message.role), []).append(message.id)
    following = _following(conversation, shown)
    versions: dict[str, Version] = {}
    for message in path:
        group = groups[message.parent, message.role]
        if len(group) > 1:
            number = group.index(message.id) + 1
            others = ((following[each], at) for at, each in enumerate(group, 1) if at != number)
            follow, longest = max(others)
            versions[message.id] = Version(number, len(group), longest, follow)
    return versions


def branches_with(conversation: Conversation, begun: Begun, shown: Mapping[str, str] = _NONE) -> dict[str, Version]:
    """Like `branches`, but including the prompt and the response in progress."""
    made = tuple(each for each in (begun.prompt, begun.answer) if each is not None)
    whole = msgspec.structs.replace(conversation, messages=conversation.messages + made, current=begun.answer.id)
    return branches(whole, shown)


def _following(conversation: Conversation, shown: Mapping[str, str]) -> dict[str, int]:
    """Return how many messages follow each message, by its ID, down to the leaf that would be shown."""
    depths: dict[str | None, int] = {}
    for message in conversation.messages:
        depths[message.id] = depths.get(message.parent, 0) + 1
    newest = {message.id: at for at, message in enumerate(conversation.messages)}
    for message in reversed(conversation.messages):
        if message.parent in newest:
            newest[message.parent] = max(newest[message.parent], newest[message.id])
    leaves = {each: shown.get(each, conversation.messages[at].id) for each, at in newest.items()}
    return {each: depths[leaf] - depths[each] for each, leaf in leaves.items()}


def below(conversation: Conversation, message_id: str) -> frozenset[str]:
    """Return the IDs of a message and of all messages that follow it, in every version."""
    found = {message_id}
    for each in conversation.messages:  # a parent comes before its children
        if each.parent in found:
            found.add(each.id)
    return frozenset(found)


def leaf_beside(before: Conversation, left: Conversation, message_id: str) -> str | None:
    """Return the leaf to show after a message was deleted: below another version of it, else the message before it."""
    gone = next((each for each in before.messages if each.id == message_id), None)
    if gone is None:
        return before.current
    others = [each for each in left.messages if each.parent == gone.parent and each.role is gone.role]
    return leaf_below(left, others[-1].id) if others else gone.parent


def leaf_below(conversation: Conversation, message_id: str) -> str:
    """Return the newest message below a message, or the message itself if nothing follows."""
    children: dict[str | None, list[str]] = {}
    order: dict[str, int] = {}
    for number, each in enumerate(conversation.messages):
        children.setdefault(each.parent, []).append(each.id)
        order[each.id] = number
    leaf, waiting, seen = message_id, [message_id], {message_id}
    while waiting:
        below = [each for each in children.get(waiting.pop(), ()) if each not in seen]
        seen.update(below)
        waiting += below
        leaf = max((leaf, *below), key=lambda each: order.get(each, -1))
    return leaf


def leaves_shown(conversation: Conversation) -> dict[str, str]:
    """Return the leaf that is currently shown below each message with several versions, by the message's ID."""
    leaf = conversation.current
    return dict.fromkeys(branches(conversation), leaf) if leaf is not None else {}


def leaf_of_version(
    conversation: Conversation, message_id: str, step: int, shown: Mapping[str, str] = _NONE
) -> str | None:
    """Return the leaf of the version `step` versions further, wrapping around, or None for an unknown message.

    This is the leaf last `shown` below that version, or else the newest one.
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
