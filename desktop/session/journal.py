"""Where answers are kept while they are made: in the store, opened when something is to be kept, or nowhere."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from desktop.domain.conversation_types import Conversation, Message
from desktop.domain.message_parts import PartKind
from desktop.errors import StoreError
from desktop.receipts.receipt import Receipt

JOURNAL_INTERVAL_S = 0.25
"""Text is written at most this long after it was shown, plus the write itself; half a second is promised."""

JOURNAL_CHARS = 2048
"""So much text is written at once, without waiting for the interval."""


class Journal(Protocol):
    """Where answers are kept while they are made: the store's conversations, or nothing at all."""

    async def begin(self, conversation: Conversation, prompt: Message | None, answer: Message) -> None:
        """Keep the prompt and the empty answer before the request leaves. Raises StoreError."""
        ...

    async def append(self, answer_id: str, deltas: Sequence[tuple[PartKind, str]]) -> None:
        """Keep more of the answer. Raises StoreError; the deltas may then be given again."""
        ...

    async def finish(self, message: Message, receipt: Receipt | None = None) -> None:
        """Keep the answer as it ended, with what was sent for it. Raises StoreError."""
        ...


class NoJournal:
    """Keeps nothing: for answers that are not to be saved."""

    async def begin(self, conversation: Conversation, prompt: Message | None, answer: Message) -> None:
        """Do nothing."""

    async def append(self, answer_id: str, deltas: Sequence[tuple[PartKind, str]]) -> None:
        """Do nothing."""

    async def finish(self, message: Message, receipt: Receipt | None = None) -> None:
        """Do nothing."""


class LateJournal:
    """A journal that is opened when the first answer begins. `opened` gives it, and may raise StoreError."""

    def __init__(self, opened: Callable[[], Awaitable[Journal]]) -> None:
        self._opened = opened

    async def begin(self, conversation: Conversation, prompt: Message | None, answer: Message) -> None:
        """Open it, and keep."""
        await (await self._opened()).begin(conversation, prompt, answer)

    async def append(self, answer_id: str, deltas: Sequence[tuple[PartKind, str]]) -> None:
        """Keep more."""
        await (await self._opened()).append(answer_id, deltas)

    async def finish(self, message: Message, receipt: Receipt | None = None) -> None:
        """Keep the end."""
        await (await self._opened()).finish(message, receipt)


class JournalWriter:
    """Writes what came, a little behind; what a full disk refuses is kept and tried again."""

    def __init__(self, journal: Journal, answer_id: str, refused: Callable[[StoreError], None]) -> None:
        self._journal = journal
        self._answer_id = answer_id
        self._tell_refused = refused
        self._pending: list[tuple[PartKind, str]] = []
        self._chars = 0
        self._some = asyncio.Event()
        self._many = asyncio.Event()
        self._refused = False
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to write what is added."""
        self._running = asyncio.create_task(self._run(), name="journal")

    def add(self, kind: PartKind, text: str) -> None:
        """More to write."""
        self._pending.append((kind, text))
        self._chars += len(text)
        self._some.set()
        if self._chars >= JOURNAL_CHARS:
            self._many.set()

    async def _run(self) -> None:
        while True:
            await self._some.wait()
            # Not wait_for: before Python 3.12 it loses a cancellation that comes together with the event.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(JOURNAL_INTERVAL_S):
                    await self._many.wait()
            await self._write()

    async def _write(self) -> None:
        batch, self._pending, self._chars = self._pending, [], 0
        self._some.clear()
        self._many.clear()
        try:
            await self._journal.append(self._answer_id, batch)
            self._refused = False
        except StoreError as error:
            self._pending[:0] = batch
            self._some.set()
            if not self._refused:
                self._refused = True
                self._tell_refused(error)

    async def finish(self, message: Message, receipt: Receipt | None = None) -> None:
        """Stop writing and keep the whole answer; what was pending is part of it. Raises StoreError."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait({self._running})
        await self._journal.finish(message, receipt)
