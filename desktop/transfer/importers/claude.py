"""Claude's `conversations.json`: messages in a row, or in a tree where newer exports name their parents."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from desktop.domain import Role
from desktop.message_parts import Part, ReasoningPart, TextPart, ToolCallPart
from desktop.transfer.answer_endings import ending
from desktop.transfer.citations import Numbers
from desktop.transfer.code_ranges import CodeRanges
from desktop.transfer.import_drafts import (
    ConversationOutline,
    Draft,
    Format,
    attachment,
    fenced,
    finished,
    has_text,
    joined,
    quoted,
    speaker,
)
from desktop.transfer.import_losses import Lost
from desktop.transfer.import_shelf import NO_FILES, Shelf
from desktop.transfer.importers import claude_artifacts
from desktop.transfer.importers.claude_cards import card_of
from desktop.transfer.loose_json import as_json, table, tables, text, when
from desktop.transfer.message_trees import Node

_SOURCE = "claude"
_EXCERPT = "excerpt_from_previous_claude_message.txt"
"""The file as which claude.ai keeps what was marked in an answer to be replied to."""

_SEAM = 40
"""Characters on each side by which it is known that two pieces of text stand side by side."""

_UNSHOWN = re.compile(
    r"(?:```\n)?(?:This block is not supported on your current device yet\."
    r"|Viewing artifacts created via the Analysis Tool web feature preview isn['\u2019]t yet supported on mobile\.)"
    r"(?:\n```)?"
)
"""What claude.ai writes in the place of what a client cannot show: nobody said it."""

_WORDLESS = re.compile(r"[ \t]{0,40}(?:[0-9]{1,9}[.)])?[^\w\n]*")
_FENCE = re.compile(r"[ \t>]{0,40}(?:`{3,}|~{3,})")

_ROLES = {"human": Role.USER, "user": Role.USER, "assistant": Role.ASSISTANT}


def drafts(item: object, now: datetime, shelf: Shelf = NO_FILES) -> Sequence[Draft]:
    """The conversation of one entry of the list."""
    entry = table(item)
    lost: Counter[Lost] = Counter()
    nodes: list[Node] = []
    documents = claude_artifacts.Documents()
    for place, message in enumerate(tables(entry.get("chat_messages"))):
        before = nodes[-1].id if nodes else None
        nodes.append(_node(message, place, before, documents, shelf, lost))
    return finished(
        ConversationOutline(
            source=_SOURCE,
            id=text(entry.get("uuid")) or f"{entry.get('created_at')} {entry.get('name')}",
            title=text(entry.get("name")),
            model=text(entry.get("model")),
            nodes=nodes,
            current=text(entry.get("current_leaf_message_uuid")) or None,
            created=when(entry.get("created_at")),
            updated=when(entry.get("updated_at")),
            pinned=entry.get("is_starred") is True,
            lost=lost,
            shelf=shelf,
        ),
        now,
    )


FORMAT = Format(name="Claude", drafts=drafts, with_files=drafts)


def _node(
    message: Mapping[str, object],
    place: int,
    before: str | None,
    documents: claude_artifacts.Documents,
    shelf: Shelf,
    lost: Counter[Lost],
) -> Node:
    role = speaker(message.get("sender"), lost, _ROLES)
    told: set[str] = set()
    numbers = Numbers()
    pieces = tables(message.get("content"))
    uses = [each for each in pieces if each.get("type") == "tool_use"]
    documents.begin((text(each.get("name")), table(each.get("input"))) for each in uses)
    calls = _Calls(told, numbers, documents, iter(range(len(uses))))
    content = _passages(pieces, text(message.get("text")), numbers, lost)
    parts = [part for each in content for part in _part(each, role, calls, lost)]
    if not has_text(parts):
        parts += _said(_UNSHOWN.sub("", text(message.get("text"))), role)
    attached = tables(message.get("attachments"))
    named = {text(each.get("file_name")) for each in attached}
    files = [each for each in tables(message.get("files")) if text(each.get("file_name")) not in named]
    marked = [text(each.get("extracted_content")) for each in attached if text(each.get("file_name")) == _EXCERPT]
    parts = [*(quoted(each) for each in marked if each.strip("\n")), *parts]
    for each in attached:
        if text(each.get("file_name")) == _EXCERPT and text(each.get("extracted_content")).strip("\n"):
            continue
        parts += _attached(each, shelf, lost)
    for each in files:
        parts.append(attachment(text(each.get("file_name"))))
        lost[Lost.ATTACHMENT] += 1
    parent = message.get("parent_message_uuid")
    ended = ending(message.get("stop_reason"))
    return Node(
        id=text(message.get("uuid")) or str(place),
        parent=(text(parent) or None) if "parent_message_uuid" in message else before,
        role=role,
        parts=joined(parts),
        at=when(message.get("created_at")),
        model=text(message.get("model")),
        status=ended.status,
        reason=ended.reason,
    )


def _attached(each: Mapping[str, object], shelf: Shelf, lost: Counter[Lost]) -> list[Part]:
    """A file with the text that was read from it, which is all that the export has of it."""
    name, extracted = text(each.get("file_name")), text(each.get("extracted_content"))
    if extracted and not name.strip():  # a long text that was pasted: the prompt itself, more often than not
        return [TextPart(text=extracted)]
    if not extracted:
        lost[Lost.ATTACHMENT] += 1
        return [attachment(name)]
    part = shelf.put_text(name, extracted)
    return [part] if part is not None else [attachment(name), TextPart(text=fenced(extracted))]


def _passages(
    pieces: Sequence[Mapping[str, object]], whole: str, numbers: Numbers, lost: Counter[Lost]
) -> list[Mapping[str, object]]:
    """Pieces with their citations as links; texts that citations alone part are one, as in the message's `whole`."""
    found: list[Mapping[str, object]] = []
    last = ""
    for piece in pieces:
        said = text(piece.get("text")) if piece.get("type") == "text" else ""
        cited = _linked(said, tables(piece.get("citations")), numbers, lost) if said else ""
        if said and last and (not whole or f"{last[-_SEAM:]}{said[:_SEAM]}" in whole):
            found[-1] = {**found[-1], "text": f"{found[-1]['text']}{cited}"}
        else:
            found.append({**piece, "text": cited} if said else piece)
        last = said
    return found


