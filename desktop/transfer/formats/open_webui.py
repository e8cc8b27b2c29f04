"""Open WebUI's export of chats: trees by parents, reasoning within `<details>` of the text."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from itertools import zip_longest

from desktop.domain.conversation_types import Problem, Role, Status, Usage
from desktop.domain.message_parts import Part, ReasoningPart, TextPart, words
from desktop.markdown.text_segments import definitions
from desktop.text.phrases import LONGEST
from desktop.transfer.archives.loose_json import Unreadable, decode, items, table, tables, text, when, whole
from desktop.transfer.formats.claude_cards import card_of
from desktop.transfer.formats.markdown_parts import CodeFinder, link_target, titled_link
from desktop.transfer.import_drafts import (
    ConversationOutline,
    Draft,
    Format,
    Lost,
    attachment,
    ending,
    fenced,
    finished,
    has_text,
    joined,
    ran,
    speaker,
)
from desktop.transfer.import_shelf import NO_FILES, Shelf
from desktop.transfer.message_trees import Node

_SOURCE = "open-webui"
_OPENING = re.compile(r'<details\s{1,9}type="(reasoning|tool_calls|code_interpreter)"')
_OUTPUT = ' output="'
_CLOSING = "</details>"
_MERGED = "merged"
_SUMMARY = re.compile(r"\A\s*<summary>[^<]*</summary>\s*")


def drafts(item: object, now: datetime, shelf: Shelf = NO_FILES) -> Sequence[Draft]:
    """The conversation of one entry; old ones have no wrapper `chat`."""
    entry = table(item)
    chat = table(entry.get("chat")) or entry
    lost: Counter[Lost] = Counter()
    history = table(chat.get("history"))
    held = table(history.get("messages"))
    nodes = [node for id_, value in held.items() for node in _nodes(id_, table(value), shelf, lost)]
    if not nodes:
        for place, message in enumerate(tables(chat.get("messages"))):
            before = nodes[-1].id if nodes else None
            nodes += _nodes(text(message.get("id")) or str(place), {"parentId": before, **message}, shelf, lost)
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
            shelf=shelf,
        ),
        now,
    )


def _tags(held: Sequence[object]) -> tuple[str, ...]:
    """Names of tags; old versions have objects with a name. Open WebUI writes spaces as underscores."""
    names = (text(each) or text(table(each).get("name")) for each in held)
    return tuple(dict.fromkeys(name.replace("_", " ") for name in names if name))


FORMAT = Format(name="Open WebUI", drafts=drafts, with_files=drafts)


def is_one(entry: Mapping[str, object]) -> bool:
    """Whether an entry is a chat, with or without what wraps it in newer versions."""
    chat = table(entry.get("chat"))
    return "history" in chat or "messages" in chat or "messages" in table(entry.get("history"))


def _nodes(id_: str, message: Mapping[str, object], shelf: Shelf, lost: Counter[Lost]) -> list[Node]:
    """A message, and before it what was merged of the answers beside it, as one answer more."""
    node = _node(id_, message, shelf, lost)
    merged = table(message.get("merged"))
    said = text(merged.get("content"))
    if not said.strip():
        return [node]
    more = Node(
        id=f"{id_}/merged",
        parent=node.id if node.role is Role.USER else node.parent,
        role=Role.ASSISTANT,
        parts=joined(split(said, lost)),
        at=when(merged.get("timestamp")) or node.at,
        model=_MERGED,
    )
    return [more, node]


def _node(id_: str, message: Mapping[str, object], shelf: Shelf, lost: Counter[Lost]) -> Node:
    role = speaker(message.get("role"), lost)
    parts = list(_said(message, role, shelf, lost))
    if role is Role.ASSISTANT:
        said = words(parts, TextPart)
        parts += _defined(said, tables(message.get("sources")) or tables(message.get("citations")), lost)
    lost[Lost.TOOL] += len(tables(message.get("code_executions")))
    for each in tables(message.get("files")):
        parts.append(_attached(each, shelf, lost))
    counted = table(message.get("usage")) or table(message.get("info"))
    sent, answered = whole(counted.get("prompt_tokens")), whole(counted.get("completion_tokens"))
    reasons = (counted.get("finish_reason"), counted.get("done_reason"), table(message.get("info")).get("done_reason"))
    ended = ending("in_progress" if message.get("done") is False else "", *reasons)
    wrong = message.get("error") if role is Role.ASSISTANT else None
    problem = text(wrong) or text(table(wrong).get("content")) or text(table(wrong).get("detail"))
    return Node(
        id=id_,
        parent=text(message.get("parentId")) or None,
        role=role,
        parts=joined(parts),
        at=when(message.get("timestamp")),
        model=text(message.get("model")) if role is Role.ASSISTANT else "",
        status=Status.FAILED if wrong else ended.status,
        reason=ended.reason,
        problem=Problem(code="imported", message=problem[:LONGEST]) if problem else None,
        usage=Usage(input_tokens=sent, output_tokens=answered) if sent or answered else None,
    )


def _attached(each: Mapping[str, object], shelf: Shelf, lost: Counter[Lost]) -> Part:
    """A picture that stands in the message, or a file with the text that was read from it."""
    name = text(each.get("name")) or text(each.get("type"))
    read = text(table(table(each.get("file")).get("data")).get("content"))
    part = shelf.put_text(name, read) or shelf.put_address(name, text(each.get("url")))
    lost[Lost.ATTACHMENT] += part is None
    return part or attachment(name)


def _said(message: Mapping[str, object], role: Role | None, shelf: Shelf, lost: Counter[Lost]) -> Sequence[Part]:
    """What a message says. Since 0.10 an answer may stand in its output alone, item by item; Qwen's in phases."""
    content = message.get("content")
    pieces = tables(content) or [{"type": "text", "text": content}]
    said = joined([part for each in pieces for part in _piece(each, role, shelf, lost)])
    thought = text(message.get("reasoning_content")) if role is Role.ASSISTANT else ""
    if phases := tables(message.get("content_list")):
        is_said = has_text(said)
        kept = [each for each in phases if not is_said or text(each.get("phase")).startswith("think")]
        parts = [part for each in kept for part in _phase(each, shelf, lost)]
        if is_said and any(isinstance(each, ReasoningPart) for each in said):
            return said
        return joined([*_led(parts, thought), *said] if is_said else [*said, *_led(parts, thought)])
    if role is not Role.ASSISTANT:
        return said
    output = tables(message.get("output"))
    if has_text(said) or not output:
        thoughts = [part for each in output if each.get("type") == "reasoning" for part in _item(each, (), lost)]
        led = _led(said, thought or "\n\n".join(part.text for part in thoughts if isinstance(part, ReasoningPart)))
        return joined([*led, *(part for each in output for part in _asked(each))])
    calls = {text(each.get("call_id")) for each in output if each.get("type") == "function_call"}
    found = joined([part for each in output for part in _item(each, calls, lost)])
    return found if has_text(found) or not said else said


