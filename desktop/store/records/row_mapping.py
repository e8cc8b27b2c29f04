"""Conversion between values and database rows. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from math import isfinite
from typing import Any, NamedTuple, cast

import msgspec

from desktop.domain.conversation_types import (
    EPOCH,
    FIRST_MS,
    LAST_MS,
    MILLISECOND,
    NO_TOOLS,
    ConversationSummary,
    Figures,
    FileLeftOut,
    Message,
    ModelRef,
    Parameters,
    Problem,
    Role,
    Status,
    ToolChoice,
    Usage,
    bounded_left_out,
    bounded_ms,
    bounded_problem,
)
from desktop.domain.message_parts import Part, PartKind, ReasoningPart, TextPart, called_words, whole_calls, words
from desktop.domain.shallow_parameters import DEEPEST, shallow
from desktop.store.records import index_text
from desktop.store.sqlite.sql import Cell
from desktop.text.phrases import as_text, bounded


class Facts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Data of a message other than its text, stored as JSON.

    `uncounted` is whether the cost was not incurred here, because the message was imported or copied.
    """

    model: ModelRef | None = None
    usage: Usage | None = None
    figures: Figures | None = None
    problem: Problem | None = None
    imported: bool = False
    turn: str = ""
    uncounted: bool = False
    left_out: tuple[FileLeftOut, ...] = ()


class _Prompting(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Parameters and tools of a conversation, stored as JSON in one column."""

    values: dict[str, Any] = {}
    tools: ToolChoice = NO_TOOLS


_MOST = (1 << 63) - 1  # of a number that SQLite holds
_USUAL = 200  # characters of a title

# Created once, because a decoder costs more than decoding a short message.
_PARTS = msgspec.json.Decoder(tuple[Part, ...])
_PART = msgspec.json.Decoder(Part)
_FACTS = msgspec.json.Decoder(Facts)
DAMAGED = "This message is damaged on the disk. What is left of it, as it was kept:"
"""Note shown above the JSON of a damaged message."""
_ROLES = {role.value: role for role in Role}
_STATES = {status.value: status for status in Status}


class MessageRow(NamedTuple):
    """A message's row as selected; `parent` is a ROWID. Cells may have the wrong type after bit errors."""

    seq: int
    id: Cell
    parent: int | None
    role: str
    status: str
    created_at: int
    facts: Cell
    parts: Cell


SUMMARY = (
    "c.id, c.title, c.connection, c.model, c.updated_at, c.pinned_at, c.archived_at, c.trashed_at,"
    " (SELECT count(*) FROM messages WHERE conversation = c.seq),"
    " (SELECT json_group_array(tag) FROM"
    " (SELECT CAST(substr(tag, 1, 60) AS TEXT) AS tag FROM conversation_tags"
    " WHERE conversation = c.seq ORDER BY key LIMIT 100))"
)
"""Columns for a conversation's summary; the number of tags is limited, since imports may have any number."""


def to_ms(at: datetime) -> int:
    """Convert a timezone-aware time to milliseconds since 1970 UTC, within the bounds of the store."""
    return bounded_ms(at)


def from_ms(at: Cell) -> datetime:
    """Convert a cell to a timezone-aware UTC time, within the range of datetime."""
    if isinstance(at, int) and FIRST_MS <= at <= LAST_MS:
        return EPOCH + at * MILLISECOND  # thousands are read at once
    return EPOCH + min(max(number_of(at), FIRST_MS), LAST_MS) * MILLISECOND


def text_of(cell: Cell) -> str:
    """Return a text cell as a string, even if a bit error changed its type."""
    if isinstance(cell, str):
        return cell
    return "" if cell is None else cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell)


def number_of(cell: Cell) -> int:
    """Return a number cell as an integer within SQLite's range; 0 if it is not a number."""
    if isinstance(cell, float) and isfinite(cell):
        return min(max(int(cell), -_MOST - 1), _MOST)
    return cell if isinstance(cell, int) else 0


def to_json(value: object) -> str:
    """Encode a value as JSON. Lone surrogates are replaced."""
    try:
        return msgspec.json.encode(value, enc_hook=as_text).decode()
    except UnicodeEncodeError:
        return msgspec.json.encode(_cleaned(msgspec.to_builtins(value, enc_hook=as_text))).decode()


def parameters(text: str) -> Parameters:
    """Decode parameters without those that are nested too deeply; empty if damaged."""
    try:
        found = msgspec.json.decode(text, type=Parameters)
    except (msgspec.DecodeError, RecursionError):
        return Parameters()
    if text.count("[") + text.count("{") <= DEEPEST:
        return found
    return shallow(found)


def prompting(parameters: Parameters, tools: ToolChoice) -> str:
    """Encode the parameters and tools of a conversation."""
    if tools.is_empty:
        return to_json(parameters)
    return to_json(_Prompting(values=parameters.values, tools=tools))


def tools(text: str) -> ToolChoice:
    """Decode the tools stored beside the parameters; none if damaged."""
    if '"tools"' not in text:
        return NO_TOOLS
    try:
        return msgspec.json.decode(text, type=_Prompting).tools
    except (msgspec.DecodeError, RecursionError):
        return NO_TOOLS


def parts(text: str) -> tuple[Part, ...]:
    """Decode message parts. Unknown types are skipped.

    Raises:
        msgspec.DecodeError: If the text is not JSON.
    """
    try:
        return _PARTS.decode(text)
    except msgspec.ValidationError:
        return tuple(_known_parts(msgspec.json.decode(text, type=list[Any])))


