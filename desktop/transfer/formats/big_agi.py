"""big-AGI's export: conversations whose messages consist of fragments. `models` contains keys and is never read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from desktop.domain.conversation_types import Problem, Role, Status
from desktop.domain.message_parts import Part, ReasoningPart, TextPart
from desktop.transfer.archives.loose_json import table, tables, text, when
from desktop.transfer.formats.markdown_parts import titled_link
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
    quoted,
    speaker,
)
from desktop.transfer.import_shelf import NO_FILES, Shelf
from desktop.transfer.message_trees import Node, last_id

_FIELDS = Fields(
    source="big-agi",
    title=("userTitle", "autoTitle"),
    created=("created",),
    updated=("updated",),
    archived="isArchived",
)
_PROBLEM_LENGTH = 500


def drafts(item: object, now: datetime, shelf: Shelf = NO_FILES) -> Sequence[Draft]:
    """Return the conversation of one entry of `conversations`."""
    entry = table(item)
    lost: Counter[Lost] = Counter()
    nodes: list[Node] = []
    for place, message in enumerate(tables(entry.get("messages"))):
        nodes.append(_node(message, last_id(nodes), place, shelf, lost))
    outline = _FIELDS.outline(entry, nodes, lost, shelf)
    outline.id = outline.id or f"{entry.get('created')} {entry.get('userTitle')}"
    return finished(outline, now)


FORMAT = Format(name="big-AGI", drafts=drafts, with_files=drafts)


def is_one(entry: Mapping[str, object]) -> bool:
    """Whether an object is a conversation of big-AGI, judging by the names of its title and persona fields."""
    return "messages" in entry and ("systemPurposeId" in entry or "userTitle" in entry or "autoTitle" in entry)


def _node(message: Mapping[str, object], before: str | None, place: int, shelf: Shelf, lost: Counter[Lost]) -> Node:
    role = speaker(message.get("role"), lost)
    parts = [part for fragment in tables(message.get("fragments")) for part in _part(fragment, role, shelf, lost)]
    if not has_text(parts):
        parts.append(TextPart(text=text(message.get("text")) or text(message.get("content"))))
    if role is Role.USER:
        parts = [*_meant(table(message.get("metadata"))), *parts]
    generator = table(message.get("generator"))
    model = text(generator.get("name")) or text(message.get("originLLM"))
    ended = ending(generator.get("tokenStopReason"))
    pieces = [table(fragment.get("part")) for fragment in tables(message.get("fragments"))]
    failed = [text(piece.get("error")) for piece in pieces if piece.get("pt") == "error"]
    answered = role is Role.ASSISTANT
    lost[Lost.CONTENT] += 0 if answered else len(failed)
    return Node(
        id=text(message.get("id")) or f"#{place}",
        parent=before,
        role=role,
        parts=joined(parts),
        at=when(message.get("created")),
        model=model if answered else "",
        status=Status.FAILED if failed else ended.status,
        reason=ended.reason,
        problem=Problem(code="imported", message=_told(failed)) if failed and answered else None,
    )


def _meant(metadata: Mapping[str, object]) -> list[Part]:
    """Return the passages of responses to which a prompt replies, as quotations; older versions store only one."""
    marked = [text(each.get("mText")) for each in tables(metadata.get("inReferenceTo"))]
    return [quoted(each) for each in marked or [text(metadata.get("inReplyToText"))] if each.strip("\n")]


def _told(errors: Sequence[str]) -> str:
    return "\n".join(filter(None, errors))[:_PROBLEM_LENGTH]


def _cited(annotations: Sequence[Mapping[str, object]], lost: Counter[Lost]) -> list[Part]:
    """Return the web sources of a response as a list of links."""
    links = {text(each.get("url")): text(each.get("title")) or text(each.get("url")) for each in annotations}
    shown = [
        f"{number}. {titled_link(title, address)}"
        for number, (address, title) in enumerate(links.items(), 1)
        if address.startswith(("http://", "https://"))
    ]
    lost[Lost.CITATION] += len(links) - len(shown)
    return [TextPart(text="\n".join(shown))]


def _run(called: Mapping[str, object], lost: Counter[Lost]) -> list[Part]:
    """Return code that a response executed, or the output of that code."""
    code, printed = text(called.get("code")), text(called.get("result"))
    if called.get("type") != "code_execution" or not (code or printed):
        lost[Lost.TOOL] += 1
        return []
    language = text(called.get("language")).lower() if code else ""
    return [TextPart(text=fenced(code or printed, language if language.isalnum() else ""))]


def _part(fragment: Mapping[str, object], role: Role | None, shelf: Shelf, lost: Counter[Lost]) -> list[Part]:
    piece = table(fragment.get("part"))
    match piece.get("pt"):
        case "text":
            return [TextPart(text=text(piece.get("text")))]
        case "ma":
            return [ReasoningPart(text=text(piece.get("aText")))]
        case "doc" | "image_ref" | "reference":
            meta, content = table(piece.get("meta")), text(table(piece.get("data")).get("text"))
            titles = (fragment.get("title"), meta.get("srcFileName"), piece.get("l1Title"), piece.get("altText"))
            title = next((title for each in titles if (title := text(each))), "")
            named = attachment(title)
            address = text(table(piece.get("dataRef")).get("url"))  # mostly only an ID refers to it
            is_file = role is not Role.ASSISTANT or not content.strip()  # text of a model stays in its place
            if is_file and (part := shelf.put_text(title, content) or shelf.put_address(title or "image", address)):
                return [part]
            if content.strip():
                language = text(meta.get("codeLanguage"))
                return [named, TextPart(text=fenced(content, language if language.isalnum() else ""))]
            lost[Lost.ATTACHMENT] += 1
            return [named]
        case "error":
            pass  # how the answer ended
        case "annotations":
            return _cited(tables(piece.get("annotations")), lost)
        case "tool_invocation" | "tool_response":
            return _run(table(piece.get("invocation")) or table(piece.get("response")), lost)
        case "ph" | "_pt_sentinel":
            pass
        case _:
            lost[Lost.CONTENT] += 1
    return []