def _piece(piece: Mapping[str, object], role: Role | None, shelf: Shelf, lost: Counter[Lost]) -> Sequence[Part]:
    said = text(piece.get("text"))
    if piece.get("type") == "image_url":
        address = text(piece.get("image_url")) or text(table(piece.get("image_url")).get("url"))
        part = shelf.put_address("image", address)
        lost[Lost.ATTACHMENT] += part is None
        return [part or attachment("image")]
    lost[Lost.CONTENT] += not said and piece.get("type") != "text"
    return split(said, lost) if role is Role.ASSISTANT else [TextPart(text=said)]


def _led(parts: Sequence[Part], thought: str) -> Sequence[Part]:
    """An answer led by what was thought, where no part of it is."""
    has_thought = not thought.strip() or any(isinstance(each, ReasoningPart) for each in parts)
    return parts if has_thought else [ReasoningPart(text=thought), *parts]


def _phase(phase: Mapping[str, object], shelf: Shelf, lost: Counter[Lost]) -> Sequence[Part]:
    """What a phase of Qwen's answer says; a search is one of its tools."""
    said = text(phase.get("content"))
    match text(phase.get("phase")):
        case "answer" | "":
            return [TextPart(text=said)]
        case kind if kind.startswith("think"):
            return [ReasoningPart(text=said or _summary(table(phase.get("extra"))))]
        case "image_gen" if said.strip():
            if (part := shelf.put_address("image", said)) is not None:
                return [part]
            lost[Lost.ATTACHMENT] += 1
            return [attachment("image"), TextPart(text=titled_link("image", said.strip()))]
        case _:
            lost[Lost.TOOL] += 1
    return []


