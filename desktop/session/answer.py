"""Lifecycle of one response, which is journaled while it streams, so that a stop or crash never loses text."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from enum import Enum
from zlib import crc32

import msgspec
from msgspec import Struct

from desktop.catalog.catalog_entry import Entry, ThinkTagged
from desktop.domain.conversation_types import (
    Conversation,
    Message,
    Problem,
    Status,
    Usage,
    now,
)
from desktop.domain.events import (
    Cited,
    Event,
    Fingerprinted,
    Finished,
    Kept,
    ModelNamed,
    Notice,
    ReasoningDelta,
    RequestSent,
    RetryWait,
    Sealed,
    Sent,
    Started,
    StreamEvent,
    TextDelta,
    UsageUpdate,
)
from desktop.domain.message_parts import CitationPart, OpaquePart, Part, PartKind, ReasoningPart, TextPart
from desktop.errors import ContextTooLong, Interrupted, ParagoneError, ProviderError, StoppedByQuitting, StoreError
from desktop.providers.provider import AttachedPart, ChatRequest
from desktop.receipts.receipt import EarlierTry, Receipt, SentFile, SentFileForm
from desktop.receipts.references import digest_of, referred
from desktop.session.answer_bounds import AnswerBounds
from desktop.session.answer_figures import ReplyFacts, Stopwatch, estimated_usage, figures, with_earlier
from desktop.session.charge import Charge, charge_of, most_output
from desktop.session.history import shorten
from desktop.session.journal import Journal, JournalWriter
from desktop.session.think_tags import ThinkTags, closed_only
from desktop.system.log import logger
from desktop.text.phrases import counted, phrase

_MOST_TRIES = 20


class ReceiptWriter:
    """Builds the receipt of one response while its request is sent.

    Args:
        request: Request that is being sent.
        own: The conversation's messages in the request; the receipt refers to them instead of storing their texts.
        program: Version of Paragone.
    """

    def __init__(self, request: ChatRequest, own: Sequence[Message], program: str = "") -> None:
        self._request = request
        self._own = own
        self._program = program
        self.receipt: Receipt | None = None
        self._tries: list[EarlierTry] = []
        self._said = ""

    def takes(self, event: StreamEvent) -> bool:
        """Record an event and return whether only the receipt needs it."""
        match event:
            case TextDelta() | ReasoningDelta():  # thousands, and nothing to note
                return False
            case RequestSent():
                self._begin(event)
                return True
            case RetryWait():
                self._add_try(event.reason, event.wait_s)
                self._said = ""
            case Notice():
                self._said = event.message
            case Started():
                self._set(answered=event.headers, server_model=event.model or "")
            case ModelNamed():
                self._set(server_model=event.model)
            case Fingerprinted():
                self._set(fingerprint=event.fingerprint)
                return True
            case _:
                pass
        return False

    def sends_instead(self, request: ChatRequest, why: str) -> None:
        """Replace the request after the server rejected the first one; `why` is the reason."""
        self._request = request
        self._said = why

    def _begin(self, sent: RequestSent) -> None:
        if self.receipt is not None and self._said:  # refused, and sent otherwise at once
            self._add_try(self._said, 0.0)
        self._said = ""
        ids = {each.text: each.id for each in self._own}
        said = (each.text if each.said is None else each.said for each in self._request.messages)
        texts = [(ids[text], text) for text in said if text in ids]
        files = dict(self._files())
        stored = referred(sent.body, texts, {text: file.digest for text, file in files.items()})
        self.receipt = Receipt(
            at=now(),
            program=self._program,
            wire=sent.wire,
            url=sent.url,
            headers=sent.headers,
            body=stored.body.decode(),
            mark=stored.mark,
            check=crc32(sent.body),
            files=tuple(each for each in files.values() if each.digest.encode() in stored.body),
            tries=tuple(self._tries),
        )

    def _add_try(self, reason: str, wait_s: float) -> None:
        self._tries = [*self._tries, EarlierTry(reason=reason, wait_s=wait_s)][-_MOST_TRIES:]

    def _files(self) -> Iterator[tuple[str, SentFile]]:
        """Yield the files that may appear in the body, each with the text that identifies it."""
        for message in self._request.messages:
            for quoted in message.quoted:
                yield quoted.text, quoted.origin
            for part in message.attached:
                if part.data:
                    yield part.data, part.origin or _unknown(part, part.data)
                if part.text:
                    yield part.text, part.text_origin or _unknown(part, part.text)

    def _set(self, **facts: object) -> None:
        if self.receipt is not None:
            self.receipt = msgspec.structs.replace(self.receipt, **facts)


def _unknown(part: AttachedPart, text: str) -> SentFile:
    """Return an entry for a part of unknown origin, whose file is not stored and cannot be restored."""
    return SentFile(
        digest=digest_of(text), sha256="", media_type=part.media_type, name=part.name, form=SentFileForm.BYTES
    )


_log = logger("session")

Stream = Callable[[ChatRequest], AsyncGenerator[StreamEvent]]
"""Sends a request and yields its events. Raises Paragone's errors."""


