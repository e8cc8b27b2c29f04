"""Write operations, to be called within a transaction."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence

import apsw

from desktop.domain.conversation_types import NO_TOOLS, Conversation, Message, Parameters, Status, ToolChoice
from desktop.domain.message_parts import PartKind
from desktop.errors import ConversationUnknown, StoreError
from desktop.store.records import index_text, row_mapping, select, vote_rows
from desktop.store.sqlite.sql import Sql
from desktop.text.phrases import phrase


def insert(sql: Sql, conversation: Conversation) -> bool:
    """Insert a complete conversation. Return False if its id exists.

    Raises:
        StoreError: If the messages do not form a valid tree.
    """
    if _seq_of(sql, conversation.id) is not None:
        return False
    _check_tree(conversation)
    try:
        conversation_seq = insert_row(sql, conversation)
        seqs: dict[str | None, int] = {}
        for message in conversation.messages:
            seqs[message.id] = _insert_message(sql, conversation_seq, message, parent=seqs.get(message.parent))
    except apsw.ConstraintError as error:
        raise StoreError(
            phrase("A message in “{title}” already belongs to another conversation.", title=conversation.title)
        ) from error
    if conversation.current is not None:
        _set_current(sql, conversation_seq, seqs[conversation.current])
    return True


def begin(
    sql: Sql,
    conversation: Conversation,
    prompt: Message | None,
    answer: Message,
    run_id: str,
    at_ms: int,
) -> None:
    """Insert the conversation if it is new, then the prompt, if any, and an empty response owned by this process."""
    seq = _readable(sql, conversation.id)
    if seq is not None and _is_begun(sql, seq, answer.id, run_id):
        return
    if seq is None:
        seq = insert_row(sql, conversation)
        new = {answer.id, prompt.id if prompt else None}
        for message in conversation.messages:
            if message.id not in new:
                _insert_message(sql, seq, message)
    if prompt is not None:
        _insert_message(sql, seq, prompt)
    answer_seq = _insert_message(sql, seq, answer, run_id=run_id)
    sql.run(
        "UPDATE conversations SET current = ?, updated_at = ?, trashed_at = NULL WHERE seq = ?",
        (answer_seq, at_ms, seq),
    )


def append(sql: Sql, answer_id: str, deltas: Iterable[tuple[PartKind, str]]) -> None:
    """Append to the journal of a streaming response.

    Raises:
        ConversationUnknown: If the response was deleted.
    """
    found = sql.integer("SELECT seq FROM messages WHERE id = ? AND status = ?", (answer_id, Status.STREAMING))
    if found is None:
        raise _answer_gone()
    sql.run_each(
        "INSERT INTO journal (message, kind, text) VALUES (?, ?, ?)",
        [(found, kind, index_text.clean(text)) for kind, text in deltas],
    )
    if not all(text.isascii() for _, text in deltas):
        index_text.prepare()


def finish(sql: Sql, message: Message, at_ms: int, receipt: str | None = None) -> None:
    """Replace a response's journal by its final state, and store its receipt.

    Raises:
        ConversationUnknown: If the response was deleted.
    """
    found = sql.row("SELECT seq, conversation FROM messages WHERE id = ?", (message.id,))
    if found is None:
        raise _answer_gone()
    seq, conversation = found
    sql.run(
        "UPDATE messages SET status = ?, run = NULL, facts = ?, parts = ?, words = ? WHERE seq = ?",
        (
            message.status,
            row_mapping.facts(message, counted=True),
            row_mapping.to_json(message.parts),
            row_mapping.searchable(message.parts),
            seq,
        ),
    )
    sql.run("DELETE FROM journal WHERE message = ?", (seq,))
    if receipt is not None:
        sql.run("INSERT OR REPLACE INTO receipts (message, state) VALUES (?, ?)", (seq, receipt))
    sql.run("UPDATE conversations SET updated_at = ? WHERE seq = ?", (at_ms, conversation))


def rename(sql: Sql, conversation_id: str, title: str) -> None:
    """Set the title.

    Raises:
        ConversationUnknown: If the id is unknown.
    """
    sql.run(
        "UPDATE conversations SET title = ?, words = ? WHERE seq = ?",
        (index_text.clean(title), index_text.indexed(title), known(sql, conversation_id)),
    )


def retitle(sql: Sql, conversation_id: str, before: str, title: str) -> bool:
    """Replace the title if it is still `before`, and return whether it was replaced.

    Raises:
        ConversationUnknown: If the id is unknown.
    """
    seq = known(sql, conversation_id)
    if not sql.rows("SELECT 1 FROM conversations WHERE seq = ? AND title = ?", (seq, index_text.clean(before))):
        return False
    rename(sql, conversation_id, title)
    return True


def set_current(sql: Sql, conversation_id: str, message_id: str) -> None:
    """Make another message the current leaf.

    Raises:
        ConversationUnknown: If the id is unknown.
        StoreError: If the message belongs to another conversation.
    """
    seq = known(sql, conversation_id)
    found = sql.integer("SELECT seq FROM messages WHERE conversation = ? AND id = ?", (seq, message_id))
    if found is None:
        raise StoreError(phrase("This message is not part of the conversation."))
    _set_current(sql, seq, found)


def set_prompting(
    sql: Sql, conversation_id: str, system: str, parameters: Parameters, tools: ToolChoice = NO_TOOLS
) -> None:
    """Set the system prompt, the parameters and the tools.

    Raises:
        ConversationUnknown: If the id is unknown.
    """
    sql.run(
        "UPDATE conversations SET system = ?, parameters = ? WHERE seq = ?",
        (index_text.clean(system), row_mapping.prompting(parameters, tools), known(sql, conversation_id)),
    )


def set_trashed(sql: Sql, ids: Sequence[str], at_ms: int | None) -> None:
    """Move conversations to the trash, or restore them if `at_ms` is None.

    Raises:
        ConversationUnknown: If an id is unknown.
    """
    sql.run_each("UPDATE conversations SET trashed_at = ? WHERE seq = ?", [(at_ms, known(sql, id_)) for id_ in ids])


def set_pinned(sql: Sql, ids: Sequence[str], at_ms: int | None) -> None:
    """Pin conversations, or unpin them if `at_ms` is None.

    Raises:
        ConversationUnknown: If an id is unknown.
    """
    sql.run_each("UPDATE conversations SET pinned_at = ? WHERE seq = ?", [(at_ms, known(sql, id_)) for id_ in ids])


def set_archived(sql: Sql, ids: Sequence[str], at_ms: int | None) -> None:
    """Archive conversations, or unarchive them if `at_ms` is None.

    Raises:
        ConversationUnknown: If an id is unknown.
    """
    sql.run_each("UPDATE conversations SET archived_at = ? WHERE seq = ?", [(at_ms, known(sql, id_)) for id_ in ids])


def purge(sql: Sql, ids: Sequence[str], *, keep_votes: bool) -> None:
    """Delete conversations permanently.

    Raises:
        ConversationUnknown: If an id is unknown.
    """
    for seq in {known(sql, id_) for id_ in ids}:
        going = sql.rows("SELECT seq FROM messages WHERE conversation = ?", (seq,))
        vote_rows.forget_answers(sql, [each for (each,) in going], keep=keep_votes)
        sql.run("DELETE FROM messages WHERE conversation = ?", (seq,))
        sql.run("DELETE FROM conversations WHERE seq = ?", (seq,))


def purge_some(sql: Sql, conversation_id: str, most: int, *, keep_votes: bool) -> int:
    """Delete up to `most` messages of a conversation, newest first, and the conversation after its last message.

    Returns the number of deleted messages.
    """
    seq = _seq_of(sql, conversation_id)
    if seq is None:
        return 0
    sql.run("UPDATE conversations SET current = NULL WHERE seq = ?", (seq,))
    going = sql.rows("SELECT seq FROM messages WHERE conversation = ? ORDER BY seq DESC LIMIT ?", (seq, most))
    vote_rows.forget_answers(sql, [each for (each,) in going], keep=keep_votes)
    sql.run_each("DELETE FROM messages WHERE seq = ?", going)
    if len(going) < most:
        sql.run("DELETE FROM conversations WHERE seq = ?", (seq,))
    return len(going)


def delete_messages(
    sql: Sql, conversation_id: str, ids: Collection[str], current: str | None, *, keep_votes: bool
) -> None:
    """Delete messages of a conversation permanently, with all that follow them, and show another leaf.

    Raises:
        ConversationUnknown: If the conversation is unknown.
    """
    seq = known(sql, conversation_id)
    going = sql.rows(
        "WITH RECURSIVE going (seq) AS ("
        " SELECT seq FROM messages WHERE conversation = ?1 AND id IN (SELECT value FROM json_each(?2))"
        " UNION SELECT m.seq FROM going JOIN messages m ON m.conversation = ?1 AND m.parent = going.seq"
        ") SELECT seq FROM going ORDER BY seq DESC",
        (seq, json.dumps(list(ids))),
    )
    shown = sql.integer("SELECT seq FROM messages WHERE conversation = ? AND id = ?", (seq, current or ""))
    left = None if (shown,) in going else shown
    sql.run("UPDATE conversations SET current = ? WHERE seq = ?", (left, seq))
    vote_rows.forget_answers(sql, [each for (each,) in going], keep=keep_votes)
    sql.run_each("DELETE FROM messages WHERE seq = ?", going)


def known(sql: Sql, conversation_id: str) -> int:
    """Return the ROWID of a conversation.

    Raises:
        ConversationUnknown: If the id is unknown.
    """
    seq = _readable(sql, conversation_id)
    if seq is None:
        raise ConversationUnknown(phrase("There is no conversation “{id}”.", id=conversation_id))
    return seq


def _readable(sql: Sql, conversation_id: str) -> int | None:
    """Return the ROWID of a conversation or None, and correct an id that was not valid UTF-8."""
    seq = _seq_of(sql, conversation_id)
    if seq is None and (seq := select.seq_of(sql, conversation_id)) is not None:
        sql.run("UPDATE conversations SET id = ? WHERE seq = ?", (index_text.clean(conversation_id), seq))
    return seq


def _seq_of(sql: Sql, conversation_id: str) -> int | None:
    """Return the ROWID of a conversation by its exact stored id or None; fast enough for imports."""
    return sql.integer("SELECT seq FROM conversations WHERE id = ?", (index_text.clean(conversation_id),))


def _is_begun(sql: Sql, conversation: int, answer_id: str, run_id: str) -> bool:
    return bool(
        sql.rows(
            "SELECT 1 FROM messages WHERE id = ? AND conversation = ? AND run = ?", (answer_id, conversation, run_id)
        )
    )


def _answer_gone() -> ConversationUnknown:
    return ConversationUnknown(phrase("The response is no longer in the database: its conversation was removed."))


def _check_tree(conversation: Conversation) -> None:
    """Check that the messages form a tree, with parents before children.

    Raises:
        StoreError: If they do not.
    """
    seen: set[str] = set()
    for message in conversation.messages:
        if message.id in seen:
            raise StoreError(phrase("Two messages in “{title}” have the same ID.", title=conversation.title))
        if message.parent is not None and message.parent not in seen:
            raise StoreError(
                phrase(
                    "A message in “{title}” comes before its parent, or its parent is missing.",
                    title=conversation.title,
                )
            )
        seen.add(message.id)
    if conversation.current is not None and conversation.current not in seen:
        raise StoreError(
            phrase("The current message in “{title}” is not part of that conversation.", title=conversation.title)
        )


def insert_row(sql: Sql, conversation: Conversation, seq: int | None = None) -> int:
    """Insert a conversation without messages, and return its ROWID."""
    return sql.insert(
        "INSERT INTO conversations (seq, id, title, words, connection, model, created_at, updated_at, system,"
        " parameters) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            seq,
            index_text.clean(conversation.id),
            index_text.clean(conversation.title),
            index_text.indexed(conversation.title),
            index_text.clean(conversation.model.connection),
            index_text.clean(conversation.model.name),
            row_mapping.to_ms(conversation.created_at),
            row_mapping.to_ms(conversation.updated_at),
            index_text.clean(conversation.system),
            row_mapping.prompting(conversation.parameters, conversation.tools),
        ),
    )


def _set_current(sql: Sql, conversation: int, message: int) -> None:
    sql.run("UPDATE conversations SET current = ? WHERE seq = ?", (message, conversation))


def _insert_message(
    sql: Sql, conversation: int, message: Message, run_id: str | None = None, *, parent: int | None = None
) -> int:
    """Insert a message and return its ROWID.

    The status is streaming if `run_id` is given; otherwise, a streaming message becomes interrupted.
    """
    status = message.status
    if run_id is not None:
        status = Status.STREAMING
    elif status is Status.STREAMING:
        status = Status.INTERRUPTED
    if message.parent is not None and parent is None:
        parent = sql.integer(
            "SELECT seq FROM messages WHERE conversation = ? AND id = ?", (conversation, message.parent)
        )
        if parent is None:
            raise StoreError(phrase("A message's parent is in another conversation or missing."))
    seq = sql.insert(
        "INSERT INTO messages (id, conversation, parent, role, status, run, created_at, facts, parts, words)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            message.id,
            conversation,
            parent,
            message.role,
            status,
            run_id,
            row_mapping.to_ms(message.created_at),
            row_mapping.facts(message, counted=False),
            row_mapping.to_json(message.parts),
            # A streaming response is indexed once it is finished or recovered.
            "" if run_id is not None else row_mapping.searchable(message.parts),
        ),
    )
    if hashes := {part.sha256 for part in message.files}:
        values = [(seq, index_text.clean(each)) for each in sorted(hashes)]
        sql.run_each("INSERT INTO message_files (message, sha256) VALUES (?, ?)", values)
    return seq