def _summary(extra: Mapping[str, object]) -> str:
    """Thoughts that are told in short, each below its title."""
    titles, thoughts = (items(table(extra.get(f"summary_{each}")).get("content")) for each in ("title", "thought"))
    pairs = zip_longest(map(text, titles), map(text, thoughts), fillvalue="")
    return "\n\n".join(filter(None, (each for title, said in pairs for each in (title and f"**{title}**", said))))


def _asked(item: Mapping[str, object]) -> Sequence[Part]:
    """Questions that an answer put to the person, with what could be chosen."""
    if item.get("type") != "function_call" or item.get("name") != "ask_user":
        return []
    try:
        given = decode(text(item.get("arguments")).encode("utf-8", "surrogatepass"))
    except Unreadable:
        return []
    return [TextPart(text=card)] if (card := card_of("ask_user_input_v0", table(given))) else []


def _item(item: Mapping[str, object], calls: Container[str], lost: Counter[Lost]) -> Sequence[Part]:
    """What an item of an answer's output says."""
    pieces = tables(item.get("content")) or tables(item.get("summary"))
    said = "\n\n".join(filter(None, (text(each.get("text")) for each in pieces))) or text(item.get("content"))
    match item.get("type"):
        case "message":
            return [TextPart(text=said)]
        case "reasoning":
            return [ReasoningPart(text=said)]
        case "open_webui:code_interpreter" | "code_interpreter" if code := text(item.get("code")):
            printed = table(item.get("output"))
            return ran(code, text(item.get("lang")), text(printed.get("stdout")) or text(printed.get("result")))
        case "function_call" if asked := _asked(item):
            return asked
        case "function_call_output" if text(item.get("call_id")) in calls:
            pass  # told with its call
        case _:
            lost[Lost.TOOL] += 1
    return []


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
    lines = {
        str(number): f"[{number}]: {link_target(address)}"
        for number, address in enumerate(addresses.values(), start=1)
        if address and f"[{number}]" in said
    }
    if lines:  # a number in code refers to nothing
        used = definitions("\n\n".join((said, *lines.values()))).used - definitions(said).links.keys()
        lines = {number: line for number, line in lines.items() if number in used}
    lost[Lost.CITATION] += len(addresses) - len(lines)
    return [TextPart(text="\n".join(lines.values()))] if lines else []


def split(said: str, lost: Counter[Lost]) -> list[Part]:
    """Text and the reasoning that stands in it, in their order; calls of tools are lost."""
    parts: list[Part] = []
    at = sought = 0
    code = CodeFinder(said)
    while (opening := _OPENING.search(said, sought)) is not None:
        sought = opening.end()
        if code.holds(opening.start()):
            continue
        begin = said.find(">", opening.end()) + 1
        end = said.find(_CLOSING, begin) if begin else -1
        if end < 0:
            break
        parts.append(TextPart(text=said[at : opening.start()].strip("\n")))
        if opening[1] == "reasoning":
            inner = html.unescape(_SUMMARY.sub("", said[begin:end]))
            parts.append(ReasoningPart(text="\n".join(_unquoted(line) for line in inner.strip().split("\n"))))
        elif opening[1] == "code_interpreter" and (code_run := _SUMMARY.sub("", said[begin:end]).strip("\n")):
            printed = said[opening.end() : begin].partition(_OUTPUT)[2].partition('"')[0]
            parts += [TextPart(text=code_run), *_printed(html.unescape(printed))]
        else:
            lost[Lost.TOOL] += 1
        at = sought = end + len(_CLOSING)
        code.restart(at)
    parts.append(TextPart(text=said[at:].lstrip("\n") if at else said))
    return parts


def _printed(output: str) -> Sequence[Part]:
    """What code printed, of the JSON that tells it."""
    try:
        held = decode(output.encode("utf-8", "surrogatepass")) if output else None
    except Unreadable:
        held = None
    said = text(table(held).get("stdout")) or text(table(held).get("result"))
    return [TextPart(text=fenced(said))] if said.strip() else []


def _unquoted(line: str) -> str:
    return line[2:] if line.startswith("> ") else line.removeprefix(">")
