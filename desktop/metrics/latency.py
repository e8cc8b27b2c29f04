"""Latencies of models over all their answers: median and 95th percentile, by day and by connection; pure.

What says nothing of the model is left out and counted: answers that failed or were stopped, and those that something
on the way held back until they were whole, whose first token came with their last.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, tzinfo

from msgspec import Struct

from desktop.domain.answer_timing import AnswerTiming
from desktop.domain.conversation_types import ModelRef, Status, meaningful_rate

FEWEST = 20
"""With fewer answers there is no 95th percentile: it would be the worst of them."""

_PIECES = 6
"""So many tokens come in several pieces where nothing holds them back."""
_WAITED_MS = 300.0
_FASTEST = 3_000.0
"""Tokens a second from which on no model makes them: they were there already. Six in two milliseconds, as the check of
a connection has it."""
_ALL_OF_IT = 0.9
"""Part of the time that was over by the first token, in an answer of one piece."""
_WHOLE = Status.COMPLETE.value
_ERRORS = frozenset({Status.FAILED.value, Status.INTERRUPTED.value})
_QUARTER_MS = 900_000
"""All of it is one day in any time zone."""


class Quantiles(Struct, frozen=True):
    """Of so many answers the middle one, and the ends that 5 of 100 lie beyond; None where there are too few."""

    answers: int
    median: float
    p5: float | None = None
    p95: float | None = None


class Latency(Struct, frozen=True, kw_only=True):
    """Of some answers of one model: how many are counted and left out, and what was measured; None where nothing was.

    `ttft_ms` and `duration_ms` are milliseconds, `speed` is tokens a second. `held_back` are those that came at once
    after a wait, `errors` failed or broke off, `stopped` were stopped.
    """

    answers: int = 0
    held_back: int = 0
    errors: int = 0
    stopped: int = 0
    ttft_ms: Quantiles | None = None
    duration_ms: Quantiles | None = None
    speed: Quantiles | None = None

    @property
    def left_out(self) -> int:
        """How many are left out."""
        return self.held_back + self.errors + self.stopped


class ModelLatency(Struct, frozen=True):
    """A model of a connection: over all its answers, and day by day, the newest first."""

    model: ModelRef
    whole: Latency
    days: tuple[tuple[date, Latency], ...]


def latencies(timings: Iterable[AnswerTiming], zone: tzinfo | None = None) -> tuple[ModelLatency, ...]:
    """The latencies of all models, by name and then by connection.

    Days are those of a time zone, the computer's own without one.
    """
    by_model: dict[tuple[str, str], dict[date, _Gathered]] = defaultdict(lambda: defaultdict(_Gathered))
    days: dict[int, date] = {}
    for each in timings:
        if not each.connection or not each.name:
            continue
        quarter = each.at // _QUARTER_MS
        day = days.get(quarter)
        if day is None:
            day = days[quarter] = datetime.fromtimestamp(quarter * _QUARTER_MS / 1000, zone).date()
        by_model[each.name, each.connection][day].add(each)
    return tuple(
        ModelLatency(
            ModelRef(connection=connection, name=name),
            _together(of.values()).latency,
            tuple((day, of[day].latency) for day in sorted(of, reverse=True)),
        )
        for (name, connection), of in sorted(by_model.items(), key=lambda item: [each.casefold() for each in item[0]])
    )


class _Gathered:
    """What was measured of some answers of one model."""

    def __init__(self) -> None:
        self.answers = self.held_back = self.errors = self.stopped = 0
        self.ttft: list[float] = []
        self.duration: list[float] = []
        self.speed: list[float] = []

    def add(self, timing: AnswerTiming) -> None:
        """One answer more; what is still made, or was never measured, is none."""
        status, duration, ttft, speed = timing.status, timing.duration_ms, timing.ttft_ms, timing.tokens_per_second
        if status != _WHOLE:
            self.stopped += status == Status.STOPPED
            self.errors += status in _ERRORS
            return
        if duration is None:
            return
        # Of most answers this says it all
        streamed = ttft is None or (ttft < _ALL_OF_IT * duration and (speed or 0.0) <= _FASTEST)
        if not streamed and is_held_back(timing):
            self.held_back += 1
            return
        self.answers += 1
        self.duration.append(duration)
        if ttft is not None:
            self.ttft.append(ttft)
        speed = meaningful_rate(speed, timing.output_tokens)
        if speed and (streamed or not _is_one_piece(timing)):
            self.speed.append(speed)

    @property
    def latency(self) -> Latency:
        """What it comes to."""
        return Latency(
            answers=self.answers,
            held_back=self.held_back,
            errors=self.errors,
            stopped=self.stopped,
            ttft_ms=quantiles(self.ttft),
            duration_ms=quantiles(self.duration),
            speed=quantiles(self.speed),
        )


def _together(of: Iterable[_Gathered]) -> _Gathered:
    whole = _Gathered()
    for each in of:
        whole.answers += each.answers
        whole.held_back += each.held_back
        whole.errors += each.errors
        whole.stopped += each.stopped
        whole.ttft += each.ttft
        whole.duration += each.duration
        whole.speed += each.speed
    return whole


def is_held_back(timing: AnswerTiming) -> bool:
    """Whether an answer came all at once after a wait: something on the way held it back until it was whole.

    A few words come in one piece anywhere. Reasoning that is not shown takes no part in this.
    """
    made, thought = timing.output_tokens or 0, timing.reasoning_tokens or 0
    shown = made - thought if made > thought else made
    if shown < _PIECES or timing.ttft_ms is None or timing.ttft_ms <= _WAITED_MS:
        return False
    return _is_one_piece(timing) or (timing.tokens_per_second or 0) > _FASTEST


def _is_one_piece(timing: AnswerTiming) -> bool:
    """Whether its first token was its last: its speed is that of all its time then, see `answer_figures`."""
    speed, whole, first = timing.tokens_per_second, timing.duration_ms, timing.ttft_ms
    if not speed or not whole or first is None or timing.output_tokens is None or first < _ALL_OF_IT * whole:
        return False
    return abs(speed * whole / 1000 - timing.output_tokens) <= 0.01 * timing.output_tokens + 0.0001 * whole


def quantiles(values: Sequence[float]) -> Quantiles | None:
    """The median and, of enough values, the 5th and 95th percentile, between the two nearest; None of no value."""
    if not values:
        return None
    ranked = sorted(values)
    if len(ranked) < FEWEST:
        return Quantiles(len(ranked), _at(ranked, 0.5))
    return Quantiles(len(ranked), *(_at(ranked, part) for part in (0.5, 0.05, 0.95)))


def _at(ranked: Sequence[float], part: float) -> float:
    place = part * (len(ranked) - 1)
    below = int(place)
    above = min(below + 1, len(ranked) - 1)
    return ranked[below] + (ranked[above] - ranked[below]) * (place - below)
