"""NextChat's exports of single chats, and its backup, from which only the chats are read because it may contain keys.

Based on NextChat's source: its chat store, backup and exporter.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from desktop.domain.conversation_types import Role, Status
from desktop.domain.message_parts import Part, TextPart
from desktop.transfer.archives.loose_json import as_json, items, parted, table, tables, text, when
from desktop.transfer.import_drafts import (
    ConversationOutline,
    Draft,
    Format,
    Lost,
    attachment,
    finished,
    identity,
    joined,
    speaker,
)
from desktop.transfer.import_shelf import NO_FILES, Shelf
from desktop.transfer.message_trees import Node, last_id

_NUMBER = re.compile(r"\d++")
_LONGEST = 60
_ORDERS = ((0, 1, 2), (2, 1, 0), (2, 0, 1))
"""Possible indexes of year, month and day among the first three numbers."""

_AFTERNOON = ("pm", "p.m", "下午", "晚上", "午後", "오후")
_MORNING = ("am", "a.m", "上午", "凌晨", "午前", "오전")
_STEP = timedelta(minutes=15)
_FARTHEST = timedelta(hours=14)
_SLACK = timedelta(minutes=2)
"""Tolerance when a time zone offset is derived; offsets are multiples of 15 minutes and at most 14 hours."""


class LocalDates:
    """Local dates of one chat's messages, in order, and the time of its last update."""

    def __init__(self, written: Sequence[str], last: datetime | None) -> None:
        self._written = written
        self._order, self._offset = _told_by(next((each for each in reversed(written) if each), ""), last)

    def time(self, place: int) -> datetime | None:
        """Return the time of a message, or None if its date cannot be parsed."""
        local = _read(self._written[place], self._order)
        return local - self._offset if local is not None else None


def _told_by(written: str, last: datetime | None) -> tuple[tuple[int, int, int], timedelta]:
    """Return the order of the numbers in a date and its time zone offset, given the actual time."""
    readings = [(order, local) for order in _ORDERS if (local := _read(written, order)) is not None]
    for order, local in readings:
        if last is None:
            break
        offset = round((local - last) / _STEP) * _STEP
        if abs(offset) <= _FARTHEST and abs(local - last - offset) <= _SLACK:
            return order, offset
    american = _ORDERS[2] if "M" in written else _ORDERS[1]
    orders = [order for order, _ in readings]
    return american if american in orders else (orders or [american])[0], timedelta()


def _read(written: str, order: tuple[int, int, int]) -> datetime | None:
    """Parse a date with this order of year, month and day as if it were UTC; return None if that is impossible."""
    short = written[:_LONGEST]
    numbers = [int(digits) for digits in _NUMBER.findall(short) if len(digits) <= 4]
    if not 5 <= len(numbers) <= 6:
        return None
    year, month, day = (numbers[place] for place in order)
    hour = numbers[3]
    lowered = short.casefold()
    if any(mark in lowered for mark in _AFTERNOON):
        hour = hour % 12 + 12
    elif any(mark in lowered for mark in _MORNING):
        hour %= 12
    try:
        return datetime(year, month, day, hour, *numbers[4:], tzinfo=UTC) if year > 1970 else None
    except ValueError:
        return None


STORE = "chat-next-web-store"
"""Key of the chats in a backup. The other keys contain settings and API keys and are never read."""

_SOURCE = "nextchat"
_TOPICS = ("You are an assistant that ", "你是一个助手 ")
"""Text that precedes the topic in an exported chat, in NextChat's languages."""


def drafts(item: object, now: datetime, shelf: Shelf = NO_FILES) -> Sequence[Draft]:
    """Return the conversation in one session, or in an exported list, which has no model or times."""
    entry = table(item)
    title, messages = text(entry.get("topic")), tables(entry.get("messages"))
    if is_one(entry):
        title, messages = _topic(entry) or "", messages[1:]
    mask = table(entry.get("mask"))
    updated = when(entry.get("lastUpdate"))
    dates = LocalDates([text(message.get("date")) for message in messages], updated)
    lost: Counter[Lost] = Counter()
    lost[Lost.SUMMARY] += bool(text(entry.get("memoryPrompt")).strip())
    lost[Lost.MESSAGE] += len(items(entry.get("messages"))) - len(tables(entry.get("messages")))
    nodes: list[Node] = []
    given = tables(mask.get("context"))  # prompts and answers at the beginning of each chat with this mask
    for place, message in enumerate((*given, *messages)):
        at = dates.time(place - len(given)) if place >= len(given) else None
        id_ = "" if place < len(given) else text(message.get("id"))
        parent = last_id(nodes)
        nodes.append(_node(message, id_ or f"#{place}", parent, at, shelf, lost))
    return finished(
        ConversationOutline(
            source=_SOURCE,
            id=text(entry.get("id")) or identity(title, *(_written(message) for message in messages)),
            title=title,
            model=text(table(mask.get("modelConfig")).get("model")),
            nodes=nodes,
            updated=updated,
            lost=lost,
            shelf=shelf,
        ),
        now,
    )


FORMAT = Format(name="NextChat", drafts=drafts, with_files=drafts)


def sessions(store: object) -> object:
    """Return the encoded list of chats in a store. Some versions store it as a string, or within `state`."""
    held = parted(store)
    if isinstance(held, str):
        held = parted(held.encode("utf-8", "surrogatepass"))
    if "state" in table(held):
        held = parted(table(held).get("state"))
    return table(held).get("sessions")


def is_one(entry: Mapping[str, object]) -> bool:
    """Whether JSON is an exported list of messages whose first message contains the topic."""
    return set(entry) == {"messages"} and _topic(entry) is not None


def _topic(entry: Mapping[str, object]) -> str | None:
    first = next(iter(tables(entry.get("messages"))), table(None))
    said = text(first.get("content")) if first.get("role") == "system" else ""
    return next((said.removeprefix(start) for start in _TOPICS if said.startswith(start)), None)


def _written(message: Mapping[str, object]) -> str:
    content = message.get("content")
    return content if isinstance(content, str) else as_json(content)


def _node(
    message: Mapping[str, object],
    id_: str,
    parent: str | None,
    at: datetime | None,
    shelf: Shelf,
    lost: Counter[Lost],
) -> Node:
    role = speaker(message.get("role"), lost)
    lost[Lost.TOOL] += len(items(message.get("tools")))
    parts = [*_contents(message.get("content"), shelf, lost)]
    if text(message.get("audio_url")):
        lost[Lost.ATTACHMENT] += 1
        parts.append(attachment("audio"))
    answered = role is Role.ASSISTANT
    status = Status.COMPLETE
    if answered and message.get("isError") is True:
        status = Status.FAILED
    elif answered and message.get("streaming") is True:
        status = Status.INTERRUPTED
    return Node(
        id=id_,
        parent=parent,
        role=role,
        parts=joined(parts),
        at=at,
        model=text(message.get("model")) if answered else "",
        status=status,
    )


def _contents(content: object, shelf: Shelf, lost: Counter[Lost]) -> Iterator[Part]:
    if isinstance(content, str):
        yield TextPart(text=content)
    for piece in tables(content):
        match piece.get("type"):
            case "text":
                yield TextPart(text=text(piece.get("text")))
            case "image_url":
                part = shelf.put_address("image", text(table(piece.get("image_url")).get("url")))
                lost[Lost.ATTACHMENT] += part is None
                yield part or attachment("image")
            case _:
                lost[Lost.CONTENT] += 1
