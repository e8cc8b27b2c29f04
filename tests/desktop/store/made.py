"""Conversations and messages for the tests of the store, and a clock that they turn by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw

from desktop.domain.conversation_types import (
    Conversation,
    Message,
    ModelRef,
    Role,
    Status,
    new_id,
)
from desktop.domain.message_parts import TextPart
from desktop.store.migrations import MIGRATIONS, migrate
from desktop.store.opening.store_opener import FILE, Options
from desktop.store.records import insert
from desktop.store.sqlite.sql import Sql


def _later(sql: Sql) -> None:
    """A migration of a version to come, in several statements."""
    sql.run("CREATE TABLE later (x TEXT) STRICT")
    sql.run("UPDATE conversations SET title = title || ' later'")
    sql.run("INSERT INTO later SELECT title FROM conversations")


LATER = Options(migrations=(*MIGRATIONS, _later), readable_from=len(MIGRATIONS) + 1)
MODEL = ModelRef(connection="embedded", name="smollm2")
START = datetime(2026, 1, 1, tzinfo=UTC)


class Clock:
    """A time that moves one second at each look."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


def message(role: Role, text: str = "", parent: Message | None = None, status: Status = Status.COMPLETE) -> Message:
    return Message(
        id=new_id(),
        parent=parent.id if parent else None,
        role=role,
        parts=(TextPart(text=text),) if text else (),
        status=status,
        created_at=START,
    )


def prompt(text: str = "Why is the sky blue?", parent: Message | None = None) -> Message:
    return message(Role.USER, text, parent)


def answer(parent: Message, text: str = "", status: Status = Status.STREAMING) -> Message:
    return message(Role.ASSISTANT, text, parent, status)


def finished(streaming: Message, text: str, status: Status = Status.COMPLETE) -> Message:
    return Message(
        id=streaming.id,
        parent=streaming.parent,
        role=Role.ASSISTANT,
        parts=(TextPart(text=text),),
        status=status,
        created_at=START,
    )


def conversation(
    *messages: Message, title: str = "Sky", model: ModelRef = MODEL, updated_at: datetime = START
) -> Conversation:
    return Conversation(
        id=new_id(),
        title=title,
        model=model,
        created_at=START,
        updated_at=updated_at,
        current=messages[-1].id if messages else None,
        messages=messages,
    )


def database(folder: Path, version: int, *conversations: Conversation) -> Path:
    """A data folder as an earlier version left it; the path of its database."""
    folder.mkdir()
    path = folder / FILE
    sql = Sql(apsw.Connection(str(path)))
    migrate(sql, MIGRATIONS[:version])
    with sql.transaction():
        for each in conversations:
            insert.insert(sql, each)
    sql.close()
    return path


def said(text: str, title: str = "Sky") -> Conversation:
    """A conversation of one prompt."""
    return conversation(prompt(text), title=title)
