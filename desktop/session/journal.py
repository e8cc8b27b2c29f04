"""Storage of responses while they stream: in the store, in a store opened on first use, or nowhere."""

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
"""Maximum delay in seconds before text is written. With the write, this stays within the promised 0.5 s."""

JOURNAL_CHARS = 2048
"""Number of pending characters that triggers an immediate write."""


class Journal(Protocol):
    """Storage of responses while they stream."""

    async def begin(self, conversation: Conversation, prompt: Message | None, answer: Message) -> None:
        """Store the prompt and an empty response before the request is sent.

        Raises:
            StoreError: If it could not be stored.
        """
        ...

    async def append(self, answer_id: str, deltas: Sequence[tuple[PartKind, str]]) -> None:
        """Store more of the response.

        Raises:
            StoreError: If it could not be stored; the deltas may be passed again.
        """
        ...

    async def finish(self, message: Message, receipt: Receipt | None = None) -> None:
        """Store the finished response and its receipt.

        Raises:
            StoreError: If it could not be stored.
        """
        ...


class NoJournal:
    """Journal that stores nothing."""

    async def begin(self, conversation: Conversation, prompt: Message | None, answer: Message) -> None:
        """Do nothing."""

    async def append(self, answer_id: str, deltas: Sequence[tuple[PartKind, str]]) -> None:
        """Do nothing."""

    async def finish(self, message: Message, receipt: Receipt | None = None) -> None:
        """Do nothing."""


class LateJournal:
    """Journal that `opened` opens when the first response begins. `opened` may raise StoreError."""

    def __init__(self, opened: Callable[[], Awaitable[Journal]]) -> None:
        self._opened = opened

    async def begin(self, conversation: Conversation, prompt: Message | None, answer: Message) -> None:
        """Open the journal and store the prompt."""
        await (await self._opened()).begin(conversation, prompt, answer)

    async def append(self, answer_id: str, deltas: Sequence[tuple[PartKind, str]]) -> None:
        """Store more of the response."""
        await (await self._opened()).append(answer_id, deltas)

    async def finish(self, message: Message, receipt: Receipt | None = None) -> None:
        """Store the finished response."""
        await (await self._opened()).finish(message, receipt)


class JournalWriter:
    """Writes text with a short delay, and retries text that could not be written because the disk was full."""

    def __init__(self, journal: Journal, answer_id: str, refused: Callable[[StoreError], None]) -> None:
        self._journal = journal
        self._answer_id = answer_id
        self._tell_refused = refused
        self._pending: list[tuple[PartKind, str]] = []
        self._chars = 0
        self._some = asyncio.Event()
        self._many = asyncio.Event()
        self._written = asyncio.Event()
        self._is_writing = False
        self._refused = False
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start writing queued text."""
        self._running = asyncio.create_task(self._run(), name="journal")

    def add(self, kind: PartKind, text: str) -> None:
        """Queue more text."""
        self._pending.append((kind, text))
        self._chars += len(text)
        self._some.set()
        if self._chars >= JOURNAL_CHARS:
            self._many.set()

    async def flush(self) -> None:
        """Write queued text and wait until it is written, or until writing fails."""
        while (self._pending or self._is_writing) and not self._refused:
            self._written.clear()
            self._many.set()
            await self._written.wait()

    async def _run(self) -> None:
        while True:
            await self._some.wait()
            # Not wait_for: before Python 3.12 it loses a cancellation that coincides with the event.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(JOURNAL_INTERVAL_S):
                    await self._many.wait()
            await self._write()

    async def _write(self) -> None:
        batch, self._pending, self._chars = self._pending, [], 0
        self._some.clear()
        self._many.clear()
        self._is_writing = True
        try:
            await self._journal.append(self._answer_id, batch)
            self._refused = False
        except StoreError as error:
            self._pending[:0] = batch
            self._some.set()
            if not self._refused:
                self._refused = True
                self._tell_refused(error)
        finally:
            self._is_writing = False
            self._written.set()

    async def finish(self, message: Message, receipt: Receipt | None = None) -> None:
        """Stop writing and store the whole response, including queued text.

        Raises:
            StoreError: If it could not be stored.
        """
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait({self._running})
        await self._journal.finish(message, receipt)
