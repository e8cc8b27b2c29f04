"""Latency, speed, usage and cost of a response. Pure functions; the time is passed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from desktop.domain.conversation_types import Figures, Message, Usage
from desktop.domain.events import Started
from desktop.text.token_estimate import estimate_tokens

_Number = TypeVar("_Number", int, float)


class Stopwatch(Struct):
    """Times of one response on a monotonic clock in seconds: sent, first and last token, reasoning start and end."""

    sent: float | None = None
    first: float | None = None
    last: float | None = None
    ended: float | None = None
    saw_reasoning: bool = False
    thinking: float | None = None
    thought: float | None = None
    paused: float = 0.0
    """Seconds of tool calls, which are not the model's time."""
    silent: float = 0.0
    """Seconds between each later request and its first token."""
    waited: float = 0.0
    """Seconds of `paused` in which at least one call waited for the user."""
    _sent_again: float | None = None
    _waiting: set[str] = field(default_factory=set[str])
    _waiting_since: float = 0.0

    def send(self, at: float) -> None:
        """Record that a request is sent: the first one, a retry of it, or the request of a later round."""
        if self.first is None:
            self.sent = at
        elif self._sent_again is None or at > self._sent_again:
            self._sent_again = at

    def pause(self, seconds: float) -> None:
        """Record the duration of tool calls between two requests."""
        self.paused += seconds

    def wait(self, call: str, at: float, *, is_waiting: bool) -> None:
        """Record that a call begins or stops to wait for the user."""
        before = bool(self._waiting)
        (self._waiting.add if is_waiting else self._waiting.discard)(call)
        if self._waiting and not before:
            self._waiting_since = at
        elif before and not self._waiting:
            self.waited += at - self._waiting_since

    def token(self, at: float, *, reasoning: bool = False) -> None:
        """Record the arrival of a delta."""
        if self._sent_again is not None:
            self.silent += max(at - self._sent_again, 0.0)
            self._sent_again = None
        self.first = at if self.first is None else self.first
        self.last = at
        self.saw_reasoning = self.saw_reasoning or reasoning
        if reasoning and self.thinking is None:
            self.thinking = at
        elif not reasoning and self.thinking is not None and self.thought is None:
            self.thought = at


class ReplyFacts(Struct):
    """Metadata of a response from the server."""

    finish_reason: str | None = None
    finish_word: str = ""
    request_id: str | None = None
    model: str | None = None
    wire: str | None = None
    summarised: bool = False
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    def begin(self, started: Started) -> None:
        """Record the server's acceptance of a request."""
        self.request_id, self.headers, self.wire = started.request_id, started.headers, started.wire

    def count(self, header: str) -> int | None:
        """Return the value of an integer header; None if it is missing, negative (unknown) or not a number."""
        text = self.headers.get(header, "")
        return int(text) if text.isascii() and text.isdigit() else None


def estimated_usage(sent: str, answer: str, reasoning: str, attached: int = 0) -> Usage:
    """Return estimated usage for a server that reports none. `attached` is the token count of images and files."""
    return Usage(
        input_tokens=estimate_tokens(sent) + attached,
        output_tokens=estimate_tokens(answer) + estimate_tokens(reasoning),
        reasoning_tokens=estimate_tokens(reasoning) if reasoning else None,
        estimated=True,
    )


class ToolFigures(NamedTuple):
    """Number of tool calls of a response, their total duration in milliseconds, and the number of rounds."""

    calls: int
    duration_ms: float
    rounds: int


def figures(
    watch: Stopwatch, wire: ReplyFacts, usage: Usage | None, cost: float | None, tools: ToolFigures | None = None
) -> Figures:
    """Return the figures of a response; unknown ones are None. Tool calls do not count towards the duration."""
    ended = None if watch.ended is None else watch.ended - watch.paused
    return Figures(
        ttft_ms=_ms(watch.sent, watch.first),
        reasoning_ms=_ms(watch.thinking, watch.thought or watch.ended),
        duration_ms=_ms(watch.sent, ended),
        tokens_per_second=_speed(watch, usage),
        cost=cost,
        tool_calls=tools.calls if tools else None,
        tool_ms=tools.duration_ms if tools else None,
        rounds=tools.rounds if tools else None,
        finish_reason=wire.finish_reason,
        finish_word=wire.finish_word or None,
        request_id=wire.request_id,
        server_model=wire.model,
        region=wire.headers.get("x-ms-region"),
        wire=wire.wire,
        summarised=wire.summarised,
        remaining_requests=wire.count("x-ratelimit-remaining-requests"),
        remaining_tokens=wire.count("x-ratelimit-remaining-tokens"),
    )


def with_earlier(last: Message, before: Message) -> Message:
    """Add to a response the tokens and cost of the part it continues.

    Times are dropped, because neither part's time is that of the whole. If the last part produced nothing, the earlier
    tokens are used.
    """
    own, was = last.figures or Figures(), before.figures or Figures()
    cost = was.cost if last.usage is None else _sum(was.cost, own.cost)
    combined = replace(
        own,
        ttft_ms=None,
        reasoning_ms=None,
        duration_ms=None,
        tokens_per_second=None,
        cost=cost,
        own_cost=0.0 if last.usage is None else own.cost,
    )
    usage = before.usage if last.usage is None else together(before.usage, last.usage)
    return replace(last, figures=combined, usage=usage)


def together(one: Usage | None, other: Usage) -> Usage | None:
    """Return the total tokens of two requests; None if either is unknown."""
    if one is None:
        return None
    return Usage(
        input_tokens=_sum(one.input_tokens, other.input_tokens),
        output_tokens=_sum(one.output_tokens, other.output_tokens),
        reasoning_tokens=_sum_known(one.reasoning_tokens, other.reasoning_tokens),
        total_tokens=_sum(one.total_tokens, other.total_tokens),
        cached_tokens=_sum_known(one.cached_tokens, other.cached_tokens),
        stored_tokens=_sum_known(one.stored_tokens, other.stored_tokens),
        estimated=one.estimated or other.estimated,
    )


def _sum(one: _Number | None, other: _Number | None) -> _Number | None:
    return None if one is None or other is None else one + other


def _sum_known(one: int | None, other: int | None) -> int | None:
    """Add counts that servers omit when they are zero."""
    return None if one is None and other is None else (one or 0) + (other or 0)


def _ms(start: float | None, end: float | None) -> float | None:
    """Return the milliseconds between two times; None if one is unknown or `end` precedes `start`."""
    return None if start is None or end is None or end < start else round((end - start) * 1000, 1)


def _speed(watch: Stopwatch, usage: Usage | None) -> float | None:
    """Return streamed tokens per second from first to last token.

    For a response that arrived in one piece, the time from sending to the end is used.
    """
    if usage is None or usage.output_tokens is None or watch.first is None or watch.last is None:
        return None
    if watch.first == watch.last:
        taken = (watch.ended or watch.last) - (watch.sent or watch.first)
        return round(usage.output_tokens / taken, 1) if taken > 0 and usage.output_tokens else None
    streamed = usage.output_tokens
    apart = usage.billed_output_tokens != usage.output_tokens
    if usage.reasoning_tokens and apart and watch.saw_reasoning:
        streamed += usage.reasoning_tokens
    elif usage.reasoning_tokens and not apart and not watch.saw_reasoning:
        streamed -= usage.reasoning_tokens
    elapsed = watch.last - watch.first - watch.paused - watch.silent
    return round((streamed - 1) / elapsed, 1) if streamed > 1 and elapsed > 0 else None
