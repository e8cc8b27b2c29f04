"""Figures of responses side by side: by turn, for all turns, badges and totals. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import islice, takewhile
from typing import NamedTuple

from desktop.domain.conversation_types import (
    RATED_TOKENS,
    Figures,
    Message,
    Role,
    Status,
    Usage,
    Value,
    meaningful_rate,
)
from desktop.metrics.pace import Pace

SAME_SPEED = 0.03
"""Relative difference in speed up to which responses tie. Repeated runs of one model differ by more."""

_NONE = Figures()
_UNCOUNTED = Usage()


class Mark(StrEnum):
    """Category of a badge."""

    SOONEST = "soonest"  # least time to the first token
    FASTEST = "fastest"  # most tokens per second
    SHORTEST = "shortest"  # least time in all
    CHEAPEST = "cheapest"  # least cost
    LONGEST = "longest"  # most tokens of output


class Standing(Value, frozen=True, kw_only=True):
    """A badge of a response. `tied` means that other responses share it."""

    mark: Mark
    tied: bool = False

    def __str__(self) -> str:
        return f"tied {self.mark}" if self.tied else str(self.mark)


class Phases(NamedTuple):
    """Milliseconds of waiting, reasoning and answering, in this order; 0 if unknown."""

    waiting: float
    thinking: float
    answering: float


class FigureLine(Value, frozen=True, kw_only=True):
    """Figures of a pane for one or more responses, in milliseconds, tokens and USD; None if unknown.

    For several responses, `ttft_ms` is the mean and `tokens_per_second` the combined speed; the rest are sums. `ending`
    is the finish reason or status; `answers` counts responses with text.
    """

    name: str
    answers: int = 0
    ttft_ms: float | None = None
    reasoning_ms: float | None = None
    duration_ms: float | None = None
    tokens_per_second: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    cost: float | None = None
    ending: str = ""
    estimated: bool = False
    summarised: bool = False
    """Whether the visible reasoning is a summary."""

    tool_calls: int | None = None
    tool_ms: float | None = None
    """Time of tool calls, which is not part of `duration_ms`."""

    waited_ms: float | None = None
    """Sum of the TTFTs of several responses."""

    whole: bool = True
    """Whether the response is complete. Only meaningful for a single response."""

    @property
    def phases(self) -> Phases:
        """Phases of the response's duration."""
        waiting = (self.ttft_ms if self.waited_ms is None else self.waited_ms) or 0.0
        whole = max(self.duration_ms or 0.0, waiting)
        thinking = min(self.reasoning_ms or 0.0, whole - waiting)
        return Phases(waiting, thinking, whole - waiting - thinking)


def turns(path: Sequence[Message]) -> list[tuple[Message, Message | None]]:
    """Return the prompts in a conversation with their responses, or None for missing responses."""
    pairs: list[tuple[Message, Message | None]] = []
    for message in path:
        if message.role is Role.USER:
            pairs.append((message, None))
        elif pairs and message.role is Role.ASSISTANT:
            pairs[-1] = (pairs[-1][0], message)
    return pairs


def of_turn(name: str, path: Sequence[Message], turn: int | None) -> FigureLine:
    """Return the figures of one turn, numbered from 0, or empty figures if there is no response."""
    answer = _answer(path, turn) if turn is not None and turn >= 0 else None
    return FigureLine(name=name) if answer is None else _of_answer(name, answer)


def _answer(path: Sequence[Message], turn: int) -> Message | None:
    """Return the response of one turn without building the list of all turns, of which there may be thousands."""
    prompts = (at for at, message in enumerate(path) if message.role is Role.USER)
    if (asked := next(islice(prompts, turn, None), None)) is None:
        return None
    said = takewhile(lambda message: message.role is not Role.USER, islice(path, asked + 1, None))
    return next((each for each in reversed([*said]) if each.role is Role.ASSISTANT), None)


def of_live(name: str, pace: Pace, at: float) -> FigureLine:
    """Return estimated figures of a streaming response at a point in time of the monotonic clock."""
    waits = pace.sent > at  # it is sent later, because the server requested a pause
    whole = None if waits else (at - pace.sent) * 1000
    first = None if pace.first is None else (pace.first - pace.sent) * 1000
    thought = pace.thought_s(at)
    return FigureLine(
        name=name,
        ttft_ms=whole if first is None else first,
        reasoning_ms=thought * 1000 if thought else None,
        duration_ms=whole,
        tokens_per_second=meaningful_rate(pace.speed(at), pace.tokens),
        output_tokens=None if waits else pace.tokens,
        ending="waiting" if first is None else "answering",
        estimated=True,
    )


def is_copy(message: Message, begun: datetime | None) -> bool:
    """Whether a message was copied from an older conversation."""
    return begun is not None and message.created_at < begun and not message.imported


