"""Our own export format `paragone/1`: lossless, documented in docs/export-format.md, without keys and addresses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from desktop.domain import (
    Conversation,
    Figures,
    Message,
    Parameters,
    Part,
    Problem,
    Role,
    Status,
    Usage,
    Value,
)

SCHEMA = "paragone/1"


class ExportedMessage(Value, frozen=True, kw_only=True, omit_defaults=True):
    """A message; `model` is connection/name. Times are RFC 3339 in UTC."""

    id: str
    parent: str | None
    role: Role
    parts: tuple[Part, ...]
    status: Status
    model: str | None
    usage: Usage | None
    figures: Figures | None
    created_at: datetime
    problem: Problem | None = None


class ExportedConversation(Value, frozen=True, kw_only=True):
    """A conversation with its whole tree of messages, parents first; `current` is the leaf that is shown."""

    id: str
    title: str
    model: str
    created_at: datetime
    updated_at: datetime
    current: str | None
    system: str = ""
    parameters: Parameters = Parameters()
    messages: tuple[ExportedMessage, ...] = ()


class Export(Value, frozen=True, kw_only=True):
    """The whole file."""

    schema: str
    exported_at: datetime
    conversations: tuple[ExportedConversation, ...]


def export(conversations: Sequence[Conversation], exported_at: datetime) -> str:
    """The conversations as indented JSON text with a last line feed."""
    whole = Export(
        schema=SCHEMA, exported_at=exported_at, conversations=tuple(_conversation(each) for each in conversations)
    )
    return msgspec.json.format(msgspec.json.encode(whole), indent=2).decode() + "\n"


def _conversation(conversation: Conversation) -> ExportedConversation:
    return ExportedConversation(
        id=conversation.id,
        title=conversation.title,
        model=str(conversation.model),
        created_at=conversation.created_at,
        updated_at=conversation.updated_at,
        current=conversation.current,
        system=conversation.system,
        parameters=conversation.parameters,
        messages=tuple(_message(message) for message in conversation.messages),
    )


def _message(message: Message) -> ExportedMessage:
    return ExportedMessage(
        id=message.id,
        parent=message.parent,
        role=message.role,
        parts=message.parts,
        status=message.status,
        model=str(message.model) if message.model else None,
        usage=message.usage,
        figures=message.figures,
        created_at=message.created_at,
        problem=message.problem,
    )
