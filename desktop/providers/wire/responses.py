"""Responses, OpenAI's newer API format: the events of a response. Pure functions.

Documented by OpenAI and by Azure AI Foundry; vLLM, llama.cpp, Ollama, LM Studio and LiteLLM support it as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from desktop.domain.conversation_types import Usage
from desktop.domain.events import ProviderToolUsed, ReasoningDelta, StreamEvent, TextDelta, UsageUpdate
from desktop.errors import ProviderError
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
from desktop.providers.wire.tool_calls import ToolCalls, arguments_of, sealed
from desktop.text.phrases import phrase

_ENDS = {"response.completed", "response.incomplete", "response.failed", "response.cancelled"}
_FAILURES = frozenset({"failed", "cancelled", "canceled", "queued", "in_progress"})
"""Statuses of a response that will remain incomplete."""

_PROVIDER_TOOLS = ("web_search_call", "file_search_call", "mcp_call", "code_interpreter_call", "custom_tool_call")
"""Items of tools that the provider itself runs; xAI names some of its own custom tools."""

_MOST_FILTERS = 20
_MOST_PARTS = 1_000
"""Maximum parts of a response that are distinguished."""


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
        self._calls = ToolCalls(self._once)
        self._items_done = False  # items of the output were complete before the last event
        self._lost_thought = False  # reasoning came without encryption, so that it cannot go back
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
            "response.output_item.done": self._item_done,
            "response.function_call_arguments.delta": self._call_piece,
            "response.function_call_arguments.done": self._call_done,
            "response.output_text.annotation.added": self._cite,
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
        """Return replacement characters for surrogates whose other half never arrived, and the tool calls."""
        events: list[StreamEvent] = [TextDelta(text="\ufffd") for _ in self._torn.left()]
        self.finish_reason, calls = self._calls.end(self.finish_reason)
        return [*events, *calls]

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
        del events
        item = inner(value, "item")
        if item.get("type") == "function_call":
            self._calls.begin(_item_place(value), words(item.get("call_id")), words(item.get("name")))

    def _call_piece(self, value: JsonObject, events: list[StreamEvent]) -> None:
        del events
        self._calls.append(_item_place(value), words(value.get("delta")))

    def _call_done(self, value: JsonObject, events: list[StreamEvent]) -> None:
        del events
        self._calls.replace(_item_place(value), "", words(value.get("name")), arguments_of(value.get("arguments")))

    def _item_done(self, value: JsonObject, events: list[StreamEvent]) -> None:
        self._items_done = True
        self._complete(inner(value, "item"), _item_place(value), events)

    def _complete(self, item: JsonObject, place: object, events: list[StreamEvent]) -> None:
        """Handle a complete item. The version at an item's start may lack its encrypted reasoning."""
        kind = item.get("type")
        if kind == "function_call":
            call_id, arguments = words(item.get("call_id")), arguments_of(item.get("arguments"))
            self._calls.replace(place, call_id, words(item.get("name")), arguments)
        elif kind == "reasoning":
            if words(item.get("encrypted_content")):
                events.append(sealed(item))
            else:
                self._lost_thought = True
        elif kind == "message" and words(item.get("phase")):
            events.append(sealed({"type": "message", "phase": words(item.get("phase"))}))
        elif kind in _PROVIDER_TOOLS:
            self._calls.used(self._use(item), events)
            if not self._lost_thought:  # OpenAI rejects the item without the reasoning that preceded it
                events.append(sealed(item))

    def _use(self, item: JsonObject) -> ProviderToolUsed:
        """Return the use of a tool that the provider itself ran."""
        action = inner(item, "action")
        given = arguments_of(item.get("arguments")) or words(item.get("input"))
        if not given:
            chosen = action or {name: item[name] for name in ("queries", "code") if item.get(name)}
            given = arguments_of({name: each for name, each in chosen.items() if name not in {"sources", "type"}})
        result = self._once.pages(action.get("sources")) or text(item.get("output")) or text(item.get("error"))
        return ProviderToolUsed(
            id=words(item.get("id")) or words(item.get("call_id")),
            name=self._once.plain(words(item.get("name")), 200) or text(item.get("type")).removesuffix("_call"),
            arguments=given,
            result=result,
            failed=text(item.get("status")) in {"failed", "incomplete"} or bool(item.get("error")),
        )

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
        for place, item in enumerate(objects(response.get("output"))):
            if not self._items_done or item.get("type") == "function_call":
                self._complete(item, place, events)
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
            self._finish(REFUSAL if self._refused else "stop", "completed", events)

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


def _item_place(value: JsonObject) -> object:
    """Return the index of the item that an event is about, or its ID if the server sends no index."""
    index = count(value.get("output_index"))
    return index if index is not None else words(value.get("item_id")) or words(inner(value, "item").get("id"))


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
