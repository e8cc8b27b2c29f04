"""Jan's threads, as an export in JSON, or as a folder with two files for each thread."""

from __future__ import annotations

import zipfile
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

import msgspec

from desktop.domain.conversation_types import EPOCH, Problem, Role, Status, Usage
from desktop.domain.message_parts import Part, ReasoningPart, TextPart
from desktop.transfer.archives.loose_json import Unreadable, decode, is_light, items, table, tables, text, when, whole
from desktop.transfer.archives.zip_archive import ZipPlace, ZipReader
from desktop.transfer.import_drafts import (
    ConversationOutline,
    Draft,
    Format,
    Lost,
    attachment,
    finished,
    identity,
    joined,
    require_count,
    speaker,
)
from desktop.transfer.import_shelf import NO_FILES, Shelf
from desktop.transfer.message_trees import Node
from desktop.transfer.source import Source


@dataclass(frozen=True)
class LinkedMessages:
    """Messages with their ids and parents; sorted by time if they have branches."""

    messages: Sequence[Mapping[str, object]]
    ids: Sequence[str]
    parents: Sequence[str | None]

    def leaf(self, root: str) -> str | None:
        """Return the last displayed message below this root or, if empty, the newest one, by selected children."""
        children: defaultdict[str | None, list[str]] = defaultdict(list)
        chosen: dict[str, str] = {}
        for message, id_, parent in zip(self.messages, self.ids, self.parents, strict=True):
            children[parent].append(id_)
            chosen.setdefault(id_, text(table(message.get("metadata")).get("activeChildId")))
        at: str | None = None
        seen: set[str] = set()
        wanted = root
        while beside := children.get(at):
            following = wanted if wanted in beside else beside[-1]
            if following in seen:
                break
            seen.add(following)
            at, wanted = following, chosen[following]
        return at


def linked(messages: Sequence[Mapping[str, object]]) -> LinkedMessages:
    """Return messages with their parents: those they name, or the previous message if none of them names a parent.

    A response without a parent follows the prompt before it, and a later prompt with the same parent follows the
    response. Jan repairs such threads in the same way.
    """
    metas = (table(message.get("metadata")) for message in messages)
    if not any("parentId" in meta or "activeChildId" in meta for meta in metas):
        ids = _ids(messages)
        return LinkedMessages(messages, ids, [None, *ids[:-1]][: len(ids)])
    ordered = sorted(messages, key=lambda message: when(message.get("created_at")) or EPOCH)
    ids, metas = _ids(ordered), (table(message.get("metadata")) for message in ordered)
    parents: list[str | None] = [text(meta.get("parentId")) or None for meta in metas]
    prompt: str | None = None
    detached: dict[str, str] = {}  # prompts whose answer had lost its parent, with that answer
    for number, message in enumerate(ordered):
        parent = parents[number]
        if message.get("role") == "user":
            if parent in detached:
                parents[number] = detached.pop(parent)
            prompt = ids[number]
        elif parent is None and prompt is not None:
            parents[number] = prompt
            detached[prompt] = ids[number]
    return LinkedMessages(ordered, ids, parents)


def _ids(messages: Sequence[Mapping[str, object]]) -> list[str]:
    return [text(message.get("id")) or f"#{place}" for place, message in enumerate(messages)]


THREAD, MESSAGES = "thread.json", "messages.jsonl"
"""Names of the two files in each thread's folder."""

_SOURCE = "jan"
_KIND = "thread.message"
_LONGEST_LINE = 256 << 20
_PROBLEM_LENGTH = 500
_STATUSES = {"error": Status.FAILED, "stopped": Status.STOPPED, "pending": Status.INTERRUPTED}
_FILES, _FILES_END = "[ATTACHED_FILES]", "[/ATTACHED_FILES]"


class _Head(msgspec.Struct):
    """Value of the `object` field, which names the type of a line."""

    object: str = ""


