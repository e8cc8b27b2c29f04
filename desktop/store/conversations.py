"""Conversations as the rest of the program keeps and finds them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

import msgspec

from desktop.domain.conversation_types import (
    FIGURES_WORDS,
    Conversation,
    ConversationSummary,
    Figures,
    Message,
    ModelRef,
    Parameters,
    Status,
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
    """The conversations of one database. Every method raises StoreError's tree.

    Text that UTF-8 cannot hold (a lone half of a surrogate pair) is kept as U+FFFD; all else comes back as it was.
    Where a method raises, nothing of it was done: it can be called again as it was.
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
        """Keep a whole conversation, as an import brings it; times stay as they are.

        False where one with this id is there already, in the trash too: it is left as it is. A streaming message
        is kept as interrupted. Raises StoreError where its messages are no tree, parents first.
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
        """Keep several as `create` does, all that are new or none, some of them pinned, archived or tagged, by id.

        The ids of those that were not there. Raises as `create`.
        """

        def job(sql: Sql) -> frozenset[str]:
            """In one transaction: marks and tags are put only on what was new."""
            added = frozenset(each.id for each in conversations if insert.insert(sql, each))
            insert.set_pinned(sql, sorted(added.intersection(pinned)), self._now())
            insert.set_archived(sql, sorted(added.intersection(archived)), self._now())
            tagging.put_all(sql, {id_: names for id_, names in tags.items() if id_ in added})
            return added

        added = await self._database.write(job)
        await self._files.sent(_hashes([each for each in conversations if each.id in added]))
        return added

    async def begin(self, conversation: Conversation, prompt: Message | None, answer: Message) -> None:
        """Keep a prompt (None to answer an old one anew) and its answer as streaming: on the disk on return.

        A conversation that is not there yet is kept with the messages it has; one in the trash is taken out. The
        answer becomes the current leaf. Calling it again with the same answer does nothing. Raises
        StoreError where a parent is not in the conversation.
        """

        def job(sql: Sql) -> None:
            """On the writer's thread, in one transaction."""
            insert.begin(sql, conversation, prompt, answer, self._run_id, self._now())

        await self._database.write_together(job)
        if prompt is not None:
            await self._files.sent(part.sha256 for part in prompt.files)

    async def append(self, answer_id: str, deltas: Sequence[tuple[PartKind, str]]) -> None:
        """Journal more of a streaming answer: it survives the process, and power loss within seconds.

        Raises ConversationUnknown where the answer is not streaming or was purged meanwhile.
        """
        await self._database.write_together(lambda sql: insert.append(sql, answer_id, deltas), durable=False)

    async def finish(self, message: Message, receipt: Receipt | None = None) -> None:
        """Keep an answer's final parts, status and facts in the place of its journal, with its receipt: on the disk.

        Raises ConversationUnknown where it was purged meanwhile, ValueError where it still streams.
        """
        if message.status is Status.STREAMING:
            raise ValueError("an answer that is finished does not stream")
        state = row_mapping.to_json(receipt) if receipt is not None else None
        await self._database.write_together(
            lambda sql: insert.finish(sql, masked(message, self._mask.hide), self._now(), state)
        )

    async def get(self, id_or_prefix: str) -> Conversation:
        """A conversation with its whole tree, streaming answers as far as they are journaled.

        The beginning of an id is enough where it is the only one; in the trash only a whole id finds. Parts of a
        kind that this version does not know are left out. Raises ConversationUnknown, ConversationAmbiguous.
        """

        def job(sql: Sql) -> Conversation:
            """On the reader's thread: an import may bring megabytes of what seems to be spelled."""
            found = select.conversation(sql, id_or_prefix)
            # Earlier versions kept keys that a server gave back in another spelling
            hide = functools.cache(self._mask.hide)
            messages = (
                each if each.problem is None and each.figures is None else masked(each, hide) for each in found.messages
            )
            return msgspec.structs.replace(found, messages=tuple(messages))

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
        """Conversations, those spoken to last first; of one model or connection, or those in the trash."""
        return await self._database.read(
            lambda sql: select.summaries(
                sql, model=model, of_connection=connection, limit=limit, offset=offset, trashed=trashed
            )
        )

    async def counts(self) -> tuple[tuple[ModelRef, int], ...]:
        """How many conversations each model has, sorted by model."""
        return await self._database.read(select.counts)

    async def interrupted(self, limit: int = 50) -> tuple[ConversationSummary, ...]:
        """Conversations whose current leaf is an interrupted answer, newest first."""
        return await self._database.read(lambda sql: select.interrupted(sql, limit))

    async def rename(self, conversation_id: str, title: str) -> None:
        """Set the title. Raises ConversationUnknown."""
        await self._database.write(lambda sql: insert.rename(sql, conversation_id, title))

    async def retitle(self, conversation_id: str, before: str, title: str) -> bool:
        """Set the title where it still is `before`, and say whether it was. Raises ConversationUnknown."""
        return await self._database.write(lambda sql: insert.retitle(sql, conversation_id, before, title))

    async def set_current(self, conversation_id: str, message_id: str) -> None:
        """Show another leaf. Raises ConversationUnknown, and StoreError for a message of another conversation."""
        await self._database.write(lambda sql: insert.set_current(sql, conversation_id, message_id))

    async def set_prompting(self, conversation_id: str, system: str, parameters: Parameters) -> None:
        """Set the system prompt and the parameters. Raises ConversationUnknown."""
        await self._database.write(lambda sql: insert.set_prompting(sql, conversation_id, system, parameters))

    async def pin(self, ids: Sequence[str], *, pinned: bool = True) -> None:
        """Pin conversations to the top of lists, or take them from there, all or none. Raises ConversationUnknown."""
        await self._database.write(lambda sql: insert.set_pinned(sql, ids, self._now() if pinned else None))

    async def archive(self, ids: Sequence[str], *, archived: bool = True) -> None:
        """Put conversations into the archive, or take them out, all or none. Raises ConversationUnknown.

        Archived ones are searched and listed as any other; whoever shows a list may leave them out.
        """
        await self._database.write(lambda sql: insert.set_archived(sql, ids, self._now() if archived else None))

    async def trash(self, ids: Sequence[str]) -> None:
        """Move conversations to the trash, all or none; whole ids. Raises ConversationUnknown."""
        await self._database.write(lambda sql: insert.set_trashed(sql, ids, self._now()))

    async def restore(self, ids: Sequence[str]) -> None:
        """Take conversations out of the trash, all or none. Raises ConversationUnknown."""
        await self._database.write(lambda sql: insert.set_trashed(sql, ids, None))

    async def purge(self, ids: Sequence[str], progress: purge.Progress = purge.silent) -> None:
        """Delete conversations, all or none, in the trash or not, without a trace in the database's files.

        While another process reads the database its log is emptied later, after the next write or at the end.
        Backups keep what they hold. Votes on their answers go too, unless the user wants them to stay. Raises
        ConversationUnknown.
        """
        await purge.purge(self._database, ids, self._now(), progress, keep_votes=self._votes.outlive())
        await self._files.clear()

    async def purge_trashed(self, before: datetime) -> int:
        """Delete as `purge` does what was moved to the trash before a time; how many conversations they were."""
        ids = await trashed_before(self._database, "conversations", row_mapping.to_ms(before), self._now())
        if ids:
            await self.purge(ids)
        return len(ids)

    async def states(self, ids: Sequence[str]) -> dict[str, ConversationSummary]:
        """Those of some conversations, by their whole ids, that are there, in the trash too."""
        return await self._database.read(lambda sql: select.of_ids(sql, ids))

    def _now(self) -> int:
        return row_mapping.to_ms(self._clock())


def _hashes(conversations: Sequence[Conversation]) -> set[str]:
    """Of all files that are attached in them."""
    return {part.sha256 for each in conversations for message in each.messages for part in message.files}


def masked(message: Message, hide: Callable[[str], str]) -> Message:
    """Return a message without keys in its problem and in the names in its figures, which a server may have sent."""
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
    """Return figures without keys in their names."""
    names = {name: hide(text) for name in FIGURES_WORDS if (text := getattr(figures, name))}
    return msgspec.structs.replace(figures, **names)
