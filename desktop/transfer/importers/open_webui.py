"""Open WebUI's export of chats: trees by parents, reasoning within `<details>` of the text."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from desktop.domain import Part, Problem, ReasoningPart, Role, Status, TextPart, Usage
from desktop.phrases import LONGEST
from desktop.transfer.chatgpt_widgets import target
from desktop.transfer.import_drafts import (
    ConversationOutline,
    Draft,
    Format,
    Lost,
    attachment,
    finished,
    joined,
    role_of,
)
from desktop.transfer.loose_json import items, table, tables, text, when, whole
from desktop.transfer.message_trees import Node

_SOURCE = "open-webui"
_OPENING = re.compile(r'<details\s{1,9}type="(reasoning|tool_calls|code_interpreter)"')
_CLOSING = "</details>"
_SUMMARY = re.compile(r"\A\s*<summary>[^<]*</summary>\s*")


def drafts(item: object, now: datetime) -> Sequence[Draft]:
    """The conversation of one entry; old ones have no wrapper `chat`."""
    entry = table(item)
    chat = table(entry.get("chat")) or entry
    lost: Counter[Lost] = Counter()
    history = table(chat.get("history"))
    held = table(history.get("messages"))
    nodes = [_node(id_, table(value), lost) for id_, value in held.items()]
    if not nodes:
        for place, message in enumerate(tables(chat.get("messages"))):
            before = nodes[-1].id if nodes else None
            nodes.append(_node(text(message.get("id")) or str(place), {"parentId": before, **message}, lost))
    models = items(chat.get("models"))
    return finished(
        ConversationOutline(
            source=_SOURCE,
            id=text(entry.get("id")) or text(chat.get("id")) or f"{entry.get('created_at')} {chat.get('title')}",
            title=text(chat.get("title")) or text(entry.get("title")),
            model=text(models[0]) if models else "",
            nodes=nodes,
            current=text(history.get("currentId")) or None,
            created=when(entry.get("created_at")) or when(chat.get("timestamp")),
            updated=when(entry.get("updated_at")),
            system=text(chat.get("system")) or text(table(chat.get("params")).get("system")),
            pinned=entry.get("pinned") is True,
            archived=entry.get("archived") is True,
            tags=_tags(items(table(entry.get("meta")).get("tags")) or items(chat.get("tags"))),
            lost=lost,
        ),
        now,
    )


def _tags(held: Sequence[object]) -> tuple[str, ...]:
    """Names of tags; old versions have objects with a name. Open WebUI writes spaces as underscores."""
    names = (text(each) or text(table(each).get("name")) for each in held)
    return tuple(dict.fromkeys(name.replace("_", " ") for name in names if name))


FORMAT = Format(name="Open WebUI", drafts=drafts)


def _node(id_: str, message: Mapping[str, object], lost: Counter[Lost]) -> Node:
    role = role_of(message.get("role"))
    content = message.get("content")
    said = text(content) or "\n\n".join(text(each.get("text")) for each in tables(content))
    parts = split(said, lost) if role is Role.ASSISTANT else [TextPart(text=said)]
    if role is Role.ASSISTANT:
        parts += _defined(said, tables(message.get("sources")) or tables(message.get("citations")), lost)
    for each in tables(message.get("files")):
        lost[Lost.ATTACHMENT] += 1
        parts.append(attachment(text(each.get("name")) or text(each.get("type"))))
    counted = table(message.get("usage")) or table(message.get("info"))
    sent, answered = whole(counted.get("prompt_tokens")), whole(counted.get("completion_tokens"))
    ended = Status.INTERRUPTED if role is Role.ASSISTANT and message.get("done") is False else Status.COMPLETE
    wrong = message.get("error") if role is Role.ASSISTANT else None
    words = text(wrong) or text(table(wrong).get("content")) or text(table(wrong).get("detail"))
    return Node(
        id=id_,
        parent=text(message.get("parentId")) or None,
        role=role,
        parts=joined(parts),
        at=when(message.get("timestamp")),
        model=text(message.get("model")) if role is Role.ASSISTANT else "",
        status=Status.FAILED if wrong else ended,
        problem=Problem(code="imported", message=words[:LONGEST]) if words else None,
        usage=Usage(input_tokens=sent, output_tokens=answered) if sent or answered else None,
    )


def _defined(said: str, sources: Sequence[Mapping[str, object]], lost: Counter[Lost]) -> list[Part]:
    """Where the numbers in an answer lead, as definitions of links: sources are counted by their names from 1."""
    addresses: dict[str, str] = {}
    for each in sources:
        source = table(each.get("source"))
        for held in tables(each.get("metadata")) or [{}]:
            named = [
                text(held.get("source")),
                text(source.get("url")),
                text(source.get("name")),
                text(source.get("id")),
            ]
            web = next((name for name in named if name.startswith(("http://", "https://"))), "")
            addresses.setdefault(next(filter(None, named), ""), web)
    lines: list[str] = []
    for number, address in enumerate(addresses.values(), start=1):
        if address and f"[{number}]" in said:
            lines.append(f"[{number}]: {target(address)}")
        else:
            lost[Lost.CITATION] += 1
    return [TextPart(text="\n".join(lines))] if lines else []


def split(said: str, lost: Counter[Lost]) -> list[Part]:
    """Text and the reasoning that stands in it, in their order; calls of tools are lost."""
    parts: list[Part] = []
    at = 0
    while (opening := _OPENING.search(said, at)) is not None:
        begin = said.find(">", opening.end()) + 1
        end = said.find(_CLOSING, begin) if begin else -1
        if end < 0:
            break
        parts.append(TextPart(text=said[at : opening.start()].strip("\n")))
        if opening[1] == "reasoning":
            inner = html.unescape(_SUMMARY.sub("", said[begin:end]))
            parts.append(ReasoningPart(text="\n".join(_unquoted(line) for line in inner.strip().split("\n"))))
        else:
            lost[Lost.TOOL] += 1
        at = end + len(_CLOSING)
    parts.append(TextPart(text=said[at:].lstrip("\n") if at else said))
    return parts


def _unquoted(line: str) -> str:
    return line[2:] if line.startswith("> ") else line.removeprefix(">")
