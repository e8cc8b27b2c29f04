"""One answer from its prompt to its end: journaled while it streams, stopped or broken at any moment, never lost."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import msgspec

from desktop.catalog.catalog_entry import Entry, ThinkTagged
from desktop.domain import (
    Conversation,
    Message,
    ModelRef,
    Part,
    PartKind,
    Problem,
    ReasoningPart,
    Role,
    Status,
    TextPart,
    Usage,
    new_id,
    now,
)
from desktop.errors import ContextTooLong, Interrupted, ParagoneError, ProviderError, StoreError
from desktop.events import (
    Event,
    Finished,
    ModelNamed,
    Notice,
    ReasoningDelta,
    Started,
    TextDelta,
    UsageUpdate,
)
from desktop.log import logger
from desktop.phrases import counted, phrase
from desktop.providers.provider import ChatRequest, Provider
from desktop.session.answer_bounds import AnswerBounds
from desktop.session.answer_figures import ReplyFacts, Stopwatch, estimated_usage, figures
from desktop.session.history import shorten
from desktop.session.think_tags import ThinkTags

_log = logger("session")

JOURNAL_INTERVAL_S = 0.25
"""Text is written at most this long after it was shown, plus the write itself; half a second is promised."""

JOURNAL_CHARS = 2048
"""So much text is written at once, without waiting for the interval."""


class AnswerState(Enum):
    """Where an answer is. The last five are its message's status."""

    WAITING = "waiting"  # nothing of the answer has come yet
    STREAMING = "streaming"  # text or reasoning is coming
    COMPLETE = "complete"  # a finish reason was seen
    STOPPED = "stopped"  # the user stopped it
    FAILED = "failed"  # the server or the way to it failed
    INTERRUPTED = "interrupted"  # the stream ended without a finish reason, or the program is quitting


class Journal(Protocol):
    """Where answers are kept while they are made: the store's conversations, or nothing at all."""

    async def begin(self, conversation: Conversation, prompt: Message | None, answer: Message) -> None:
        """Keep the prompt and the empty answer before the request leaves. Raises StoreError."""
        ...

    async def append(self, answer_id: str, deltas: Sequence[tuple[PartKind, str]]) -> None:
        """Keep more of the answer. Raises StoreError; the deltas may then be given again."""
        ...

    async def finish(self, message: Message) -> None:
        """Keep the answer as it ended. Raises StoreError."""
        ...


class NoJournal:
    """Keeps nothing: for answers that are not to be saved."""

    async def begin(self, conversation: Conversation, prompt: Message | None, answer: Message) -> None:
        """Do nothing."""

    async def append(self, answer_id: str, deltas: Sequence[tuple[PartKind, str]]) -> None:
        """Do nothing."""

    async def finish(self, message: Message) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTask:
    """What an answer is made from. `open` gives the provider; it may fail like the request itself.

    `prefix` is text the answer begins with, when an interrupted one is continued. `prompt` is None where the prompt is
    already kept (another answer to it). `left_out` counts the turns that did not fit.
    """

    conversation: Conversation
    prompt: Message | None
    parent: str | None
    model: ModelRef
    request: ChatRequest
    entry: Entry
    open: Callable[[], Awaitable[Provider]]
    prefix: tuple[Part, ...] = ()
    left_out: int = 0


