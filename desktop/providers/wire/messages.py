"""Messages, Anthropic's API format: the events of a response. Pure functions.

Documented by Anthropic and by Azure AI Foundry; LiteLLM, vLLM, llama.cpp and Ollama support it as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from desktop.domain.conversation_types import Usage
from desktop.domain.events import ProviderToolUsed, ReasoningDelta, StreamEvent, TextDelta, UsageUpdate
from desktop.errors import ProviderError
from desktop.providers.wire.answer_metadata import AnswerMetadata
from desktop.providers.wire.chunks import decode
from desktop.providers.wire.faults import RequestTarget, failed_within
from desktop.providers.wire.finish_reasons import PAUSE, REFUSAL, reason_of
from desktop.providers.wire.json_shapes import (
    JsonObject,
    TornCharacters,
    count,
    inner,
    is_object,
    objects,
    text,
    with_halves,
    words,
)
from desktop.providers.wire.tool_calls import MOST_CALLS, ToolCalls, arguments_of, sealed
from desktop.providers.wire.tool_messages import arguments_object
from desktop.text.phrases import phrase

_SERVER_TOOLS = frozenset({"server_tool_use", "mcp_tool_use"})
_RESULT = "_tool_result"
"""End of the types of blocks with a result of the server's own tools, such as `web_search_tool_result`."""

_THOUGHTS = frozenset({"thinking", "redacted_thinking"})
_PIECES = ("thinking", "signature", "data", "partial_json")
"""Fields of blocks that come in pieces and are kept until the block is complete."""

_LONGEST_RESULT = 20_000
_HOLDERS = ("delta", "content_block")
_SPOKEN = ("text", "thinking")
_COUNTS = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens")


