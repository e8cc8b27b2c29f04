"""Paragone's export format `paragone/1`: lossless, without keys or addresses, described in docs/export-format.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, cast

import msgspec

from desktop.domain import comparison_json
from desktop.domain.comparison import Comparison
from desktop.domain.conversation_types import (
    NO_TOOLS,
    Conversation,
    Figures,
    FileLeftOut,
    Message,
    Parameters,
    Problem,
    Role,
    Status,
    ToolChoice,
    Usage,
    Value,
)
from desktop.domain.message_parts import OpaquePart, Part
from desktop.pages.exported_errors import nameless
from desktop.text.phrases import as_text
from desktop.transfer.import_drafts import Draft
from desktop.voting.vote import Vote

SCHEMA = "paragone/1"

Time = Annotated[datetime, msgspec.Meta(tz=True)]


class ExportedMessage(Value, frozen=True, kw_only=True, omit_defaults=True):
    """A message; `model` is `connection/name`. Times are RFC 3339 in UTC."""

    id: str
    parent: str | None
    role: Role
    parts: tuple[Part, ...]
    status: Status
    model: str | None
    usage: Usage | None
    figures: Figures | None
    created_at: Time
    problem: Problem | None = None
    turn: str = ""
    left_out: tuple[FileLeftOut, ...] = ()


class ExportedConversation(Value, frozen=True, kw_only=True):
    """A conversation with its message tree, parents first. `current` is the leaf of the displayed path."""

    id: str
    title: str
    model: str
    created_at: Time
    updated_at: Time
    current: str | None
    pinned: bool = False
    archived: bool = False
    tags: tuple[str, ...] = ()
    system: str = ""
    parameters: Parameters = Parameters()
    tools: ToolChoice = NO_TOOLS
    messages: tuple[ExportedMessage, ...] = ()


class ExportedFile(Value, frozen=True, kw_only=True, omit_defaults=True):
    """An attachment. `bytes` is its base64; in a ZIP, `file` is the name of its member instead.

    A missing attachment has neither.
    """

    sha256: str
    media_type: str = ""
    name: str = ""
    size: int = 0
    file: str = ""
    bytes: str = ""


class Export(Value, frozen=True, kw_only=True):
    """Structure of the whole file."""

    schema: str
    exported_at: Time
    conversations: tuple[ExportedConversation, ...]
    comparisons: tuple[dict[str, object], ...] = ()
    votes: tuple[Vote, ...] = ()
    attachments: tuple[ExportedFile, ...] = ()


def export(conversations: Sequence[Conversation], exported_at: datetime) -> str:
    """Return conversations as indented JSON with a final newline."""
    drafts = [Draft(conversation=each) for each in conversations]
    pieces = [piece(each, first=not place) for place, each in enumerate(drafts)]
    return "".join((head(exported_at), *pieces, tail((), empty=not drafts)))


def head(exported_at: datetime) -> str:
    """Return the beginning of the file."""
    fields = f'  "schema": {_json(SCHEMA)},\n  "exported_at": {_json(exported_at)},\n'
    return f'{{\n{fields}  "conversations": ['


def piece(draft: Draft, *, first: bool) -> str:
    """Return a conversation as a piece of the file."""
    return _item(_conversation(draft), first=first)


def tail(comparisons: Sequence[Comparison], *, empty: bool) -> str:
    """Return the end of a file without attachments. `empty` is whether the file has no conversations."""
    return f"{compared(comparisons, empty=empty)}{END}"


def compared(comparisons: Sequence[Comparison], *, empty: bool) -> str:
    """Return the comparisons, which follow the conversations. `empty` is whether there are no conversations."""
    items = "".join(_item(comparison_json.fields(each), first=not place) for place, each in enumerate(comparisons))
    conversations = "]" if empty else "\n  ]"
    end = "\n  ]" if items else "]"
    return f'{conversations},\n  "comparisons": [{items}{end}'


def voted(votes: Sequence[Vote]) -> Iterator[str]:
    """Yield the votes, which follow the comparisons, if there are any."""
    if votes:
        yield ',\n  "votes": ['
        yield from (_item(each, first=not place) for place, each in enumerate(votes))
        yield "\n  ]"


END = "\n}\n"
"""End of every file."""

FILES, FILES_END = ',\n  "attachments": [', "\n  ]"
"""Start and end of the list of attachments."""


def file_piece(file: ExportedFile, *, first: bool) -> str:
    """Return an attachment without its bytes as a piece of the file."""
    return _item(file, first=first)


def file_with_bytes(file: ExportedFile, pieces: Iterable[str], *, first: bool) -> Iterator[str]:
    """Yield an attachment with its bytes, which are passed as pieces of base64."""
    without_end = _item(file, first=first).removesuffix("\n    }")
    yield f'{without_end},\n      "bytes": "'
    yield from pieces
    yield '"\n    }'


def _item(value: object, *, first: bool) -> str:
    text = msgspec.json.format(msgspec.json.encode(_plain(value)), indent=2).decode()
    indented = text.replace("\n", "\n    ")  # within strings a line feed is escaped
    return f"{'' if first else ','}\n    {indented}"


def _json(value: object) -> str:
    return msgspec.json.encode(_plain(value)).decode()


def _plain(value: object) -> object:
    """Return a value as JSON types. Times are in UTC with exactly three decimals."""
    return _with_times(msgspec.to_builtins(value, enc_hook=as_text, builtin_types=(datetime,)))


def _with_times(value: object) -> object:
    match value:
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{value.microsecond // 1000:03}Z"
        case dict():
            return {key: _with_times(each) for key, each in cast("dict[object, object]", value).items()}
        case list() | tuple():
            return [_with_times(each) for each in cast("Sequence[object]", value)]
        case _:
            return value


def _conversation(draft: Draft) -> ExportedConversation:
    conversation = draft.conversation
    return ExportedConversation(
        id=conversation.id,
        title=conversation.title,
        model=str(conversation.model),
        created_at=conversation.created_at,
        updated_at=conversation.updated_at,
        current=conversation.current,
        pinned=draft.pinned,
        archived=draft.archived,
        tags=draft.tags,
        system=conversation.system,
        parameters=conversation.parameters,
        tools=conversation.tools,
        messages=tuple(_message(message) for message in conversation.messages),
    )


def _message(message: Message) -> ExportedMessage:
    return ExportedMessage(
        id=message.id,
        parent=message.parent,
        role=message.role,
        parts=tuple(part for part in message.parts if not isinstance(part, OpaquePart)),
        status=message.status,
        model=str(message.model) if message.model else None,
        usage=message.usage,
        figures=message.figures,
        created_at=message.created_at,
        problem=nameless(message),
        turn=message.turn,
        left_out=message.left_out,
    )
