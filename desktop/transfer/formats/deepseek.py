"""DeepSeek's `conversations.json`: trees of messages that consist of fragments. The displayed branch is not marked.

Browser extensions save a chat as DeepSeek's website receives it: messages that name their parents, and the id of the
last displayed one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from desktop.domain.conversation_types import Role
from desktop.domain.message_parts import Part, ReasoningPart, TextPart
from desktop.transfer.archives.loose_json import table, tables, text, when, whole
from desktop.transfer.formats.markdown_parts import CodeRanges, link_target
from desktop.transfer.import_drafts import (
    Draft,
    Ending,
    Fields,
    Format,
    Lost,
    attachment,
    ending,
    finished,
    joined,
)
from desktop.transfer.message_trees import Node

_FIELDS = Fields(
    source="deepseek",
    current=("current_message_id",),
    created=("inserted_at",),
    updated=("updated_at",),
    pinned="pinned",
)
_TOOLS = ("SEARCH", "TOOL_SEARCH", "TOOL_OPEN", "READ_LINK")


def drafts(item: object, now: datetime) -> Sequence[Draft]:
    """Return the conversation of one entry of the list."""
    entry = table(item)
    mapping = table(entry.get("mapping"))
    if is_of_site(entry):
        mapping = _mapping(tables(entry.get("chat_messages")))
        entry = table(entry.get("chat_session"))
    roles = _roles(mapping)
    lost: Counter[Lost] = Counter()
    nodes = [_node(id_, table(value), roles, lost) for id_, value in mapping.items()]
    outline = _FIELDS.outline(entry, nodes, lost)
    outline.id = outline.id or f"{outline.title} {entry.get('inserted_at')}"
    return finished(outline, now)


FORMAT = Format(name="DeepSeek", drafts=drafts)


def is_one(entry: Mapping[str, object]) -> bool:
    """Whether an object with a `mapping` is a conversation of DeepSeek, not of ChatGPT."""
    messages = (table(table(node).get("message")) for node in table(entry.get("mapping")).values())
    return "inserted_at" in entry or any("fragments" in message for message in messages)


def is_of_site(entry: Mapping[str, object]) -> bool:
    """Whether an object is a chat as DeepSeek's website receives it."""
    return "chat_session" in entry and "chat_messages" in entry


def _mapping(messages: Sequence[Mapping[str, object]]) -> Mapping[str, object]:
    """Return messages as nodes by id, in order."""
    return {
        text(each.get("message_id")) or f"#{place}": {"parent": text(each.get("parent_id")), "message": each}
        for place, each in enumerate(messages)
    }


def _node(id_: str, value: Mapping[str, object], roles: Mapping[str, Role | None], lost: Counter[Lost]) -> Node:
    message = table(value.get("message"))
    parent = text(value.get("parent")) or None
    if not message:
        return Node(id=id_, parent=parent)
    role = roles[id_] or Role.USER
    fragments = tables(message.get("fragments"))
    parts = _parts(message, fragments, lost)
    files = (*tables(message.get("files")), *(file for fragment in fragments for file in tables(fragment.get("files"))))
    names = dict.fromkeys(text(file.get("file_name")) for file in files)
    lost[Lost.ATTACHMENT] += len(names)
    ended = ending(message.get("status")) if role is Role.ASSISTANT else Ending()
    return Node(
        id=id_,
        parent=parent,
        role=role,
        parts=joined([*parts, *map(attachment, names)]),
        at=when(message.get("inserted_at")),
        model=text(message.get("model")) if role is Role.ASSISTANT else "",
        status=ended.status,
        reason=ended.reason,
    )


def _parts(message: Mapping[str, object], fragments: Sequence[Mapping[str, object]], lost: Counter[Lost]) -> list[Part]:
    """Return the reasoning and text of a message, with links to the search results it cites."""
    if not fragments:
        return [ReasoningPart(text=text(message.get("reasoning_content"))), TextPart(text=text(message.get("content")))]
    by_number = {
        number: text(result.get("url"))
        for fragment in fragments
        for result in tables(fragment.get("results"))
        if (number := whole(result.get("cite_index"))) is not None
    }
    by_id = {
        text(fragment.get("id")) or str(fragment.get("id")): table(fragment.get("result")) for fragment in fragments
    }
    references = tables(message.get("references")) or [
        reference for fragment in fragments for reference in tables(fragment.get("references"))
    ]
    addresses = [
        text(reference.get("url")) or text(by_id.get(str(reference.get("id")), {}).get("url"))
        for reference in references
    ]
    return [part for fragment in fragments for part in _part(fragment, by_number, addresses, lost)]


