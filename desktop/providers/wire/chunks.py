"""Chat Completions: the events of a response, streamed or not. Pure functions."""

from __future__ import annotations

import itertools
import json
from operator import itemgetter

import msgspec

from desktop.domain.conversation_types import Usage
from desktop.domain.events import Progress, ReasoningDelta, StreamEvent, TextDelta, UsageUpdate
from desktop.errors import AnswerUnreadable, ProviderError, StreamFailed
from desktop.providers.wire.answer_metadata import AnswerMetadata
from desktop.providers.wire.content_filters import in_words
from desktop.providers.wire.faults import RequestTarget, failed_within
from desktop.providers.wire.finish_reasons import FAILED, REFUSAL, reason_of
from desktop.providers.wire.json_shapes import (
    JsonObject,
    TornCharacters,
    count,
    first_object,
    inner,
    is_object,
    items,
    objects,
    with_halves,
)
from desktop.providers.wire.tool_calls import ToolCalls, sealed
from desktop.text.phrases import phrase

_decode = msgspec.json.Decoder().decode
_MOST_CITED = 50  # pages that one chunk names
_MOST_VERDICTS = 20  # of a filter on the prompt: one a prompt is usual
UNKNOWN = "unknown"
"""Finish reason of a response whose server gave none."""

_SPOKEN = frozenset({"delta", "message", "text"})
"""Fields of a choice that contain the response's text."""

_CALLING = ("tool_calls", "function_call")
_LEGACY = -1  # index of the only call of OpenAI's first API for tools
_MOST_THOUGHT = 1 << 20  # characters of reasoning that are kept for sending them back
_SPEAKING = (TextDelta, ReasoningDelta)
_FILTER_RESULTS = ("content_filter_results", "content_filter_result")