def _linked(said: str, cited: Sequence[Mapping[str, object]], numbers: Numbers, lost: Counter[Lost]) -> str:
    """A text with a numbered link behind each part that cites an address."""
    links: dict[int, dict[str, None]] = {}
    code = CodeRanges(said)
    for end, _, each in sorted((_end(each, said, code), place, each) for place, each in enumerate(cited)):
        link = numbers.link(text(table(each.get("details")).get("url")) or text(each.get("url")))
        lost[Lost.CITATION] += not link
        if link:
            links.setdefault(end, {})[link] = None
    for end, found in reversed(links.items()):
        said = f"{said[:end]}{_set_apart(''.join(found), said, end)}{said[end:]}"
    return said


def _end(citation: Mapping[str, object], said: str, code: CodeRanges) -> int:
    """Where in a text the words end that cite something, behind all of it where that is not said; behind code."""
    end = citation.get("end_index")
    end = len(said[: max(end, 0)].rstrip()) if isinstance(end, int) else len(said.rstrip())
    if (behind := code.behind(end)) != end:
        return behind
    while end and _WORDLESS.fullmatch(said, start := said.rfind("\n", 0, end) + 1, end):
        end = len(said[:start].rstrip())  # a table's line, the begin of an item
    if said[:end].endswith("|") and said[said.rfind("\n", 0, end) + 1 :].lstrip().startswith("|"):
        end = len(said[: end - 1].rstrip())
    return code.behind(end)


def _set_apart(links: str, said: str, end: int) -> str:
    """Links as they stand behind words, or in a paragraph of their own below a block of code."""
    if said[:end].endswith("\n"):
        return f"{links}\n\n"
    return f"\n{links}" if _FENCE.fullmatch(said, said.rfind("\n", 0, end) + 1, end) else f" {links}"


def _said(said: str, role: Role | None) -> list[Part]:
    return claude_artifacts.split(said) if role is Role.ASSISTANT else [TextPart(text=said)]


class _Calls(NamedTuple):
    """What is known while calls are read. `told` are those whose loss, or whose document, was told.

    `places` gives each call its place among those of the answer.
    """

    told: set[str]
    numbers: Numbers
    documents: claude_artifacts.Documents
    places: Iterator[int]


def _part(piece: Mapping[str, object], role: Role | None, calls: _Calls, lost: Counter[Lost]) -> list[Part]:
    """What a piece says; of what was told the result is no other."""
    match piece.get("type"):
        case "text":
            said = text(piece.get("text"))
            return _said(_UNSHOWN.sub("", said) if role is Role.ASSISTANT else said, role)
        case "voice_note":
            lost[Lost.ATTACHMENT] += 1
            heard = (text(piece.get("title")) or "voice note", text(piece.get("text")))
            return [attachment(heard[0]), TextPart(text=heard[1])]
        case "thinking":
            told_in_short = (text(each.get("summary")) for each in tables(piece.get("summaries")))
            return [ReasoningPart(text=text(piece.get("thinking")) or "\n\n".join(filter(None, told_in_short)))]
        case "tool_use":
            calls.told.add(text(piece.get("id")))
            return [_call(piece, calls, lost)]
        case "tool_result":
            lost[Lost.TOOL] += text(piece.get("tool_use_id")) not in calls.told
        case "flag" if helpline := table(piece.get("helpline")):
            said = (text(helpline.get(each)) for each in ("name", "text", "phone_number", "phone", "sms", "url"))
            return [TextPart(text=" · ".join(filter(None, said)))]
        case "token_budget" | "flag":
            pass
        case _:
            lost[Lost.CONTENT] += 1
    return []


def _call(piece: Mapping[str, object], calls: _Calls, lost: Counter[Lost]) -> Part:
    """The document that a call makes, with what it cites; else the call, which is shown nowhere."""
    called, given = text(piece.get("name")), table(piece.get("input"))
    if cited := tables(given.get("md_citations")):
        given = {**given, "content": _linked(text(given.get("content")), cited, calls.numbers, lost)}
    if (document := calls.documents.of_call(called, given, next(calls.places))) is not None:
        lost[Lost.ATTACHMENT] += calls.documents.lacking(called, given)
        return document
    if card := card_of(called, given):
        return TextPart(text=card)
    if not calls.documents.is_shown_elsewhere(called, given):
        lost[Lost.CANVAS if claude_artifacts.is_change(called, given) else Lost.TOOL] += 1
    arguments = as_json(piece.get("input") or {})
    return ToolCallPart(id=text(piece.get("id")) or called, name=called, arguments=arguments)
