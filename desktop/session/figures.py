"""Figures of an answer: when its tokens came, how many there were, what they cost; pure, time is passed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from desktop.catalog.entries import Entry
from desktop.domain import Figures, Usage
from desktop.session.history import estimate_tokens

_GREAT_PIECE = 8
"""Deltas that come at one moment where something on the way gathers them."""

_LONG_S = 0.5
"""Seconds between pieces that are no tokens any more."""


@dataclass(slots=True)
class Stopwatch:
    """Moments of one answer in seconds of a monotonic clock: sent, first and last token, begun and ended to think."""

    sent: float | None = None
    first: float | None = None
    last: float | None = None
    ended: float | None = None
    saw_reasoning: bool = False
    thinking: float | None = None
    thought: float | None = None
    deltas: int = 0
    bursts: int = 0
    """Moments at which deltas came: those of one read of the network have one."""
    characters: int = 0
    at_first: int = 0
    """Characters that came at the first of them."""

    def token(self, at: float, characters: int = 1, *, reasoning: bool = False) -> None:
        """A delta came. All that one read of the network gave come at the same moment."""
        self.deltas += 1
        self.bursts += at != self.last
        self.characters += characters
        if self.first is None or at == self.first:
            self.at_first += characters
        self.first = at if self.first is None else self.first
        self.last = at
        self.saw_reasoning = self.saw_reasoning or reasoning
        if reasoning and self.thinking is None:
            self.thinking = at
        elif not reasoning and self.thinking is not None and self.thought is None:
            self.thought = at

    @property
    def held_back(self) -> bool:
        """Whether the answer came at once, or in few great pieces with long waits between: no stream of tokens."""
        if self.first is None or self.last is None:
            return False
        if self.bursts < 2 or self.deltas < _GREAT_PIECE * self.bursts:
            return self.first == self.last
        return self.bursts == 2 or (self.last - self.first) / (self.bursts - 1) > _LONG_S


@dataclass(slots=True)
class Wire:
    """What the server said beside the text."""

    finish_reason: str | None = None
    request_id: str | None = None
    model: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    def count(self, header: str) -> int | None:
        """A header's whole number; None where it is missing, negative (unknown) or no number."""
        text = self.headers.get(header, "")
        return int(text) if text.isascii() and text.isdigit() else None


def estimated_usage(sent: str, answer: str, reasoning: str) -> Usage:
    """Usage where the server counted nothing: rough, and marked so."""
    return Usage(
        input_tokens=estimate_tokens(sent),
        output_tokens=estimate_tokens(answer) + estimate_tokens(reasoning),
        reasoning_tokens=estimate_tokens(reasoning) if reasoning else None,
        estimated=True,
    )


def figures(watch: Stopwatch, wire: Wire, usage: Usage | None, entry: Entry) -> Figures:
    """All figures that can be told; None for the rest."""
    return Figures(
        ttft_ms=_ms(watch.sent, watch.first),
        reasoning_ms=_ms(watch.thinking, watch.thought or watch.ended),
        duration_ms=_ms(watch.sent, watch.ended),
        tokens_per_second=_speed(watch, usage),
        cost=entry.cost(usage) if usage else None,
        finish_reason=wire.finish_reason,
        request_id=wire.request_id,
        server_model=wire.model,
        region=wire.headers.get("x-ms-region"),
        remaining_requests=wire.count("x-ratelimit-remaining-requests"),
        remaining_tokens=wire.count("x-ratelimit-remaining-tokens"),
        held_back=watch.held_back,
    )


def _ms(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else round((end - start) * 1000, 1)


def _speed(watch: Stopwatch, usage: Usage | None) -> float | None:
    """Tokens per second from the first to the last one, of those that came after the first moment.

    An answer that came in one piece has only the time from sending to its end.
    """
    if usage is None or usage.output_tokens is None or watch.first is None or watch.last is None:
        return None
    if watch.first == watch.last:
        begun = watch.first if watch.sent is None else watch.sent
        taken = (watch.last if watch.ended is None else watch.ended) - begun
        return round(usage.output_tokens / taken, 1) if taken > 0 and usage.output_tokens else None
    streamed = usage.output_tokens
    apart = usage.billed_output_tokens != usage.output_tokens
    if usage.reasoning_tokens and apart and watch.saw_reasoning:
        streamed += usage.reasoning_tokens
    elif usage.reasoning_tokens and not apart and not watch.saw_reasoning:
        streamed -= usage.reasoning_tokens
    elapsed = watch.last - watch.first
    later = streamed - 1
    if watch.characters > watch.at_first > 0:
        later = streamed * (1 - watch.at_first / watch.characters)
    return round(later / elapsed, 1) if later > 0 and elapsed > 0 else None
