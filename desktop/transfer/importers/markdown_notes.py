"""Markdown of other programs: a file is a conversation where it says who speaks, with properties at its head."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from desktop.domain import Role
from desktop.message_parts import Part, ReasoningPart, TextPart
from desktop.transfer.front_matter import Property, front_matter, texts_of
from desktop.transfer.import_drafts import ConversationOutline, Draft, Format, attachment, finished, identity, joined
from desktop.transfer.import_losses import Lost
from desktop.transfer.loose_json import items, number, table, tables, text, when
from desktop.transfer.markdown_passages import Passages, is_one_fence, passages_of
from desktop.transfer.markdown_turns import WrittenTurns, written_turns
from desktop.transfer.message_trees import Node
from desktop.transfer.page_outline import PageOutline
from desktop.transfer.written_times import days_first, written_time

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
"""Within what tells one conversation from all others."""


def parted(lines: Sequence[str], page: PageOutline, stem: str) -> Sequence[Mapping[str, object]]:
    """The conversations of a page; none where it is no conversation. `stem` is the file's name without its ending."""
    head = front_matter(lines)
    found = written_turns(lines, page, head.end)
    return [_entry(each, head.properties, stem, place) for place, each in enumerate(found)]


def drafts(item: object, now: datetime) -> Sequence[Draft]:
    """The conversation of one page."""
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
    tags = [each for name in _TAGS for each in _tags(properties.get(name))]
    id_ = next((each for name in _IDS for each in texts_of(properties.get(name)) if _ID.search(each)), "")
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
            system="\n\n".join(each for name in _SYSTEMS for each in texts_of(properties.get(name)) if each.strip()),
            tags=tuple(dict.fromkeys(tags)),
            lost=lost,
        ),
        now,
    )


FORMAT = Format(name="Markdown", drafts=drafts)


def _entry(written: WrittenTurns, properties: Mapping[str, Property], stem: str, place: int) -> Mapping[str, object]:
    """A conversation as it is read later, with what it is called."""
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
    """The messages: as they are linked where all of them are, else each below the one before it."""
    linked = all(text(turn.get("id")) for turn in turns)
    said = [_passages(turn) for turn in turns]
    order = days_first([each.time for each in said] + [text(turn.get("time")) for turn in turns])
    nodes: list[Node] = []
    for place, (turn, each) in enumerate(zip(turns, said, strict=True)):
        role = Role(role) if (role := text(turn.get("role"))) in set(Role) else None
        lost[Lost.TOOL] += role is None
        lost[Lost.ATTACHMENT] += len(each.files) if role is not None else 0
        parts: list[Part] = [ReasoningPart(text=each.thought), TextPart(text=each.said), *map(attachment, each.files)]
        times = (each.time, text(turn.get("time")))
        nodes.append(
            Node(
                id=text(turn.get("id")) if linked else str(place),
                parent=(text(turn.get("parent")) or None) if linked else str(place - 1) if place else None,
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
    """The first text of the first of some properties that has one."""
    found = (each for name in names for each in texts_of(properties.get(name)) if each.strip())
    return " ".join(next(found, "").split())


def _time(words: str, properties: Mapping[str, Property]) -> datetime | None:
    """A time as a property tells it: also in seconds or thousandths since 1970."""
    if words.replace(".", "", 1).isdecimal() and len(words) < 20:
        return when(number(float(words))) if len(words) > 8 else None
    order = days_first([_one(properties, _CREATED), _one(properties, _UPDATED)])
    return written_time(words, day_first=order)


def _tags(value: Property | None) -> list[str]:
    """The tags of a property: of one text those between commas, or between spaces where each has its sign."""
    pieces = texts_of(value)
    if isinstance(value, str):
        pieces = value.split(",") if "," in value or not value.strip().startswith("#") else value.split()
    return [tag for each in pieces if (tag := " ".join(each.split()).lstrip("#"))]
