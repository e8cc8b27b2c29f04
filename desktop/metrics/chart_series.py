"""Series for charts over the history: percentiles by day, samples of responses, and costs by day. Pure functions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

from msgspec import Struct

from desktop.domain.answer_timing import CostSlice
from desktop.domain.conversation_types import ModelRef
from desktop.metrics.figures import SAME_SPEED
from desktop.metrics.latency import FEWEST, ModelLatency, Quantiles, TimeMeasure

_MOST_DAYS, _MOST_WEEKS = 62, 62 * 7
"""Number of days up to which costs are added up by day, and by week."""
_BEYOND = 1.5
"""Extent of a scale relative to the largest p95, so that one slow response does not squeeze all others."""


class DayPercentiles(Struct, frozen=True):
    """Percentiles of a model's responses of one day. `low` and `high` are p5 and p95, or None if there are too few."""

    day: date
    answers: int
    median: float
    low: float | None
    high: float | None


def percentiles_by_day(model: ModelLatency, measure: TimeMeasure) -> tuple[DayPercentiles, ...]:
    """Return the percentiles of all days on which something was measured, oldest first."""
    found = ((day, latency.of(measure)) for day, latency in reversed(model.days))
    return tuple(
        DayPercentiles(day, each.answers, each.median, each.p5, each.p95) for day, each in found if each is not None
    )


def sampled(values: Sequence[float], most: int) -> tuple[float, ...]:
    """Return at most this many values in ascending order, at evenly spaced ranks from the smallest to the largest."""
    ranked = sorted(values)
    if len(ranked) <= most:
        return tuple(ranked)
    return tuple(ranked[round(place * (len(ranked) - 1) / (most - 1))] for place in range(most))


def far_end(models: Sequence[ModelLatency], measure: TimeMeasure) -> float:
    """Return the end of a scale for single responses: the largest value, unless it is far beyond every p95."""
    largest = max((max(values) for each in models if (values := each.values[measure])), default=0.0)
    ends = [_BEYOND * found.p95 for found in _quantiles(models, measure) if found.p95 is not None]
    few = [max(values) for each in models if 0 < len(values := each.values[measure]) < FEWEST]
    return min(largest, max([*ends, *few])) if ends else largest


def extremes(models: Sequence[ModelLatency], measure: TimeMeasure) -> tuple[ModelLatency, ...]:
    """Return the models with the best and the worst median among those with enough responses.

    If only one model has enough responses, it is the only one.
    """
    told = [each for each in models if (found := each.whole.of(measure)) and found.answers >= FEWEST]
    told.sort(key=lambda each: _median(each, measure), reverse=measure is TimeMeasure.SPEED)
    return tuple(told) if len(told) < 2 else (told[0], told[-1])


def are_alike(found: Sequence[ModelLatency], measure: TimeMeasure) -> bool:
    """Whether the medians of models are practically equal."""
    medians = [_median(each, measure) for each in found]
    return max(medians) - min(medians) <= SAME_SPEED * max(medians)


def _median(model: ModelLatency, measure: TimeMeasure) -> float:
    found = model.whole.of(measure)
    return found.median if found is not None else 0.0


def _quantiles(models: Sequence[ModelLatency], measure: TimeMeasure) -> list[Quantiles]:
    return [found for each in models if (found := each.whole.of(measure)) is not None]


class CostStep(StrEnum):
    """Time that one bar of a cost chart covers."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class DatedCosts(Struct, frozen=True):
    """Costs in US dollars by the first day of each step and by model, without gaps and oldest first.

    `models` are sorted by their total, the dearest first. None stands for runs and replays.
    """

    step: CostStep
    models: tuple[ModelRef | None, ...]
    costs: tuple[tuple[date, Mapping[ModelRef | None, float]], ...]

    @property
    def usd(self) -> float:
        """Total cost."""
        return sum(sum(each.values()) for _, each in self.costs)


def costs_by_day(slices: Iterable[CostSlice], zone: tzinfo | None = None) -> DatedCosts:
    """Return costs by day, or by week or month if they cover a long time.

    Args:
        zone: Time zone that defines days; by default, the local one.
    """
    spent: dict[date, dict[ModelRef | None, float]] = defaultdict(lambda: defaultdict(float))
    totals: dict[ModelRef | None, float] = defaultdict(float)
    for each in slices:
        model = ModelRef(connection=each.connection, name=each.name) if each.name else None
        spent[datetime.fromtimestamp(each.at / 1000, zone).date()][model] += each.usd
        totals[model] += each.usd
    models = tuple(sorted(totals, key=lambda model: (-totals[model], str(model))))
    if not spent:
        return DatedCosts(CostStep.DAY, (), ())
    first, last = min(spent), max(spent)
    covered = (last - first).days + 1
    step = CostStep.DAY if covered <= _MOST_DAYS else CostStep.WEEK if covered <= _MOST_WEEKS else CostStep.MONTH
    steps: dict[date, dict[ModelRef | None, float]] = {}
    for number in range(covered):
        day = first + timedelta(days=number)
        bar = steps.setdefault(_start(day, step), defaultdict(float))
        for model, usd in spent.get(day, {}).items():
            bar[model] += usd
    return DatedCosts(step, models, tuple((day, dict(bar)) for day, bar in steps.items()))


def _start(day: date, step: CostStep) -> date:
    """Return the first day of the step that a day belongs to."""
    if step is CostStep.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if step is CostStep.MONTH else day
