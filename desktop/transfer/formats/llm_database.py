"""logs.db of the command-line program llm, opened read-only: nothing is written and no trigger runs.

Versions before 0.32 log to `responses`, later ones to `threads`, `turns`, `messages` and `parts`. An upgraded database
has both, and a continued conversation is in both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import apsw

from desktop.domain.conversation_types import Figures, Role, Usage
from desktop.domain.message_parts import Part, ReasoningPart, TextPart, ToolCallPart
from desktop.errors import TransferError
from desktop.text.phrases import phrase
from desktop.transfer.archives.loose_json import (
    Unreadable,
    as_json,
    decode,
    items,
    number,
    table,
    tables,
    text,
    when,
    whole,
)
from desktop.transfer.formats.llm_conversations import LogConversations, LogTables, opened
from desktop.transfer.import_drafts import (
    ConversationOutline,
    Draft,
    Format,
    Lost,
    attachment,
    finished,
    joined,
    role_of,
)
from desktop.transfer.message_trees import Node
from desktop.transfer.source import Source

_SOURCE = "llm"
_LONGEST_MS = 86_400_000
_MOST_CHARACTERS = 256 << 20
"""Maximum characters of one conversation, because a fragment is stored once but repeated in every prompt that uses it.
"""


def drafts(item: object, now: datetime) -> Sequence[Draft]:
    """Return the conversation in the rows from `LogConversations.read`."""
    return finished(_Reader(table(item)).outline(), now)


FORMAT = Format(name="llm", drafts=drafts)


class _Reader:
    """Reader of one conversation: older rows in order, then its messages, some of which are copies of older rows."""

    def __init__(self, entry: Mapping[str, object]) -> None:
        self._entry = entry
        self._fragments = {text(key): text(value) for key, value in table(entry.get("fragments")).items()}
        self._lost: Counter[Lost] = Counter()
        self._characters = 0
        self._nodes: list[Node] = []
        self._older: list[tuple[Node, str]] = []
        """Prompts and answers of older rows, each with its text, to find copies."""

    def outline(self) -> ConversationOutline:
        """Return the outline of the conversation, including what could not be imported."""
        for response in tables(self._entry.get("responses")):
            self._nodes += self._answered(response, self._nodes[-1].id if self._nodes else None)
        current = self._nodes[-1].id if self._nodes else None
        turns = tables(self._entry.get("turns"))
        for turn in turns:
            self._count_options(turn)
        newer, places = self._chained(turns)
        self._nodes += newer
        tip = text(self._entry.get("tip")) or next((text(each.get("tip_message_hash")) for each in reversed(turns)), "")
        models = (text(each.get("model")) for each in reversed(turns))
        return ConversationOutline(
            source=_SOURCE,
            id=text(self._entry.get("id")),
            title=text(self._entry.get("name")),
            model=next(filter(None, models), text(self._entry.get("model"))),
            nodes=self._nodes,
            current=places.get(tip, tip) or current,
            lost=+self._lost,
        )

    def _answered(self, response: Mapping[str, object], before: str | None) -> list[Node]:
        """Return the nodes of one older row: prompt and response."""
        id_ = text(response.get("id"))
        self._count_options(response)
        asked_at, answered_at, figures, usage = _measured(response)
        system = self._joined("\n\n", response.get("system_fragments"), text(response.get("system")).strip())
        prompt = self._joined("\n", response.get("prompt_fragments"), text(response.get("prompt")))
        names = [text(name) for name in items(response.get("attachments"))]
        self._lost[Lost.ATTACHMENT] += len(names)
        self._lost[Lost.TOOL] += whole(response.get("tool_results")) or 0
        answer: list[Part] = [ReasoningPart(text=self._counted(text(response.get("reasoning"))))]
        answer.append(TextPart(text=self._counted(text(response.get("response")))))
        answer += [_called(name, _decoded(text(name.get("arguments")))) for name in tables(response.get("tool_calls"))]
        parts = joined([TextPart(text=prompt), *map(attachment, names)])
        first = Node(
            id=f"{id_}/system", parent=before, role=Role.SYSTEM, parts=joined([TextPart(text=system)]), at=asked_at
        )
        # Results of tools are sent without a prompt.
        asking = Node(id=f"{id_}/prompt", parent=first.id, role=Role.USER if parts else None, parts=parts, at=asked_at)
        answering = Node(
            id=id_,
            parent=asking.id,
            role=Role.ASSISTANT,
            parts=joined(answer),
            at=answered_at,
            model=text(response.get("model")),
            usage=usage,
            figures=figures,
        )
        said = ((asking, _spaced(prompt)), (answering, _spaced(text(response.get("response")))))
        self._older += [name for name in said if name[0].is_kept]
        return [first, asking, answering]

    def _chained(self, turns: Sequence[Mapping[str, object]]) -> tuple[list[Node], Mapping[str, str]]:
        """Return the nodes of messages that are not copies, and the existing node of each message that is a copy."""
        messages = {text(row.get("hash")): row for row in tables(self._entry.get("messages"))}
        order = _from_the_roots(messages)
        places = _copied(order, messages, self._older, self._said_in)
        tips = {text(row.get("tip_message_hash")): row for row in reversed(turns)}
        prompts = {text(row.get("parent_message_hash")): row for row in reversed(turns)}
        systems = [self._said_in(row) for row in messages.values() if row.get("role") == "system"]
        nodes: list[Node] = []
        for id_ in order:
            if id_ in places:
                continue
            message = messages[id_]
            above = text(message.get("parent_hash"))
            parent = places.get(above, above) or None
            role = role_of(message.get("role"))
            self._lost[Lost.MESSAGE] += role is None and message.get("role") != "tool"
            rules = self._joined("\n\n", table(prompts.get(id_)).get("system_fragments"), "")
            if rules and not any(_spaced(rules) in row for row in systems):
                parts = joined([TextPart(text=rules)])
                nodes.append(Node(id=f"{id_}/system", parent=parent, role=Role.SYSTEM, parts=parts))
                parent = nodes[-1].id
            nodes.append(self._node(id_, parent, role, self._parts(message), tips, prompts))
        return nodes, places

    def _said_in(self, message: Mapping[str, object]) -> str:
        """Return the text of a message, for comparison with an older row."""
        parts = [each for each in tables(message.get("parts")) if each.get("type") == "text"]
        return _spaced(" ".join(self._text(each, table(_decoded(text(each.get("payload"))))) for each in parts))

    def _node(
        self,
        id_: str,
        parent: str | None,
        role: Role | None,
        parts: Sequence[Part],
        tips: Mapping[str, Mapping[str, object]],
        prompts: Mapping[str, Mapping[str, object]],
    ) -> Node:
        asked_at, answered_at, figures, usage = _measured(tips.get(id_) or prompts.get(id_) or {})
        answered = role is Role.ASSISTANT and id_ in tips
        return Node(
            id=id_,
            parent=parent,
            role=role,
            parts=joined(parts),
            at=answered_at if answered else asked_at,
            model=text(tips[id_].get("model")) if answered else "",
            usage=usage if answered else None,
            figures=figures if answered else None,
        )

    def _parts(self, message: Mapping[str, object]) -> list[Part]:
        parts: list[Part] = []
        for part in tables(message.get("parts")):
            payload = table(_decoded(text(part.get("payload"))))
            match part.get("type"):
                case "text":
                    parts.append(TextPart(text=self._text(part, payload)))
                case "reasoning":
                    parts.append(ReasoningPart(text=self._text(part, payload)))
                case "tool_call":
                    parts.append(_called(payload, payload.get("arguments")))
                case "tool_result":
                    self._lost[Lost.TOOL] += 1
                case "attachment":
                    self._lost[Lost.ATTACHMENT] += 1
                    parts += [attachment(text(each)) for each in items(part.get("attachments"))[:1] or ("",)]
                case _:
                    self._lost[Lost.CONTENT] += 1
        return parts

    def _text(self, part: Mapping[str, object], payload: Mapping[str, object]) -> str:
        """Return a part's text, assembled from pieces and fragments if it has any."""
        if pieces := tables(payload.get("text_ref")):
            kept = (text(each.get("literal")) or self._fragment(each.get("fragment")) for each in pieces)
            return "".join(map(self._counted, kept))
        return self._counted(text(part.get("text")) or text(payload.get("text")))

    def _joined(self, between: str, fragments: object, last: str) -> str:
        pieces = (*(self._fragment(each) for each in items(fragments)), last)
        return between.join(self._counted(each) for each in pieces if each)

    def _fragment(self, id_: object) -> str:
        return self._fragments.get(text(id_), "")

    def _counted(self, piece: str) -> str:
        self._characters += len(piece)
        if self._characters > _MOST_CHARACTERS:
            raise Unreadable(phrase("The conversation is larger than {most} MB.", most=_MOST_CHARACTERS >> 20))
        return piece

    def _count_options(self, row: Mapping[str, object]) -> None:
        options = text(row.get("options_json")).strip()
        self._lost[Lost.OPTION] += options not in ("", "{}", "null") or bool(text(row.get("schema_id")))


