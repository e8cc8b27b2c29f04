"""Cherry Studio's backup: topics of messages, whose contents are blocks beside them, or in older versions their own.

Read from Cherry Studio's source: its types of old and new messages, its backup and what moves both to its next version.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from desktop.domain.conversation_types import Figures, Problem, Role, Status, Usage
from desktop.domain.message_parts import Part, ReasoningPart, TextPart
from desktop.transfer.archives.loose_json import items, number, table, tables, text, when, whole
from desktop.transfer.formats.chatgpt_widgets import titled
from desktop.transfer.import_drafts import (
    ConversationOutline,
    Draft,
    Format,
    attachment,
    fenced,
    finished,
    joined,
    speaker,
)
from desktop.transfer.import_losses import Lost
from desktop.transfer.import_shelf import NO_FILES, Shelf
from desktop.transfer.message_trees import Node

_SOURCE = "cherry-studio"
_PROBLEM_LENGTH = 500
_STATUSES = {
    "paused": Status.STOPPED,
    "error": Status.FAILED,
    **dict.fromkeys(("sending", "pending", "searching", "processing"), Status.INTERRUPTED),
}


def drafts(item: object, now: datetime, shelf: Shelf = NO_FILES) -> Sequence[Draft]:
    """The conversation of one topic, with its blocks, what the settings say of it (`entry`), and of its assistant."""
    topic, entry = table(table(item).get("topic")), table(table(item).get("entry"))
    blocks = dict(table(table(item).get("blocks")))
    assistant = table(table(item).get("assistant"))
    lost: Counter[Lost] = Counter()
    messages = tables(topic.get("messages"))
    lost[Lost.MESSAGE] += len(items(topic.get("messages"))) - len(messages)
    lost[Lost.SYSTEM] += table(item).get("is_prompt_left_out") is True
    ids = [text(message.get("id")) or f"#{place}" for place, message in enumerate(messages)]
    parents, current = _parents(messages, ids)
    nodes = [
        _node(message, id_, parent, blocks, shelf, lost)
        for message, id_, parent in zip(messages, ids, parents, strict=True)
    ]
    prompts = (text(assistant.get("prompt")), text(entry.get("prompt")))
    return finished(
        ConversationOutline(
            source=_SOURCE,
            id=text(topic.get("id")) or text(entry.get("id")) or "".join(ids[:1]),
            title=text(entry.get("name")) or text(topic.get("name")),
            model=_model(table(assistant.get("model"))),
            nodes=nodes,
            current=current,
            created=when(entry.get("createdAt")) or when(topic.get("createdAt")),
            updated=when(entry.get("updatedAt")) or when(topic.get("updatedAt")),
            system="\n".join(prompt for prompt in prompts if prompt.strip()),
            pinned=entry.get("pinned") is True,
            lost=lost,
            shelf=shelf,
        ),
        now,
    )


FORMAT = Format(name="Cherry Studio", drafts=drafts, with_files=drafts)


def _parents(messages: Sequence[Mapping[str, object]], ids: Sequence[str]) -> tuple[Sequence[str | None], str | None]:
    """What each message follows, and the last one that is shown.

    Answers of several models name the prompt that they answer. What comes then follows the one that was found useful,
    or is unfolded, or is the last.
    """
    known = set(ids)
    parents: list[str | None] = []
    last: str | None = None  # what the next message follows
    asked, above, best = "", last, 0
    for message, id_ in zip(messages, ids, strict=True):
        question = text(message.get("askId")) if message.get("role") == "assistant" else ""
        if not question or question != asked:
            asked, best = question, 0
            above = question if question in known and question != id_ else last
        parents.append(above)
        rank = 3 if message.get("useful") is True else 2 if message.get("foldSelected") is True else 1
        if rank >= best:
            last, best = id_, rank
    return parents, last


def _node(
    message: Mapping[str, object],
    id_: str,
    parent: str | None,
    blocks: dict[str, object],
    shelf: Shelf,
    lost: Counter[Lost],
) -> Node:
    role = None if message.get("type") == "clear" else speaker(message.get("role"), lost)
    if role is None:
        return Node(id=id_, parent=parent)
    held = [table(blocks.pop(text(block), None)) for block in items(message.get("blocks"))]  # one message has each
    lost[Lost.CONTENT] += sum(not block for block in held)
    parts = [part for block in held if block for part in _block(block, shelf, lost)]
    parts += _older(message, shelf, lost)
    answered = role is Role.ASSISTANT
    errors = [text(table(each.get("error")).get("message")) for each in (message, *held)]
    error = "\n".join(filter(None, errors))[:_PROBLEM_LENGTH] if answered else ""
    status = _STATUSES.get(text(message.get("status")), Status.COMPLETE)
    if error and status is Status.COMPLETE:
        status = Status.FAILED
    return Node(
        id=id_,
        parent=parent,
        role=role,
        parts=joined(parts),
        at=when(message.get("createdAt")),
        model=(_model(table(message.get("model"))) or text(message.get("modelId"))) if answered else "",
        status=status if answered else Status.COMPLETE,
        usage=_usage(table(message.get("usage"))) if answered else None,
        figures=_figures(table(message.get("metrics"))) if answered else None,
        problem=Problem(code="imported", message=error) if error and status is Status.FAILED else None,
    )


def _model(named: Mapping[str, object]) -> str:
    return text(named.get("id")) or text(named.get("name"))


def _block(block: Mapping[str, object], shelf: Shelf, lost: Counter[Lost]) -> Sequence[Part]:
    content = text(block.get("content"))
    match block.get("type"):
        case "main_text" | "compact":
            return [TextPart(text=content)]
        case "thinking":
            return [ReasoningPart(text=content)]
        case "code":
            language = text(block.get("language"))
            return [TextPart(text=fenced(content, language if language.isalnum() else ""))]
        case "image":
            if file := table(block.get("file")):
                return [_file(file, shelf, lost)]
            addresses = [text(block.get("url")), *_drawn(table(block.get("metadata")).get("generateImageResponse"))]
            return _pictures(list(filter(None, addresses)), shelf, lost)
        case "file":
            return [_file(table(block.get("file")), shelf, lost)]
        case "video":
            lost[Lost.ATTACHMENT] += 1
            return [attachment("video")]
        case "tool":
            lost[Lost.TOOL] += 1
        case "citation":
            return _cited(block, lost)
        case "error" | "unknown":
            pass  # what an answer failed with, and the place of one that was awaited
        case _:
            lost[Lost.CONTENT] += 1
    return []


def _drawn(response: object) -> Sequence[str]:
    """Pictures that a model drew, as addresses."""
    return [text(each) for each in items(table(response).get("images"))]


def _pictures(addresses: Sequence[str], shelf: Shelf, lost: Counter[Lost]) -> Sequence[Part]:
    """Pictures that stand in the backup; of others it is said that there was one."""
    parts = [shelf.put_address("image", address) for address in addresses or [""]]
    lost[Lost.ATTACHMENT] += sum(part is None for part in parts)
    return [part or attachment("image") for part in parts]


def _file(file: Mapping[str, object], shelf: Shelf, lost: Counter[Lost]) -> Part:
    """A file that was attached, which a backup may hold beside it, by its id."""
    name = text(file.get("origin_name")) or text(file.get("name"))
    part = shelf.take_at(name, f"Data/Files/{text(file.get('id'))}{text(file.get('ext'))}")
    lost[Lost.ATTACHMENT] += part is None
    return part or attachment(name)


def _cited(block: Mapping[str, object], lost: Counter[Lost]) -> Sequence[Part]:
    """What an answer found on the web, as a list of links; what it took from files and memories is lost."""
    results = table(block.get("response")).get("results")
    chunks = table(results).get("groundingChunks")
    sources = [
        table(each.get("url_citation")) or table(each.get("web")) or each
        for each in tables(results) or tables(table(results).get("results")) or tables(chunks)
    ]
    links: dict[str, str] = {}
    for source in sources:
        address = text(source.get("url")) or text(source.get("uri")) or text(source.get("link"))
        if address.startswith(("http://", "https://")):
            links.setdefault(address, text(source.get("title")) or address)
        else:
            lost[Lost.CITATION] += 1
    lost[Lost.CITATION] += len(items(block.get("knowledge"))) + len(items(block.get("memories")))
    lost[Lost.CITATION] += bool(results) and not sources
    return [
        TextPart(text="\n".join(f"{place}. {titled(name, to)}" for place, (to, name) in enumerate(links.items(), 1)))
    ]


def _older(message: Mapping[str, object], shelf: Shelf, lost: Counter[Lost]) -> Sequence[Part]:
    """What a message of a version before blocks holds itself."""
    parts: list[Part] = [
        ReasoningPart(text=text(message.get("reasoning_content"))),
        TextPart(text=text(message.get("content"))),
    ]
    lost[Lost.CONTENT] += bool(text(message.get("translatedContent")).strip())
    meta = table(message.get("metadata"))
    for address in (*items(message.get("images")), *_drawn(meta.get("generateImage"))):
        parts += _pictures([text(address)], shelf, lost)
    parts += (_file(file, shelf, lost) for file in tables(message.get("files")))
    lost[Lost.TOOL] += len(items(meta.get("mcpTools")))
    results = meta.get("webSearch") or meta.get("annotations")
    citations = items(meta.get("citations"))
    parts += _cited({"response": {"results": results or [{"url": each} for each in citations]}}, lost)
    return parts


def _usage(counted: Mapping[str, object]) -> Usage | None:
    sent, answered = whole(counted.get("prompt_tokens")), whole(counted.get("completion_tokens"))
    thought = whole(counted.get("thoughts_tokens"))
    if not (sent or answered):
        return None
    return Usage(input_tokens=sent, output_tokens=answered, reasoning_tokens=thought or None)


def _figures(measured: Mapping[str, object]) -> Figures | None:
    first = number(measured.get("time_first_token_millsec"))
    taken = number(measured.get("time_completion_millsec"))
    return Figures(ttft_ms=first or None, duration_ms=taken or None) if first or taken else None
