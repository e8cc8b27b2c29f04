"""Witsy's history.json, alone or in a backup: chats in folders. Settings contain keys and are never read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from desktop.domain.conversation_types import Role, Usage
from desktop.domain.message_parts import Part, ReasoningPart, TextPart
from desktop.transfer.archives.loose_json import items, table, tables, text, when, whole
from desktop.transfer.import_drafts import (
    Draft,
    Fields,
    Format,
    Lost,
    attachment,
    finished,
    joined,
    speaker,
)
from desktop.transfer.message_trees import Node, last_id

_FIELDS = Fields(source="witsy", id=("uuid",), model=("model",), created=("createdAt",), updated=("lastModified",))
_CALL = re.compile(r"<tool (?:index|id)=\"[^\"<>]{0,100}\"></tool>")
_CHAT_FIELDS = ("lastModified", "engine", "createdAt", "prompt")


def drafts(item: object, now: datetime) -> Sequence[Draft]:
    """Return the conversation in one chat, with its folder as a tag."""
    entry = table(item)
    chat, folder = table(entry.get("chat")), text(entry.get("folder"))
    lost: Counter[Lost] = Counter()
    nodes: list[Node] = []
    for place, message in enumerate(tables(chat.get("messages"))):
        nodes.append(_node(message, last_id(nodes), place, lost))
    outline = _FIELDS.outline(chat, nodes, lost)
    outline.id = outline.id or f"{text(chat.get('title'))} {text(chat.get('createdAt'))}"
    outline.tags = (folder,) if folder else ()
    return finished(outline, now)


FORMAT = Format(name="Witsy", drafts=drafts)


def is_one(entry: Mapping[str, object]) -> bool:
    """Whether an item of a list is a chat of Witsy."""
    return "uuid" in entry and "messages" in entry and any(each in entry for each in _CHAT_FIELDS)


def is_history(held: Mapping[str, object]) -> bool:
    """Whether an object is a whole history, not one of its chats."""
    return "chats" in held and ("folders" in held or "quickPrompts" in held)


def folders(listed: object) -> dict[str, str]:
    """Return the names of folders by the ids of their chats."""
    return {
        text(chat): text(folder.get("name"))
        for folder in tables(listed)
        for chat in items(folder.get("chats"))
        if text(chat)
    }


def _node(message: Mapping[str, object], before: str | None, place: int, lost: Counter[Lost]) -> Node:
    role = speaker(message.get("role"), lost)
    words = text(message.get("content"))
    calls = tables(message.get("toolCalls")) or tables(table(message.get("toolCall")).get("calls"))
    lost[Lost.TOOL] += len(calls)
    lost[Lost.SYSTEM] += bool(text(table(message.get("expert")).get("prompt")))
    files = [_name(each) for each in (*tables(message.get("attachments")), table(message.get("attachment"))) if each]
    if message.get("type") == "image":
        files, words = [*files, words.rpartition("/")[2] or "image"], ""
    lost[Lost.ATTACHMENT] += len(files)
    parts: list[Part] = [ReasoningPart(text=text(message.get("reasoning"))), TextPart(text=_CALL.sub("", words))]
    return Node(
        id=text(message.get("uuid")) or f"#{place}",
        parent=before,
        role=role,
        parts=joined([*parts, *map(attachment, files)]),
        at=when(message.get("createdAt")),
        model=text(message.get("model")) if role is Role.ASSISTANT else "",
        usage=_usage(table(message.get("usage"))) if role is Role.ASSISTANT else None,
    )


def _name(file: Mapping[str, object]) -> str:
    return text(file.get("title")) or text(file.get("url")).rpartition("/")[2]


def _usage(counted: Mapping[str, object]) -> Usage | None:
    sent, answered = whole(counted.get("prompt_tokens")), whole(counted.get("completion_tokens"))
    if not (sent or answered):
        return None
    return Usage(
        input_tokens=sent,
        output_tokens=answered,
        reasoning_tokens=whole(table(counted.get("completion_tokens_details")).get("reasoning_tokens")) or None,
        cached_tokens=whole(table(counted.get("prompt_tokens_details")).get("cached_tokens")) or None,
    )