def _from_the_roots(held: Mapping[str, Mapping[str, object]]) -> list[str]:
    """Return the ids of messages, each after its parent, otherwise in the order of the log."""
    in_order = sorted(held, key=lambda id_: number(held[id_].get("number")) or 0)
    children: dict[str | None, list[str]] = {}
    for id_ in in_order:
        above = text(held[id_].get("parent_hash"))
        children.setdefault(above if above in held else None, []).append(id_)
    order: dict[str, None] = {}
    waiting = list(reversed(children.get(None, [])))
    while waiting:
        id_ = waiting.pop()
        order[id_] = None
        waiting += reversed(children.get(id_, []))
    # Cycles are not removed here, because the message tree reports them.
    return [*order, *(id_ for id_ in in_order if id_ not in order)]


def _copied(
    order: Sequence[str],
    by_hash: Mapping[str, Mapping[str, object]],
    older: Sequence[tuple[Node, str]],
    said_in: Callable[[Mapping[str, object]], str],
) -> Mapping[str, str]:
    """Return the node for each message that llm copied from an older row.

    A copy has only the text, so the older row, with attachments and tool calls, is used.
    """
    reached: dict[str, int] = {}
    marked: set[str] = set()
    for id_ in order:
        above = text(by_hash[id_].get("parent_hash"))
        at = reached.get(above) if above in by_hash else 0
        if at is None or at >= len(older):
            continue
        role = role_of(by_hash[id_].get("role"))
        message_text = said_in(by_hash[id_])
        if role not in (Role.USER, Role.ASSISTANT):
            reached[id_] = at  # a system prompt or a tool's result before a copy, or a new one
            continue
        while at < len(older) and not older[at][1] and older[at][0].role is not role:
            at += 1
        if at < len(older) and (older[at][0].role, older[at][1]) == (role, message_text):
            reached[id_] = at + 1
            marked.add(id_)
        elif not message_text:
            reached[id_] = at
    for id_ in reversed(order):
        if id_ in marked and (above := text(by_hash[id_].get("parent_hash"))) in by_hash:
            marked.add(above)
    return {id_: older[reached[id_] - 1][0].id if reached[id_] else "" for id_ in order if id_ in marked}


