"""Text of the latency and cost page: what it found, rows of its tables, and values of its charts. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from desktop.domain.conversation_types import ModelRef
from desktop.metrics.chart_series import are_alike, extremes
from desktop.metrics.latency import FEWEST, Latency, ModelLatency, Quantiles, TimeMeasure
from desktop.metrics.volume_cost import ChatCost, NoCost
from desktop.text.phrases import Phrase, phrase, refilled
from ui.base.figures_text import duration_text, money, speed_text
from ui.base.strings import decimal, number_text, tr
from ui.charts.scale import decimals


def seconds_tick(ms: float) -> str:
    """Format a value of a scale of milliseconds, such as "0.5 s"."""
    return tr("{s} s", s=decimal(ms / 1000, decimals((ms / 1000,))))


def speed_tick(speed: float) -> str:
    """Format a value of a scale of tokens per second."""
    return decimal(speed, decimals((speed,)))


def money_tick(usd: float) -> str:
    """Format a value of a scale of costs, such as "$0.50" or "$2"."""
    places = decimals((usd,))
    return tr("${amount}", amount=decimal(usd, max(places, 2) if places else 0))


def _short_speed(speed: float) -> str:
    return tr("{speed} tok/s", speed=speed_text(speed))


def _long_speed(speed: float) -> str:
    return tr("{speed} tokens per second", speed=speed_text(speed))


class MeasureText(Struct, frozen=True):
    """Names and formats of a measure, and sentences on the best model, on all alike, and on a single one.

    `said` formats values within these sentences.
    """

    name: Phrase
    unit: str
    text: Callable[[float], str]
    tick: Callable[[float], str]
    two: Phrase
    alike: Phrase
    one: Phrase
    said: Callable[[float], str]


MEASURE_TEXTS = {
    TimeMeasure.TTFT: MeasureText(
        phrase("Time to first token"),
        "ms",
        duration_text,
        seconds_tick,
        phrase("{first} starts to respond soonest, usually after {low}; {last} takes {high}."),
        phrase("All models start to respond about equally soon, usually after {low}."),
        phrase("{first} usually starts to respond after {low}."),
        duration_text,
    ),
    TimeMeasure.DURATION: MeasureText(
        phrase("Total time"),
        "ms",
        duration_text,
        seconds_tick,
        phrase("{first} finishes soonest, usually after {low}; {last} takes {high}."),
        phrase("All models finish about equally soon, usually after {low}."),
        phrase("{first} usually finishes after {low}."),
        duration_text,
    ),
    TimeMeasure.SPEED: MeasureText(
        phrase("Tokens per second"),
        "tok/s",
        _short_speed,
        speed_tick,
        phrase("{first} writes fastest, usually {low}; {last} writes {high}."),
        phrase("All models write about equally fast, usually {low}."),
        phrase("{first} usually writes {low}."),
        _long_speed,
    ),
}


def model_names(models: Sequence[ModelRef]) -> Mapping[ModelRef, str]:
    """Return the names of models, with their connections where several have the same name."""
    names = [each.name for each in models]
    return {each: str(each) if names.count(each.name) > 1 else each.name for each in models}


def finding_text(models: Sequence[ModelLatency], measure: TimeMeasure, names: Mapping[ModelRef, str]) -> str:
    """Say in one sentence what the responses show about a measure."""
    if not models:
        return ""
    texts, found = MEASURE_TEXTS[measure], extremes(models, measure)
    medians = [texts.said(each.median) for model in found if (each := model.whole.of(measure)) is not None]
    if not found:
        return tr("There are too few responses to compare models. Each model needs {n}.", n=number_text(FEWEST))
    first, last, low, high = names[found[0].model], names[found[-1].model], medians[0], medians[-1]
    if len(found) == 1:
        return tr(refilled(texts.one, first=first, low=low))
    if are_alike(found, measure):
        return tr(refilled(texts.alike, low=low))
    return tr(refilled(texts.two, first=first, last=last, low=low, high=high))


_WHY = {
    NoCost.ANSWER: phrase("no complete responses yet"),
    NoCost.PRICE: phrase("price unknown"),
    NoCost.COUNT: phrase("tokens not counted"),
}


def latency_head(first: str) -> tuple[str, ...]:
    """Return the column titles for latencies; `first` is the title of the first column."""
    return (
        first,
        tr("Responses"),
        tr("TTFT"),
        tr("p95"),
        tr("Tokens per second"),
        tr("p95 (lower bound)"),
        tr("Total time"),
        tr("p95"),
        tr("Not counted"),
    )


def latency_cells(name: str, told: Latency) -> tuple[str, ...]:
    """Return a table row with medians and 95th percentiles; unknown figures are empty."""
    return (
        name,
        number_text(told.answers),
        *_ends(told.ttft_ms, duration_text, at_least=False),
        *_ends(told.speed, speed_text, at_least=True),
        *_ends(told.duration_ms, duration_text, at_least=False),
        number_text(told.left_out) if told.left_out else "0",
    )


def _ends(found: Quantiles | None, text: Callable[[float], str], *, at_least: bool) -> tuple[str, str]:
    if found is None:
        return "", ""
    end = found.p5 if at_least else found.p95
    return text(found.median), "" if end is None else text(end)


def counted_text(told: Sequence[Latency]) -> str:
    """Explain which responses are not counted and whether there are too few for p95."""
    if not told:
        return tr("No response has been measured yet.")
    held_back, errors, stopped = (
        sum(each) for each in zip(*((one.held_back, one.errors, one.stopped) for one in told), strict=True)
    )
    sentences = [tr("Medians of complete responses.")]
    if held_back + errors + stopped:
        sentences.append(
            tr(
                "Not counted: {held} buffered in transit, {errors} failed or interrupted, {stopped} stopped.",
                held=number_text(held_back),
                errors=number_text(errors),
                stopped=number_text(stopped),
            )
        )
    if any(each.answers < FEWEST for each in told):
        sentences.append(tr("p95 needs at least {n} responses.", n=number_text(FEWEST)))
    return " ".join(sentences)


def cost_head() -> tuple[str, ...]:
    """Return the column titles for the cost of conversations."""
    return tr("Model"), tr("One conversation"), tr("Per month"), tr("Responses")


def cost_cells(name: str, cost: ChatCost, times: int) -> tuple[str, ...]:
    """Return a row with the cost of one conversation and of `times` conversations, or why it is unknown."""
    whole, about = cost.at(times), "~" if cost.estimated else ""
    if cost.usd is None or whole is None:
        return name, tr(_WHY[cost.why or NoCost.PRICE]), "", number_text(cost.answers)
    return name, f"{about}{once_money(cost.usd)}", f"{about}{volume_money(whole)}", number_text(cost.answers)


def once_money(usd: float) -> str:
    """Format a small amount with two significant digits, such as "$0.000072"."""
    if not 0 < usd < 0.01:
        return money(usd)
    return tr("${amount}", amount=decimal(usd, 1 - math.floor(math.log10(usd))))


def volume_money(usd: float) -> str:
    """Format a large amount, such as "$41.20" or "$12,400"."""
    return money(usd) if usd < 1000 else tr("${amount}", amount=number_text(round(usd)))


def priced_text(costs: Sequence[ChatCost]) -> str:
    """Explain which prices are used and what is not counted."""
    said = [tr("Based on current list prices and the tokens counted in complete responses.")]
    if any(each.why is NoCost.PRICE for each in costs):
        said.append(tr("Unknown prices are not estimated."))
    return " ".join(said)
