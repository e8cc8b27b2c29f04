"""Open WebUI's chats: message trees linked by parents, with reasoning in `<details>` elements in the text."""

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
    Draft,
    Fields,
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
from desktop.transfer.message_trees import Node, last_id

_FIELDS = Fields(
    source="open-webui",
    id=("id", "chat.id"),
    title=("chat.title", "title"),
    current=("chat.history.currentId",),
    created=("created_at", "chat.timestamp"),
    updated=("updated_at",),
    system=("chat.system", "chat.params.system"),
    pinned="pinned",
    archived="archived",
)
_OPENING = re.compile(r'<details\s{1,9}type="(reasoning|tool_calls|code_interpreter)"')
_OUTPUT = ' output="'
_CLOSING = "</details>"
_MERGED = "merged"
_SUMMARY = re.compile(r"\A\s*<summary>[^<]*</summary>\s*")


def drafts(item: object, now: datetime, shelf: Shelf = NO_FILES) -> Sequence[Draft]:
    """Return the conversation in one entry. Older entries are not wrapped in `chat`."""
    entry = table(item)
    chat = table(entry.get("chat")) or entry
    lost: Counter[Lost] = Counter()
    history = table(chat.get("history"))
    held = table(history.get("messages"))
    nodes = [node for id_, value in held.items() for node in _nodes(id_, table(value), shelf, lost)]
    if not nodes:
        for place, message in enumerate(tables(chat.get("messages"))):
            before = last_id(nodes)
            nodes += _nodes(text(message.get("id")) or str(place), {"parentId": before, **message}, shelf, lost)
    models = items(chat.get("models"))
    outline = _FIELDS.outline({**entry, "chat": chat}, nodes, lost, shelf)
    outline.id = outline.id or f"{entry.get('created_at')} {chat.get('title')}"
    outline.model = text(models[0]) if models else ""
    outline.tags = _tags(items(table(entry.get("meta")).get("tags")) or items(chat.get("tags")))
    return finished(outline, now)


def _tags(held: Sequence[object]) -> tuple[str, ...]:
    """Return the names of tags, in which Open WebUI writes spaces as underscores.

    Older versions store tags as objects.
    """
    names = (text(each) or text(table(each).get("name")) for each in held)
    return tuple(dict.fromkeys(name.replace("_", " ") for name in names if name))


FORMAT = Format(name="Open WebUI", drafts=drafts, with_files=drafts)


def is_one(entry: Mapping[str, object]) -> bool:
    """Whether an object is a chat of Open WebUI, with or without the `chat` wrapper of newer versions."""
    chat = table(entry.get("chat"))
    return "history" in chat or "messages" in chat or "messages" in table(entry.get("history"))


