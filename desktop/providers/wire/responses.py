"""Responses, OpenAI's newer API format: the body of a request, and the events of a response. Pure functions.

Documented by OpenAI and by Azure AI Foundry; vLLM, llama.cpp, Ollama, LM Studio and LiteLLM support it as well.
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
from desktop.providers.wire.content_filters import in_words
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

_RENAMED = {"max_tokens": "max_output_tokens", "max_completion_tokens": "max_output_tokens"}
_WITHIN = {
    "reasoning_effort": ("reasoning", "effort"),
    "verbosity": ("text", "verbosity"),
    "response_format": ("text", "format"),
}
"""Parameters of Chat Completions that are nested in an object in this API format."""

_ENDS = {"response.completed", "response.incomplete", "response.failed", "response.cancelled"}
_FAILURES = frozenset({"failed", "cancelled", "canceled", "queued", "in_progress"})
"""Statuses of a response that will remain incomplete."""

_TOOLS = ("function_call", "custom_tool_call", "mcp_call", "web_search_call", "file_search_call", "computer_call")
_MOST_FILTERS = 20
_MOST_PARTS = 1_000
"""Maximum parts of a response that are distinguished."""


def responses_body(request: ChatRequest, defaults: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the JSON of a request: the whole history, not stored by the server (`store` is false), and set parameters.

    Parameters have the names of Chat Completions everywhere else, and are renamed here.
    """
    body: dict[str, JsonValue] = {**defaults}
    for name, value in request.parameters.values.items():
        if name in _WITHIN:
            outer, own = _WITHIN[name]
            held = body.get(outer)
            body[outer] = {**(held if isinstance(held, dict) else {}), own: _flat(value)}
        else:
            body[_RENAMED.get(name, name)] = value
    reasoning = body.get("reasoning")
    if isinstance(reasoning, dict):
        body["reasoning"] = {"summary": "auto", **reasoning}
    if body.get("tools"):
        body.setdefault("include", ["reasoning.encrypted_content"])  # it goes back with what the tools gave
    system = "\n\n".join(each.text for each in request.messages if each.role is Role.SYSTEM)
    if system:
        body["instructions"] = system
    said: list[JsonValue] = [
        {"role": str(each.role), "content": _content(each)} for each in request.messages if each.role is not Role.SYSTEM
    ]
    return {**body, "model": request.model, "input": said, "stream": True, "store": False}


def _content(message: ChatMessage) -> JsonValue:
    """Return a message's text, after its attachments if any."""
    if not message.attached:
        return message.text
    parts: list[JsonValue] = []
    for part in message.attached:
        url = f"data:{part.media_type};base64,{part.data}"
        if part.is_picture:
            parts.append({"type": "input_image", "image_url": url, "detail": "auto"})
        else:
            parts.append({"type": "input_file", "filename": part.name, "file_data": url})
    return [*parts, {"type": "input_text", "text": message.text}] if message.text else parts


def _flat(value: JsonValue) -> JsonValue:
    """Convert a response format of Chat Completions: in this API format, the schema's fields are next to its type."""
    schema = value.get("json_schema") if isinstance(value, dict) else None
    return {"type": "json_schema", **schema} if isinstance(schema, dict) else value


