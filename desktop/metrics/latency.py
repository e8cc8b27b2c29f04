"""Latency of models over all their responses: p50 and p95, by day and connection. Pure functions.

Excluded but counted: responses that failed or were stopped, and buffered ones, whose first and last tokens arrived
together.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from enum import StrEnum

from msgspec import Struct

from desktop.domain.answer_timing import AnswerTiming
from desktop.domain.conversation_types import ModelRef, Status, meaningful_rate

FEWEST = 20
"""Minimum number of responses for a p95. With fewer, it would be the slowest response."""

_PIECES = 6
"""Number of tokens that normally arrive in several chunks."""
_WAITED_MS = 300.0
_FASTEST = 3_000.0
"""Tokens per second that no model reaches, so the text was buffered. The connection test uses the same rule."""
_ALL_OF_IT = 0.9
"""Share of the duration that has passed at the first token if the response arrived in one chunk."""
_WHOLE = Status.COMPLETE.value
_ERRORS = frozenset({Status.FAILED.value, Status.INTERRUPTED.value})
_QUARTER_MS = 900_000
"""A quarter of an hour, which is always within a single day in any time zone."""


class TimeMeasure(StrEnum):
    """What is measured of a response: time to first token and duration in ms, or tokens per second."""

    TTFT = "ttft_ms"
    DURATION = "duration_ms"
    SPEED = "speed"


class Quantiles(Struct, frozen=True):
    """Number of values, p50, and p5 and p95, which are None if there are too few values."""

    answers: int
    median: float
    p5: float | None = None
    p95: float | None = None


class Latency(Struct, frozen=True, kw_only=True):
    """Latency of a set of responses of one model, with counts. Values that were not measured are None.

    `ttft_ms` and `duration_ms` are in milliseconds, `speed` in tokens per second. `held_back` counts buffered
    responses, `errors` failed or interrupted ones, `stopped` stopped ones.
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
        """Number of excluded responses."""
        return self.held_back + self.errors + self.stopped

    def of(self, measure: TimeMeasure) -> Quantiles | None:
        """Return the quantiles of one measure."""
        match measure:
            case TimeMeasure.TTFT:
                return self.ttft_ms
            case TimeMeasure.DURATION:
                return self.duration_ms
            case TimeMeasure.SPEED:
                return self.speed


class ModelLatency(Struct, frozen=True):
    """Latency of a model of a connection: for all responses, and by day with the newest first.

    `values` are the measurements of each response, for each measure.
    """

    model: ModelRef
    whole: Latency
    days: tuple[tuple[date, Latency], ...]
    values: Mapping[TimeMeasure, Sequence[float]]


def latencies(timings: Iterable[AnswerTiming], zone: tzinfo | None = None) -> tuple[ModelLatency, ...]:
    """Return the latency of all models, sorted by name and connection.

    Args:
        zone: Time zone that defines days; by default, the local one.
    """
    by_model: dict[tuple[str, str], dict[date, _Gathered]] = defaultdict(lambda: defaultdict(_Gathered))
    days: dict[int, date] = {}
    for timing in timings:
        if not timing.connection or not timing.name:
            continue
        quarter = timing.at // _QUARTER_MS
        day = days.get(quarter)
        if day is None:
            day = days[quarter] = datetime.fromtimestamp(quarter * _QUARTER_MS / 1000, zone).date()
        by_model[timing.name, timing.connection][day].add(timing)
    found: list[ModelLatency] = []
    for (name, connection), of in sorted(by_model.items(), key=lambda item: [part.casefold() for part in item[0]]):
        whole = _together(of.values())
        model = ModelRef(connection=connection, name=name)
        by_day = tuple((day, of[day].latency) for day in sorted(of, reverse=True))
        found.append(ModelLatency(model, whole.latency, by_day, whole.values))
    return tuple(found)


class _Gathered:
    """Collects measurements of responses of one model."""

    def __init__(self) -> None:
        self.answers = self.held_back = self.errors = self.stopped = 0
        self.ttft: list[float] = []
        self.duration: list[float] = []
        self.speed: list[float] = []

    def add(self, timing: AnswerTiming) -> None:
        """Add a response. Unfinished and unmeasured responses are ignored."""
        status, duration, ttft, speed = timing.status, timing.duration_ms, timing.ttft_ms, timing.tokens_per_second
        if status != _WHOLE:
            self.stopped += status == Status.STOPPED
            self.errors += status in _ERRORS
            return
        if duration is None:
            return
        # This is sufficient for most responses
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
        """Latency calculated from the measurements."""
        return Latency(
            answers=self.answers,
            held_back=self.held_back,
            errors=self.errors,
            stopped=self.stopped,
            ttft_ms=quantiles(self.ttft),
            duration_ms=quantiles(self.duration),
            speed=quantiles(self.speed),
        )

    @property
    def values(self) -> Mapping[TimeMeasure, Sequence[float]]:
        """The measurements themselves, in arrays, because lists of a hundred thousand take four times as much."""
        return {
            TimeMeasure.TTFT: array("d", self.ttft),
            TimeMeasure.DURATION: array("d", self.duration),
            TimeMeasure.SPEED: array("d", self.speed),
        }


def _together(of: Iterable[_Gathered]) -> _Gathered:
    whole = _Gathered()
    for part in of:
        whole.answers += part.answers
        whole.held_back += part.held_back
        whole.errors += part.errors
        whole.stopped += part.stopped
        whole.ttft += part.ttft
        whole.duration += part.duration
        whole.speed += part.speed
    return whole


def is_held_back(timing: AnswerTiming) -> bool:
    """Whether a response was buffered, i.e. arrived all at once after a wait.

    Responses of a few words are not considered buffered, because they always arrive in one chunk. Hidden reasoning is
    ignored.
    """
    made, thought = timing.output_tokens or 0, timing.reasoning_tokens or 0
    shown = made - thought if made > thought else made
    if shown < _PIECES or timing.ttft_ms is None or timing.ttft_ms <= _WAITED_MS:
        return False
    return _is_one_piece(timing) or (timing.tokens_per_second or 0) > _FASTEST


def _is_one_piece(timing: AnswerTiming) -> bool:
    """Whether the first token was also the last, so that the speed covers the whole duration (see `answer_figures`)."""
    speed, whole, first = timing.tokens_per_second, timing.duration_ms, timing.ttft_ms
    if not speed or not whole or first is None or timing.output_tokens is None or first < _ALL_OF_IT * whole:
        return False
    return abs(speed * whole / 1000 - timing.output_tokens) <= 0.01 * timing.output_tokens + 0.0001 * whole


def quantiles(values: Sequence[float]) -> Quantiles | None:
    """Return p50 and, with enough values, p5 and p95 by linear interpolation, or None without values."""
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
