"""Gemini's activities from Google Takeout, as JSON or as a web page, and the history of Google Workspace."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from html import unescape
from typing import NamedTuple

from desktop.domain.conversation_types import Role
from desktop.domain.message_parts import Part, ReasoningPart, TextPart
from desktop.errors import TransferError
from desktop.text.phrases import phrase
from desktop.transfer.archives.loose_json import Unreadable, decode, items, table, tables, text, when, whole
from desktop.transfer.formats.html_markdown import markdown_of
from desktop.transfer.formats.written_times import days_first, written_time
from desktop.transfer.import_drafts import ConversationOutline, Draft, Format, Lost, attachment, finished, joined
from desktop.transfer.message_trees import Node, last_id
from desktop.transfer.source import Source, together

_SOURCE = "gemini"
_APART = timedelta(minutes=30)
"""Maximum time between two prompts of one conversation if the file does not name their chats."""

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
"""Titles of activities that are not prompts. In other languages, an activity with a response counts as a prompt."""

_ATTACHED = re.compile(r"\s{0,9}Attached [0-9]{1,4} files?\.?\s{0,9}\Z")


class Activities(NamedTuple):
    """Indexes of activities grouped into conversations, and counts for a notice about the grouping."""

    groups: list[list[int]]
    guessed: int
    """Number of conversations grouped only by time."""
    left_out: int
    """Number of Gemini activities that are not prompts."""


class _Asked(NamedTuple):
    place: int
    at: datetime | None
    chat: str


def is_activity(entry: Mapping[str, object]) -> bool:
    """Whether an item of a list is an activity of Gemini, not of another Google product."""
    names = (text(entry.get("header")), *map(text, items(entry.get("products"))))
    ours = any(word in name.casefold() for name in names for word in _OURS)
    return ours and "title" in entry and any(each in entry for each in _FIELDS)


def has_turns(entry: Mapping[str, object]) -> bool:
    """Whether an object is a conversation from the history of Google Workspace."""
    return "conversation_turns" in entry


def grouped(held: Sequence[object]) -> Activities:
    """Group activities into conversations by their chat, otherwise by time. Unreadable ones are groups of their own."""
    prompts: list[_Asked] = []
    groups: list[list[int]] = []
    left_out = 0
    for number, raw in enumerate(held):
        try:
            entry = table(decode(raw))
        except Unreadable:
            groups.append([number])
            continue
        if not is_activity(entry):
            continue
        if _prompt(entry) or _files(entry):
            prompts.append(_Asked(number, when(entry.get("time")), _chat(entry)))
        else:
            left_out += 1
    by_chat: dict[str, list[_Asked]] = {}
    guessed = 0
    for prompt in prompts:
        if prompt.chat:
            by_chat.setdefault(prompt.chat, []).append(prompt)
    found = [*by_chat.values()]
    for run in _runs([prompt for prompt in prompts if not prompt.chat]):
        found.append(run)
        guessed += len(run) > 1
    groups += ([prompt.place for prompt in _in_time(run)] for run in found)
    return Activities(groups, guessed, left_out)


def drafts(item: object, now: datetime) -> Sequence[Draft]:
    """Return the conversation in some activities, sorted by time, or in one Workspace history."""
    entry = table(item)
    if has_turns(entry):
        return _of_turns(entry, now)
    lost: Counter[Lost] = Counter()
    nodes: list[Node] = []
    activities = tables(entry.get("activities"))
    for place, each in enumerate(activities):
        at = when(each.get("time"))
        before = last_id(nodes)
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
    """Yield groups of prompts close in time. A prompt without a time is a group of its own."""
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
    """Sort prompts by time. For equal or missing times the order is reversed, because the file has newer ones first."""
    known = ((each.at, each) for each in reversed(asked) if each.at is not None)
    in_order = [each for _, each in sorted(known, key=lambda pair: pair[0])]
    return [*in_order, *(each for each in asked if each.at is None)]


def _chat(entry: Mapping[str, object]) -> str:
    """Return the chat that an activity names; empty if it names none or several."""
    links = [text(entry.get("titleUrl")), *(text(each.get("url")) for each in tables(entry.get("details")))]
    chats = {found[1] for link in links if (found := _CHAT.match(link)) is not None}
    return chats.pop() if len(chats) == 1 else ""


def _prompt(entry: Mapping[str, object]) -> str:
    """Return the prompt without the verb before it; empty if the activity is not a prompt."""
    title = text(entry.get("title")).strip()
    said = _SAID.match(title)
    if _DONE.match(title) or (said is None and not items(entry.get("safeHtmlItem"))):
        return ""
    return _ATTACHED.sub("", title[said.end() :] if said is not None else title).strip()


def _files(entry: Mapping[str, object]) -> list[str]:
    """Return the names of the attachments."""
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
    """Return the response in an activity as a node, without a role if the file contains no response."""
    written = [markdown_of(text(each.get("html"))) for each in tables(entry.get("safeHtmlItem"))]
    pictures = [name for each in written for name in each.pictures]
    lost[Lost.ATTACHMENT] += len(pictures)
    parts: list[Part] = [*(TextPart(text=each.said) for each in written), *map(attachment, pictures)]
    kept = joined(parts)
    return Node(id=id_, parent=before, role=Role.ASSISTANT if kept else None, parts=kept, at=at)


def _of_turns(entry: Mapping[str, object], now: datetime) -> Sequence[Draft]:
    """Return a conversation of numbered turns; turns with the same number are alternatives."""
    lost: Counter[Lost] = Counter()
    nodes: list[Node] = []
    last: dict[int, str] = {}
    for index, turn in enumerate(tables(entry.get("conversation_turns"))):
        for kind, role in (("user_turn", Role.USER), ("system_turn", Role.ASSISTANT)):
            if kind not in turn:
                continue
            said = table(turn.get(kind))
            number = whole(said.get("turn_index"))
            number = index if number is None else number
            above = last.get(number - 1) or (nodes[-1].id if nodes and number not in last else None)
            nodes.append(_turn(said, role, f"{index}{kind}", above, lost))
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


def _turn(turn: Mapping[str, object], role: Role, id_: str, above: str | None, lost: Counter[Lost]) -> Node:
    parts: list[Part] = [TextPart(text=text(turn.get("prompt")))]
    for thought in tables(turn.get("model_thoughts")):
        headline = text(thought.get("headline")).strip()
        words = (f"**{headline}**" if headline else "", text(thought.get("description")))
        parts.append(ReasoningPart(text="\n\n".join(filter(None, words))))
    for piece in tables(turn.get("text")):
        cards = (text(card.get("content")) for card in tables(piece.get("cards")))
        parts += (TextPart(text=each) for each in (text(piece.get("data")), *cards))
    pictures = [text(each) or "image" for each in items(turn.get("images"))]
    lost[Lost.ATTACHMENT] += len(pictures)
    kept = joined([*parts, *map(attachment, pictures)])
    return Node(id=id_, parent=above, role=role, parts=kept, at=when(turn.get("turn_last_modified")))


_CELL, _CONTENT = '<div class="outer-cell', '<div class="content-cell'
_TITLE, _BODY = 'mdl-typography--title">', 'mdl-typography--body-1">'
_MARKS = (b"outer-cell", b"content-cell", b"mdl-typography")
_BREAK = re.compile(r"<br[ /]{0,3}>")
_TAG = re.compile(r"<[^<>]{0,8000}>")
_LINK = re.compile(r"(?:href|src)=\"([^\"<>]{1,1000})\"")
_CHAT_ADDRESS = re.compile(r"https://gemini\.google\.com/(?:u/[0-9]{1,2}/)?app/[0-9A-Za-z_-]{6,64}")
_DATED = re.compile(
    r"(?=[^\n]{0,80}(?<![0-9])20[0-9]{2}(?![0-9]))[^\n]{0,80}?(?<![0-9])[0-9]{1,2}:[0-9]{2}:[0-9]{2}[^\n]{0,40}"
)
_MOST_ABOVE = 2_000
"""Maximum lines of a prompt, after which its time is expected."""


def is_page(data: bytes) -> bool:
    """Whether a web page lists Google activities."""
    return data[:200].lstrip().startswith(b"<") and all(mark in data for mark in _MARKS)


def activities(data: bytes) -> list[Mapping[str, object]]:
    """Return the activities in a page, in order."""
    cells = [_parts(cell) for cell in data.decode("utf-8", "replace").split(_CELL)[1:]]
    order = days_first(dated for _, _, dated, _, _ in cells)
    entries: list[Mapping[str, object]] = []
    for header, above, dated, answer, links in cells:
        at = written_time(dated, day_first=order)
        files = [name for line in above for name in _LINK.findall(line) if "://" not in name]
        title = "\n".join(words for line in above if (words := _words(line)) and not _LINK.search(line))
        entries.append(
            {
                "header": header,
                "title": title,
                "time": at.isoformat() if at is not None else "",
                "safeHtmlItem": [{"html": answer}] if answer.strip() else [],
                "attachedFiles": files,
                "details": [{"url": link} for link in links],
            }
        )
    return entries


def _parts(cell: str) -> tuple[str, list[str], str, str, list[str]]:
    """Return a cell's product, the lines above its time, the time, the HTML below it, and the chats it names."""
    header = _words(_between(cell, _TITLE, "</p>"))
    body = _between(cell, _BODY, _CONTENT).rstrip().removesuffix("</div>")
    links = _CHAT_ADDRESS.findall(cell[cell.rfind(_CONTENT) :])
    lines: list[str] = []
    at = 0
    for found in _BREAK.finditer(body):
        line = body[at : found.start()]
        at = found.end()
        dated = _words(line)
        if lines and len(dated) <= 120 and _DATED.fullmatch(dated):
            return header, lines, dated, body[at:], links
        lines.append(line)
        if len(lines) > _MOST_ABOVE:
            break
    return header, [], "", "", links


