"""Claude's `design_chats/*.json`: a conversation a file, whose messages hold blocks of text, thoughts and calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from desktop.domain.conversation_types import Role
from desktop.domain.message_parts import Part, ReasoningPart, TextPart
from desktop.transfer.archives.loose_json import table, tables, text, when
from desktop.transfer.import_drafts import (
    ConversationOutline,
    Draft,
    Format,
    attachment,
    finished,
    has_text,
    joined,
    quoted,
    speaker,
)
from desktop.transfer.import_losses import Lost
from desktop.transfer.import_shelf import NO_FILES, Shelf
from desktop.transfer.message_trees import Node

_ROLES = {"user": Role.USER, "assistant": Role.ASSISTANT}


def is_one(entry: Mapping[str, object]) -> bool:
    """Whether an object is such a conversation."""
    messages = tables(entry.get("messages"))
    return "uuid" in entry and bool(messages) and all(isinstance(each.get("content"), dict) for each in messages)


def drafts(item: object, now: datetime, shelf: Shelf = NO_FILES) -> Sequence[Draft]:
    """The conversation of one file."""
    entry = table(item)
    lost: Counter[Lost] = Counter()
    nodes: list[Node] = []
    for place, message in enumerate(tables(entry.get("messages"))):
        nodes.append(_node(message, place, nodes[-1].id if nodes else None, shelf, lost))
    return finished(
        ConversationOutline(
            source="claude",
            id=text(entry.get("uuid")) or f"{entry.get('created_at')} {entry.get('title')}",
            title=text(entry.get("title")) or text(table(entry.get("project")).get("name")),
            model="",
            nodes=nodes,
            current=None,
            created=when(entry.get("created_at")),
            updated=when(entry.get("updated_at")),
            pinned=False,
            lost=lost,
            shelf=shelf,
        ),
        now,
    )


FORMAT = Format(name="Claude Design", drafts=drafts, with_files=drafts)


def _node(message: Mapping[str, object], place: int, before: str | None, shelf: Shelf, lost: Counter[Lost]) -> Node:
    content = table(message.get("content"))
    role = speaker(message.get("role") or content.get("role"), lost, _ROLES)
    parts = [part for block in tables(content.get("contentBlocks")) for part in _block(block, lost)]
    if not has_text(parts):  # else it is the same once more
        parts.append(TextPart(text=text(content.get("content"))))
    for each in tables(content.get("attachments")):
        name, said = text(each.get("name")), text(each.get("content"))
        part = shelf.put_text(name, said) if said else None
        lost[Lost.ATTACHMENT] += part is None
        parts.append(part or attachment(name))
    return Node(
        id=text(message.get("uuid")) or str(place),
        parent=before,
        role=role,
        parts=joined(parts),
        at=when(message.get("created_at")) or when(content.get("timestamp")),
    )


def _block(block: Mapping[str, object], lost: Counter[Lost]) -> list[Part]:
    match block.get("type"):
        case "text":
            return [TextPart(text=text(block.get("text")))]
        case "thinking":
            return [ReasoningPart(text=text(block.get("text")) or text(block.get("thinking")))]
        case "tool_call" | "tool_result":
            lost[Lost.TOOL] += 1
        case "user_interjection":
            meant = text(block.get("message")) or text(table(block.get("message")).get("content"))
            return [quoted(meant)] if meant.strip() else []  # what the person said while the answer ran
        case "error":
            return [TextPart(text=text(block.get("message")))]
        case _:
            lost[Lost.CONTENT] += 1
    return []