def drafts(item: object, now: datetime, shelf: Shelf = NO_FILES) -> Sequence[Draft]:
    """Return the conversation in one thread (`thread` is its metadata, `messages` its content) or in an export."""
    thread = table(table(item).get("thread")) or table(item)
    lost: Counter[Lost] = Counter()
    listed = items(table(item).get("messages"))
    chain = linked(tables(listed))
    lost[Lost.MESSAGE] += len(listed) - len(chain.messages)
    assistant = next(iter(tables(thread.get("assistants"))), table(None))
    model = table(assistant.get("model"))
    meta = table(thread.get("metadata"))
    first = text(chain.messages[0].get("thread_id")) if chain.messages else ""
    title = text(thread.get("title")) or text(meta.get("title"))
    begun = when(thread.get("created")) or when(thread.get("created_at"))  # rewritten with each change
    nodes = [
        _node(message, parent, id_, shelf, lost)
        for message, parent, id_ in zip(chain.messages, chain.parents, chain.ids, strict=True)
    ]
    return finished(
        ConversationOutline(
            source=_SOURCE,
            id=text(thread.get("id")) or first or identity(title, *chain.ids[:1]),
            title=title,
            model=(text(model.get("id")) or text(thread.get("model_id"))).removeprefix(
                "*"
            ),  # an asterisk stands for no model
            nodes=nodes,
            current=chain.leaf(text(meta.get("activeRootId"))),
            created=min(filter(None, [begun, *(node.at for node in nodes)]), default=None),
            updated=when(thread.get("updated")) or when(meta.get("updated_at")),
            system=text(assistant.get("instructions")),
            pinned=meta.get("is_favorite") is True,
            lost=lost,
            shelf=shelf,
        ),
        now,
    )


FORMAT = Format(name="Jan", drafts=drafts, with_files=drafts)


def is_one(entry: Mapping[str, object]) -> bool:
    """Whether JSON is a thread of Jan, or an export of one."""
    if entry.get("object") == "thread" and "assistants" in entry:
        return True
    messages = tables(entry.get("messages"))
    contents = [piece for message in messages for piece in tables(message.get("content"))]
    return "exported_at" in entry and any("value" in table(piece.get("text")) for piece in contents)


def is_messages(data: bytes) -> bool:
    """Whether the first line of a file is a message of Jan."""
    end = data.find(b"\n")
    line = data if end < 0 else data[:end]
    if not line.lstrip().startswith(b"{") or len(line) > _LONGEST_LINE:
        return False
    try:
        return msgspec.json.decode(line, type=_Head).object == _KIND
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def from_files(messages: bytes, thread: bytes = b"") -> object:
    """Return a thread's files as an item for `drafts`. Raises Unreadable if they are too large.

    A malformed line is counted as lost.
    """
    if not is_light(messages):
        decode(messages)  # raises Unreadable with the reason
    lines = [line for line in messages.split(b"\n") if line.strip()]
    require_count(lines)
    try:
        about = table(decode(thread)) if thread else table(None)
    except Unreadable:
        about = table(None)  # the messages are what counts
    return {"thread": about, "messages": [*map(_line, lines)], "title": about.get("title")}


def _line(line: bytes) -> object:
    try:
        return decode(line)
    except Unreadable:
        return None


def _node(message: Mapping[str, object], parent: str | None, id_: str, shelf: Shelf, lost: Counter[Lost]) -> Node:
    role = speaker(message.get("role"), lost)
    if role is None:
        return Node(id=id_, parent=parent)
    meta = table(message.get("metadata"))
    parts = [part for piece in _pieces(message.get("content")) for part in _part(piece, role, shelf, lost)]
    parts += _files(message, meta, shelf, lost)
    lost[Lost.TOOL] += len(items(meta.get("tool_calls")))
    answered = role is Role.ASSISTANT
    status = _STATUSES.get(text(message.get("status")), Status.COMPLETE)
    error = text(meta.get("error")) or text(meta.get("error_code")) or text(message.get("error_code"))
    if error or meta.get("stopped") is True:
        status = Status.FAILED if error else Status.STOPPED
    return Node(
        id=id_,
        parent=parent,
        role=role,
        parts=joined([part for part in parts if not error or part != TextPart(text=error)]),  # stored in both
        at=when(message.get("created_at")),
        model=text(meta.get("model")) if answered else "",
        status=status if answered else Status.COMPLETE,
        usage=_usage(table(meta.get("usage"))) if answered else None,
        problem=Problem(code="imported", message=error[:_PROBLEM_LENGTH]) if error and answered else None,
    )