class ResponsesReader:
    """Reads the events of one response in order, or a whole response as one JSON object.

    Unknown fields and unexpected types are ignored, since a server may send anything.
    """

    def __init__(self, target: RequestTarget) -> None:
        self._target = target
        self._once = AnswerMetadata(target)
        self._torn = TornCharacters()
        self._thought = False  # something of what the model thinks was given
        self._written: set[tuple[object, object]] = set()  # the parts of the answer of which something was given
        self._refused = False
        self.finish_reason: str | None = None
        self.finish_word = ""
        self._reads: Mapping[str, Callable[[JsonObject, list[StreamEvent]], None]] = {
            "response.created": self._begin,
            "response.in_progress": self._begin,
            "response.output_text.delta": self._write,
            "response.output_text.done": self._write_rest,
            "response.refusal.delta": self._refuse,
            "response.refusal.done": self._write_rest,
            "response.reasoning_text.delta": self._think,
            "response.reasoning_summary_text.delta": self._sum_up,
            "response.reasoning_summary_part.added": self._part,
            "response.output_item.added": self._item,
            "response.output_item.done": self._sealed,
            "response.output_text.annotation.added": self._cite,
        }

    def read(self, data: str | bytes) -> list[StreamEvent]:
        """Return the events of one stream event, or of a whole response, in JSON.

        Raises AnswerUnreadable for invalid JSON, and StreamFailed or a more specific ProviderError for an error.
        """
        value = decode(data, self._target)
        if not is_object(value):
            return []
        events: list[StreamEvent] = []
        kind = text(value.get("type"))
        if kind == "error" or (not kind and value.get("error")):
            raise self._failure(value)
        if kind in _ENDS:
            self._end(inner(value, "response"), kind.removeprefix("response."), events)
        elif kind in self._reads:
            delta = value.get("delta")
            if isinstance(delta, str) and (self._torn.halves or "\ufffd" in delta):
                held = with_halves(data)
                delta = held.get("delta") if is_object(held) else delta
                value = {**value, "delta": self._torn.whole(kind, str(delta))}
            self._reads[kind](value, events)
        elif not kind and value.get("object") == "response":
            self._end(value, "completed", events)  # the whole answer, which was not streamed
        return events

    def flush(self) -> list[StreamEvent]:
        """Return replacement characters for surrogates whose other half never arrived."""
        return [TextDelta(text="\ufffd") for _ in self._torn.left()]

    def end_without_reason(self) -> list[StreamEvent]:
        """Ignore `[DONE]`, which may follow the actual end."""
        return []

    def _failure(self, value: JsonObject) -> ProviderError:
        held = value.get("error")
        return failed_within({"error": held if is_object(held) or held else value}, self._target)

    def _begin(self, value: JsonObject, events: list[StreamEvent]) -> None:
        self._once.model(inner(value, "response").get("model"), events)

    def _write(self, value: JsonObject, events: list[StreamEvent]) -> None:
        delta = value.get("delta")
        if isinstance(delta, str) and delta:
            self._is_written(value)
            events.append(TextDelta(text=delta))

    def _write_rest(self, value: JsonObject, events: list[StreamEvent]) -> None:
        """Add the text of a completed part, if none of it was streamed."""
        refusal = value.get("refusal")
        said = refusal if isinstance(refusal, str) else value.get("text")
        if not isinstance(said, str) or not said or _place(value) in self._written:
            return
        if said is refusal:
            self._decline(events)
        self._write({**value, "delta": said}, events)

    def _refuse(self, value: JsonObject, events: list[StreamEvent]) -> None:
        self._decline(events)
        self._write(value, events)

    def _decline(self, events: list[StreamEvent]) -> None:
        self._refused = True
        self._once.refusal(events)

    def _is_written(self, value: JsonObject) -> None:
        if len(self._written) < _MOST_PARTS:
            self._written.add(_place(value))

    def _think(self, value: JsonObject, events: list[StreamEvent]) -> None:
        delta = value.get("delta")
        if isinstance(delta, str) and delta:
            self._thought = True
            events.append(ReasoningDelta(text=delta))

    def _sum_up(self, value: JsonObject, events: list[StreamEvent]) -> None:
        delta = value.get("delta")
        if isinstance(delta, str) and delta:
            self._thought = True
            events.append(ReasoningDelta(text=delta, summary=True))

    def _part(self, value: JsonObject, events: list[StreamEvent]) -> None:
        """Start another part of the reasoning summary as a new paragraph."""
        del value
        if self._thought:
            events.append(ReasoningDelta(text="\n\n", summary=True))

    def _item(self, value: JsonObject, events: list[StreamEvent]) -> None:
        if inner(value, "item").get("type") in _TOOLS:
            self._once.tool(events)

    def _sealed(self, value: JsonObject, events: list[StreamEvent]) -> None:
        """Store encrypted reasoning once it is complete, since the version at the item's start may not be."""
        self._seal(inner(value, "item"), events)

    def _seal(self, item: JsonObject, events: list[StreamEvent]) -> None:
        if item.get("type") == "reasoning" and words(item.get("encrypted_content")):
            events.append(Sealed(data=msgspec.json.encode(item).decode()))

    def _cite(self, value: JsonObject, events: list[StreamEvent]) -> None:
        said = inner(value, "annotation")
        if said.get("type") == "url_citation":
            self._once.citation(said.get("url"), said.get("title"), events)

    def _end(self, response: JsonObject, ended: str, events: list[StreamEvent]) -> None:
        """Handle finish reason and usage in the last event before `[DONE]`.

        The response is complete only if both the event and its contents say so.
        """
        self._once.model(response.get("model"), events)
        if (usage := read_usage(response.get("usage"))) is not None:
            events.append(UsageUpdate(usage=usage))
        if not self._written:
            self._output(response, events)
        for part in (part for item in objects(response.get("output")) for part in objects(item.get("content"))):
            for annotation in objects(part.get("annotations")):
                self._cite({"annotation": annotation}, events)
        states = {ended, text(response.get("status")) or ended}
        if response.get("error") or states & _FAILURES:
            reason = " ".join(sorted(states - {"completed"})) or "error"
            raise self._failure({"error": response.get("error") or {"message": reason}})
        for verdict in objects(response.get("content_filters"))[:_MOST_FILTERS]:
            self._filter(verdict, events)
        if "incomplete" in states:
            self._cut(text(inner(response, "incomplete_details").get("reason")), events)
        elif states != {"completed"}:
            reason = " ".join(sorted(states - {"completed"}))
            self._finish(reason, reason, events)
        else:
            called = any(item.get("type") == "function_call" for item in objects(response.get("output")))
            self._finish("tool_calls" if called else REFUSAL if self._refused else "stop", "completed", events)

    def _cut(self, reason: str, events: list[StreamEvent]) -> None:
        if reason == "content_filter":
            self._once.notice("content_filter", phrase("The content filter stopped the response."), events)
        self._finish(reason_of(reason) or "incomplete", reason or "incomplete", events)

    def _finish(self, reason: str, word: str, events: list[StreamEvent]) -> None:
        self.finish_reason, self.finish_word = self._once.plain(reason, 60), self._once.plain(word, 60)
        self._once.odd_end(reason, events)

    def _filter(self, verdict: JsonObject, events: list[StreamEvent]) -> None:
        found = self._once.marked(verdict.get("content_filter_results"))
        if not found:
            return
        words = in_words(found)
        if verdict.get("source_type") == "prompt":
            said = phrase("The content filter flagged the prompt: {words}.", words=words)
            self._once.notice("prompt_filter", said, events)
        else:
            said = phrase("The content filter flagged the response: {words}.", words=words)
            self._once.notice("content_filter", said, events)

    def _output(self, response: JsonObject, events: list[StreamEvent]) -> None:
        """Add the contents of the last event if nothing was streamed, with adjacent parts joined."""
        thoughts, texts, summed = list[str](), list[str](), False
        for item in objects(response.get("output")):
            if item.get("type") == "reasoning" and not self._thought:
                parts = [*objects(item.get("summary")), *objects(item.get("content"))]
                summed = summed or bool(item.get("summary"))
                self._seal(item, events)
                thoughts += filter(None, (words(part.get("text")) for part in parts))
            for part in objects(item.get("content")) if item.get("type") == "message" else ():
                if part.get("type") == "refusal":
                    self._decline(events)
                    texts.append(words(part.get("refusal")))
                else:
                    texts.append(words(part.get("text")))
        if thoughts:
            events.append(ReasoningDelta(text="\n\n".join(thoughts), summary=summed))
        self._write({"delta": "".join(texts)}, events)


def _place(value: JsonObject) -> tuple[object, object]:
    """Return the indexes of the part of the response that an event is about."""
    return count(value.get("output_index")), count(value.get("content_index"))


def read_usage(value: object) -> Usage | None:
    """Return the tokens of this API format's `usage` object; None if it has none. Output includes reasoning."""
    if not is_object(value):
        return None
    usage = Usage(
        input_tokens=count(value.get("input_tokens")),
        output_tokens=count(value.get("output_tokens")),
        reasoning_tokens=count(inner(value, "output_tokens_details").get("reasoning_tokens")),
        total_tokens=count(value.get("total_tokens")),
        cached_tokens=count(inner(value, "input_tokens_details").get("cached_tokens")),
    )
    return None if usage == Usage() else usage
