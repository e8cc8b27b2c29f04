"""Markdown files of any program: chats with named speakers, and notes with properties (front matter)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import PurePosixPath
from typing import NamedTuple

from desktop.domain.conversation_types import Role
from desktop.domain.message_parts import Part, ReasoningPart, TextPart
from desktop.errors import TransferError
from desktop.text.phrases import phrase
from desktop.transfer.archives.loose_json import items, number, table, tables, text, when
from desktop.transfer.formats import paragone_markdown
from desktop.transfer.formats.markdown_turns import (
    PageOutline,
    Passages,
    WrittenTurns,
    is_one_fence,
    outline,
    page_lines,
    passages_of,
    written_turns,
)
from desktop.transfer.formats.written_times import days_first, written_time
from desktop.transfer.import_drafts import (
    ConversationOutline,
    Draft,
    Format,
    Lost,
    attachment,
    finished,
    identity,
    joined,
)
from desktop.transfer.message_trees import Node
from desktop.transfer.source import Source

_EDGE = ("---", "...")
_MOST_LINES = 2_000
_MOST_HEADS = 3
_FIELD = re.compile(
    r"(?P<name>[^\s:#\-\[\]{}\"'>|][^:\n]{0,99}|\"[^\"\n]{1,99}\"|'[^'\n]{1,99}') ?:(?:[ \t](?P<value>.*))?"
)
_ITEM = re.compile(r"[ \t]*+-(?:[ \t](?P<value>.*))?")
_NESTED = re.compile(r"[ \t]++\S")
_BLOCK = re.compile(r"[|>][+\-0-9]{0,3}(?:[ \t]+#.*)?")
_COMMENT = re.compile(r"(?:\A|(?<=[ \t]))#.*")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", '"': '"', "\\": "\\", "/": "/", " ": " "}
_ESCAPE = re.compile(r"\\(?:u(?P<four>[0-9a-fA-F]{4})|x(?P<two>[0-9a-fA-F]{2})|(?P<one>.))", re.DOTALL)
_EMPTY = ("", "null", "~", "Null", "NULL", "[]", "{}")

Property = str | tuple[str, ...]
"""One text or several texts."""


class FrontMatter(NamedTuple):
    """Properties by name in lower case, and the index of the first line after them."""

    properties: dict[str, Property]
    end: int


def front_matter(lines: Sequence[str]) -> FrontMatter:
    """Return the properties at the start of a file, including those in consecutive blocks."""
    properties: dict[str, Property] = {}
    at = 0
    for _ in range(_MOST_HEADS):
        if at >= len(lines) or lines[at].rstrip() != _EDGE[0]:
            break
        end = next((n for n in range(at + 1, min(len(lines), at + _MOST_LINES)) if lines[n].rstrip() in _EDGE), 0)
        own = _properties(lines[at + 1 : end]) if end else None
        if own is None:
            break
        properties |= own
        at = end + 1
    return FrontMatter(properties, at)


def texts_of(value: Property | None) -> tuple[str, ...]:
    """Return the texts in a property."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value


def _properties(lines: Sequence[str]) -> dict[str, Property] | None:
    """Return the properties in some lines, or None if the lines are something else."""
    properties: dict[str, Property] = {}
    name, value, below = "", "", list[str]()
    for line in (*lines, "end:"):
        if name and (not line.strip() or _NESTED.match(line) or _ITEM.fullmatch(line)):
            below.append(line)
            continue
        if not line.strip() or line.startswith("#"):
            continue
        field = _FIELD.fullmatch(line)
        if field is None:
            return None
        if name:
            properties.setdefault(name, _value(value, below))
        name = field["name"].strip("\"' ").casefold()
        value, below = (field["value"] or "").strip(), []
    return properties


def _value(value: str, below: Sequence[str]) -> Property:
    if _BLOCK.fullmatch(value):
        return _block(value[0], below)
    if not value:
        listed = [_ITEM.fullmatch(line) for line in below if line.strip()]
        return tuple(_scalar(each["value"] or "") for each in listed if each is not None)
    if value.startswith("[") and value.endswith("]"):
        return tuple(filter(None, map(_scalar, _pieces(value[1:-1]))))
    folded = " ".join((value, *(line.strip() for line in below if line.strip())))
    return _scalar(folded)