def _between(whole: str, start: str, end: str) -> str:
    begun = whole.find(start)
    if begun < 0:
        return ""
    ended = whole.find(end, begun)
    return whole[begun + len(start) : ended if ended >= 0 else len(whole)]


def _words(html: str) -> str:
    return unescape(_TAG.sub("", html)).replace("\xa0", " ").replace("\u202f", " ").strip()


_GUESSED = phrase(
    "Google's file does not say which prompts belong to the same chat, so prompts within 30 minutes of "
    "each other are combined."
)


def of_activities(name: str, held: Sequence[object]) -> Source:
    """Return the conversations in activities as an export. Raises TransferError if there are none."""
    activities_by_chat = grouped(held)
    if not activities_by_chat.groups:
        raise TransferError(phrase("{name} contains no conversations.", name=name))
    left_out = phrase(
        "Activities that are not prompts are left out ({count}).", count=f"{activities_by_chat.left_out:,}"
    )
    return Source(
        name=name,
        format=FORMAT,
        count=len(activities_by_chat.groups),
        read=lambda place: {"activities": [decode(held[each]) for each in activities_by_chat.groups[place]]},
        notice=together(
            (_GUESSED if activities_by_chat.guessed else "", left_out if activities_by_chat.left_out else "")
        ),
    )