def merged(given: Sequence[Part], deltas: Iterable[tuple[str, str]]) -> tuple[Part, ...]:
    """Append journaled deltas to parts. Adjacent parts of a kind are merged."""
    merged_parts = list(given)
    pieces: list[str] = []
    last: str | None = None
    for kind, text in (*deltas, (None, "")):
        if (kind != last or kind == PartKind.PART) and pieces:
            _extend(merged_parts, last or PartKind.TEXT, "".join(pieces))
            pieces = []
        last = kind
        pieces.append(text)
    return whole_calls(merged_parts)


def searchable(given: Iterable[Part]) -> str:
    """Return text and reasoning of message parts as index text."""
    return index_text.indexed(plain(given))


def text(given: Iterable[Part]) -> str:
    """Return the text of message parts without reasoning."""
    return words(tuple(given), TextPart)


def plain(given: Iterable[Part]) -> str:
    """Return text and reasoning of message parts, and the arguments and results of tool calls."""
    held = tuple(given)
    said, thought = words(held, TextPart), words(held, ReasoningPart)
    return "\n\n".join(filter(None, (said, thought, called_words(held)))) if len(held) > 1 else said or thought


def facts(message: Message, *, counted: bool) -> str:
    """Encode the data of a message other than its text. `counted` is whether its cost was incurred here."""
    data = Facts(
        model=message.model,
        usage=message.usage,
        figures=message.figures,
        problem=message.problem and bounded_problem(message.problem),
        imported=message.imported,
        turn=message.turn,
        uncounted=not counted and message.figures is not None,
        left_out=bounded_left_out(message.left_out) if message.left_out else (),
    )
    return to_json(data)


def readable(text: str) -> tuple[Part, ...]:
    """Decode message parts; damaged JSON is returned as text, below a note."""
    try:
        return parts(text)
    except (msgspec.DecodeError, RecursionError):
        return (TextPart(text=f"{DAMAGED}\n\n{text}"),)


def message(row: MessageRow | tuple[Any, ...], parent: str | None, deltas: Sequence[tuple[str, str]] = ()) -> Message:
    """Return the message in a row, with journaled text appended, as far as it is readable."""
    # Thousands are read at once, so valid rows take a fast path.
    _, id_, _, role, status, created_at, facts, json = row
    if not (isinstance(id_, str) and isinstance(facts, str) and isinstance(json, str)):
        id_, facts, json = text_of(id_), text_of(facts), text_of(json)
    try:
        decoded = _PARTS.decode(json)
    except (msgspec.DecodeError, RecursionError):
        decoded = readable(json)
    if deltas:
        decoded = merged(decoded, deltas)
    if facts == "{}":
        return Message(
            id=id_,
            parent=parent,
            role=_ROLES.get(role, Role.ASSISTANT),
            parts=decoded,
            status=_STATES.get(status, Status.INTERRUPTED),
            created_at=from_ms(created_at),
        )
    data = _facts(facts)
    return Message(
        id=id_,
        parent=parent,
        role=_ROLES.get(role, Role.ASSISTANT),
        parts=decoded,
        status=_STATES.get(status, Status.INTERRUPTED),
        created_at=from_ms(created_at),
        model=data.model,
        usage=data.usage,
        figures=data.figures,
        problem=data.problem and bounded_problem(data.problem),
        imported=data.imported,
        turn=data.turn,
        left_out=bounded_left_out(data.left_out) if data.left_out else (),
    )


def _facts(text: str) -> Facts:
    try:
        return _FACTS.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return Facts()


def _tags(text: str) -> tuple[str, ...]:
    try:
        return msgspec.json.decode(text, type=tuple[str, ...])
    except msgspec.DecodeError:
        return ()


def model_ref(connection: Cell, name: Cell) -> ModelRef:
    """Return a model reference with truncated names."""
    return ModelRef(connection=bounded(text_of(connection)), name=bounded(text_of(name)))


def summaries(rows: Iterable[tuple[Any, ...]]) -> tuple[ConversationSummary, ...]:
    """Return the summaries in selected rows.

    Optimized, because thousands are read at once.
    """
    refs: dict[tuple[Cell, Cell], ModelRef] = {}
    entries: list[ConversationSummary] = []
    for id_, title, connection, name, updated_at, pinned_at, archived_at, trashed_at, count, tags in rows:
        ref = refs.get((connection, name))
        if ref is None:
            ref = refs[connection, name] = model_ref(connection, name)
        entries.append(
            ConversationSummary(
                id=id_ if isinstance(id_, str) else text_of(id_),
                title=title if isinstance(title, str) and len(title) <= _USUAL else bounded(text_of(title)),
                model=ref,
                updated_at=from_ms(updated_at),
                message_count=count,
                pinned=pinned_at is not None,
                archived=archived_at is not None,
                tags=() if tags == "[]" else _tags(tags),
                trashed_at=None if trashed_at is None else from_ms(trashed_at),
            )
        )
    return tuple(entries)


def _known_parts(items: Iterable[object]) -> Iterable[Part]:
    for item in items:
        try:
            yield msgspec.convert(item, type=Part)
        except msgspec.ValidationError:
            continue  # a later version's: it stays in the database


def _extend(found: list[Part], kind: str, text: str) -> None:
    if kind == PartKind.PART:
        with suppress(msgspec.DecodeError, RecursionError):  # a later version's, or damaged: the text around it is not
            found.append(_PART.decode(text))
        return
    made = TextPart if kind == PartKind.TEXT else ReasoningPart
    if found and isinstance(last := found[-1], made):
        found[-1] = made(text=last.text + text)
    elif text:
        found.append(made(text=text))


def _cleaned(value: object) -> object:
    if isinstance(value, str):
        return index_text.clean(value)
    if isinstance(value, dict):
        return {index_text.clean(str(key)): _cleaned(item) for key, item in cast("dict[object, object]", value).items()}
    if isinstance(value, (list, tuple)):
        return [_cleaned(item) for item in cast("Iterable[object]", value)]
    return value
