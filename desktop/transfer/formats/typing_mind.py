"""TypingMind's export: chats whose prompts contain the threads that edits replaced.

TypingMind's source is not public; the structure is known from programs that read its exports, and from chats in a
browser (docs/guide/transfer.md says what was tested).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from desktop.domain.conversation_types import Role, Usage
from desktop.domain.message_parts import Part, TextPart
from desktop.transfer.archives.loose_json import Unreadable, as_json, items, parted, table, tables, text, when, whole
from desktop.transfer.import_drafts import (
    Draft,
    Fields,
    Format,
    Lost,
    attachment,
    finished,
    identity,
    joined,
    speaker,
)
from desktop.transfer.import_shelf import NO_FILES, Shelf
from desktop.transfer.message_trees import Node

_FIELDS = Fields(
    source="typingmind",
    id=("chatID", "id"),
    title=("chatTitle",),
    model=("model", "modelInfo.id"),
    created=("createdAt",),
    updated=("updatedAt",),
)
_CALLS = ("tool_use", "tool_result", "tool_call")


def drafts(item: object, now: datetime, shelf: Shelf = NO_FILES) -> Sequence[Draft]:
    """Return the conversation in one chat."""
    entry = table(item)
    lost: Counter[Lost] = Counter()
    nodes, current = _grown(tables(entry.get("messages")), shelf, lost)
    lost[Lost.MESSAGE] += len(items(entry.get("messages"))) - len(tables(entry.get("messages")))
    outline = _FIELDS.outline(entry, nodes, lost, shelf)
    outline.id = outline.id or identity(outline.title, text(entry.get("createdAt")))
    outline.current = current
    outline.archived = bool(text(entry.get("deletedAt")))
    return finished(outline, now)


FORMAT = Format(name="TypingMind", drafts=drafts, with_files=drafts)


def chats(held: Mapping[str, object]) -> Sequence[object] | None:
    """Return the encoded chats in an export, or None if it is not TypingMind's."""
    try:
        return items(parted(table(parted(held.get("data"))).get("chats"))) or None
    except Unreadable:
        return None


def is_one(entry: Mapping[str, object]) -> bool:
    """Whether an object is a chat of TypingMind."""
    return "messages" in entry and ("chatID" in entry or "chatTitle" in entry)


def _grown(
    messages: Sequence[Mapping[str, object]], shelf: Shelf, lost: Counter[Lost]
) -> tuple[list[Node], str | None]:
    """Return the messages of all threads, and the last displayed one.

    A thread begins with an edited prompt, or with the same prompt and a regenerated response. The displayed messages
    may also be in a thread, but are returned only once.
    """
    nodes: dict[str, Node] = {}
    prompts: dict[tuple[str | None, str], str] = {}  # a prompt answered in several threads counts once as well
    current: str | None = None
    waiting: list[tuple[str, str | None, Sequence[Mapping[str, object]]]] = [("", None, messages)]
    while waiting:
        prefix, parent, row = waiting.pop()
        for place, message in enumerate(row):
            id_ = text(message.get("uuid")) or f"{prefix}#{place}"
            if id_ not in nodes:
                nodes[id_] = _node(message, id_, parent, shelf, lost)
            threads = tables(message.get("threads"))
            if threads:
                prompts.setdefault((parent, _written(message.get("content"))), id_)
            for number, thread in enumerate(threads):
                inner = f"{id_}/{number}"
                content = thread.get("userMessageContent")
                follows = id_ if content is None else prompts.setdefault((parent, _written(content)), inner)
                if follows not in nodes:
                    other = {"role": "user", "content": content, "createdAt": thread.get("createdAt")}
                    nodes[follows] = _node(other, follows, parent, shelf, lost)
                waiting.append((inner, follows, tables(thread.get("messages"))))
            parent = id_
        if not prefix:
            current = parent
    return list(nodes.values()), current


def _written(content: object) -> str:
    """Return content in a comparable form, since the same text may be a string or a list."""
    if isinstance(content, str):
        return content
    pieces = tables(content)
    if all(piece.get("type") == "text" for piece in pieces):
        return "\n".join(text(piece.get("text")) for piece in pieces)
    return as_json(content)


def _node(message: Mapping[str, object], id_: str, parent: str | None, shelf: Shelf, lost: Counter[Lost]) -> Node:
    role = speaker(message.get("role"), lost)
    parts = joined([*_contents(message.get("content"), shelf, lost)]) if role is not None else ()
    answered = role is Role.ASSISTANT
    return Node(
        id=id_,
        parent=parent,
        role=role,
        parts=parts,
        at=when(message.get("createdAt")),
        model=text(message.get("model")) if answered else "",
        usage=_usage(table(message.get("usage"))) if answered else None,
    )


def _contents(content: object, shelf: Shelf, lost: Counter[Lost]) -> Iterator[Part]:
    if isinstance(content, str):
        yield TextPart(text=content)
    for piece in tables(content):
        match piece.get("type"):
            case "text" | None:
                yield TextPart(text=text(piece.get("text")))
            case "image_url":
                address = text(piece.get("image_url")) or text(table(piece.get("image_url")).get("url"))
                part = shelf.put_address("image", address)
                lost[Lost.ATTACHMENT] += part is None
                yield part or attachment("image")
            case kind if kind in _CALLS:
                lost[Lost.TOOL] += 1
            case _:
                lost[Lost.CONTENT] += 1


def _usage(counted: Mapping[str, object]) -> Usage | None:
    sent, answered = whole(counted.get("prompt_tokens")), whole(counted.get("completion_tokens"))
    return Usage(input_tokens=sent, output_tokens=answered) if sent or answered else None
