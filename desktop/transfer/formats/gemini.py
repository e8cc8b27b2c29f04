"""Gemini's activities of Google Takeout, prompts with their answers, and its conversation history of Workspace."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from desktop.domain.conversation_types import Role
from desktop.domain.message_parts import Part, ReasoningPart, TextPart
from desktop.transfer.archives.loose_json import Unreadable, decode, items, table, tables, text, when, whole
from desktop.transfer.formats.html_markdown import markdown_of
from desktop.transfer.import_drafts import ConversationOutline, Draft, Format, attachment, finished, joined
from desktop.transfer.import_losses import Lost
from desktop.transfer.message_trees import Node

_SOURCE = "gemini"
_APART = timedelta(minutes=30)
"""Prompts of which the file does not say in which chat they were, and that are no further apart, are put together."""

_OURS = ("gemini", "bard")
_FIELDS = ("safeHtmlItem", "products", "activityControls")
_CHAT = re.compile(r"https://gemini\.google\.com/(?:u/[0-9]{1,2}/)?app/([0-9A-Za-z_-]{6,64})")
_SAID = re.compile(
    r"(?:Prompted with:|Prompted:|Asked (?:Gemini|Bard):|Submitted query|Live Prompt|Prompted|Asked|Said|Branched"
    r"|Answered|Prompt\s?:|送信したメッセージ:)\s+"
)
_DONE = re.compile(
    r"(?:Created|Used|Added|Gave|Selected|Shared|Deleted|Viewed|Visited|Searched|Edited|Pinned|Renamed|Exported|Updated)\s"
)
"""What is no prompt. In other languages a title stays whole, and is a prompt where it has an answer."""

_ATTACHED = re.compile(r"\s{0,9}Attached [0-9]{1,4} files?\.?\s{0,9}\Z")


class Activities(NamedTuple):
    """The places of a list's activities, by the conversations that they are put into; what is said of that."""

    groups: list[list[int]]
    guessed: int
    """Conversations whose prompts were put together for their times alone."""
    left_out: int
    """Activities of Gemini that are no prompts."""


class _Asked(NamedTuple):
    place: int
    at: datetime | None
    chat: str


def is_activity(entry: Mapping[str, object]) -> bool:
    """Whether an item of a list is an activity of Gemini, and not of another product of Google."""
    names = (text(entry.get("header")), *map(text, items(entry.get("products"))))
    ours = any(word in name.casefold() for name in names for word in _OURS)
    return ours and "title" in entry and any(each in entry for each in _FIELDS)


def has_turns(entry: Mapping[str, object]) -> bool:
    """Whether an object is a conversation of the history of Workspace."""
    return "conversation_turns" in entry


def grouped(held: Sequence[object]) -> Activities:
    """A list's activities as conversations: by the chat that they name, else by their times; the unread are alone."""
    asked: list[_Asked] = []
    groups: list[list[int]] = []
    left_out = 0
    for place, raw in enumerate(held):
        try:
            entry = table(decode(raw))
        except Unreadable:
            groups.append([place])
            continue
        if not is_activity(entry):
            continue
        if _prompt(entry) or _files(entry):
            asked.append(_Asked(place, when(entry.get("time")), _chat(entry)))
        else:
            left_out += 1
    by_chat: dict[str, list[_Asked]] = {}
    guessed = 0
    for each in asked:
        if each.chat:
            by_chat.setdefault(each.chat, []).append(each)
    found = [*by_chat.values()]
    for run in _runs([each for each in asked if not each.chat]):
        found.append(run)
        guessed += len(run) > 1
    groups += ([each.place for each in _in_time(run)] for run in found)
    return Activities(groups, guessed, left_out)


def drafts(item: object, now: datetime) -> Sequence[Draft]:
    """The conversation of some activities in the order of their times, or of one history."""
    entry = table(item)
    if has_turns(entry):
        return _of_turns(entry, now)
    lost: Counter[Lost] = Counter()
    nodes: list[Node] = []
    activities = tables(entry.get("activities"))
    for place, each in enumerate(activities):
        at = when(each.get("time"))
        before = nodes[-1].id if nodes else None
        nodes += (_asked(each, f"{place}", before, at, lost), _answered(each, f"{place}a", f"{place}", at, lost))
    first = activities[0] if activities else table(None)
    chat = _chat(first)
    return finished(
        ConversationOutline(
            source=_SOURCE,
            id=chat or f"{text(first.get('time'))} {text(first.get('title'))}",
            title="",
            model="",
            nodes=nodes,
            lost=lost,
        ),
        now,
    )


FORMAT = Format(name="Gemini", drafts=drafts)


def _runs(asked: Sequence[_Asked]) -> Iterator[list[_Asked]]:
    """Prompts that follow each other within some time; each without a time is alone."""
    run: list[_Asked] = []
    for each in _in_time(asked):
        last = run[-1].at if run else None
        if run and (each.at is None or last is None or each.at - last > _APART):
            yield run
            run = []
        run.append(each)
    if run:
        yield run


