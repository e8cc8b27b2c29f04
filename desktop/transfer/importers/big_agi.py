"""big-AGI's export: conversations in a row, content as fragments; `models`, which holds keys, is never read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from desktop.domain import Part, ReasoningPart, Role, Status, TextPart
from desktop.transfer.drafts import Draft, Format, Lost, Outline, attachment, finished, joined, role_of
from desktop.transfer.loose import table, tables, text, when
from desktop.transfer.trees import Node

_SOURCE = "big-agi"


def drafts(item: object, now: datetime) -> Sequence[Draft]:
    """The conversation of one entry of `conversations`."""
    entry = table(item)
    lost: Counter[Lost] = Counter()
    nodes: list[Node] = []
    for place, message in enumerate(tables(entry.get("messages"))):
        nodes.append(_node(message, nodes[-1].id if nodes else None, place, lost))
    return finished(
        Outline(
            source=_SOURCE,
            id=text(entry.get("id")) or f"{entry.get('created')} {entry.get('userTitle')}",
            title=text(entry.get("userTitle")) or text(entry.get("autoTitle")),
            model="",
            nodes=nodes,
            created=when(entry.get("created")),
            updated=when(entry.get("updated")),
            archived=entry.get("isArchived") is True,
            lost=lost,
        ),
        now,
    )


FORMAT = Format(name="big-AGI", drafts=drafts)


def _node(message: Mapping[str, object], before: str | None, place: int, lost: Counter[Lost]) -> Node:
    role = role_of(message.get("role"))
    parts = [part for each in tables(message.get("fragments")) for part in _part(each, lost)]
    if not parts:
        parts = [TextPart(text=text(message.get("text")) or text(message.get("content")))]
    generator = table(message.get("generator"))
    model = text(generator.get("name")) or text(message.get("originLLM"))
    stopped = text(generator.get("tokenStopReason")) in ("client-abort", "aborted")
    return Node(
        id=text(message.get("id")) or f"#{place}",
        parent=before,
        role=role,
        parts=joined(parts),
        at=when(message.get("created")),
        model=model if role is Role.ASSISTANT else "",
        status=Status.STOPPED if role is Role.ASSISTANT and stopped else Status.COMPLETE,
    )


def _part(fragment: Mapping[str, object], lost: Counter[Lost]) -> list[Part]:
    piece = table(fragment.get("part"))
    match piece.get("pt"):
        case "text":
            return [TextPart(text=text(piece.get("text")))]
        case "ma":
            return [ReasoningPart(text=text(piece.get("aText")))]
        case "doc" | "image_ref" | "reference":
            lost[Lost.ATTACHMENT] += 1
            return [attachment(text(fragment.get("title")) or text(table(piece.get("meta")).get("srcFileName")))]
        case "tool_invocation" | "tool_response":
            lost[Lost.TOOL] += 1
        case "ph" | "_pt_sentinel":
            pass
        case _:
            lost[Lost.CONTENT] += 1
    return []