def _nodes(id_: str, message: Mapping[str, object], shelf: Shelf, lost: Counter[Lost]) -> list[Node]:
    """Return the node of a message, preceded by a node for the merged response if there is one."""
    node = _node(id_, message, shelf, lost)
    merged = table(message.get("merged"))
    words = text(merged.get("content"))
    if not words.strip():
        return [node]
    more = Node(
        id=f"{id_}/merged",
        parent=node.id if node.role is Role.USER else node.parent,
        role=Role.ASSISTANT,
        parts=joined(split(words, lost)),
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
    """Return an image in the message, or a file with its extracted text."""
    name = text(each.get("name")) or text(each.get("type"))
    read = text(table(table(each.get("file")).get("data")).get("content"))
    part = shelf.put_text(name, read) or shelf.put_address(name, text(each.get("url")))
    lost[Lost.ATTACHMENT] += part is None
    return part or attachment(name)


def _said(message: Mapping[str, object], role: Role | None, shelf: Shelf, lost: Counter[Lost]) -> Sequence[Part]:
    """Return the content of a message. Since 0.10 it may be only in `output`, item by item; Qwen's is in phases."""
    content = message.get("content")
    pieces = tables(content) or [{"type": "text", "text": content}]
    parts = joined([part for piece in pieces for part in _piece(piece, role, shelf, lost)])
    reasoning = text(message.get("reasoning_content")) if role is Role.ASSISTANT else ""
    if phases := tables(message.get("content_list")):
        return _with_phases(parts, reasoning, phases, shelf, lost)
    if role is not Role.ASSISTANT:
        return parts
    return _with_output(parts, reasoning, tables(message.get("output")), lost)


def _with_phases(
    parts: Sequence[Part],
    reasoning: str,
    phases: Sequence[Mapping[str, object]],
    shelf: Shelf,
    lost: Counter[Lost],
) -> Sequence[Part]:
    """Add the phases of Qwen's response; if the message already has text, only the reasoning."""
    has_answer = has_text(parts)
    added = [phase for phase in phases if not has_answer or text(phase.get("phase")).startswith("think")]
    phase_parts = _led([part for phase in added for part in _phase(phase, shelf, lost)], reasoning)
    if has_answer and any(isinstance(part, ReasoningPart) for part in parts):
        return parts
    return joined([*phase_parts, *parts] if has_answer else [*parts, *phase_parts])


def _with_output(
    parts: Sequence[Part], reasoning: str, output: Sequence[Mapping[str, object]], lost: Counter[Lost]
) -> Sequence[Part]:
    """Add the items of a response's output; if the message already has text, only reasoning and questions."""
    if has_text(parts) or not output:
        steps = [part for item in output if item.get("type") == "reasoning" for part in _item(item, (), lost)]
        reasoning = reasoning or "\n\n".join(part.text for part in steps if isinstance(part, ReasoningPart))
        return joined([*_led(parts, reasoning), *(part for item in output for part in _asked(item))])
    calls = {text(item.get("call_id")) for item in output if item.get("type") == "function_call"}
    output_parts = joined([part for item in output for part in _item(item, calls, lost)])
    return output_parts if has_text(output_parts) or not parts else parts


def _piece(piece: Mapping[str, object], role: Role | None, shelf: Shelf, lost: Counter[Lost]) -> Sequence[Part]:
    words = text(piece.get("text"))
    if piece.get("type") == "image_url":
        address = text(piece.get("image_url")) or text(table(piece.get("image_url")).get("url"))
        part = shelf.put_address("image", address)
        lost[Lost.ATTACHMENT] += part is None
        return [part or attachment("image")]
    lost[Lost.CONTENT] += not words and piece.get("type") != "text"
    return split(words, lost) if role is Role.ASSISTANT else [TextPart(text=words)]


def _led(parts: Sequence[Part], thought: str) -> Sequence[Part]:
    """Prepend reasoning to a response that has none."""
    has_thought = not thought.strip() or any(isinstance(each, ReasoningPart) for each in parts)
    return parts if has_thought else [ReasoningPart(text=thought), *parts]


def _phase(phase: Mapping[str, object], shelf: Shelf, lost: Counter[Lost]) -> Sequence[Part]:
    """Return the parts of a phase of Qwen's response; searches become tool calls."""
    words = text(phase.get("content"))
    match text(phase.get("phase")):
        case "answer" | "":
            return [TextPart(text=words)]
        case kind if kind.startswith("think"):
            return [ReasoningPart(text=words or _summary(table(phase.get("extra"))))]
        case "image_gen" if words.strip():
            if (part := shelf.put_address("image", words)) is not None:
                return [part]
            lost[Lost.ATTACHMENT] += 1
            return [attachment("image"), TextPart(text=titled_link("image", words.strip()))]
        case _:
            lost[Lost.TOOL] += 1
    return []


def _summary(extra: Mapping[str, object]) -> str:
    """Return summaries of reasoning, each below its title."""
    titles, thoughts = (items(table(extra.get(f"summary_{each}")).get("content")) for each in ("title", "thought"))
    pairs = zip_longest(map(text, titles), map(text, thoughts), fillvalue="")
    return "\n\n".join(filter(None, (each for title, said in pairs for each in (title and f"**{title}**", said))))


def _asked(item: Mapping[str, object]) -> Sequence[Part]:
    """Return a question to the user with its options."""
    if item.get("type") != "function_call" or item.get("name") != "ask_user":
        return []
    try:
        given = decode(text(item.get("arguments")).encode("utf-8", "surrogatepass"))
    except Unreadable:
        return []
    return [TextPart(text=card)] if (card := card_of("ask_user_input_v0", table(given))) else []


def _item(item: Mapping[str, object], calls: Container[str], lost: Counter[Lost]) -> Sequence[Part]:
    """Return the parts of an item of a response's output."""
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
            pass  # reported with its call
        case _:
            lost[Lost.TOOL] += 1
    return []


def _defined(said: str, sources: Sequence[Mapping[str, object]], lost: Counter[Lost]) -> list[Part]:
    """Return link definitions for a response's citation numbers. Distinct source names are numbered from 1."""
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
    if lines:  # numbers in code are not references
        used = definitions("\n\n".join((said, *lines.values()))).used - definitions(said).links.keys()
        lines = {number: line for number, line in lines.items() if number in used}
    lost[Lost.CITATION] += len(addresses) - len(lines)
    return [TextPart(text="\n".join(lines.values()))] if lines else []


def split(words: str, lost: Counter[Lost]) -> list[Part]:
    """Split text into text and reasoning, in order; tool calls are counted as lost."""
    parts: list[Part] = []
    at = sought = 0
    code = CodeFinder(words)
    while (opening := _OPENING.search(words, sought)) is not None:
        sought = opening.end()
        if code.holds(opening.start()):
            continue
        begin = words.find(">", opening.end()) + 1
        end = words.find(_CLOSING, begin) if begin else -1
        if end < 0:
            break
        parts.append(TextPart(text=words[at : opening.start()].strip("\n")))
        if opening[1] == "reasoning":
            inner = html.unescape(_SUMMARY.sub("", words[begin:end]))
            parts.append(ReasoningPart(text="\n".join(_unquoted(line) for line in inner.strip().split("\n"))))
        elif opening[1] == "code_interpreter" and (code_run := _SUMMARY.sub("", words[begin:end]).strip("\n")):
            printed = words[opening.end() : begin].partition(_OUTPUT)[2].partition('"')[0]
            parts += [TextPart(text=code_run), *_printed(html.unescape(printed))]
        else:
            lost[Lost.TOOL] += 1
        at = sought = end + len(_CLOSING)
        code.restart(at)
    parts.append(TextPart(text=words[at:].lstrip("\n") if at else words))
    return parts


def _printed(output: str) -> Sequence[Part]:
    """Return the output of code, which is encoded as JSON."""
    try:
        held = decode(output.encode("utf-8", "surrogatepass")) if output else None
    except Unreadable:
        held = None
    said = text(table(held).get("stdout")) or text(table(held).get("result"))
    return [TextPart(text=fenced(said))] if said.strip() else []


def _unquoted(line: str) -> str:
    return line[2:] if line.startswith("> ") else line.removeprefix(">")