def _in_time(asked: Sequence[_Asked]) -> list[_Asked]:
    """By their times; of one time, and without one, the last in the file is the first: newer ones stand above."""
    known = ((each.at, each) for each in reversed(asked) if each.at is not None)
    in_order = [each for _, each in sorted(known, key=lambda pair: pair[0])]
    return [*in_order, *(each for each in asked if each.at is None)]


def _chat(entry: Mapping[str, object]) -> str:
    """The chat that an activity names; nothing where it names several."""
    links = [text(entry.get("titleUrl")), *(text(each.get("url")) for each in tables(entry.get("details")))]
    chats = {found[1] for link in links if (found := _CHAT.match(link)) is not None}
    return chats.pop() if len(chats) == 1 else ""


def _prompt(entry: Mapping[str, object]) -> str:
    """What was asked, without the verb before it; nothing where the activity is no prompt."""
    title = text(entry.get("title")).strip()
    said = _SAID.match(title)
    if _DONE.match(title) or (said is None and not items(entry.get("safeHtmlItem"))):
        return ""
    return _ATTACHED.sub("", title[said.end() :] if said is not None else title).strip()


def _files(entry: Mapping[str, object]) -> list[str]:
    """The names of what was attached."""
    named = {
        text(each.get("url")): text(each.get("name")).lstrip("-\xa0 ")
        for each in tables(entry.get("subtitles"))
        if text(each.get("url")) and "://" not in text(each.get("url"))
    }
    listed = [*map(text, items(entry.get("attachedFiles"))), text(entry.get("imageFile"))]
    return [*filter(None, dict.fromkeys([*named.values(), *(each for each in listed if each not in named)]))]


def _asked(entry: Mapping[str, object], id_: str, before: str | None, at: datetime | None, lost: Counter[Lost]) -> Node:
    files = _files(entry)
    lost[Lost.ATTACHMENT] += len(files)
    parts: list[Part] = [TextPart(text=_prompt(entry)), *map(attachment, files)]
    return Node(id=id_, parent=before, role=Role.USER, parts=joined(parts), at=at)


def _answered(entry: Mapping[str, object], id_: str, before: str, at: datetime | None, lost: Counter[Lost]) -> Node:
    """The answer of an activity; where the file lacks it there is none, and nothing is lost that it holds."""
    written = [markdown_of(text(each.get("html"))) for each in tables(entry.get("safeHtmlItem"))]
    pictures = [name for each in written for name in each.pictures]
    lost[Lost.ATTACHMENT] += len(pictures)
    parts: list[Part] = [*(TextPart(text=each.said) for each in written), *map(attachment, pictures)]
    kept = joined(parts)
    return Node(id=id_, parent=before, role=Role.ASSISTANT if kept else None, parts=kept, at=at)


def _of_turns(entry: Mapping[str, object], now: datetime) -> Sequence[Draft]:
    """A conversation whose turns are numbered: those of one number are alternatives."""
    lost: Counter[Lost] = Counter()
    nodes: list[Node] = []
    last: dict[int, str] = {}
    for place, turn in enumerate(tables(entry.get("conversation_turns"))):
        for kind, role in (("user_turn", Role.USER), ("system_turn", Role.ASSISTANT)):
            if kind not in turn:
                continue
            said = table(turn.get(kind))
            number = whole(said.get("turn_index"))
            number = place if number is None else number
            above = last.get(number - 1) or (nodes[-1].id if nodes and number not in last else None)
            nodes.append(_turn(said, role, f"{place}{kind}", above, lost))
            last[number] = nodes[-1].id
    return finished(
        ConversationOutline(
            source=_SOURCE,
            id=f"{text(entry.get('creation_time'))} {text(entry.get('title'))}",
            title=text(entry.get("title")),
            model="",
            nodes=nodes,
            created=when(entry.get("creation_time")),
            updated=when(entry.get("last_modification_time")),
            lost=lost,
        ),
        now,
    )


def _turn(said: Mapping[str, object], role: Role, id_: str, above: str | None, lost: Counter[Lost]) -> Node:
    parts: list[Part] = [TextPart(text=text(said.get("prompt")))]
    for thought in tables(said.get("model_thoughts")):
        headline = text(thought.get("headline")).strip()
        words = (f"**{headline}**" if headline else "", text(thought.get("description")))
        parts.append(ReasoningPart(text="\n\n".join(filter(None, words))))
    for piece in tables(said.get("text")):
        cards = (text(card.get("content")) for card in tables(piece.get("cards")))
        parts += (TextPart(text=each) for each in (text(piece.get("data")), *cards))
    pictures = [text(each) or "image" for each in items(said.get("images"))]
    lost[Lost.ATTACHMENT] += len(pictures)
    kept = joined([*parts, *map(attachment, pictures)])
    return Node(id=id_, parent=above, role=role, parts=kept, at=when(said.get("turn_last_modified")))