class MessagesReader:
    """Reads the events of one response in order, or a whole response as one JSON object.

    Unknown fields and unexpected types are ignored, since a server may send anything.
    """

    def __init__(self, target: RequestTarget) -> None:
        self._target = target
        self._once = AnswerMetadata(target)
        self._torn = TornCharacters()
        self._sums_up = _sums_up(target.model)
        self._thought = False  # something of what the model thinks was given
        self._over = self._spoke = False  # the last event came; something of the answer was given
        self._counts: dict[str, int | None] = {}
        self._block: JsonObject = {}  # the block that is being received, as it began
        self._pieces: dict[str, list[str]] = {}  # what was added to it
        self._number = 0  # of the block
        self._calls = ToolCalls(self._once)
        self._running: dict[str, tuple[str, str]] = {}  # the server's own tools without a result: name, arguments
        self.finish_reason: str | None = None
        self.finish_word = ""
        self._reads: Mapping[str, Callable[[JsonObject, list[StreamEvent]], None]] = {
            "message_start": self._begin,
            "content_block_start": self._open_block,
            "content_block_delta": self._go_on,
            "content_block_stop": self._end_block,
            "message_delta": self._end,
            "message": self._whole,
        }

    @property
    def called(self) -> int:
        """See WireReader."""
        return self._calls.size

    def read(self, data: str | bytes) -> list[StreamEvent]:
        """Return the events of one stream event, or of a whole response, in JSON.

        Raises AnswerUnreadable for invalid JSON, and StreamFailed or a more specific ProviderError for an error.
        """
        value = decode(data, self._target)
        if not is_object(value):
            return []
        kind = text(value.get("type"))
        if self._over or (kind == "message" and self._spoke):
            return []
        self._over = kind == "message_stop"
        if kind == "error" or (kind not in self._reads and value.get("error")):
            raise self._failure(value)
        events: list[StreamEvent] = []
        if kind in self._reads:
            if self._torn.halves or _is_torn(value):
                value = self._joined(value, with_halves(data))
            self._reads[kind](value, events)
            self._spoke = self._spoke or bool(events)
        return events

    def flush(self) -> list[StreamEvent]:
        """Return replacement characters for surrogates whose other half never arrived, and the tool calls."""
        events: list[StreamEvent] = [TextDelta(text="\ufffd") for _ in self._torn.left()]
        self.finish_reason, calls = self._calls.end(self.finish_reason)
        if self.finish_reason not in {PAUSE, "tool_calls"}:  # otherwise the next response has the results
            for use, (name, arguments) in self._running.items():
                self._calls.used(ProviderToolUsed(id=use, name=name, arguments=arguments), events)
            self._running.clear()
        return [*events, *calls]

    def end_without_reason(self) -> list[StreamEvent]:
        """Ignore `[DONE]`, which does not end a response in this API format."""
        return []

    def _joined(self, value: JsonObject, held: object) -> JsonObject:
        """Join surrogate pairs that the server split between two events.

        `held` is the event with lone surrogates as sent. Only text is taken from it, because a lone surrogate cannot be
        encoded.
        """
        for field in _HOLDERS:
            said = inner(value, field)
            sent = inner(held, field) if is_object(held) else said
            spoken = {name: words(sent.get(name)) for name in _SPOKEN if isinstance(said.get(name), str)}
            if spoken:
                whole = {name: self._torn.whole(name, word) for name, word in spoken.items()}
                value = {**value, field: {**said, **whole}}
        return value

    def _failure(self, value: JsonObject) -> ProviderError:
        return failed_within({"error": value.get("error") or {"message": "error"}}, self._target)

    def _name(self, model: object, events: list[StreamEvent]) -> None:
        self._sums_up = self._sums_up or (isinstance(model, str) and _sums_up(model))
        self._once.model(model, events)

    def _begin(self, value: JsonObject, events: list[StreamEvent]) -> None:
        message = inner(value, "message")
        self._name(message.get("model"), events)
        self._count(message.get("usage"))

    def _open_block(self, value: JsonObject, events: list[StreamEvent]) -> None:
        block = inner(value, "content_block")
        self._begin_block(block, events)
        if block.get("type") == "thinking" and self._thought:
            # Further reasoning begins a new paragraph
            events.append(ReasoningDelta(text="\n\n", summary=self._sums_up))
        self._say(block, events)

    def _begin_block(self, block: JsonObject, events: list[StreamEvent]) -> None:
        """Begin a block. Text is not kept, since it is reported at once."""
        self._end_block({}, events)
        self._number += 1
        kind = text(block.get("type"))
        if kind == "tool_use":
            self._calls.begin(self._number, words(block.get("id")), words(block.get("name")))
        if kind == "tool_use" or kind in _SERVER_TOOLS or kind in _THOUGHTS or kind.endswith(_RESULT):
            self._block = block
            self._keep(block)

    def _end_block(self, value: JsonObject, events: list[StreamEvent]) -> None:
        """Report a complete block of reasoning or of a tool."""
        del value
        block, self._block = self._block, {}
        pieces, self._pieces = {name: "".join(each) for name, each in self._pieces.items()}, {}
        kind = text(block.get("type"))
        if kind in _THOUGHTS:
            if pieces.get("signature") or pieces.get("data"):
                empty = {"thinking": ""} if kind == "thinking" else {}  # required even if the reasoning is omitted
                events.append(sealed({"type": kind, **empty, **pieces}))
        elif kind == "tool_use":
            if not pieces.get("partial_json"):
                self._calls.append(self._number, arguments_of(block.get("input")) or "{}")
        elif kind in _SERVER_TOOLS:
            given = pieces.get("partial_json") or arguments_of(block.get("input")) or "{}"
            if len(self._running) < MOST_CALLS:
                self._running[words(block.get("id"))] = self._once.plain(words(block.get("name")), 200), given
            events.append(sealed({**block, "input": arguments_object(given)}))
        elif kind.endswith(_RESULT):
            self._calls.used(self._result(block), events)
            events.append(sealed(block))

    def _result(self, block: JsonObject) -> ProviderToolUsed:
        """Return the use of one of the server's own tools from the block with its result."""
        use = words(block.get("tool_use_id"))
        kind = text(block.get("type")).removesuffix(_RESULT)
        name, arguments = self._running.pop(use, (self._once.plain(kind, 200), ""))
        content = block.get("content")
        error = self._once.plain(text(inner(block, "content").get("error_code")), 100)
        result = error or self._once.pages(content)
        if not result and kind != "web_search":
            said = [words(each.get("text")) for each in objects(content)]
            result = "\n".join(filter(None, said)) or arguments_of(content)
        return ProviderToolUsed(
            id=use,
            name=name,
            arguments=arguments,
            result=result[:_LONGEST_RESULT],
            failed=bool(error) or block.get("is_error") is True,
        )

    def _keep(self, said: JsonObject) -> None:
        """Keep a piece of a block."""
        for name in _PIECES:
            if more := words(said.get(name)):
                self._pieces.setdefault(name, []).append(more)

    def _go_on(self, value: JsonObject, events: list[StreamEvent]) -> None:
        delta = inner(value, "delta")
        if self._block:
            self._keep(delta)
            if more := words(delta.get("partial_json")):
                if self._block.get("type") == "tool_use":
                    self._calls.append(self._number, more)
                else:
                    self._calls.grow(len(more))
        self._cite(inner(delta, "citation"), events)
        self._say(delta, events)

    def _cite(self, said: JsonObject, events: list[StreamEvent]) -> None:
        self._once.citation(said.get("url"), said.get("title"), events)

    def _say(self, said: JsonObject, events: list[StreamEvent]) -> None:
        """Add the events of a block's text and reasoning, or of a piece of one; tool inputs are ignored."""
        if thought := words(said.get("thinking")):
            self._thought = True
            events.append(ReasoningDelta(text=thought, summary=self._sums_up))
        if given := words(said.get("text")):
            events.append(TextDelta(text=given))

    def _end(self, value: JsonObject, events: list[StreamEvent]) -> None:
        """Handle the finish reason and usage; only `message_stop` follows."""
        self._end_block({}, events)
        self._count(value.get("usage"))
        self._tell_usage(events)
        self._stop(inner(value, "delta"), events)

    def _whole(self, value: JsonObject, events: list[StreamEvent]) -> None:
        """Add the events of a whole response that was not streamed."""
        self._name(value.get("model"), events)
        blocks = objects(value.get("content"))
        thoughts = [words(block.get("thinking")) for block in blocks]
        if thought := "\n\n".join(filter(None, thoughts)):
            events.append(ReasoningDelta(text=thought, summary=self._sums_up))
        if given := "".join(words(block.get("text")) for block in blocks):
            events.append(TextDelta(text=given))
        for block in blocks:
            self._begin_block(block, events)
            for said in objects(block.get("citations")):
                self._cite(said, events)
        self._end_block({}, events)
        self._count(value.get("usage"))
        self._tell_usage(events)
        self._stop(value, events)

    def _stop(self, said: JsonObject, events: list[StreamEvent]) -> None:
        word = text(said.get("stop_reason"))
        if not word:
            return
        reason = reason_of(word)
        if reason == REFUSAL:
            details = inner(said, "stop_details")
            category = self._once.plain(text(details.get("category")), 60)
            if category:
                said_so = phrase("The model declined to answer: {category}.", category=category)
                self._once.notice("refusal", said_so, events)
            else:
                self._once.refusal(events)
        if (told := self._once.plain(reason, 60)) or self.finish_reason is None:
            self.finish_reason, self.finish_word = told, self._once.plain(word, 60)
        self._once.odd_end(reason, events)

    def _count(self, usage: object) -> None:
        """Merge token counts; later events have the totals of the response so far."""
        if is_object(usage):
            found = {name: count(usage.get(name)) for name in _COUNTS}
            self._counts |= {name: number for name, number in found.items() if number is not None}

    def _tell_usage(self, events: list[StreamEvent]) -> None:
        counted = [self._counts.get(name) for name in _COUNTS]
        if all(number is None for number in counted):
            return
        input_sum = sum(number or 0 for number in counted[:-1])
        output = counted[-1]
        known = any(number is not None for number in counted[:-1])
        usage = Usage(
            input_tokens=input_sum if known else None,
            output_tokens=output,
            total_tokens=input_sum + output if known and output is not None else None,
            cached_tokens=self._counts.get("cache_read_input_tokens"),
            stored_tokens=self._counts.get("cache_creation_input_tokens"),
        )
        events.append(UsageUpdate(usage=usage))


def _sums_up(model: str) -> bool:
    """Whether a model's reasoning is a summary, as Claude's is; other models send the full reasoning."""
    return "claude" in model.casefold()


def _is_torn(value: JsonObject) -> bool:
    """Whether an event's text contains U+FFFD, the replacement character."""
    return any("\ufffd" in words(inner(value, place).get(name)) for place in _HOLDERS for name in _SPOKEN)