def over_all(name: str, path: Sequence[Message], begun: datetime | None = None) -> FigureLine:
    """Return the figures of all turns together, excluding messages copied from an older conversation."""
    answers = [answer for _, answer in turns(path) if answer is not None and not is_copy(answer, begun)]
    lines = [_of_answer(name, answer) for answer in answers]
    if not lines:
        return FigureLine(name=name)
    times = [line.ttft_ms for line in lines if line.ttft_ms is not None]
    return FigureLine(
        name=name,
        answers=sum(line.answers for line in lines),
        ttft_ms=sum(times) / len(times) if times else None,
        waited_ms=_sum([line.ttft_ms for line in lines]),
        reasoning_ms=_sum([line.reasoning_ms for line in lines]),
        duration_ms=_sum([line.duration_ms for line in lines]),
        tokens_per_second=_common_speed(lines),
        input_tokens=_count([line.input_tokens for line in lines]),
        output_tokens=_count([line.output_tokens for line in lines]),
        reasoning_tokens=_count([line.reasoning_tokens for line in lines]),
        cost=_sum([line.cost for line in lines]),
        ending=_endings(lines),
        tool_calls=_count([line.tool_calls for line in lines]),
        tool_ms=_sum([line.tool_ms for line in lines]),
        estimated=any(line.estimated for line in lines),
        summarised=any(line.summarised for line in lines),
    )


def total(lines: Sequence[FigureLine]) -> FigureLine:
    """Return the total of all panes. Because panes run in parallel, the duration is that of the longest one."""
    durations = [line.duration_ms for line in lines if line.duration_ms is not None]
    return FigureLine(
        name="All",
        answers=sum(line.answers for line in lines),
        duration_ms=max(durations, default=None),
        input_tokens=_count([line.input_tokens for line in lines]),
        output_tokens=_count([line.output_tokens for line in lines]),
        reasoning_tokens=_count([line.reasoning_tokens for line in lines]),
        cost=_sum([line.cost for line in lines]),
        estimated=any(line.estimated for line in lines),
    )


def standings(lines: Sequence[FigureLine]) -> list[tuple[Standing, ...]]:
    """Return the badges of each line. There are none if only one value is known or all are zero.

    Interrupted responses are excluded because they are cheaper, and responses of a few tokens because they are always
    fast.
    """
    badges: list[list[Standing]] = [[] for _ in lines]
    ways: tuple[tuple[Mark, Callable[[FigureLine], float | None], float], ...] = (
        (Mark.SOONEST, lambda line: None if line.ttft_ms is None else -line.ttft_ms, SAME_SPEED),
        (Mark.FASTEST, lambda line: line.tokens_per_second, SAME_SPEED),
        (Mark.SHORTEST, lambda line: None if line.duration_ms is None else -line.duration_ms, SAME_SPEED),
        (Mark.CHEAPEST, lambda line: None if line.cost is None else -line.cost, 1e-9),
        (Mark.LONGEST, lambda line: line.output_tokens, 0.0),
    )
    for mark, value_of, tolerance in ways:
        first = _first([value_of(line) if _is_ranked(line) else None for line in lines], tolerance)
        for place in first:
            badges[place].append(Standing(mark=mark, tied=len(first) > 1))
    return [tuple(each) for each in badges]


def _is_ranked(line: FigureLine) -> bool:
    return line.whole and (line.output_tokens is None or line.output_tokens >= RATED_TOKENS)


def _first(values: Sequence[float | None], tolerance: float) -> list[int]:
    """Return the indexes of the largest value and of the values within a tolerance of it."""
    known = [value for value in values if value is not None]
    if len(known) < 2 or not any(known):
        return []
    best = max(known)
    least = best - abs(best) * tolerance
    return [place for place, value in enumerate(values) if value is not None and value >= least]


def _of_answer(name: str, answer: Message) -> FigureLine:
    figures, usage = answer.figures or _NONE, answer.usage or _UNCOUNTED
    return FigureLine(
        name=name,
        answers=int(bool(answer.text.strip())),
        ttft_ms=figures.ttft_ms,
        reasoning_ms=figures.reasoning_ms,
        duration_ms=figures.duration_ms,
        tokens_per_second=meaningful_rate(figures.tokens_per_second, usage.output_tokens),
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        reasoning_tokens=usage.reasoning_tokens,
        cost=figures.cost,
        ending=_ending(answer),
        tool_calls=figures.tool_calls,
        tool_ms=figures.tool_ms,
        estimated=usage.estimated,
        summarised=figures.summarised,
        whole=answer.status is Status.COMPLETE,
    )


def _ending(answer: Message) -> str:
    """Return the finish reason of a complete response, or the status of any other."""
    reason = answer.figures.finish_reason if answer.figures else None
    return reason or "" if answer.status is Status.COMPLETE else str(answer.status)


def _endings(lines: Sequence[FigureLine]) -> str:
    counted = Counter(line.ending for line in lines if line.ending)
    if len(counted) == 1:
        return next(iter(counted))
    return ", ".join(f"{ending} {count}" for ending, count in counted.most_common())


def _common_speed(lines: Sequence[FigureLine]) -> float | None:
    """Return total tokens divided by total time, or None if unknown."""
    pairs = [(line.output_tokens, line.tokens_per_second) for line in lines]
    measured = [(tokens, speed) for tokens, speed in pairs if tokens and speed]
    taken = sum(tokens / speed for tokens, speed in measured)
    return sum(tokens for tokens, _ in measured) / taken if taken else None


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _count(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
