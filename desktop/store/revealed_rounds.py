"""Turns a revealed blind round into a comparison with ordinary conversations."""

from __future__ import annotations

import json
from collections.abc import Mapping

import msgspec

from desktop.domain.comparison import Comparison, PaneState, new_comparison
from desktop.domain.conversation_types import Conversation, Role, Status, new_id
from desktop.errors import RoundEnded
from desktop.receipts.receipt import Receipt
from desktop.redaction.redactor import Mask
from desktop.store import comparisons
from desktop.store.conversations import masked
from desktop.store.records import index_text, insert, row_mapping, vote_rows
from desktop.store.sqlite.database import Database
from desktop.store.sqlite.sql import Sql
from desktop.store.votes import Votes
from desktop.text.phrases import phrase
from desktop.voting.blind_round import BlindRound
from desktop.voting.vote import Vote


class RevealedRounds:
    """Stores revealed rounds. Methods may raise StoreError."""

    def __init__(self, database: Database, run_id: str, mask: Mask, votes: Votes) -> None:
        self._database = database
        self._votes = votes
        self._mask = mask
        self._run_id = run_id

    async def keep(self, held: BlindRound, vote: Vote | None = None) -> None:
        """Store a round as a comparison with the same id, together with its vote, in one transaction.

        Raises:
            RoundEnded: If the round was already stored or no longer exists.
        """
        if vote is not None:
            self._votes.require()
        at_ms = row_mapping.to_ms(held.asked_at or held.created_at)  # as old as it is, also where it was left for weeks

        def job(sql: Sql) -> bool:
            """Store everything in one transaction. Return whether that had not been done before."""
            if sql.integer("SELECT seq FROM comparisons WHERE id = ?", (index_text.clean(held.id),)) is not None:
                sql.run("DELETE FROM rounds WHERE id = ?", (index_text.clean(held.id),))  # a backup may bring both
                return False
            for each in held.conversations:
                if sql.integer("SELECT seq FROM conversations WHERE id = ?", (index_text.clean(each.id),)) is not None:
                    continue  # brought by an import or a backup, which may know more of it
                told = tuple(masked(message, self._mask.hide) for message in each.messages)
                renamed = _renamed(sql, msgspec.structs.replace(each, messages=told))
                ids = zip((message.id for message in told), (message.id for message in renamed.messages), strict=True)
                receipts = {new: held.receipts[old] for old, new in ids if old in held.receipts}
                _keep(sql, renamed, receipts, self._run_id, at_ms)
            comparisons.save(sql, _comparison(held))
            sql.run("DELETE FROM rounds WHERE id = ?", (index_text.clean(held.id),))
            if vote is not None:
                vote_rows.add(sql, self._votes.masked(vote))
            return True

        if not await self._database.write(job, scrub=True):
            raise RoundEnded(
                phrase("This blind round was ended in another window. Votes in this window are not saved.")
            )


def _keep(sql: Sql, conversation: Conversation, receipts: Mapping[str, Receipt], run_id: str, at_ms: int) -> None:
    """Store a conversation; the streaming response of a dead process becomes interrupted."""
    prompts = [each for each in conversation.messages if each.role is Role.USER]
    answers = [each for each in conversation.messages if each.role is Role.ASSISTANT]
    empty = msgspec.structs.replace(conversation, messages=(), current=None)
    for prompt, answer in zip(prompts, answers, strict=False):
        begun = msgspec.structs.replace(answer, parts=(), status=Status.STREAMING)
        insert.begin(sql, empty, prompt, begun, run_id, at_ms)
        broke_off = answer.status is Status.STREAMING
        ended = msgspec.structs.replace(answer, status=Status.INTERRUPTED) if broke_off else answer
        receipt = receipts.get(answer.id)
        insert.finish(sql, ended, at_ms, row_mapping.to_json(receipt) if receipt is not None else None)


def _renamed(sql: Sql, conversation: Conversation) -> Conversation:
    """Return the conversation with new message ids if any of them is in use."""
    ids = [each.id for each in conversation.messages]
    taken = sql.integer(
        "SELECT count(*) FROM messages WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps([index_text.clean(each) for each in ids]),),
    )
    if not taken:
        return conversation
    names = {each: new_id() for each in ids}
    messages = tuple(
        msgspec.structs.replace(each, id=names[each.id], parent=names.get(each.parent or ""))
        for each in conversation.messages
    )
    return msgspec.structs.replace(conversation, messages=messages, current=names.get(conversation.current or ""))


def _comparison(held: BlindRound) -> Comparison:
    title = next((each.title for each in held.conversations if each.title), "")
    made = new_comparison(tuple(map(_pane, held.conversations)), of=held.conversations)
    return msgspec.structs.replace(made, id=held.id, title=title)


def _pane(conversation: Conversation) -> PaneState:
    return PaneState(
        conversation=conversation.id,
        model=conversation.model,
        system=conversation.system,
        parameters=conversation.parameters,
        tools=conversation.tools,
        said=bool(conversation.messages),
    )
