"""Messages, Anthropic's API format: the body of a request, and the events of a response. Pure functions.

Documented by Anthropic and by Azure AI Foundry; LiteLLM, vLLM, llama.cpp and Ollama support it as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from desktop.domain.conversation_types import JsonValue, Role, Usage
from desktop.domain.events import ReasoningDelta, Sealed, StreamEvent, TextDelta, UsageUpdate
from desktop.errors import ProviderError
from desktop.providers.provider import ChatMessage, ChatRequest
from desktop.providers.wire.answer_metadata import AnswerMetadata
from desktop.providers.wire.chunks import decode
from desktop.providers.wire.faults import RequestTarget, failed_within
from desktop.providers.wire.finish_reasons import REFUSAL, reason_of
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
from desktop.text.phrases import phrase

_MOST_OUTPUT = 8_192
"""Maximum output tokens for a model whose limit is unknown, since this API format requires a limit."""

_LIMITS = ("max_tokens", "max_completion_tokens")
_NO_EFFORT = frozenset({"none", "minimal"})
_TOOLS = frozenset({"tool_use", "server_tool_use", "mcp_tool_use"})
_THOUGHTS = frozenset({"thinking", "redacted_thinking"})
_HIDDEN = ("signature", "data")
_SEALED = ("thinking", *_HIDDEN)
_HOLDERS = ("delta", "content_block")
_SPOKEN = ("text", "thinking")
_COUNTS = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens")


def messages_body(request: ChatRequest, defaults: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the JSON of a request, with parameters renamed from Chat Completions.

    Reasoning is requested, as a summary, if the model is known to reason or an effort is set.
    """
    parameters = {**defaults, **request.parameters.values}
    limits = [parameters.pop(name) for name in _LIMITS if name in parameters]
    body: dict[str, JsonValue] = {"max_tokens": limits[0] if limits else request.most_output or _MOST_OUTPUT}
    stop = parameters.pop("stop", None)
    if stop is not None:
        body["stop_sequences"] = [stop] if isinstance(stop, str) else stop
    effort = parameters.pop("reasoning_effort", None)
    if effort in _NO_EFFORT:
        pass
    elif effort is not None or request.reasons:
        body["thinking"] = {"type": "adaptive", "display": "summarized"}
        if effort is not None:
            body["output_config"] = {"effort": effort}
    system = "\n\n".join(each.text for each in request.messages if each.role is Role.SYSTEM)
    if system:
        body["system"] = system
    said: list[JsonValue] = [
        {"role": str(each.role), "content": _content(each)} for each in request.messages if each.role is not Role.SYSTEM
    ]
    return {**body, **parameters, "model": request.model, "messages": said, "stream": True}


def _content(message: ChatMessage) -> JsonValue:
    """Return a message's text, after its attachments if any."""
    if not message.attached:
        return message.text
    parts: list[JsonValue] = []
    for part in message.attached:
        source: JsonValue = {"type": "base64", "media_type": part.media_type, "data": part.data}
        if part.is_picture:
            parts.append({"type": "image", "source": source})
        else:
            parts.append({"type": "document", "source": source, "title": part.name})
    return [*parts, {"type": "text", "text": message.text}] if message.text else parts


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
        self._block: dict[str, list[str]] = {}  # of thoughts in the making, in pieces: what goes back unchanged
        self.finish_reason: str | None = None
        self.finish_word = ""
        self._reads: Mapping[str, Callable[[JsonObject, list[StreamEvent]], None]] = {
            "message_start": self._begin,
            "content_block_start": self._open_block,
            "content_block_delta": self._go_on,
            "content_block_stop": self._close_block,
            "message_delta": self._end,
            "message": self._whole,
        }

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
        """Return replacement characters for surrogates whose other half never arrived."""
        return [TextDelta(text="\ufffd") for _ in self._torn.left()]

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
        kind = text(block.get("type"))
        if kind in _TOOLS:
            self._once.tool(events)
        if kind == "thinking" and self._thought:
            events.append(
                ReasoningDelta(text="\n\n", summary=self._sums_up)
            )  # another thought is a paragraph of its own
        if kind in _THOUGHTS:
            self._block = {"type": [kind]}
            self._take_down(block)
        self._say(block, events)

    def _close_block(self, value: JsonObject, events: list[StreamEvent]) -> None:
        del value
        block, self._block = {name: "".join(pieces) for name, pieces in self._block.items()}, {}
        if block.get("signature") or block.get("data"):
            events.append(Sealed(data=msgspec.json.encode(block).decode()))

    def _take_down(self, said: JsonObject) -> None:
        """Buffer a block of reasoning, or a piece of one, for sending it back."""
        for name in _SEALED:
            if more := words(said.get(name)):
                self._block.setdefault(name, []).append(more)

    def _go_on(self, value: JsonObject, events: list[StreamEvent]) -> None:
        delta = inner(value, "delta")
        if self._block:
            self._take_down(delta)
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
            kind = text(block.get("type"))
            if kind in _TOOLS:
                self._once.tool(events)
            elif kind in _THOUGHTS:
                self._open_block({"content_block": {name: block.get(name) for name in ("type", *_HIDDEN)}}, [])
                self._take_down({"thinking": block.get("thinking")})
                self._close_block({}, events)
            for said in objects(block.get("citations")):
                self._cite(said, events)
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