class Answer:
    """An answer in the making. `run` it once; `stop` it from the same loop at any time.

    `kept` says whether its end is in the journal; where a full disk refused it, it is the caller's to try again.

    `listener` gets each event at once; it must be quick and must not raise.
    """

    def __init__(
        self,
        task: AnswerTask,
        journal: Journal,
        *,
        listener: Callable[[Event], None] = lambda _event: None,
        find_entry: Callable[[str], Entry | None] = lambda _name: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.state = AnswerState.WAITING
        self.usage: Usage | None = None
        self.kept = False
        self._task = task
        self._journal = journal
        self._listener = listener
        self._find_entry = find_entry
        self._clock = clock
        self._message = Message(
            id=new_id(),
            parent=task.prompt.id if task.prompt else task.parent,
            role=Role.ASSISTANT,
            parts=task.prefix,
            status=Status.STREAMING,
            created_at=now(),
            model=task.model,
        )
        self._text: list[str] = [part.text for part in task.prefix if isinstance(part, TextPart)]
        self._reasoning: list[str] = [part.text for part in task.prefix if isinstance(part, ReasoningPart)]
        self._bounds = AnswerBounds("".join((*self._text, *self._reasoning)))
        self._think = None if task.prefix else ThinkTags()
        self._watch = Stopwatch()
        self._wire = ReplyFacts()
        self._entry = task.entry
        self._writer = _JournalWriter(journal, self._message.id, self._tell)
        self._reader: asyncio.Task[None] | None = None
        self._stopped = False

    @property
    def id(self) -> str:
        """The message's id, from the start."""
        return self._message.id

    async def run(self) -> Message:
        """Make the answer and return it as it ended, with its status and problem; a server's errors are not raised.

        Raises StoreError where the prompt could not be kept: then nothing was sent. When the calling task is cancelled,
        the answer is kept as interrupted and the cancellation goes on.
        """
        await self._journal.begin(self._task.conversation, self._task.prompt, self._message)
        if self._task.left_out:
            self._tell(_left_out_notice(self._task.left_out))
        if self._stopped:
            return await self._end(AnswerState.STOPPED, None)
        self._reader = asyncio.create_task(self._read(), name="answer")
        self._writer.start()
        try:
            await asyncio.wait({self._reader})
            state, problem = await self._outcome(self._reader)
            return await self._end(state, problem)
        except asyncio.CancelledError:
            self._reader.cancel()
            await asyncio.wait({self._reader})
            await self._end(AnswerState.INTERRUPTED, None)
            raise
        except Exception:
            await self._end(
                AnswerState.FAILED, Problem(code="internal", message=phrase("An error in Paragone itself."))
            )
            raise

    def stop(self) -> None:
        """Stop: the server sees it at once, the text so far is kept. Harmless when the answer has ended."""
        self._stopped = True
        if self._reader is not None:
            self._reader.cancel()

    async def _outcome(self, reader: asyncio.Task[None]) -> tuple[AnswerState, Problem | None]:
        try:
            await reader
        except asyncio.CancelledError:
            if not reader.cancelled():
                raise
            return AnswerState.STOPPED, None
        except Interrupted as error:
            return AnswerState.INTERRUPTED, _problem(error)
        except ParagoneError as error:
            _log.warning("%s failed: %s", self._task.model, error.code)
            return AnswerState.FAILED, _problem(error)
        return AnswerState.COMPLETE, None

    async def _read(self) -> None:
        """Read the stream to its end; nothing is awaited between events, or the network would drop bytes."""
        provider = await self._task.open()
        request, left_out = self._task.request, self._task.left_out
        while True:
            self._watch.sent = self._clock()
            try:
                async with aclosing(provider.stream(request)) as events:
                    async for event in events:
                        self._take(event)
                break
            except ContextTooLong:
                shorter = shorten(request.messages)
                if shorter is None or self.state is AnswerState.STREAMING:
                    raise
                left_out += shorter.left_out
                request = msgspec.structs.replace(request, messages=shorter.messages)
                self._tell(_left_out_notice(left_out))
        if self._wire.finish_reason is None:
            raise Interrupted(phrase("The answer broke off before its end."))

    def _take(self, event: Event) -> None:
        match event:
            case TextDelta(text=text) if self._think is not None and self._entry.think_tags is not ThinkTagged.OFF:
                self._take_told_apart(self._think.feed(text))
                return
            case TextDelta(text=text):
                self._delta(PartKind.TEXT, text, self._text)
            case ReasoningDelta(text=text):
                self._delta(PartKind.REASONING, text, self._reasoning)
            case UsageUpdate(usage=usage):
                self.usage = usage
            case Started():
                self._wire.request_id, self._wire.headers = event.request_id, event.headers
                self._named(event.model)
            case ModelNamed(model=model):
                self._named(model)
            case Finished(reason=reason):
                self._wire.finish_reason = reason
            case Notice() if not self._bounds.admits(event):
                return
            case _:
                pass
        self._tell(event)

    def _take_told_apart(self, events: Sequence[TextDelta | ReasoningDelta]) -> None:
        """Take what of a text is the answer and what is reasoning."""
        for event in events:
            if isinstance(event, TextDelta):
                self._delta(PartKind.TEXT, event.text, self._text)
            else:
                self._delta(PartKind.REASONING, event.text, self._reasoning)
            self._tell(event)

    def _delta(self, kind: PartKind, text: str, into: list[str]) -> None:
        self._bounds.grow(text)
        self.state = AnswerState.STREAMING
        self._watch.token(self._clock(), reasoning=kind is PartKind.REASONING)
        into.append(text)
        self._writer.add(kind, text)

    def _named(self, model: str | None) -> None:
        if model and self._wire.model != model:
            self._wire.model = model
            # A deployment may be called anything: what the server says it is knows the price.
            self._entry = self._find_entry(model) or self._entry

    def _tell(self, event: Event) -> None:
        self._listener(event)

    async def _end(self, state: AnswerState, problem: Problem | None) -> Message:
        self._watch.ended = self._clock()
        if self._think is not None:
            self._take_told_apart(self._think.finish())
        if (left_out := self._bounds.left_out()) is not None:
            self._tell(left_out)
        text, reasoning = "".join(self._text), "".join(self._reasoning)
        if self.usage is None and (text or reasoning) and self._watch.first is not None:
            sent = "\n".join(message.text for message in self._task.request.messages)
            new = text[sum(len(part.text) for part in self._task.prefix if isinstance(part, TextPart)) :]
            self.usage = estimated_usage(sent, new, reasoning)
        message = msgspec.structs.replace(
            self._message,
            parts=_parts(text, reasoning),
            status=Status(state.value),
            usage=self.usage,
            figures=figures(self._watch, self._wire, self.usage, self._entry),
            problem=problem,
        )
        try:
            await asyncio.shield(self._writer.finish(message))
            self.kept = True
        except StoreError as error:
            self._tell(_notice(error))
        self.state = state
        return message


class _JournalWriter:
    """Writes what came, a little behind; what a full disk refuses is kept and tried again."""

    def __init__(self, journal: Journal, answer_id: str, tell: Callable[[Event], None]) -> None:
        self._journal = journal
        self._answer_id = answer_id
        self._tell = tell
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
                self._tell(_notice(error))

    async def finish(self, message: Message) -> None:
        """Stop writing and keep the whole answer; what was pending is part of it. Raises StoreError."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait({self._running})
        await self._journal.finish(message)


def _parts(text: str, reasoning: str) -> tuple[Part, ...]:
    parts: list[Part] = []
    if reasoning:
        parts.append(ReasoningPart(text=reasoning))
    if text:
        parts.append(TextPart(text=text))
    return tuple(parts)


def _problem(error: ParagoneError) -> Problem:
    wait = error.retry_after_s if isinstance(error, ProviderError) else None
    return Problem(code=error.code, message=error.message, hint=error.hint, retry_after_s=wait)


def _left_out_notice(turns: int) -> Notice:
    return Notice(
        code="history_left_out",
        message=counted(
            "The oldest turn was left out: the conversation no longer fits in the model's context window.",
            "The {n} oldest turns were left out: the conversation no longer fits in the model's context window.",
            turns,
        ),
    )


def _notice(error: ParagoneError) -> Notice:
    return Notice(code=error.code, message=phrase("{message} {hint}", message=error.message, hint=error.hint))