def _block(kind: str, below: Sequence[str]) -> str:
    """Return multi-line text, either unchanged or with each paragraph joined into one line."""
    said = [line for line in below if line.strip()]
    indent = min((len(line) - len(line.lstrip()) for line in said), default=0)
    kept = "\n".join(line[indent:].rstrip() for line in below).strip("\n")
    if kind == "|":
        return kept
    return "\n".join(" ".join(each.split("\n")) for each in kept.split("\n\n"))


def _scalar(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] == '"':
        return _ESCAPE.sub(_escaped, value[1:-1])
    if len(value) > 1 and value[0] == value[-1] == "'":
        return value[1:-1].replace("''", "'")
    value = _COMMENT.sub("", value, count=1).strip()
    return "" if value in _EMPTY else value


def _escaped(found: re.Match[str]) -> str:
    code = found["four"] or found["two"]
    if not code:
        return _ESCAPES.get(found["one"], found[0])
    sign = chr(int(code, 16))
    return found[0] if "\ud800" <= sign <= "\udfff" else sign


def _pieces(inside: str) -> list[str]:
    """Return the items of an inline list, separated by commas outside quotes."""
    pieces: list[str] = []
    quote, start = "", 0
    for at, sign in enumerate(inside):
        if quote:
            quote = "" if sign == quote and inside[at - 1] != "\\" else quote
        elif sign in "\"'" and not inside[start:at].strip():
            quote = sign
        elif sign == ",":
            pieces.append(inside[start:at])
            start = at + 1
    return [*pieces, inside[start:]]


_SOURCE = "markdown"
_IDS = ("conversation_id", "conversationid", "conversation-id", "chat_id", "uuid", "id", "chat_link", "source", "url")
_TITLES = ("title", "topic", "name", "aliases", "alias")
_CREATED = ("created", "created_at", "createdat", "created-at", "create_time", "creation_time", "date", "epoch")
_UPDATED = ("updated", "updated_at", "updatedat", "updated-at", "update_time", "modified", "last_modified", "lastmod")
_MODELS = ("model", "models", "model_slug", "modelkey", "model_name", "llm", "provider")
_SYSTEMS = ("system", "system_prompt", "systemprompt", "system_commands", "instructions")
_TAGS = ("tags", "tag", "keywords")
_KNOWN = frozenset((*_IDS, *_TITLES, *_CREATED, *_UPDATED, *_MODELS, *_SYSTEMS, *_TAGS))
_TITLED = "Title: "
_THREAD = re.compile(r"## (?P<number>[0-9]{1,4})\. (?P<name>.*)")
_ID = re.compile(r"(?=[0-9A-Za-z_-]{0,40}[0-9])[0-9A-Za-z_-]{8}")
"""Characters that make an id unique enough to identify a conversation."""


def parted(lines: Sequence[str], page: PageOutline, stem: str) -> Sequence[Mapping[str, object]]:
    """Return the conversations in a page; `stem` is the file's name without its extension."""
    head = front_matter(lines)
    found = written_turns(lines, page, head.end)
    return [_entry(each, head.properties, stem, place) for place, each in enumerate(found)]


