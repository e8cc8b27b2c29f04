"""Values to rows of the database and back; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from math import isfinite
from typing import Any, NamedTuple, cast

import msgspec

from desktop.domain.conversation_types import (
    EPOCH,
    FIRST_MS,
    LAST_MS,
    MILLISECOND,
    ConversationSummary,
    Figures,
    FileLeftOut,
    Message,
    ModelRef,
    Parameters,
    Problem,
    Role,
    Status,
    Usage,
    bounded_left_out,
    bounded_ms,
    bounded_problem,
)
from desktop.domain.message_parts import Part, PartKind, ReasoningPart, TextPart, words
from desktop.domain.shallow_parameters import DEEPEST, shallow
from desktop.store.records import index_text
from desktop.store.sqlite.sql import Cell
from desktop.text.phrases import as_text, bounded


class Facts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of a message beside its text, kept as one JSON text.

    `uncounted` says that what it cost was not spent by an answer that ended here: it was imported, or copied.
    """

    model: ModelRef | None = None
    usage: Usage | None = None
    figures: Figures | None = None
    problem: Problem | None = None
    imported: bool = False
    turn: str = ""
    uncounted: bool = False
    left_out: tuple[FileLeftOut, ...] = ()


_MOST = (1 << 63) - 1  # of a number that SQLite holds
_USUAL = 200  # characters of a title

# Made once: a decoder costs more than what it reads of a short message.
_PARTS = msgspec.json.Decoder(tuple[Part, ...])
_FACTS = msgspec.json.Decoder(Facts)
DAMAGED = "This message is damaged on the disk. What is left of it, as it was kept:"
"""What is said in the place of a message whose text is no JSON any more."""
_ROLES = {role.value: role for role in Role}
_STATES = {status.value: status for status in Status}


class MessageRow(NamedTuple):
    """A message as it is selected; `parent` is a seq. What a flipped bit may have made another kind of is a Cell."""

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
"""Columns of a conversation `c` that its summary is made from; of a foreign one there may be any number of tags."""


def to_ms(at: datetime) -> int:
    """Milliseconds since 1970 UTC of an aware time, within bounds; what is finer is cut off."""
    return bounded_ms(at)


def from_ms(at: Cell) -> datetime:
    """The aware time, in UTC; of a number that is none the nearest that is."""
    if isinstance(at, int) and FIRST_MS <= at <= LAST_MS:
        return EPOCH + at * MILLISECOND  # thousands are read at once
    return EPOCH + min(max(number_of(at), FIRST_MS), LAST_MS) * MILLISECOND


def text_of(cell: Cell) -> str:
    """A cell of a column of texts, as text: one flipped bit makes it bytes, a number or nothing."""
    if isinstance(cell, str):
        return cell
    return "" if cell is None else cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell)


def number_of(cell: Cell) -> int:
    """A cell of a column of numbers, as one that SQLite can hold; 0 where it is none any more."""
    if isinstance(cell, float) and isfinite(cell):
        return min(max(int(cell), -_MOST - 1), _MOST)
    return cell if isinstance(cell, int) else 0


def to_json(value: object) -> str:
    """JSON text that SQLite can hold, lone surrogates replaced."""
    try:
        return msgspec.json.encode(value, enc_hook=as_text).decode()
    except UnicodeEncodeError:
        return msgspec.json.encode(_cleaned(msgspec.to_builtins(value, enc_hook=as_text))).decode()


def parameters(text: str) -> Parameters:
    """Parameters from their JSON text, without those that hold more in one another than anything can work with.

    None of damaged ones.
    """
    try:
        found = msgspec.json.decode(text, type=Parameters)
    except (msgspec.DecodeError, RecursionError):
        return Parameters()
    if text.count("[") + text.count("{") <= DEEPEST:
        return found
    return shallow(found)


def parts(text: str) -> tuple[Part, ...]:
    """Parts from their JSON text; those of a type that this version does not know are left out.

    Raises msgspec.DecodeError where it is not JSON at all.
    """
    try:
        return _PARTS.decode(text)
    except msgspec.ValidationError:
        return tuple(_known_parts(msgspec.json.decode(text, type=list[Any])))


