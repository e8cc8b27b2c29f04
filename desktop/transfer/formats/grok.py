"""Grok's account export, `prod-grok-backend.json`: conversations whose responses name their parents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from desktop.domain.conversation_types import Role
from desktop.domain.message_parts import Part, ReasoningPart, TextPart
from desktop.transfer.archives.loose_json import items, table, tables, text, when
from desktop.transfer.import_drafts import Draft, Fields, Format, Lost, attachment, finished, joined
from desktop.transfer.message_trees import Node, last_id

_FIELDS = Fields(source="grok", pinned="starred")
_UNREAD = ("agent_thinking_traces", "cited_web_search_results")


def drafts(item: object, now: datetime) -> Sequence[Draft]:
    """Return the conversation of one entry."""
    entry = table(item)
    chat = table(entry.get("conversation"))
    lost: Counter[Lost] = Counter()
    nodes: list[Node] = []
    for place, each in enumerate(tables(entry.get("responses"))):
        before = last_id(nodes)
        nodes.append(_node(table(each.get("response")), before, f"#{place}", lost))
    outline = _FIELDS.outline(chat, nodes, lost)
    outline.id = outline.id or f"{chat.get('create_time')} {outline.title}"
    outline.current = last_id(nodes)
    outline.created, outline.updated = _time(chat.get("create_time")), _time(chat.get("modify_time"))
    return finished(outline, now)


FORMAT = Format(name="Grok", drafts=drafts)


def is_one(entry: Mapping[str, object]) -> bool:
    """Whether an object is a conversation of Grok with its responses."""
    return "conversation" in entry and "responses" in entry


def _node(response: Mapping[str, object], before: str | None, place: str, lost: Counter[Lost]) -> Node:
    asks = text(response.get("sender")).casefold() in (
        "human",
        "user",
    )  # an answer's sender may be the name of its model
    files = [*map(text, items(response.get("file_attachments")))]
    pictures = ["image" for _ in items(response.get("generated_image_urls"))]
    lost[Lost.ATTACHMENT] += len(files) + len(pictures)
    lost[Lost.TOOL] += len(items(response.get("steps")))
    lost[Lost.CONTENT] += sum(len(items(response.get(name))) for name in _UNREAD)
    parts: list[Part] = [
        ReasoningPart(text=text(response.get("thinking_trace"))),
        TextPart(text=text(response.get("message"))),
        *map(attachment, (*files, *pictures)),
    ]
    return Node(
        id=text(response.get("_id")) or place,
        parent=text(response.get("parent_response_id")) or before,
        role=Role.USER if asks else Role.ASSISTANT,
        parts=joined(parts),
        at=_time(response.get("create_time")),
        model="" if asks else text(response.get("model")),
    )


def _time(value: object) -> datetime | None:
    """Parse a time, including MongoDB's format: `{"$date": {"$numberLong": "1705312200000"}}`."""
    date = table(value).get("$date")
    if date is None:
        return when(value)
    thousandths = text(table(date).get("$numberLong"))
    return when(int(thousandths)) if thousandths.isdecimal() and len(thousandths) < 20 else when(date)