def drafts(item: object, now: datetime) -> Sequence[Draft]:
    """Return the conversation in one page."""
    entry = table(item)
    properties: dict[str, Property] = {
        name: tuple(map(text, items(value))) or text(value) for name, value in table(entry.get("properties")).items()
    }
    turns = tables(entry.get("turns"))
    lost: Counter[Lost] = Counter()
    lost[Lost.NOTE] += sum(bool(value) for name, value in properties.items() if name not in _KNOWN)
    lost[Lost.NOTE] += bool(text(entry.get("above")))
    nodes = _nodes(turns, lost)
    names = (text(turn.get("name")) for turn in turns)
    tags = [tag for name in _TAGS for tag in _tags(properties.get(name))]
    id_ = next((tag for name in _IDS for tag in texts_of(properties.get(name)) if _ID.search(tag)), "")
    place = text(entry.get("place"))
    return finished(
        ConversationOutline(
            source=_SOURCE,
            id=identity(id_, place) if id_ else identity(text(entry.get("title")), place, *map(str, turns)),
            title=text(entry.get("title")),
            model=_one(properties, _MODELS).partition("|")[0] or next(filter(None, names), ""),
            nodes=nodes,
            current=next((node.id for node, turn in _reversed(nodes, turns) if turn.get("main") is True), None),
            created=_time(_one(properties, _CREATED), properties),
            updated=_time(_one(properties, _UPDATED), properties),
            system="\n\n".join(tag for name in _SYSTEMS for tag in texts_of(properties.get(name)) if tag.strip()),
            tags=tuple(dict.fromkeys(tags)),
            lost=lost,
        ),
        now,
    )


FORMAT = Format(name="Markdown", drafts=drafts)


def _entry(written: WrittenTurns, properties: Mapping[str, Property], stem: str, place: int) -> Mapping[str, object]:
    """Return an item for `drafts`, with its title."""
    headed = next((line for line in written.above if line.startswith("# ")), "").removeprefix("# ").strip()
    thread = next((found for line in written.above if (found := _THREAD.fullmatch(line)) is not None), None)
    title = _one(properties, _TITLES) or headed.removeprefix(_TITLED) or (thread["name"] if thread else "") or stem
    above = [line for line in written.above if line.strip() and line[:2] != "# " and not _THREAD.fullmatch(line)]
    fenced = all(is_one_fence(turn.lines) for turn in written.turns if turn.lines)
    turns = [
        {
            "role": turn.speaker.role.value if turn.speaker.role is not None else "tool",
            "model": turn.speaker.model,
            "time": turn.speaker.time,
            "name": turn.speaker.name,
            "id": turn.id,
            "parent": turn.parent,
            "main": turn.main,
            "lines": turn.lines[1:-1] if fenced else turn.lines,
        }
        for turn in written.turns
    ]
    return {"title": title, "place": place, "properties": {**properties}, "above": "\n".join(above), "turns": turns}


def _nodes(turns: Sequence[Mapping[str, object]], lost: Counter[Lost]) -> list[Node]:
    """Return the messages, linked by their parents if each names one, otherwise in order."""
    linked = all(text(turn.get("id")) for turn in turns)
    all_passages = [_passages(turn) for turn in turns]
    order = days_first([passages.time for passages in all_passages] + [text(turn.get("time")) for turn in turns])
    nodes: list[Node] = []
    for index, (turn, passages) in enumerate(zip(turns, all_passages, strict=True)):
        role = Role(role) if (role := text(turn.get("role"))) in set(Role) else None
        lost[Lost.TOOL] += role is None
        lost[Lost.ATTACHMENT] += len(passages.files) if role is not None else 0
        parts: list[Part] = [
            ReasoningPart(text=passages.thought),
            TextPart(text=passages.said),
            *map(attachment, passages.files),
        ]
        times = (passages.time, text(turn.get("time")))
        nodes.append(
            Node(
                id=text(turn.get("id")) if linked else str(index),
                parent=(text(turn.get("parent")) or None) if linked else str(index - 1) if index else None,
                role=role,
                parts=joined(parts),
                at=next((at for words in times if (at := written_time(words, day_first=order)) is not None), None),
                model=text(turn.get("model")) if role is Role.ASSISTANT else "",
            )
        )
    return nodes


def _passages(turn: Mapping[str, object]) -> Passages:
    return passages_of([text(line) for line in items(turn.get("lines"))], answered=turn.get("role") == "assistant")


def _reversed(nodes: Sequence[Node], turns: Sequence[Mapping[str, object]]) -> list[tuple[Node, Mapping[str, object]]]:
    return [*zip(nodes, turns, strict=True)][::-1]


