"""Chatbox's export: each session with its older threads and forks; its settings, which hold keys, are never read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from desktop.domain import Figures, Part, Problem, ReasoningPart, Role, Status, TextPart, Usage
from desktop.transfer.drafts import Draft, Format, Lost, Outline, attachment, finished, joined, role_of
from desktop.transfer.loose import number, table, tables, text, when, whole
from desktop.transfer.trees import Node

_SOURCE = "chatbox"
_PROBLEM_LENGTH = 500

SESSIONS = "chat-sessions-list"
"""The key of the list of sessions in the file."""


def drafts(item: object, now: datetime) -> Sequence[Draft]:
    """The conversations of one session: `entry` is its line in the list, `session` the rest."""
    entry = table(table(item).get("entry"))
    session = table(table(item).get("session"))
    id_ = text(entry.get("id")) or text(session.get("id"))
    title = text(entry.get("name")) or text(session.get("name"))
    pinned = entry.get("starred") is True or session.get("starred") is True
    model = text(table(session.get("settings")).get("modelId"))
    found = [*_one(session, id_, title, model, now, pinned=pinned)]
    for place, thread in enumerate(tables(session.get("threads"))):
        own = f"{id_}/{text(thread.get('id')) or place}"
        found += _one(thread, own, text(thread.get("name")) or title, model, now, pinned=False)
    return found


FORMAT = Format(name="Chatbox", drafts=drafts)


def _one(
    held: Mapping[str, object], id_: str, title: str, model: str, now: datetime, *, pinned: bool
) -> Sequence[Draft]:
    lost: Counter[Lost] = Counter()
    nodes = _row(tables(held.get("messages")), None, lost)
    current = nodes[-1].id if nodes else None
    for after, fork in table(held.get("messageForksHash")).items():
        for branch in tables(table(fork).get("lists")):
            nodes += _row(tables(branch.get("messages")), after, lost)
    return finished(
        Outline(
            source=_SOURCE,
            id=id_,
            title=title,
            model=model,
            nodes=nodes,
            current=current,
            created=when(held.get("createdAt")),
            pinned=pinned,
            lost=lost,
        ),
        now,
    )


def _row(messages: Sequence[Mapping[str, object]], parent: str | None, lost: Counter[Lost]) -> list[Node]:
    found: list[Node] = []
    for place, message in enumerate(messages):
        node = _node(message, parent, place, lost)
        found.append(node)
        parent = node.id
    return found


def _node(message: Mapping[str, object], parent: str | None, place: int, lost: Counter[Lost]) -> Node:
    role = role_of(message.get("role"))
    parts = [part for each in tables(message.get("contentParts")) for part in _part(each, lost)]
    if not parts:
        thought, said = text(message.get("reasoningContent")), text(message.get("content"))
        parts = [ReasoningPart(text=thought), TextPart(text=said)]
    for each in (*tables(message.get("files")), *tables(message.get("links"))):
        lost[Lost.ATTACHMENT] += 1
        parts.append(attachment(text(each.get("name")) or text(each.get("title"))))
    answered = role is Role.ASSISTANT
    error = text(message.get("error"))[:_PROBLEM_LENGTH] if answered else ""
    status = Status.INTERRUPTED if answered and message.get("generating") is True else Status.COMPLETE
    latency = number(message.get("firstTokenLatency")) if answered else None
    return Node(
        id=text(message.get("id")) or f"{parent or ''}#{place}",
        parent=parent,
        role=role,
        parts=joined(parts),
        at=when(message.get("timestamp")),
        model=text(message.get("model")) if answered else "",
        status=Status.FAILED if error else status,
        usage=_usage(table(message.get("usage"))),
        figures=Figures(ttft_ms=latency) if latency else None,
        problem=Problem(code="imported", message=error) if error else None,
    )


def _usage(counted: Mapping[str, object]) -> Usage | None:
    sent = whole(counted.get("inputTokens")) or whole(counted.get("promptTokens"))
    answered = whole(counted.get("outputTokens")) or whole(counted.get("completionTokens"))
    thought = whole(counted.get("reasoningTokens"))
    if not (sent or answered):
        return None
    return Usage(input_tokens=sent, output_tokens=answered, reasoning_tokens=thought or None)


def _part(piece: Mapping[str, object], lost: Counter[Lost]) -> Sequence[Part]:
    match piece.get("type"):
        case "text":
            return [TextPart(text=text(piece.get("text")))]
        case "reasoning":
            return [ReasoningPart(text=text(piece.get("text")))]
        case "image":
            lost[Lost.ATTACHMENT] += 1
            return [attachment("image")]
        case "tool-call":
            lost[Lost.TOOL] += 1
        case "info":
            pass
        case _:
            lost[Lost.CONTENT] += 1
    return []


def sessions(held: Mapping[str, object]) -> Sequence[tuple[object, str]]:
    """The list's entries, each with the key of its session; then sessions that the list does not name."""
    found: dict[str, object] = {f"session:{text(each.get('id'))}": each for each in tables(held.get(SESSIONS))}
    for key in held:
        if key.startswith("session:"):
            found.setdefault(key, None)
    return [(entry, key) for key, entry in found.items()]
