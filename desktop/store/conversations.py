"""Stored conversations."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

import msgspec

from desktop.domain.conversation_types import (
    FIGURES_WORDS,
    NO_TOOLS,
    Conversation,
    ConversationSummary,
    Figures,
    Message,
    ModelRef,
    Parameters,
    Status,
    ToolChoice,
)
from desktop.domain.message_parts import PartKind
from desktop.receipts.receipt import Receipt
from desktop.redaction.redactor import Mask
from desktop.store import purge
from desktop.store.files.attached_files import AttachedFiles
from desktop.store.records import insert, row_mapping, select
from desktop.store.records import tags as tagging
from desktop.store.records.trash_times import trashed_before
from desktop.store.sqlite.database import Database
from desktop.store.sqlite.sql import Sql
from desktop.store.votes import Votes

_NO_TAGS: Mapping[str, Sequence[str]] = {}


class Conversations:
    """Conversations stored in one database. All methods may raise StoreError.

    Lone surrogates, which UTF-8 cannot encode, are stored as U+FFFD; everything else is returned unchanged.
    """

    def __init__(
        self,
        database: Database,
        run_id: str,
        clock: Callable[[], datetime],
        mask: Mask,
        files: AttachedFiles,
        votes: Votes,
    ) -> None:
        self._files = files
        self._votes = votes
        self._mask = mask
        self._database = database
        self._run_id = run_id
        self._clock = clock

    async def create(self, conversation: Conversation) -> bool:
        """Store a complete conversation with its own times, as for an import.

        Returns False if a conversation with this id exists, even in the trash.
        """
        added = await self._database.write(lambda sql: insert.insert(sql, conversation))
        if added:
            await self._files.sent(_hashes([conversation]))
        return added

    async def create_all(
        self,
        conversations: Sequence[Conversation],
        *,
        pinned: Collection[str] = (),
        archived: Collection[str] = (),
        tags: Mapping[str, Sequence[str]] = _NO_TAGS,
    ) -> frozenset[str]:
        """Store several conversations in one transaction, and return the ids of those that are new.

        Only new conversations get pins, archive marks and tags.
        """

        def job(sql: Sql) -> frozenset[str]:
            """Store everything in one transaction."""
            added = frozenset(each.id for each in conversations if insert.insert(sql, each))
            insert.set_pinned(sql, sorted(added.intersection(pinned)), self._now())
            insert.set_archived(sql, sorted(added.intersection(archived)), self._now())
            tagging.put_all(sql, {id_: names for id_, names in tags.items() if id_ in added})
            return added

        added = await self._database.write(job)
        await self._files.sent(_hashes([each for each in conversations if each.id in added]))
        return added

    async def begin(self, conversation: Conversation, prompt: Message | None, answer: Message) -> None:
        """Store a prompt (None when regenerating) and its empty response durably.

        The conversation is added if it is new.
        """

        def job(sql: Sql) -> None:
            insert.begin(sql, conversation, prompt, answer, self._run_id, self._now())

        await self._database.write_together(job)
        if prompt is not None:
            await self._files.sent(part.sha256 for part in prompt.files)

    async def append(self, answer_id: str, deltas: Sequence[tuple[PartKind, str]]) -> None:
        """Append to the journal of a streaming response.

        The text survives a crash of the program; after a power loss, the last seconds may be missing.

        Raises:
            ConversationUnknown: If the response was deleted.
        """
        await self._database.write_together(lambda sql: insert.append(sql, answer_id, deltas), durable=False)

    async def finish(self, message: Message, receipt: Receipt | None = None) -> None:
        """Replace a response's journal by its final state, with its receipt, durably.

        Raises:
            ConversationUnknown: If the response was deleted.
        """
        if message.status is Status.STREAMING:
            raise ValueError("an answer that is finished does not stream")
        state = row_mapping.to_json(receipt) if receipt is not None else None
        await self._database.write_together(
            lambda sql: insert.finish(sql, masked(message, self._mask.hide), self._now(), state)
        )

    async def get(self, id_or_prefix: str) -> Conversation:
        """Return a conversation with all messages, including journaled text.

        A unique prefix of the id is sufficient.

        Raises:
            ConversationUnknown: If there is no such conversation.
            ConversationAmbiguous: If several ids have the prefix.
        """

        def job(sql: Sql) -> Conversation:
            """Load and redact on the reader's thread, because an import may contain megabytes."""
            loaded = select.conversation(sql, id_or_prefix)
            # Earlier versions stored keys that a server returned in another encoding
            hide = functools.cache(self._mask.hide)
            messages = (
                each if each.problem is None and each.figures is None else masked(each, hide)
                for each in loaded.messages
            )
            return msgspec.structs.replace(loaded, messages=tuple(messages))

        return await self._database.read(job)

    async def list(
        self,
        *,
        model: ModelRef | None = None,
        connection: str | None = None,
        limit: int | None = None,
        offset: int = 0,
        trashed: bool = False,
    ) -> tuple[ConversationSummary, ...]:
        """Return conversations, most recent first, optionally of one model or connection."""
        return await self._database.read(
            lambda sql: select.summaries(
                sql, model=model, of_connection=connection, limit=limit, offset=offset, trashed=trashed
            )
        )

    async def counts(self) -> tuple[tuple[ModelRef, int], ...]:
        """Return the number of conversations by model, sorted."""
        return await self._database.read(select.counts)

    async def interrupted(self, limit: int = 50) -> tuple[ConversationSummary, ...]:
        """Return conversations that end with an interrupted response, newest first."""
        return await self._database.read(lambda sql: select.interrupted(sql, limit))

    async def rename(self, conversation_id: str, title: str) -> None:
        """Set the title.

        Raises:
            ConversationUnknown: If there is none with this id.
        """
        await self._database.write(lambda sql: insert.rename(sql, conversation_id, title))

    async def retitle(self, conversation_id: str, before: str, title: str) -> bool:
        """Replace the title if it is still `before`, and return whether it was replaced.

        Raises:
            ConversationUnknown: If there is none with this id.
        """
        return await self._database.write(lambda sql: insert.retitle(sql, conversation_id, before, title))

    async def set_current(self, conversation_id: str, message_id: str) -> None:
        """Make another message the current leaf.

        Raises:
            ConversationUnknown: If there is none with this id.
            StoreError: If the message belongs to another conversation.
        """
        await self._database.write(lambda sql: insert.set_current(sql, conversation_id, message_id))

    async def set_prompting(
        self, conversation_id: str, system: str, parameters: Parameters, tools: ToolChoice = NO_TOOLS
    ) -> None:
        """Set the system prompt, the parameters and the tools.

        Raises:
            ConversationUnknown: If there is none with this id.
        """
        await self._database.write(lambda sql: insert.set_prompting(sql, conversation_id, system, parameters, tools))

    async def pin(self, ids: Sequence[str], *, pinned: bool = True) -> None:
        """Pin or unpin conversations: all of them or, on failure, none.

        Raises:
            ConversationUnknown: If an id is unknown.
        """
        await self._database.write(lambda sql: insert.set_pinned(sql, ids, self._now() if pinned else None))

    async def archive(self, ids: Sequence[str], *, archived: bool = True) -> None:
        """Archive or unarchive conversations: all of them or, on failure, none. Archived ones can still be searched.

        Raises:
            ConversationUnknown: If an id is unknown.
        """
        await self._database.write(lambda sql: insert.set_archived(sql, ids, self._now() if archived else None))

    async def trash(self, ids: Sequence[str]) -> None:
        """Move conversations to the trash by their full ids: all of them or, on failure, none.

        Raises:
            ConversationUnknown: If an id is unknown.
        """
        await self._database.write(lambda sql: insert.set_trashed(sql, ids, self._now()))

    async def restore(self, ids: Sequence[str]) -> None:
        """Restore conversations from the trash: all of them or, on failure, none.

        Raises:
            ConversationUnknown: If an id is unknown.
        """
        await self._database.write(lambda sql: insert.set_trashed(sql, ids, None))

    async def purge(self, ids: Sequence[str], progress: purge.Progress = purge.silent) -> None:
        """Delete conversations permanently (all or, on failure, none), without a trace in the database's files.

        While another process uses the database, traces are removed later.
        """
        await purge.purge(self._database, ids, self._now(), progress, keep_votes=self._votes.outlive())
        await self._files.clear()

    async def delete_messages(self, conversation_id: str, ids: Collection[str], current: str | None) -> None:
        """Delete messages permanently, with all that follow them. `current` is the leaf that is shown then."""
        keep_votes = self._votes.outlive()
        await self._database.write(
            lambda sql: insert.delete_messages(sql, conversation_id, ids, current, keep_votes=keep_votes), scrub=True
        )
        await self._files.clear()

    async def purge_trashed(self, before: datetime) -> int:
        """Permanently delete the conversations that were trashed before a time, and return their number."""
        ids = await trashed_before(self._database, "conversations", row_mapping.to_ms(before), self._now())
        if ids:
            await self.purge(ids)
        return len(ids)

    async def states(self, ids: Sequence[str]) -> dict[str, ConversationSummary]:
        """Return the existing conversations among these full ids, even from the trash."""
        return await self._database.read(lambda sql: select.of_ids(sql, ids))

    def _now(self) -> int:
        return row_mapping.to_ms(self._clock())


def _hashes(conversations: Sequence[Conversation]) -> set[str]:
    """Return the hashes of all attachments."""
    return {part.sha256 for each in conversations for message in each.messages for part in message.files}


def masked(message: Message, hide: Callable[[str], str]) -> Message:
    """Return a message with keys redacted in its problem and in text from the server in its figures."""
    problem, figures = message.problem, message.figures
    if problem is None and figures is None:
        return message
    if problem is not None:
        problem = msgspec.structs.replace(problem, message=hide(problem.message), hint=hide(problem.hint))
    if figures is not None:
        figures = masked_figures(figures, hide)
    if problem == message.problem and figures == message.figures:
        return message
    return msgspec.structs.replace(message, problem=problem, figures=figures)


def masked_figures(figures: Figures, hide: Callable[[str], str]) -> Figures:
    """Return figures with keys redacted in their string fields."""
    names = {name: hide(text) for name in FIGURES_WORDS if (text := getattr(figures, name))}
    return msgspec.structs.replace(figures, **names)
