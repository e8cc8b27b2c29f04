"""Lifecycle of one response, which is journaled while it streams, so that a stop or crash never loses text."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from enum import Enum

import msgspec
from msgspec import Struct

from desktop.catalog.catalog_entry import Entry, ThinkTagged
from desktop.domain.conversation_types import Conversation, Figures, Message, Problem, Status, Usage
from desktop.domain.events import (
    Cited,
    Event,
    Finished,
    Kept,
    ModelNamed,
    Notice,
    ProviderToolUsed,
    ReasoningDelta,
    RetryWait,
    Sealed,
    Sent,
    Started,
    StreamEvent,
    TextDelta,
    ToolAnswered,
    ToolCalled,
    ToolRequested,
    ToolWaiting,
    UsageUpdate,
)
from desktop.domain.message_parts import (
    CitationPart,
    OpaquePart,
    PartKind,
    ToolCallPart,
    ToolResultPart,
    ToolStatus,
    whole_calls,
)
from desktop.errors import (
    ContextTooLong,
    Interrupted,
    ParagoneError,
    PromptHeld,
    ProviderError,
    StoppedByQuitting,
    StoreError,
)
from desktop.providers.provider import ChatRequest
from desktop.receipts.receipt import Receipt
from desktop.session.answer_bounds import AnswerBounds
from desktop.session.answer_content import AnswerContent
from desktop.session.answer_figures import ReplyFacts, Stopwatch, estimated_usage, figures, with_earlier
from desktop.session.charge import Charge, UsageTally, most_output
from desktop.session.history import shorten
from desktop.session.journal import Journal, JournalWriter
from desktop.session.receipt_writer import ReceiptWriter
from desktop.session.think_tags import ThinkTags, closed_only
from desktop.system.log import logger
from desktop.text.phrases import counted, phrase
from desktop.tools.tool_runner import ToolRunner

TOOL_CALLS = "tool_calls"
"""Finish reason of a response whose model waits for the results of its calls."""

PAUSE = "pause"
"""Finish reason of a response that the provider paused during its own tools; it is sent back to continue."""

_MOST_PAUSES = 10

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
    rounds). `program` is Paragone's version, for the receipt. `tools` runs the tools that the request offers.
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
    tools: ToolRunner | None = None


class Answer:
    """A response being generated. Call `run` once; `stop` may be called on the same event loop at any time.

    A response is a loop of rounds: the model's text, the tools that it calls, and the next request with their results.

    `kept` is false if the final write failed because the disk is full; the caller then retries. `charge` is what the
    response counts towards caps and budgets; None until the response ends, or if nothing arrived.

    Args:
        opened: Returns the function that sends the request; may raise the same errors as the request itself.
        listener: Receives each event immediately; it must be quick and must not raise.
        admit: Called before each further request with the cost so far; raises PromptHeld if it may not be sent.
    """

    def __init__(
        self,
        task: AnswerTask,
        journal: Journal,
        opened: Callable[[], Awaitable[Stream]],
        *,
        listener: Callable[[Event], None] = lambda _event: None,
        find_entry: Callable[[str], Entry | None] = lambda _name: None,
        admit: Callable[[float | None], Awaitable[None]] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.state = AnswerState.WAITING
        self.charge: Charge | None = None
        self.kept = False
        self._task = task
        self._journal = journal
        self._listener = listener
        self._find_entry = find_entry
        self._admit = admit
        self._clock = clock
        self._opened = opened
        self._message = task.answer
        self._content = AnswerContent(task.answer.parts)
        self._requested: list[ToolRequested] = []
        self._bounds = AnswerBounds(task.answer.text + task.answer.reasoning)
        self._think = None if task.answer.parts else ThinkTags()
        self._watch = Stopwatch()
        self._wire = ReplyFacts()
        self._entry = task.entry
        self._tally = UsageTally()
        self._retry_at = 0.0
        self._request = task.request
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
    def usage(self) -> Usage | None:
        """Token usage of all rounds so far."""
        return self._tally.usage

    @property
    def message(self) -> Message:
        """Message with the text received so far."""
        return msgspec.structs.replace(self._message, parts=self._content.parts())

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

        The connection closes immediately, and the text so far is stored. Running tool calls are canceled.

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
        if hurried is not None and self._retry_at > self._clock():
            self._watch.send(self._clock())
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
        """Request and read round after round until the model calls no more tools."""
        stream = await self._opened()
        while True:
            await self._read_round(stream)
            is_last = await self._call_tools()
            if is_last:
                break
            self._request = self._next_request()
            self._receipt.sends_next(self._request)
            self._begin_round()
        self._tell(Finished(reason=self._wire.finish_reason or "", word=self._wire.finish_word))

    async def _read_round(self, stream: Stream) -> None:
        """Read one stream to its end. Nothing is awaited between events, so that cancellation loses no event."""
        left_out = self._task.left_out
        self._wire.finish_reason = None
        while True:
            self._watch.send(self._clock())
            self._tell(Sent())
            try:
                async with aclosing(stream(self._request)) as events:
                    async for event in events:
                        if not self._receipt.takes(event):
                            self._take(event)
                        if self._stopped:
                            await asyncio.sleep(0)  # it ends here, however much more has come already
                break
            except ContextTooLong:
                shorter = None if self._request.exact is not None else shorten(self._request.messages)
                if shorter is None or self.state is AnswerState.STREAMING:
                    raise
                left_out += shorter.left_out
                self._request = msgspec.structs.replace(self._request, messages=shorter.messages)
                notice = _left_out_notice(left_out)
                self._receipt.sends_instead(self._request, notice.message)
                self._tell(notice)
        if self._wire.finish_reason is None:
            raise Interrupted(phrase("The response was interrupted."))
        self._end_round()

    async def _call_tools(self) -> bool:
        """Run the calls that the model requested, and return whether the response is complete."""
        if self._wire.finish_reason == PAUSE and len(self._content.rounds) < _MOST_PAUSES:
            return False
        if not self._requested:
            return True
        tools = self._task.tools
        if tools is None:
            said = phrase("The model requested a tool call, but no tools are available in this conversation.")
            self._take(Notice(code="tool_call_ignored", message=said))
            return True
        calls = [tools.resolve(self._unique(each)) for each in self._requested]
        self._requested.clear()
        for call in calls:
            self._bounds.grow(call.arguments)
            self._content.last.calls.append(call)
            self._writer.add(PartKind.PART, msgspec.json.encode(call).decode())
            self._tell(ToolCalled(call=call))
        if len(self._content.rounds) >= tools.most_rounds:
            said = phrase("The response was ended after {n} rounds of tool calls.", n=tools.most_rounds)
            self._finish_with_calls(Notice(code="tool_rounds", message=said))
            return True
        await self._writer.flush()  # a call may change the world: what was called must be known after a crash
        began = self._clock()
        try:
            async with asyncio.TaskGroup() as group:
                for call in calls:
                    group.create_task(self._run_call(tools, call), name="tool-call")
        finally:
            self._watch.pause(self._clock() - began)
        for outcome in self._content.last.outcomes:
            self._bounds.grow(outcome.result.text + outcome.result.structured)
        try:
            if self._admit is not None:
                await self._admit(self._tally.usd)
        except PromptHeld as error:
            self._finish_with_calls(_notice(error))
            return True
        return False

    def _unique(self, request: ToolRequested) -> ToolRequested:
        """Return a requested call with an ID of its own: servers number the calls of each round anew."""
        used = {call.id for each in self._content.rounds for call in each.calls}
        return msgspec.structs.replace(request, id=f"{request.id}_{len(used)}") if request.id in used else request

    async def _run_call(self, tools: ToolRunner, call: ToolCallPart) -> None:
        def waiting(*, is_waiting: bool) -> None:
            self._watch.wait(call.id, self._clock(), is_waiting=is_waiting)
            self._tell(ToolWaiting(call=call.id, waiting=is_waiting))

        outcome = await tools.run(call, waiting)
        self._content.last.outcomes.append(outcome)
        for part in (outcome.result, *outcome.images):
            self._writer.add(PartKind.PART, msgspec.json.encode(part).decode())
        self._tell(ToolAnswered(call=outcome.call, result=outcome.result))

    def _finish_with_calls(self, notice: Notice) -> None:
        """End the response although the model waits for results."""
        self._take(notice)
        self._wire.finish_reason, self._wire.finish_word = TOOL_CALLS, ""

    def _next_request(self) -> ChatRequest:
        """Return the request for the next round, with the calls of this round and their results."""
        tools = self._task.tools
        messages = (*self._request.messages, *self._content.last.messages())
        specs = tuple(tools.specs) if tools is not None else ()
        return msgspec.structs.replace(self._request, messages=messages, tools=specs)

    def _begin_round(self) -> None:
        self._content.begin_round()
        self._tally.begin_round()
        self._think = ThinkTags()

    def _end_round(self) -> None:
        """Separate reasoning without an opening tag from the text, and count the round's tokens."""
        if self._think is not None:
            self._take_told_apart(self._think.finish())
            self._think = None
        last = self._content.last
        text, reasoning = self._content.new_texts
        is_continued = len(self._content.rounds) == 1 and bool(self._task.answer.parts)
        if not reasoning and not is_continued and self._entry.think_tags is not ThinkTagged.OFF:
            reasoning, text = closed_only(text)
            if reasoning:
                last.text, last.reasoning = [text], [reasoning]
        self._count_round(text, reasoning)

    def _take(self, event: StreamEvent) -> None:
        match event:
            case TextDelta(text=text) if self._think is not None and self._entry.think_tags is not ThinkTagged.OFF:
                self._take_told_apart(self._think.feed(text))
                if self._think.is_settled:
                    self._think = None
                return
            case TextDelta(text=text):
                self._delta(PartKind.TEXT, text, self._content.last.text)
            case ReasoningDelta(text=text, summary=summary):
                self._wire.summarised = self._wire.summarised or summary
                self._delta(PartKind.REASONING, text, self._content.last.reasoning)
            case Cited() | Sealed() | ToolRequested() | ProviderToolUsed():
                self._set_aside(event)
            case UsageUpdate(usage=usage):
                self._tally.update(usage)
                event = UsageUpdate(usage=self._tally.usage or usage)
            case RetryWait(wait_s=wait_s):
                self._retry_at = self._clock() + wait_s
                self._watch.send(self._retry_at)  # the wait is not the model's time
            case Started(model=model) | ModelNamed(model=model):
                if isinstance(event, Started):
                    self._wire.begin(event)
                self._named(model)
            case Finished(reason=reason, word=word):
                self._wire.finish_reason, self._wire.finish_word = reason, word
                return  # of the last round only
            case Notice() if not self._bounds.admits(event):
                return
            case _:
                pass
        self._tell(event)

    def _take_told_apart(self, events: Sequence[TextDelta | ReasoningDelta]) -> None:
        """Append events in which reasoning and text have been separated."""
        for event in events:
            if isinstance(event, TextDelta):
                self._delta(PartKind.TEXT, event.text, self._content.last.text)
            else:
                self._delta(PartKind.REASONING, event.text, self._content.last.reasoning)
            self._tell(event)

    def _delta(self, kind: PartKind, text: str, into: list[str]) -> None:
        self._bounds.grow(text)
        self.state = AnswerState.STREAMING
        self._watch.token(self._clock(), reasoning=kind is PartKind.REASONING)
        into.append(text)
        self._writer.add(kind, text)

    def _set_aside(self, event: Cited | Sealed | ToolRequested | ProviderToolUsed) -> None:
        """Store what is beside the text: a citation, an item that the server needs back, a tool call."""
        match event:
            case Cited():
                self._content.last.beside.append(CitationPart(url=event.url, title=event.title))
            case Sealed():
                self._bounds.grow(event.data)
                sealed = OpaquePart(wire=self._wire.wire or "", model=self._task.request.model, data=event.data)
                self._content.last.sealed.append(sealed)
            case ToolRequested():  # it runs once the round has ended
                self._watch.token(self._clock())
                self._requested.append(event)
            case ProviderToolUsed():
                self._store_provider_tool(event)

    def _store_provider_tool(self, used: ProviderToolUsed) -> None:
        """Store a call that the provider itself ran, such as a web search, with its result."""
        self._bounds.grow(used.arguments + used.result)
        call = ToolCallPart(id=used.id, name=used.name, arguments=used.arguments)
        status = ToolStatus.ERROR if used.failed else ToolStatus.OK
        result = ToolResultPart(call=used.id, status=status, text=used.result, open_world=True)
        self._content.last.mark(call, result)
        for part in (call, result):
            self._writer.add(PartKind.PART, msgspec.json.encode(part).decode())
        self._tell(ToolCalled(call=call))
        self._tell(ToolAnswered(call=call, result=result))

    def _named(self, model: str | None) -> None:
        if model and self._wire.model != model:
            self._wire.model = model
            # Deployment names are arbitrary; the model name the server reports determines the price.
            self._entry = self._find_entry(model) or self._entry

    def _tell(self, event: Event) -> None:
        self._listener(event)

    async def _end(self, state: AnswerState, problem: Problem | None) -> Message:
        self._watch.ended = self._clock()
        if not self._tally.is_counted:
            self._end_round()
        if (left_out := self._bounds.left_out()) is not None:
            self._tell(left_out)
        self.charge = self._tally.charge
        # Other providers never need it back, and it may be larger than the response
        parts = self._content.parts(with_sealed=self._wire.finish_reason == TOOL_CALLS)
        message = msgspec.structs.replace(
            self._message,
            parts=whole_calls(parts),
            status=Status(state.value),
            usage=self.usage,
            figures=self._figures(),
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

    def _figures(self) -> Figures:
        tools = self._content.tool_figures(self._watch.paused - self._watch.waited)
        return figures(self._watch, self._wire, self.usage, self._tally.cost, tools)

    def _count_round(self, text: str, reasoning: str) -> None:
        """Count the round's tokens locally as well, since the server may not report usage."""
        called = "".join(each.name + each.arguments for each in self._requested)
        has_come = bool(text or reasoning or called) and self._watch.first is not None
        messages = self._request.messages
        own = estimated_usage(
            "\n".join(each for message in messages for each in message.all_texts),
            text + called,
            reasoning,
            sum(part.tokens for message in messages for part in message.attached),
        )
        most = most_output(self._request.parameters.values, self._task.entry)
        self._tally.end_round(own, has_come=has_come, requested=self._task.entry, named=self._entry, most=most)


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