def merged(given: Sequence[Part], deltas: Iterable[tuple[str, str]]) -> tuple[Part, ...]:
    """Parts with journaled deltas (kind, text) after them; neighbours of one kind become one."""
    found = list(given)
    pieces: list[str] = []
    last: str | None = None
    for kind, text in (*deltas, (None, "")):
        if kind != last and pieces:
            _extend(found, last or PartKind.TEXT, "".join(pieces))
            pieces = []
        last = kind
        pieces.append(text)
    return tuple(found)


def searchable(given: Iterable[Part]) -> str:
    """Text and reasoning as the index takes them."""
    return index_text.indexed(plain(given))


def text(given: Iterable[Part]) -> str:
    """What is said, without reasoning."""
    return words(tuple(given), TextPart)


def plain(given: Iterable[Part]) -> str:
    """Text, then reasoning, as one text."""
    held = tuple(given)
    said, thought = words(held, TextPart), words(held, ReasoningPart)
    return f"{said}\n\n{thought}" if thought else said


def facts(message: Message, *, counted: bool) -> str:
    """A message's facts as JSON text; `counted` where what it cost was spent here and now."""
    held = Facts(
        model=message.model,
        usage=message.usage,
        figures=message.figures,
        problem=message.problem and bounded_problem(message.problem),
        imported=message.imported,
        turn=message.turn,
        uncounted=not counted and message.figures is not None,
        left_out=bounded_left_out(message.left_out) if message.left_out else (),
    )
    return to_json(held)


def readable(text: str) -> tuple[Part, ...]:
    """Parts from their JSON text; where a flipped bit made it none, that text as it stands, and what it is."""
    try:
        return parts(text)
    except (msgspec.DecodeError, RecursionError):
        return (TextPart(text=f"{DAMAGED}\n\n{text}"),)


def message(row: MessageRow | tuple[Any, ...], parent: str | None, deltas: Sequence[tuple[str, str]] = ()) -> Message:
    """The message of a row, with what the journal adds to it, as far as it can be read."""
    # Thousands are read at once: what is as it should be is asked nothing more.
    _, id_, _, role, status, created_at, facts, kept = row
    if not (isinstance(id_, str) and isinstance(facts, str) and isinstance(kept, str)):
        id_, facts, kept = text_of(id_), text_of(facts), text_of(kept)
    try:
        given = _PARTS.decode(kept)
    except (msgspec.DecodeError, RecursionError):
        given = readable(kept)
    if deltas:
        given = merged(given, deltas)
    if facts == "{}":
        return Message(
            id=id_,
            parent=parent,
            role=_ROLES.get(role, Role.ASSISTANT),
            parts=given,
            status=_STATES.get(status, Status.INTERRUPTED),
            created_at=from_ms(created_at),
        )
    held = _facts(facts)
    return Message(
        id=id_,
        parent=parent,
        role=_ROLES.get(role, Role.ASSISTANT),
        parts=given,
        status=_STATES.get(status, Status.INTERRUPTED),
        created_at=from_ms(created_at),
        model=held.model,
        usage=held.usage,
        figures=held.figures,
        problem=held.problem and bounded_problem(held.problem),
        imported=held.imported,
        turn=held.turn,
        left_out=bounded_left_out(held.left_out) if held.left_out else (),
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
    """A model as it is listed and shown: in a file that is not trusted its name may have no end."""
    return ModelRef(connection=bounded(text_of(connection)), name=bounded(text_of(name)))


def summaries(rows: Iterable[tuple[Any, ...]]) -> tuple[ConversationSummary, ...]:
    """The summaries of rows as SUMMARY selects them.

    Thousands are read at once, of a dozen models: nothing is called for what is as it should be.
    """
    refs: dict[tuple[Cell, Cell], ModelRef] = {}
    made: list[ConversationSummary] = []
    for id_, title, connection, name, updated_at, pinned_at, archived_at, trashed_at, count, tags in rows:
        ref = refs.get((connection, name))
        if ref is None:
            ref = refs[connection, name] = model_ref(connection, name)
        made.append(
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
    return tuple(made)


def _known_parts(items: Iterable[object]) -> Iterable[Part]:
    for item in items:
        try:
            yield msgspec.convert(item, type=Part)
        except msgspec.ValidationError:
            continue  # a later version's: it stays in the database


def _extend(found: list[Part], kind: str, text: str) -> None:
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