def _one(properties: Mapping[str, Property], names: Sequence[str]) -> str:
    """Return the first non-blank text of these properties; empty if there is none."""
    found = (each for name in names for each in texts_of(properties.get(name)) if each.strip())
    return " ".join(next(found, "").split())


def _time(words: str, properties: Mapping[str, Property]) -> datetime | None:
    """Parse the time in a property, which may also be a number of seconds or milliseconds since 1970."""
    if words.replace(".", "", 1).isdecimal() and len(words) < 20:
        return when(number(float(words))) if len(words) > 8 else None
    order = days_first([_one(properties, _CREATED), _one(properties, _UPDATED)])
    return written_time(words, day_first=order)


def _tags(value: Property | None) -> list[str]:
    """Return the tags in a property, separated by commas, or by spaces if they begin with #."""
    pieces = texts_of(value)
    if isinstance(value, str):
        pieces = value.split(",") if "," in value or not value.strip().startswith("#") else value.split()
    return [tag for each in pieces if (tag := " ".join(each.split()).lstrip("#"))]


_GEMINI_TURNS = re.compile(r"conversation_[0-9]{1,9}\.txt")
_WEB_PAGES = (".html", ".htm")

MARKDOWN = (".md", ".markdown", ".mdown")
"""Extensions of Markdown files."""


ENDINGS = (*MARKDOWN, *_WEB_PAGES, ".txt")
"""Extensions of all pages that may be imported."""


def is_markdown(name: str) -> bool:
    """Whether a file is Markdown, judging by its name."""
    return name.lower().endswith(MARKDOWN)


def may_be_page(path: PurePosixPath) -> bool:
    """Whether a file in a ZIP or folder may be a page.

    Web pages are accepted only if they may list Google's activities.
    """
    name = path.name.lower()
    if name.endswith(_WEB_PAGES):
        return name.startswith("myactivity") or any("gemini" in each.lower() for each in path.parts[:-1])
    return is_markdown(name) or _GEMINI_TURNS.fullmatch(name) is not None


MOST_BYTES = 8 << 20
"""Maximum bytes of a file, because it is read as a whole."""

MOST_LINES = 500_000
"""Maximum lines of a file, because more would take many seconds and too much memory."""

NO_CONVERSATION = phrase(
    "This Markdown file has no headings such as “## User” or “## Assistant” that say who is speaking."
)

_OF_BRANCH = phrase("Markdown files contain only the branch that was shown, without message times or parameters.")
_OF_COMPARISON = phrase(
    "From a comparison in Markdown, only the conversations are imported, not the votes or settings."
)


def markdown_source(name: str, data: bytes, stem: str) -> Source | None:
    """Return the conversations in a page as an export, or None. Raises TransferError if it is too large.

    Conversations without a title are named after `stem`, the file name without its extension.
    """
    if len(data) > MOST_BYTES:
        if not is_markdown(name):
            return None
        raise TransferError(
            phrase("{name} is larger than {most} MB, the maximum for Markdown.", name=name, most=MOST_BYTES >> 20),
            hint=phrase("Export fewer conversations at once."),
        )
    if b"\0" in data:
        return None
    lines = page_lines(data.decode("utf-8", "replace"))
    if len(lines) > MOST_LINES:
        raise TransferError(
            phrase("{name} has more than {most} lines, the maximum for Markdown.", name=name, most=f"{MOST_LINES:,}"),
            hint=phrase("Export fewer conversations at once."),
        )
    page = outline(lines)
    if found := paragone_markdown.parted(lines, page):
        return _held(name, paragone_markdown.FORMAT, found, _OF_BRANCH)
    if found := paragone_markdown.comparison_panes(lines, page):
        return _held(name, paragone_markdown.COMPARISON_FORMAT, found, _OF_COMPARISON)
    found = parted(lines, page, stem)
    return _held(name, FORMAT, found) if found else None


def _held(name: str, form: Format, found: Sequence[Mapping[str, object]], notice: str = "") -> Source:
    return Source(name=name, format=form, count=len(found), read=lambda place: found[place], notice=notice)
