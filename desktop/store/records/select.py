"""Read operations; each reads from one snapshot."""

from __future__ import annotations

import json
from collections.abc import Sequence

from desktop.domain.conversation_types import Conversation, ConversationSummary, Message, ModelRef, Role, Status
from desktop.errors import ConversationAmbiguous, ConversationUnknown, StoreCorrupt
from desktop.store.records import index_text, row_mapping
from desktop.store.sqlite.sql import Sql
from desktop.text.phrases import bounded, phrase

_SUMMARY = f"SELECT {row_mapping.SUMMARY} FROM conversations c"  # noqa: S608 - only constants
_NEWEST_FIRST = " ORDER BY c.updated_at DESC, c.seq DESC LIMIT ? OFFSET ?"
_ALL = -1
_MAY_BE_JOURNALED = frozenset(map(str, (Status.STREAMING, Status.INTERRUPTED)))
"""Statuses of messages that may have text in the journal, because recovery could not merge it."""
_UNREAD = "\N{REPLACEMENT CHARACTER}"


def conversation(sql: Sql, id_or_prefix: str) -> Conversation:
    """Return a conversation with all messages.

    Raises:
        ConversationUnknown: If there is no such conversation.
        ConversationAmbiguous: If several ids have the prefix.
    """
    seq = _find(sql, id_or_prefix)
    rows_found = sql.rows(
        "SELECT id, title, connection, model, created_at, updated_at,"
        " (SELECT id FROM messages WHERE seq = c.current), system, parameters FROM conversations c WHERE seq = ?",
        (seq,),
    )
    if not rows_found:
        raise StoreCorrupt(phrase("A database index refers to a conversation that does not exist."))
    id_, title, ref, model, created_at, updated_at, current, system, parameters = rows_found[0]
    return Conversation(
        id=row_mapping.text_of(id_),
        title=bounded(row_mapping.text_of(title)),
        model=row_mapping.model_ref(ref, model),
        created_at=row_mapping.from_ms(created_at),
        updated_at=row_mapping.from_ms(updated_at),
        current=None if current is None else row_mapping.text_of(current),
        system=row_mapping.text_of(system),
        parameters=row_mapping.parameters(row_mapping.text_of(parameters)),
        tools=row_mapping.tools(row_mapping.text_of(parameters)),
        messages=_messages(sql, seq),
    )


def summaries(
    sql: Sql,
    *,
    model: ModelRef | None,
    of_connection: str | None,
    limit: int | None,
    offset: int,
    trashed: bool,
) -> tuple[ConversationSummary, ...]:
    """Return conversations for lists, newest first."""
    where = ["c.trashed_at IS NOT NULL" if trashed else "c.trashed_at IS NULL"]
    values: list[str | int] = []
    for column, value in (
        ("connection", model.connection if model else None),
        ("model", model.name if model else None),
        ("connection", of_connection),
    ):
        if value is not None:
            where.append(f"c.{column} = ?")
            values.append(index_text.clean(value))
    values += [_ALL if limit is None else limit, offset]
    found = sql.rows(f"{_SUMMARY} WHERE {' AND '.join(where)}{_NEWEST_FIRST}", values)
    return row_mapping.summaries(found)


def of_ids(sql: Sql, ids: Sequence[str]) -> dict[str, ConversationSummary]:
    """Return conversations by their full ids, even from the trash."""
    wanted = json.dumps([index_text.clean(id_) for id_ in ids])
    found = sql.rows(f"{_SUMMARY} WHERE c.id IN (SELECT value FROM json_each(?))", (wanted,))  # noqa: S608
    return {each.id: each for each in row_mapping.summaries(found)}


def interrupted(sql: Sql, limit: int) -> tuple[ConversationSummary, ...]:
    """Return conversations that end with an interrupted response, newest first."""
    found = sql.rows(
        f"{_SUMMARY} JOIN messages m ON m.seq = c.current"
        f" WHERE c.trashed_at IS NULL AND m.role = ? AND m.status = ?{_NEWEST_FIRST}",
        (Role.ASSISTANT, Status.INTERRUPTED, limit, 0),
    )
    return row_mapping.summaries(found)


def counts(sql: Sql) -> tuple[tuple[ModelRef, int], ...]:
    """Return the number of conversations by model, sorted."""
    found = sql.rows(
        "SELECT connection, model, count(*) FROM conversations WHERE trashed_at IS NULL"
        " GROUP BY connection, model ORDER BY connection, model"
    )
    return tuple((row_mapping.model_ref(ref, name), count) for ref, name, count in found)


def seq_of(sql: Sql, conversation_id: str) -> int | None:
    """Return the ROWID of a conversation by its full id or None, even if the stored id is not valid UTF-8."""
    wanted = index_text.clean(conversation_id)
    found = sql.integer("SELECT seq FROM conversations WHERE id = ?", (wanted,))
    if found is None and _UNREAD in wanted:
        ids = sql.rows("SELECT seq, id FROM conversations NOT INDEXED")
        return next((seq for seq, id_ in ids if row_mapping.text_of(id_) == wanted), None)
    return found


def _find(sql: Sql, id_or_prefix: str) -> int:
    wanted = index_text.clean(id_or_prefix)
    whole = seq_of(sql, wanted)
    if whole is not None:
        return whole
    matches: Sequence[tuple[int]] = sql.rows(
        "SELECT seq FROM conversations WHERE trashed_at IS NULL AND substr(id, 1, ?) = ? LIMIT 2",
        (len(wanted), wanted),
    )
    if not wanted or not matches:
        raise ConversationUnknown(phrase("There is no conversation “{id}”.", id=id_or_prefix))
    if len(matches) > 1:
        raise ConversationAmbiguous(phrase("Several conversations have IDs that begin with “{id}”.", id=id_or_prefix))
    return matches[0][0]


def _messages(sql: Sql, conversation_seq: int) -> tuple[Message, ...]:
    rows = sql.rows(
        "SELECT seq, id, parent, role, status, created_at, facts, parts FROM messages"
        " WHERE conversation = ? ORDER BY seq",
        (conversation_seq,),
    )
    ids: dict[int | None, str] = {}
    messages: list[Message] = []
    for row in rows:
        seq, id_, parent, _, status, *_ = row
        deltas: Sequence[tuple[str, str]] = ()
        if status in _MAY_BE_JOURNALED:
            deltas = sql.rows("SELECT kind, text FROM journal WHERE message = ? ORDER BY seq", (seq,))
        # A message must follow its parent; any other order is damage and may be a cycle.
        messages.append(row_mapping.message(row, ids.get(parent), deltas))
        ids[seq] = id_ if isinstance(id_, str) else row_mapping.text_of(id_)
    return tuple(messages)