class ChunkReader:
    """Reads the chunks of one response in order; remembers the finish reason and what was already reported.

    Unknown fields and unexpected types are ignored, since a server may send anything.
    """

    def __init__(self, target: RequestTarget) -> None:
        self._target = target
        self._usage: Usage | None = None
        self._once = AnswerMetadata(target)
        self.finish_reason: str | None = None
        self.finish_word = ""
        self._refused = False
        self._text_seen = False
        self._failure: ProviderError | None = None  # to be raised once the text that came with it was given
        self._torn = TornCharacters()
        self._calls = ToolCalls(self._once)
        self._thoughts: list[str] = []  # reasoning that the server may need back with its tool calls
        self._thoughts_left = _MOST_THOUGHT

    @property
    def called(self) -> int:
        """See WireReader."""
        return self._calls.size

    def read(self, data: str | bytes) -> list[StreamEvent]:
        """Return the events of one chunk, or of a whole response, in JSON.

        Raises AnswerUnreadable for invalid JSON, and StreamFailed or a more specific ProviderError for an error object.
        """
        if self._failure is not None:
            raise self._failure
        chunk = decode(data, self._target)
        if not is_object(chunk):
            return []
        if chunk.get("error") or chunk.get("object") == "error":
            raise failed_within(chunk, self._target)
        events: list[StreamEvent] = []
        # Most of thousands of chunks contain only a word, so unnecessary calls are avoided.
        if not self._once.is_model_named:
            self._once.model(chunk.get("model"), events)
        if fingerprint := chunk.get("system_fingerprint"):
            self._once.fingerprint(fingerprint, events)
        choice = _first_choice(chunk)
        if choice is not None:
            self._read_choice(choice, events)
            if self._torn.halves or _has_replaced(events):
                events = self._joined(events, data, choice)
            self._text_seen = self._text_seen or any(isinstance(event, TextDelta) for event in events)
        self._read_rest(chunk, events)
        return events

    def flush(self) -> list[StreamEvent]:
        """Return replacement characters for surrogates whose other half never arrived, and the tool calls."""
        left = self._torn.left()
        events: list[StreamEvent] = [kind(text="\ufffd") for kind in _SPEAKING if kind in left]
        has_calls = bool(self._calls)
        self.finish_reason, calls = self._calls.end(self.finish_reason)
        if has_calls and calls and self._thoughts and self._thoughts_left >= 0:
            events.append(sealed({"reasoning_content": "".join(self._thoughts)}))
        return [*events, *calls]

    def _joined(self, events: list[StreamEvent], data: str | bytes, choice: JsonObject) -> list[StreamEvent]:
        """Return a choice's events, with surrogate pairs joined that the server split between two events."""
        held = with_halves(data)
        torn = _first_choice(held) if is_object(held) else None
        if torn is not None:
            events = [each for each in events if not isinstance(each, _SPEAKING)]
            said: list[StreamEvent] = []
            self._read_choice({name: _spoken(torn.get(name)) for name in choice if name in _SPOKEN}, said)
            events += [each for each in said if isinstance(each, _SPEAKING)]
        joined: list[StreamEvent] = []
        for event in events:
            if not isinstance(event, _SPEAKING):
                joined.append(event)
            elif whole := self._torn.whole(type(event), event.text):
                joined.append(type(event)(text=whole))
        return joined

    def end_without_reason(self) -> list[StreamEvent]:
        """Handle the end of the stream; after text, the response is complete with the reason `unknown`."""
        if self._failure is not None:
            raise self._failure
        if self.finish_reason is not None or not (self._text_seen or self._calls):
            return []
        self.finish_reason = UNKNOWN
        events: list[StreamEvent] = []
        self._once.notice("no_finish_reason", phrase("The server gave no finish reason."), events)
        return events

    def _read_choice(self, choice: JsonObject, events: list[StreamEvent]) -> None:
        delta = choice.get("delta")
        if not is_object(delta):
            delta = choice.get("message")
        if is_object(delta):
            self._read_delta(delta, events)
        legacy = choice.get("text")
        if isinstance(legacy, str) and legacy:
            events.append(TextDelta(text=legacy))
        reason = choice.get("finish_reason")
        if isinstance(reason, str) and reason:
            self._finish(reason, choice, events)
        elif _has_filter(choice):
            self._read_filter(choice, events)

    def _read_delta(self, delta: JsonObject, events: list[StreamEvent]) -> None:
        for name in ("reasoning_content", "reasoning"):
            thought = delta.get(name)
            if isinstance(thought, str) and thought:
                events.append(ReasoningDelta(text=thought))
                if name == "reasoning_content" and self._thoughts_left >= 0:
                    self._thoughts_left -= len(thought)
                    self._thoughts.append(thought)
                break
        content = delta.get("content")
        if isinstance(content, str):
            if content:
                events.append(TextDelta(text=content))
        else:
            _read_parts(content, events)
        refusal = delta.get("refusal")
        if isinstance(refusal, str) and refusal:
            self._refused = True
            self._once.refusal(events)
            events.append(TextDelta(text=refusal))
        if delta.get("annotations"):
            for said in objects(items(delta.get("annotations"))[:_MOST_CITED]):
                cited = inner(said, "url_citation")
                self._once.citation(cited.get("url"), cited.get("title"), events)
        if delta.get("tool_calls") or delta.get("function_call"):
            self._read_calls(delta)

    def _read_calls(self, delta: JsonObject) -> None:
        for said in objects(delta.get("tool_calls")):
            self._calls.piece(said)
        legacy = delta.get("function_call")
        if is_object(legacy):
            self._calls.piece({"index": _LEGACY, "function": legacy})

    def _finish(self, word: str, choice: JsonObject, events: list[StreamEvent]) -> None:
        reason = reason_of(word)
        if reason == FAILED:
            self._failure = self._broken_off(word, choice)
            return
        if reason == REFUSAL:
            self._once.refusal(events)
        elif reason == "stop" and self._refused:
            reason = REFUSAL
        # An asynchronous filter may still overrule a stop that was already sent
        if self.finish_reason is None or reason == "content_filter":
            self.finish_reason = self._once.plain(reason, 60) or UNKNOWN
            self.finish_word = self._once.plain(word, 60)
        if reason == "content_filter":
            words = in_words(self._flagged(choice))
            self._once.notice(
                "content_filter", phrase("The content filter stopped the response: {words}.", words=words), events
            )
        elif _has_filter(choice):
            self._read_filter(choice, events)
        self._once.odd_end(reason, events)

    def _broken_off(self, word: str, choice: JsonObject) -> ProviderError:
        """Return the error of a provider that failed, with its message or else the finish reason."""
        if choice.get("error"):
            return failed_within(choice, self._target)
        said = phrase("no reason was given") if word.casefold() == FAILED else self._once.plain(word, 60)
        return StreamFailed(phrase("{host} failed while responding: {said}", host=self._target.host, said=said))

    def _read_filter(self, choice: JsonObject, events: list[StreamEvent]) -> None:
        found = self._flagged(choice)
        if found:
            self._once.notice(
                "content_filter",
                phrase("The content filter flagged the response: {words}.", words=in_words(found)),
                events,
            )

    def _read_rest(self, chunk: JsonObject, events: list[StreamEvent]) -> None:
        usage = chunk.get("usage")
        if usage is not None and (counted := read_usage(usage)) is not None and counted != self._usage:
            self._usage = counted
            events.append(UsageUpdate(usage=counted))
        for verdict in objects(items(chunk.get("prompt_filter_results"))[:_MOST_VERDICTS]):
            if found := self._flagged(verdict):
                self._once.notice(
                    "prompt_filter",
                    phrase("The content filter flagged the prompt: {words}.", words=in_words(found)),
                    events,
                )
        if "citations" in chunk or "search_results" in chunk:
            self._read_citations(chunk, events)
        progress = inner(chunk, "prompt_progress")
        total, done = count(progress.get("total")), count(progress.get("processed"))
        if total and done is not None:
            events.append(Progress(fraction=min(1.0, done / total)))

    def _read_citations(self, chunk: JsonObject, events: list[StreamEvent]) -> None:
        """Report the web pages that a response cites in a list; numbers in the text are positions in it."""
        for result in objects(items(chunk.get("search_results"))[:_MOST_CITED]):
            self._once.citation(result.get("url"), result.get("title"), events)
        for url in items(chunk.get("citations"))[:_MOST_CITED]:
            self._once.citation(url, "", events)

    def _flagged(self, holder: JsonObject) -> tuple[str, ...]:
        results = (self._once.marked(holder.get(name)) for name in _FILTER_RESULTS)
        return next((found for found in results if found), ())