class AnswerState(Enum):
    """State of a response. The last five are message statuses."""

    WAITING = "waiting"  # nothing of the answer has come yet
    STREAMING = "streaming"  # text or reasoning is coming
    COMPLETE = "complete"  # a finish reason was seen
    STOPPED = "stopped"  # the user stopped it
    FAILED = "failed"  # the server or the way to it failed
    INTERRUPTED = "interrupted"  # the stream ended without a finish reason, or the program is quitting


class AnswerTask(Struct, frozen=True, kw_only=True):
    """Input for a response.

    `answer` is its message before any text has arrived; it contains the text to continue, if any. `prompt` is None if
    the prompt is already stored, that is, for another response to it. `left_out` is the number of turns that did not
    fit. `broken` is the interrupted response being continued. `unnamed` keeps the model name out of logs (blind
    rounds). `program` is Paragone's version, for the receipt.
    """

    conversation: Conversation
    prompt: Message | None
    answer: Message
    request: ChatRequest
    entry: Entry
    left_out: int = 0
    broken: Message | None = None
    unnamed: bool = False
    program: str = ""


class Answer:
    """A response being generated. Call `run` once; `stop` may be called on the same event loop at any time.

    `kept` is false if the final write failed because the disk is full; the caller then retries. `charge` is what the
    response counts towards caps and budgets; None until the response ends, or if nothing arrived.

    Args:
        opened: Returns the function that sends the request; may raise the same errors as the request itself.
        listener: Receives each event immediately; it must be quick and must not raise.
    """

    def __init__(
        self,
        task: AnswerTask,
        journal: Journal,
        opened: Callable[[], Awaitable[Stream]],
        *,
        listener: Callable[[Event], None] = lambda _event: None,
        find_entry: Callable[[str], Entry | None] = lambda _name: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.state = AnswerState.WAITING
        self.usage: Usage | None = None
        self.charge: Charge | None = None
        self.kept = False
        self._task = task
        self._journal = journal
        self._listener = listener
        self._find_entry = find_entry
        self._clock = clock
        self._opened = opened
        self._message = task.answer
        self._text: list[str] = [task.answer.text]
        self._reasoning: list[str] = [task.answer.reasoning]
        self._beside = [part for part in task.answer.parts if isinstance(part, CitationPart)]
        self._sealed: list[OpaquePart] = []
        self._bounds = AnswerBounds("".join((*self._text, *self._reasoning)))
        self._think = None if task.answer.parts else ThinkTags()
        self._watch = Stopwatch()
        self._wire = ReplyFacts()
        self._entry = task.entry
        self._writer = JournalWriter(journal, self._message.id, lambda error: self._tell(_notice(error)))
        self._reader: asyncio.Task[None] | None = None
        self._stopped: AnswerState | None = None
        own = (*task.conversation.messages, task.prompt) if task.prompt is not None else task.conversation.messages
        self._receipt = ReceiptWriter(task.request, own, task.program)

    @property
    def receipt(self) -> Receipt | None:
        """Receipt of the last request; None if no server was reached."""
        return self._receipt.receipt

    @property
    def message(self) -> Message:
        """Message with the text received so far."""
        parts = _parts("".join(self._text), "".join(self._reasoning))
        return msgspec.structs.replace(self._message, parts=(*parts, *self._beside))

    async def run(self) -> Message:
        """Generate the response and return it with its final status and problem. Server errors are not raised.

        If the calling task is cancelled, the response is stored as interrupted and the cancellation propagates.

        Raises:
            StoreError: If the prompt could not be stored; nothing was sent.
        """
        await self._journal.begin(self._task.conversation, self._task.prompt, self._message)
        self._tell(Kept())
        if self._task.left_out:
            self._tell(_left_out_notice(self._task.left_out))
        if self._stopped:
            return await self._end(self._stopped, self._quit_problem)
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
            await self._end(AnswerState.FAILED, Problem(code="internal", message=phrase("Internal error in Paragone.")))
            raise

    def stop(self, *, interrupts: bool = False) -> None:
        """Stop generating. Has no effect after the end.

        The connection closes immediately, and the text so far is stored.

        Args:
            interrupts: Whether Paragone is quitting; the response is then stored as interrupted.
        """
        self._stopped = AnswerState.INTERRUPTED if interrupts else AnswerState.STOPPED
        if self._reader is not None:
            self._reader.cancel()

    @property
    def _quit_problem(self) -> Problem | None:
        """Problem shown for a response that quitting interrupted."""
        if self._stopped is not AnswerState.INTERRUPTED:
            return None
        return _problem(StoppedByQuitting(phrase("This response was stopped when Paragone quit.")))

    def hurry(self) -> None:
        """Send a waiting retry immediately and restart the time measurement."""
        hurried = self._task.request.hurry
        if hurried is not None and (self._watch.sent or 0.0) > self._clock():
            self._watch.sent = self._clock()
            hurried.set()

    async def _outcome(self, reader: asyncio.Task[None]) -> tuple[AnswerState, Problem | None]:
        try:
            await reader
        except asyncio.CancelledError:
            if not reader.cancelled():
                raise
            return self._stopped or AnswerState.STOPPED, self._quit_problem
        except Interrupted as error:
            return AnswerState.INTERRUPTED, _problem(error)
        except ParagoneError as error:
            model = "a model of a blind round" if self._task.unnamed else self._message.model
            _log.warning("%s failed: %s", model, error.code)
            return AnswerState.FAILED, _problem(error)
        return AnswerState.COMPLETE, None

    async def _read(self) -> None:
        """Read the stream to its end. Nothing is awaited between events, so that cancellation loses no event."""
        stream = await self._opened()
        request, left_out = self._task.request, self._task.left_out
        while True:
            self._watch.sent = self._clock()
            self._tell(Sent())
            try:
                async with aclosing(stream(request)) as events:
                    async for event in events:
                        if not self._receipt.takes(event):
                            self._take(event)
                        if self._stopped:
                            await asyncio.sleep(0)  # it ends here, however much more has come already
                break
            except ContextTooLong:
                shorter = None if request.exact is not None else shorten(request.messages)
                if shorter is None or self.state is AnswerState.STREAMING:
                    raise
                left_out += shorter.left_out
                request = msgspec.structs.replace(request, messages=shorter.messages)
                notice = _left_out_notice(left_out)
                self._receipt.sends_instead(request, notice.message)
                self._tell(notice)
        if self._wire.finish_reason is None:
            raise Interrupted(phrase("The response was interrupted."))

    def _take(self, event: StreamEvent) -> None:
        match event:
            case TextDelta(text=text) if self._think is not None and self._entry.think_tags is not ThinkTagged.OFF:
                self._take_told_apart(self._think.feed(text))
                if self._think.is_settled:
                    self._think = None
                return
            case TextDelta(text=text):
                self._delta(PartKind.TEXT, text, self._text)
            case ReasoningDelta(text=text, summary=summary):
                self._wire.summarised = self._wire.summarised or summary
                self._delta(PartKind.REASONING, text, self._reasoning)
            case Cited() | Sealed():
                self._set_aside(event)
            case UsageUpdate(usage=usage):
                self.usage = usage
            case RetryWait(wait_s=wait_s):
                self._watch.sent = self._clock() + wait_s  # then it is sent again: what it waits is not the model's
            case Started():
                self._wire.request_id, self._wire.headers = event.request_id, event.headers
                self._wire.wire = event.wire
                self._named(event.model)
            case ModelNamed(model=model):
                self._named(model)
            case Finished(reason=reason, word=word):
                self._wire.finish_reason, self._wire.finish_word = reason, word
            case Notice() if not self._bounds.admits(event):
                return
            case _:
                pass
        self._tell(event)

    def _take_told_apart(self, events: Sequence[TextDelta | ReasoningDelta]) -> None:
        """Append events in which reasoning and text have been separated."""
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

    def _set_aside(self, event: Cited | Sealed) -> None:
        """Store a citation, or sealed reasoning that the server needs for later tool calls."""
        if isinstance(event, Cited):
            self._beside.append(CitationPart(url=event.url, title=event.title))
            return
        self._bounds.grow(event.data)
        self._sealed.append(OpaquePart(wire=self._wire.wire or "", model=self._task.request.model, data=event.data))

    def _named(self, model: str | None) -> None:
        if model and self._wire.model != model:
            self._wire.model = model
            # Deployment names are arbitrary; the model name the server reports determines the price.
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
        if not reasoning and not self._task.answer.parts and self._entry.think_tags is not ThinkTagged.OFF:
            reasoning, text = closed_only(text)
        self._count(text, reasoning)
        # Other providers never need it back, and it may be larger than the response
        sealed = self._sealed if self._wire.finish_reason == "tool_calls" else ()
        message = msgspec.structs.replace(
            self._message,
            parts=(*_parts(text, reasoning), *self._beside, *sealed),
            status=Status(state.value),
            usage=self.usage,
            figures=figures(self._watch, self._wire, self.usage, self._entry),
            problem=problem,
        )
        if self._task.broken is not None:
            message = with_earlier(message, self._task.broken)
        try:
            await asyncio.shield(self._writer.finish(message, self.receipt))
            self.kept = True
        except StoreError as error:
            self._tell(_notice(error))
        self.state = state
        return message

    def _count(self, text: str, reasoning: str) -> None:
        """Count tokens locally, since the server may not report usage."""
        has_come = bool(text or reasoning) and self._watch.first is not None
        if not has_come and self.usage is None:
            return
        messages = self._task.request.messages
        own = estimated_usage(
            "\n".join(message.text for message in messages),
            text[len(self._task.answer.text) :],
            reasoning[len(self._task.answer.reasoning) :],
            sum(part.tokens for message in messages for part in message.attached),
        )
        most = most_output(self._task.request.parameters.values, self._task.entry)
        self.charge = charge_of(self.usage, own, self._task.entry, self._entry, most)
        # A proxy that does not count reports 0
        if has_come and (self.usage is None or self.usage.output_tokens == 0):
            self.usage = own


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