def _roles(mapping: Mapping[str, object]) -> dict[str, Role | None]:
    """Return the role of each node, or None for nodes without a message.

    Older exports do not name roles; prompts and responses alternate then.
    """
    known_roles: dict[str, Role | None] = {}
    for start in mapping:
        unsure: list[str] = []
        at = start
        while at in mapping and at not in known_roles:
            message = table(table(mapping[at]).get("message"))
            known_roles[at] = _own_role(message)  # role of a node without one, until its parents are known
            if known_roles[at] is not None or not message:
                break
            unsure.append(at)
            at = text(table(mapping[at]).get("parent"))
        before = known_roles.get(at)
        for each in reversed(unsure):
            before = known_roles[each] = Role.ASSISTANT if before is Role.USER else Role.USER
    return known_roles


def _own_role(message: Mapping[str, object]) -> Role | None:
    """Return the role that a message reveals by its fragments, its role or its reasoning, or None."""
    kinds = {text(fragment.get("type")) for fragment in tables(message.get("fragments"))}
    if kinds:
        return Role.USER if kinds & {"REQUEST", "FILE"} else Role.ASSISTANT
    if text(message.get("role")):
        return Role.USER if text(message.get("role")).upper() == "USER" else Role.ASSISTANT
    return Role.ASSISTANT if text(message.get("reasoning_content")) else None


def _part(
    fragment: Mapping[str, object], results: Mapping[int, str], addresses: Sequence[str], lost: Counter[Lost]
) -> list[Part]:
    words = text(fragment.get("content"))
    match fragment.get("type"):
        case "REQUEST":
            return [TextPart(text=words)]
        case "RESPONSE" | "TEMPLATE_RESPONSE":  # TEMPLATE_RESPONSE is a refusal
            words, left_out = references_resolved(deepseek_resolved(words, results), addresses)
            lost[Lost.CITATION] += left_out
            return [TextPart(text=words)]
        case "THINK":
            return [ReasoningPart(text=words)]
        case "TIP":
            pass  # TIP says that AI makes mistakes
        case "FILE":
            pass  # the message's files contain its name
        case kind if kind in _TOOLS or text(kind).startswith("TOOL_"):
            lost[Lost.TOOL] += 1
        case _:
            lost[Lost.CONTENT] += 1
    return []


_DEEPSEEK = re.compile(r"\[citation:([0-9]{1,4})\]")


_DEEPSEEK_REFERENCE = re.compile(r"\[reference:([0-9]{1,4})\]")


def deepseek_resolved(said: str, results: Mapping[int, str]) -> str:
    """Replace `[citation:1]` with links that have DeepSeek's numbers."""

    def linked(mark: re.Match[str]) -> str:
        """Return the link, or the mark itself if its source is missing."""
        address = results.get(int(mark[1]), "")
        return f" [[{mark[1]}]]({link_target(address)})" if address.startswith(("http://", "https://")) else mark[0]

    return _DEEPSEEK.sub(linked, said)


def references_resolved(words: str, addresses: Sequence[str]) -> tuple[str, int]:
    """Replace `[reference:0]` with links. Return the text, and the number of marks whose source is missing."""
    code, lost = CodeRanges(words), 0

    def linked(mark: re.Match[str]) -> str:
        """Return the link; empty if its source is missing. Within code, the mark is kept."""
        nonlocal lost
        number = int(mark[1])
        address = addresses[number] if number < len(addresses) else ""
        if code.holds(mark.start()):
            return mark[0]
        if address.startswith(("http://", "https://")):
            return f" [[{number + 1}]]({link_target(address)})"
        lost += 1
        return ""

    return _DEEPSEEK_REFERENCE.sub(linked, words), lost
