"""Chatbox's exports and backups: sessions with threads and with alternative branches (forks)."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath

from msgspec import structs

from desktop.domain.conversation_types import Figures, Problem, Role, Status, Usage
from desktop.domain.message_parts import Part, ReasoningPart, TextPart
from desktop.text.phrases import phrase
from desktop.transfer.archives.loose_json import Unreadable, decode, number, table, tables, text, when, whole
from desktop.transfer.archives.zip_archive import ZipPlace, ZipReader
from desktop.transfer.import_drafts import (
    ConversationOutline,
    Draft,
    Format,
    Lost,
    attachment,
    ending,
    finished,
    has_text,
    joined,
    speaker,
)
from desktop.transfer.message_trees import Node, last_id
from desktop.transfer.source import Source

_SOURCE = "chatbox"
_PROBLEM_LENGTH = 500

SESSIONS = "chat-sessions-list"
"""Key of the list of sessions in the file."""

OLDER_SESSIONS = "chat-sessions"
"""Key of the sessions themselves in files from versions up to 1.11."""

BACKUP = "chatbox-backup"
"""Value of `format` in the manifest of a backup, a ZIP with one file per session."""


def drafts(item: object, now: datetime) -> Sequence[Draft]:
    """Return the conversations in one session: `entry` is its entry in the list, `session` is its content."""
    entry = table(table(item).get("entry"))
    session = table(table(item).get("session"))
    id_ = text(entry.get("id")) or text(session.get("id"))
    title = text(entry.get("name")) or text(session.get("name"))
    pinned = entry.get("starred") is True or session.get("starred") is True
    archived = bool(entry.get("archivedAt") or session.get("archivedAt"))
    model = text(table(session.get("settings")).get("modelId"))
    threads = tables(session.get("threads"))
    forks = _forks(session, threads)
    found = [*_one(session, forks[0], id_, title, model, now, pinned=pinned, archived=archived)]
    for place, thread in enumerate(threads):
        own = f"{id_}/{text(thread.get('id')) or place}"
        name = text(thread.get("name")) or title
        found += _one(thread, forks[place + 1], own, name, model, now, pinned=False, archived=archived)
    return found


FORMAT = Format(name="Chatbox", drafts=drafts)


def _forks(
    session: Mapping[str, object], threads: Sequence[Mapping[str, object]]
) -> Sequence[Sequence[tuple[str, Sequence[Mapping[str, object]]]]]:
    """Return the alternative branches by the message they follow, for the session and each thread.

    Branches whose message is in no thread belong to the session.
    """
    forks: dict[str, list[Sequence[Mapping[str, object]]]] = {}
    for own in (session, *threads):
        for after, fork in table(own.get("messageForksHash")).items():
            lists = (tables(branch.get("messages")) for branch in tables(table(fork).get("lists")))
            forks.setdefault(after, []).extend(lists)
    thread_branches: list[list[tuple[str, Sequence[Mapping[str, object]]]]] = []
    for own in (session, *threads):
        branches: list[tuple[str, Sequence[Mapping[str, object]]]] = []
        waiting = [text(each.get("id")) for each in tables(own.get("messages"))]
        while waiting:
            after = waiting.pop()
            for messages in forks.pop(after, ()):
                branches.append((after, messages))
                waiting += (text(each.get("id")) for each in messages)
        thread_branches.append(branches)
    thread_branches[0] += ((after, messages) for after, lists in forks.items() for messages in lists)
    return thread_branches


def _one(
    branch: Mapping[str, object],
    forks: Sequence[tuple[str, Sequence[Mapping[str, object]]]],
    id_: str,
    title: str,
    model: str,
    now: datetime,
    *,
    pinned: bool,
    archived: bool,
) -> Sequence[Draft]:
    lost: Counter[Lost] = Counter()
    before: dict[str, str | None] = {}
    nodes = _row(tables(branch.get("messages")), None, lost, before)
    current = last_id(nodes)
    for after, messages in forks:
        nodes += _row(messages, before.get(after, after), lost, before)
    nodes = _beside(nodes)
    return finished(
        ConversationOutline(
            source=_SOURCE,
            id=id_,
            title=title,
            model=model,
            nodes=nodes,
            current=current,
            created=when(branch.get("createdAt")),
            pinned=pinned,
            archived=archived,
            lost=lost,
        ),
        now,
    )


def _beside(nodes: Sequence[Node]) -> list[Node]:
    """Make consecutive responses alternatives, because in Chatbox they are not parts of one response.

    Branches below a missing message become roots.
    """
    by_id: dict[str, Node] = {}
    for node in nodes:
        by_id.setdefault(node.id, node)
    tops: dict[str, str | None] = {}  # of answers: the prompt
    separate: list[Node] = []
    for node in nodes:
        if node.role is not Role.ASSISTANT:
            separate.append(node if node.parent is None or node.parent in by_id else structs.replace(node, parent=None))
            continue
        above, seen = node.parent, {node.id}
        while above in by_id and above not in seen and by_id[above].role is Role.ASSISTANT:
            seen.add(above)
            above = tops[above] if above in tops else by_id[above].parent
        for each in seen:
            tops.setdefault(each, above)
        above = above if above in by_id else None
        separate.append(node if node.parent == above else structs.replace(node, parent=above))
    return separate


def _row(
    messages: Sequence[Mapping[str, object]], parent: str | None, lost: Counter[Lost], before: dict[str, str | None]
) -> list[Node]:
    """Return the nodes of messages in order.

    Args:
        before: Collects, by a summary's id, the parent that precedes the summary, which the model did not receive.
    """
    row: list[Node] = []
    for place, message in enumerate(messages):
        if message.get("isSummary") is True:
            before[text(message.get("id"))] = parent
            lost[Lost.SUMMARY] += 1
            continue
        node = _node(message, parent, place, lost)
        row.append(node)
        parent = node.id
    return row


def _node(message: Mapping[str, object], parent: str | None, place: int, lost: Counter[Lost]) -> Node:
    role = speaker(message.get("role"), lost)
    parts = [part for piece in tables(message.get("contentParts")) for part in _part(piece, lost)]
    if not has_text(parts):
        thought = (
            "" if any(isinstance(part, ReasoningPart) for part in parts) else text(message.get("reasoningContent"))
        )
        parts += [ReasoningPart(text=thought), TextPart(text=text(message.get("content")))]
    for piece in (*tables(message.get("files")), *tables(message.get("links"))):
        lost[Lost.ATTACHMENT] += 1
        parts.append(attachment(text(piece.get("name")) or text(piece.get("title"))))
    pictures = tables(message.get("pictures"))  # written by older versions
    lost[Lost.ATTACHMENT] += len(pictures)
    parts += [attachment("image") for _ in pictures]
    answered = role is Role.ASSISTANT
    error = text(message.get("error"))[:_PROBLEM_LENGTH] if answered else ""
    ended = ending("in_progress" if message.get("generating") is True else "", message.get("finishReason"))
    latency = number(message.get("firstTokenLatency")) if answered else None
    return Node(
        id=text(message.get("id")) or f"{parent or ''}#{place}",
        parent=parent,
        role=role,
        parts=joined(parts),
        at=when(message.get("timestamp")),
        model=text(message.get("model")) if answered else "",
        status=Status.FAILED if error else ended.status,
        reason=ended.reason,
        usage=_usage(table(message.get("usage"))),
        figures=Figures(ttft_ms=latency) if latency else None,
        problem=Problem(code="imported", message=error) if error else None,
    )


def _usage(counted: Mapping[str, object]) -> Usage | None:
    sent = whole(counted.get("inputTokens")) or whole(counted.get("promptTokens"))
    answered = whole(counted.get("outputTokens")) or whole(counted.get("completionTokens"))
    thought = whole(counted.get("reasoningTokens"))
    if not (sent or answered):
        return None
    return Usage(input_tokens=sent, output_tokens=answered, reasoning_tokens=thought or None)


def _part(piece: Mapping[str, object], lost: Counter[Lost]) -> Sequence[Part]:
    match piece.get("type"):
        case "text":
            return [TextPart(text=text(piece.get("text")))]
        case "reasoning":
            return [ReasoningPart(text=text(piece.get("text")))]
        case "image":
            lost[Lost.ATTACHMENT] += 1
            return [attachment("image")]
        case "tool-call":
            lost[Lost.TOOL] += 1
        case "info":
            pass
        case _:
            lost[Lost.CONTENT] += 1
    return []


def sessions(held: Mapping[str, object]) -> Sequence[tuple[object, str]]:
    """Return the list's entries with the keys of their sessions, then sessions that are not in the list.

    In versions up to 1.11, an entry is the session itself and has no key, unless the session is also stored under one.
    """
    found: dict[str, object] = {f"session:{text(each.get('id'))}": each for each in tables(held.get(SESSIONS))}
    for key in held:
        if key.startswith("session:"):
            found.setdefault(key, None)
    older = [each for each in tables(held.get(OLDER_SESSIONS)) if f"session:{text(each.get('id'))}" not in found]
    return [*((entry, key) for key, entry in found.items()), *((entry, "") for entry in older)]


_LARGEST_MANIFEST = 64 << 20
_MANIFEST, _SESSION = "manifest.json", "session.json"


@dataclass
class ChatboxBackup:
    """Sessions of a backup. The ZIP is open while they are read."""

    place: ZipPlace
    manifest: zipfile.ZipInfo
    sessions: Sequence[zipfile.ZipInfo]
    _entries: Mapping[str, object] = field(default_factory=dict[str, object])

    def __post_init__(self) -> None:
        self._zip = ZipReader(self.place)

    @property
    def folder(self) -> str:
        """Folder of the backup in its ZIP; empty if the backup is the whole ZIP."""
        return self.manifest.filename.rpartition("/")[0]

    @property
    def members(self) -> list[zipfile.ZipInfo]:
        """All files of the backup that are read."""
        return [self.manifest, *self.sessions]

    def source(self) -> Source:
        """Return the backup as an export."""
        return Source(
            name=self.place.name,
            format=FORMAT,
            count=len(self.sessions),
            read=self._read,
            notice=self._notice(),
            rest=self._zip.rest,
            close=self._zip.rest,
        )

    def _notice(self) -> str:
        """Return a notice about attachments that Chatbox did not include.

        Also reads the sessions' entries in the manifest.
        """
        try:
            small = self.manifest.file_size < _LARGEST_MANIFEST
            held = table(decode(self._zip.read(self.manifest)) if small else None)
        except Unreadable:
            held = table(None)
        self._entries = {text(each.get("path")): each.get("meta") for each in tables(held.get("sessions"))}
        missing = sum(each.get("code") == "session-read-failed" for each in tables(held.get("warnings")))
        self._zip.rest()
        if not missing:
            return ""
        return phrase("Conversations that Chatbox could not export are missing ({count}).", count=f"{missing:,}")

    def _read(self, place: int) -> object:
        """Return one session with its entry in the manifest. Raises Unreadable."""
        member = self.sessions[place]
        path = PurePosixPath(member.filename)
        # A backup may have been zipped again inside its folder.
        entry = self._entries.get("/".join(path.parts[-3:]))
        return {"entry": entry, "session": decode(self._zip.read(member))}


def found_in(place: ZipPlace, members: Sequence[zipfile.ZipInfo]) -> ChatboxBackup | None:
    """Return the backup among the files of a ZIP, or None. Member names are never used as paths."""
    own = (
        member for member in members if member.filename.endswith((_SESSION, _MANIFEST))
    )  # parsing a path per file would be slow
    paths = [(PurePosixPath(member.filename), member) for member in own]
    sessions = [
        (path, member)
        for path, member in paths
        if path.name == _SESSION and len(path.parts) > 2 and path.parts[-3] == "sessions"
    ]
    folders = {path.parents[2] for path, _ in sessions}
    manifest = next((member for path, member in paths if path.name == _MANIFEST and path.parent in folders), None)
    return ChatboxBackup(place, manifest, [member for _, member in sessions]) if manifest is not None else None
