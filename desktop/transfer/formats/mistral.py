"""Mistral's export of Le Chat: one file per chat, with unordered messages; responses to one prompt are branches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from desktop.domain.conversation_types import Role
from desktop.domain.message_parts import Part, TextPart
from desktop.transfer.archives.loose_json import items, tables, text, when
from desktop.transfer.import_drafts import (
    ConversationOutline,
    Draft,
    Format,
    Lost,
    attachment,
    fenced,
    finished,
    has_text,
    joined,
    speaker,
)
from desktop.transfer.message_trees import Node, last_id

_SOURCE = "mistral"
_LAST = datetime.max.replace(tzinfo=UTC)
_PROSE = ("", "text/markdown", "text/plain")


def drafts(item: object, now: datetime) -> Sequence[Draft]:
    """Return the conversation of one file."""
    lost: Counter[Lost] = Counter()
    messages = sorted(tables(item), key=lambda each: (when(each.get("createdAt")) or _LAST, each.get("role") != "user"))
    nodes: list[Node] = []
    prompt: str | None = None
    answer: str | None = None
    for place, message in enumerate(messages):
        role = speaker(message.get("role"), lost)
        asks = role is Role.USER
        node = _node(message, role, place, answer or prompt if asks else prompt, lost)
        nodes.append(node)
        if asks:
            prompt, answer = node.id, None
        elif role is Role.ASSISTANT:
            answer = node.id  # of several answers the newest, from which the chat continued
    return finished(
        ConversationOutline(
            source=_SOURCE,
            id=next(filter(None, (text(each.get("chatId")) for each in messages)), ""),
            title="",
            model="",
            nodes=nodes,
            current=last_id(nodes),
            lost=lost,
        ),
        now,
    )


FORMAT = Format(name="Mistral", drafts=drafts)


def is_one(entry: Mapping[str, object]) -> bool:
    """Whether an item of a list is a message of Le Chat, so that the list is a chat."""
    return "chatId" in entry and "role" in entry and ("contentChunks" in entry or "createdAt" in entry)


def _node(
    message: Mapping[str, object], role: Role | None, place: int, before: str | None, lost: Counter[Lost]
) -> Node:
    parts = [part for chunk in tables(message.get("contentChunks")) for part in _part(chunk, lost)]
    if not has_text(parts):
        parts = [TextPart(text=text(message.get("content"))), *parts]
    parts += [part for each in tables(message.get("canvas")) for part in _canvas(each)]
    files = [text(each.get("name")) for each in tables(message.get("files"))]
    lost[Lost.ATTACHMENT] += len(files)
    lost[Lost.CONTENT] += len(items(message.get("quotes")))  # no public source describes their content
    return Node(
        id=text(message.get("id")) or f"#{place}",
        parent=before,
        role=role,
        parts=joined([*parts, *map(attachment, files)]),
        at=when(message.get("createdAt")),
        model=text(message.get("model")) if role is Role.ASSISTANT else "",
    )


def _part(chunk: Mapping[str, object], lost: Counter[Lost]) -> list[Part]:
    match chunk.get("type"):
        case "text":
            return [TextPart(text=text(chunk.get("text")))]
        case "reference":
            lost[Lost.CITATION] += max(len(items(chunk.get("referenceIds"))), 1)
        case "image_url":
            lost[Lost.ATTACHMENT] += 1
            return [attachment("image")]
        case "file_reference":
            lost[Lost.ATTACHMENT] += 1
            return [attachment(text(chunk.get("fileReference")) or text(chunk.get("fileAlt")))]
        case "tool_call":
            lost[Lost.TOOL] += 1
        case "canva":
            pass  # the document itself is in the message
        case _:
            lost[Lost.CONTENT] += 1
    return []


def _canvas(document: Mapping[str, object]) -> list[Part]:
    """Return a canvas document below its title."""
    said, title = text(document.get("content")), " ".join(text(document.get("title")).replace("*", "").split())
    if not said.strip():
        return []
    kind = text(document.get("type"))
    language = kind.rpartition("/")[2]
    body = said if kind in _PROSE else fenced(said, language if "/" in kind and language.isalnum() else "")
    return [TextPart(text=f"**{title}**\n\n{body}" if title else body)]
