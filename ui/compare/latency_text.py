"""Latencies and costs at a volume in words and cells; pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from desktop.evaluation.latency import FEWEST, Latency, Quantiles
from desktop.evaluation.volume_cost import ChatCost, NoCost
from desktop.phrases import phrase
from ui.figures_text import duration_text, money, speed_text
from ui.strings import decimal, number_text, tr, trn

_WHY = {
    NoCost.ANSWER: phrase("no complete responses yet"),
    NoCost.PRICE: phrase("price unknown"),
    NoCost.COUNT: phrase("tokens not counted"),
}


def latency_head(first: str) -> tuple[str, ...]:
    """What stands above latencies; `first` says what the rows are."""
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
    """A row: medians, each with the end that 95 of 100 answers keep; empty for what is not known."""
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
    """What is left out of latencies, and where answers are few."""
    if not told:
        return tr("No response has been measured yet.")
    held, errors, stopped = (
        sum(each) for each in zip(*((one.held_back, one.errors, one.stopped) for one in told), strict=True)
    )
    said = [tr("Medians of complete responses.")]
    if held + errors + stopped:
        said.append(
            tr(
                "Not counted: {held} buffered on the way, {errors} failed or interrupted, {stopped} stopped.",
                held=number_text(held),
                errors=number_text(errors),
                stopped=number_text(stopped),
            )
        )
    if any(each.answers < FEWEST for each in told):
        said.append(tr("p95 needs at least {n} responses.", n=number_text(FEWEST)))
    return " ".join(said)


def cost_head(times: int) -> tuple[str, ...]:
    """What stands above costs at a volume."""
    return (
        tr("Model"),
        tr("Responses"),
        tr("One conversation"),
        trn("{n} conversation per month", "{n} conversations per month", times),
    )


def cost_cells(name: str, cost: ChatCost, times: int) -> tuple[str, ...]:
    """A row: what a conversation cost once, and what it costs so often; or why that is not known."""
    whole, about = cost.at(times), "~" if cost.estimated else ""
    if cost.usd is None or whole is None:
        return name, number_text(cost.answers), tr(_WHY[cost.why or NoCost.PRICE]), ""
    return name, number_text(cost.answers), f"{about}{once_money(cost.usd)}", f"{about}{volume_money(whole)}"


def once_money(usd: float) -> str:
    """Dollars of which ten thousand times as many are told beside it: two digits that count, “$0.000072”."""
    if not 0 < usd < 0.01:
        return money(usd)
    return tr("${amount}", amount=decimal(usd, 1 - math.floor(math.log10(usd))))


def volume_money(usd: float) -> str:
    """Dollars of which cents say nothing once they are many: “$41.20”, “$12,400”."""
    return money(usd) if usd < 1000 else tr("${amount}", amount=number_text(round(usd)))


def priced_text(costs: Sequence[ChatCost]) -> str:
    """Which prices these are, and what is not counted."""
    said = [tr("At today's list prices and the counted tokens, complete responses only.")]
    if any(each.why is NoCost.PRICE for each in costs):
        said.append(tr("Unknown prices are not estimated."))
    return " ".join(said)