def _first_choice(chunk: JsonObject) -> JsonObject | None:
    # A single response is requested; several could not be distinguished
    return first_object(chunk.get("choices"), lambda each: not each.get("index"))


def _spoken(holder: object) -> object:
    """Return a delta without its tool calls, which were read already."""
    return {name: value for name, value in holder.items() if name not in _CALLING} if is_object(holder) else holder


def _has_replaced(events: list[StreamEvent]) -> bool:
    """Whether a text contains U+FFFD, the replacement character."""
    for event in events:  # noqa: SIM110 - there is mostly one, and a generator takes longer than the look
        if isinstance(event, _SPEAKING) and "\ufffd" in event.text:
            return True
    return False


def decode(data: str | bytes, target: RequestTarget) -> object:
    """Decode JSON. Raises AnswerUnreadable."""
    try:
        return _decode(data)
    except RecursionError:
        raise AnswerUnreadable(phrase("{host} sent JSON that is nested too deeply.", host=target.host)) from None
    except (msgspec.DecodeError, UnicodeError):
        return _decode_leniently(data, target)


def read_usage(value: object) -> Usage | None:
    """Return the tokens of a `usage` object; None if it has none."""
    if not is_object(value):
        return None
    reasoning = count(inner(value, "completion_tokens_details").get("reasoning_tokens"))
    cached = count(inner(value, "prompt_tokens_details").get("cached_tokens"))
    usage = Usage(
        input_tokens=count(value.get("prompt_tokens")),
        output_tokens=count(value.get("completion_tokens")),
        reasoning_tokens=reasoning if reasoning is not None else count(value.get("reasoning_tokens")),
        total_tokens=count(value.get("total_tokens")),
        cached_tokens=cached if cached is not None else count(value.get("prompt_cache_hit_tokens")),
    )
    return None if usage == Usage() else usage


def _decode_leniently(data: str | bytes, target: RequestTarget) -> object:
    """Decode JSON with lone surrogates, which come from servers that split text by UTF-16 units."""
    if b"\\u" not in data if isinstance(data, bytes) else "\\u" not in data:
        raise _no_json(target)
    try:
        # Encoded and decoded again, so that no lone surrogate remains that could not be encoded later
        whole = json.dumps(json.loads(data), ensure_ascii=False)
        return _decode(whole.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    except (ValueError, RecursionError):
        raise _no_json(target) from None


def _no_json(target: RequestTarget) -> AnswerUnreadable:
    return AnswerUnreadable(
        phrase("{host} sent part of the response as invalid JSON.", host=target.host),
        hint=phrase("Try again. The text received so far is saved."),
    )


def _has_filter(choice: JsonObject) -> bool:
    return "content_filter_results" in choice or "content_filter_result" in choice


def _read_parts(content: object, events: list[StreamEvent]) -> None:
    """Add the events of content that consists of parts. Adjacent parts of a kind are joined."""
    pieces: list[tuple[type[TextDelta | ReasoningDelta], str]] = []
    for part in objects(content):
        said = part.get("text")
        if isinstance(said, str) and said:
            pieces.append((TextDelta, said))
        thinking = part.get("thinking")
        thoughts = [thinking] if isinstance(thinking, str) else [thought.get("text") for thought in objects(thinking)]
        pieces += [(ReasoningDelta, thought) for thought in thoughts if isinstance(thought, str) and thought]
    for kind, run in itertools.groupby(pieces, key=itemgetter(0)):
        events.append(kind(text="".join(text for _, text in run)))