def _pieces(content: object) -> Sequence[Mapping[str, object]]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else tables(content)


def _part(piece: Mapping[str, object], role: Role, shelf: Shelf, lost: Counter[Lost]) -> Sequence[Part]:
    written = text(piece.get("text")) or text(table(piece.get("text")).get("value"))
    match piece.get("type"):
        case "text":
            return _with_names(written, lost) if role is Role.USER else [TextPart(text=written)]
        case "reasoning":
            return [ReasoningPart(text=written)]
        case "image_url" | "image":
            address = text(table(piece.get("image_url")).get("url"))
            if (part := shelf.put_address("image", address)) is not None:
                return [part]
            lost[Lost.ATTACHMENT] += 1
            return [attachment("image")]
        case "tool_call":
            lost[Lost.TOOL] += 1
        case _:
            lost[Lost.CONTENT] += 1
    return []


def _with_names(prompt: str, lost: Counter[Lost]) -> Sequence[Part]:
    """Return a prompt and placeholders for its attachments, which Jan lists at its end by id, name and size."""
    begin, end = prompt.rfind(_FILES), prompt.rfind(_FILES_END)
    if not 0 <= begin < end:
        return [TextPart(text=prompt)]
    names = [
        line.partition("name: ")[2].partition(", type:")[0].partition(", size:")[0].partition(", chunks:")[0]
        for line in prompt[begin + len(_FILES) : end].splitlines()
        if line.strip()
    ]
    lost[Lost.ATTACHMENT] += len(names)
    rest = prompt[end + len(_FILES_END) :]
    return [TextPart(text=prompt[:begin].rstrip()), *map(attachment, names), TextPart(text=rest.lstrip("\n"))]


def _files(
    message: Mapping[str, object], meta: Mapping[str, object], shelf: Shelf, lost: Counter[Lost]
) -> Sequence[Part]:
    """Return attachments: some are in the message with their text, the others only by id."""
    parts: list[Part] = []
    for inline in tables(meta.get("inline_file_contents")):
        name, content = text(inline.get("name")), text(inline.get("content"))
        part = shelf.put_text(name, content)
        lost[Lost.ATTACHMENT] += part is None
        parts.append(part or attachment(name))
    for attached in tables(message.get("attachments")):
        lost[Lost.ATTACHMENT] += 1
        parts.append(attachment(text(attached.get("name")) or text(attached.get("file_id"))))
    return parts


def _usage(counted: Mapping[str, object]) -> Usage | None:
    sent, answered = whole(counted.get("inputTokens")), whole(counted.get("outputTokens"))
    if not (sent or answered):
        return None
    return Usage(input_tokens=sent, output_tokens=answered)


@dataclass
class JanFolder:
    """Threads in a folder, with two files each. The archive is open while they are read."""

    place: ZipPlace
    threads: Sequence[tuple[zipfile.ZipInfo, zipfile.ZipInfo | None]]

    def __post_init__(self) -> None:
        self._zip = ZipReader(self.place)

    @property
    def members(self) -> list[zipfile.ZipInfo]:
        """All files of the threads."""
        return [member for pair in self.threads for member in pair if member is not None]

    def source(self) -> Source:
        """Return the threads as an export."""
        return Source(
            name=self.place.name,
            format=FORMAT,
            count=len(self.threads),
            read=self._read,
            rest=self._zip.rest,
            close=self._zip.rest,
        )

    def _read(self, place: int) -> object:
        """Return one thread. Raises Unreadable."""
        messages, thread = self.threads[place]
        return from_files(self._zip.read(messages), self._zip.read(thread) if thread is not None else b"")


def found_in(place: ZipPlace, members: Sequence[zipfile.ZipInfo]) -> JanFolder | None:
    """Return the threads among some files, or None. File names are never used as paths."""
    own = (member for member in members if member.filename.endswith((MESSAGES, THREAD)))
    by_path = {PurePosixPath(member.filename): member for member in own}
    threads = [
        (member, by_path.get(path.with_name(THREAD))) for path, member in by_path.items() if path.name == MESSAGES
    ]
    return JanFolder(place, threads) if any(thread is not None for _, thread in threads) else None