def _spaced(said: str) -> str:
    return " ".join(said.split())


def _called(call: Mapping[str, object], arguments: object) -> ToolCallPart:
    name = text(call.get("name"))
    return ToolCallPart(id=text(call.get("tool_call_id")) or name, name=name, arguments=as_json(arguments or {}))


def _decoded(held: str) -> object:
    """Decode the JSON in a cell; return the cell itself if it is not JSON."""
    try:
        return decode(held.encode("utf-8", "surrogatepass")) if held else None
    except Unreadable:
        return held


def _measured(row: Mapping[str, object]) -> tuple[datetime | None, datetime | None, Figures | None, Usage | None]:
    """Return the times, figures and usage in a row."""
    duration_ms = number(row.get("duration_ms"))
    asked_at = when(row.get("datetime_utc"))
    answered_at = when(row.get("datetime_utc"))
    if asked_at is not None and duration_ms:
        try:
            answered_at = asked_at + timedelta(milliseconds=min(int(duration_ms), _LONGEST_MS))
        except OverflowError:
            answered_at = asked_at
    sent, answered = whole(row.get("input_tokens")), whole(row.get("output_tokens"))
    usage = Usage(input_tokens=sent, output_tokens=answered) if sent or answered else None
    return asked_at, answered_at, Figures(duration_ms=duration_ms) if duration_ms else None, usage


MAGIC = b"SQLite format 3\0"

_WAITING = phrase(
    "The newest responses may be missing: llm stores them in a separate file next to this one. Import "
    "again when llm is not running."
)
_PATIENCE = 20_000_000
"""Maximum steps of SQLite's virtual machine per query."""


def open_database(path: Path) -> Source:
    """Return the conversations in a log as an export. Raises TransferError if the file is not a log."""
    try:
        sql = opened(f"{path.absolute().as_uri()}?mode=ro&immutable=1", _PATIENCE)
    except apsw.Error as error:
        raise _damaged(path, error) from error
    with ExitStack() as undo:
        undo.callback(sql.close)
        try:
            source = _source(path, LogTables(sql))
        except apsw.Error as error:
            raise _damaged(path, error) from error
        undo.pop_all()
    return Source(
        name=source.name,
        format=source.format,
        count=source.count,
        read=source.read,
        notice=source.notice,
        close=sql.close,
    )


def _source(path: Path, tables: LogTables) -> Source:
    older = tables.has("responses", "id", "model", "prompt", "response")
    newer = tables.has("turns", "id", "thread_id") and tables.has("parts", "message_hash", "type")
    if not older and not newer:
        raise TransferError(phrase("{name} is a database, but not llm's log.", name=path.name))
    conversations = LogConversations(tables)

    def read(place: int) -> Mapping[str, object]:
        """Return one conversation. Raises Unreadable if that part of the database is damaged."""
        try:
            return conversations.read(place)
        except apsw.Error as error:
            raise Unreadable(phrase("The database is damaged: {error}.", error=error)) from None

    return Source(
        name=path.name,
        format=FORMAT,
        count=len(conversations),
        read=read,
        notice=" ".join(_notices(path, tables)),
    )


def _notices(path: Path, tables: LogTables) -> Sequence[str]:
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size > 0:
        return [_WAITING]
    if count := tables.count("logs"):
        return [phrase("Prompts from llm versions before 0.10 are left out ({count}).", count=f"{count:,}")]
    return []


def _damaged(path: Path, error: apsw.Error) -> TransferError:
    return TransferError(phrase("{name} is not a readable database: {error}.", name=path.name, error=error))
