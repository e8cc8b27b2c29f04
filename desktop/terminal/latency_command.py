"""`models latency`: latency of stored responses by model and connection, and by day."""

from __future__ import annotations

import argparse
import asyncio
from datetime import date, timedelta
from typing import Any

from desktop.domain.conversation_types import ModelRef, now
from desktop.metrics.latency import FEWEST, Latency, ModelLatency, Quantiles, latencies
from desktop.terminal.console import count
from desktop.terminal.console_services import ConsoleServices

_HEAD = (
    *("Model", "Responses", "TTFT", "p95", "Tokens/s", "p5", "Duration"),
    *("p95", "Left out"),
)


async def run(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Print the figures. Returns 1 if a requested model has no responses.

    Raises:
        UsageError: If an argument is invalid.
        StoreError: If the store cannot be read.
    """
    since = None if arguments.days is None else now() - timedelta(days=arguments.days)
    timings = await (await services.store()).timings.since(since)
    found = await asyncio.to_thread(latencies, timings)
    wanted = [str(ModelRef.parse(ref)) for ref in arguments.model or ()]
    shown = [each for each in found if not wanted or str(each.model) in wanted]
    missing = sorted({*wanted} - {str(each.model) for each in shown})
    if arguments.json:
        services.console.json([_described(each) for each in shown])
    elif shown:
        services.console.table(_HEAD, [row for each in shown for row in _rows(each, by_day=arguments.by_day)])
        _explain(services, shown)
    elif not missing:
        services.console.note("There are no responses yet.")
    for ref in missing:
        services.console.error(f"There are no responses from {ref}.")
    return 1 if missing else 0


def _explain(services: ConsoleServices, shown: list[ModelLatency]) -> None:
    """Print how many responses are not counted, and whether there are too few for percentiles."""
    whole = [each.whole for each in shown]
    held, errors, stopped = (sum(getattr(each, name) for each in whole) for name in ("held_back", "errors", "stopped"))
    if held + errors + stopped:
        services.console.note(
            f"Not counted: {held:,} buffered on the way, {errors:,} failed or interrupted, {stopped:,} stopped."
        )
    if any(each.answers < FEWEST for each in whole):
        services.console.note(f"Percentiles need at least {count(FEWEST, 'response')}.")


def _rows(each: ModelLatency, *, by_day: bool) -> list[tuple[str, ...]]:
    rows = [(str(each.model), *_cells(each.whole))]
    return rows + [(f"  {day.isoformat()}", *_cells(told)) for day, told in each.days] if by_day else rows


def _cells(told: Latency) -> tuple[str, ...]:
    return (
        f"{told.answers:,}",
        *_ends(told.ttft_ms, "ms", slow="p95"),
        *_ends(told.speed, "", slow="p5"),
        *_ends(told.duration_ms, "ms", slow="p95"),
        f"{told.left_out:,}" if told.left_out else "",
    )


def _ends(quantiles: Quantiles | None, unit: str, *, slow: str) -> tuple[str, str]:
    """Return the median and the slow percentile as text."""
    if quantiles is None:
        return "", ""
    end: float | None = getattr(quantiles, slow)
    blank = " " if unit else ""
    return f"{quantiles.median:,.0f}{blank}{unit}", "" if end is None else f"{end:,.0f}{blank}{unit}"


def _described(each: ModelLatency) -> dict[str, Any]:
    return {
        "model": str(each.model),
        "connection": each.model.connection,
        "name": each.model.name,
        **_figures(each.whole),
        "days": [_of_day(day, told) for day, told in each.days],
    }


def _of_day(day: date, told: Latency) -> dict[str, Any]:
    return {"day": day.isoformat(), **_figures(told)}


def _figures(told: Latency) -> dict[str, Any]:
    return {
        "answers": told.answers,
        "left_out": {"held_back": told.held_back, "errors": told.errors, "stopped": told.stopped},
        "ttft_ms": _quantiles(told.ttft_ms),
        "tokens_per_second": _quantiles(told.speed),
        "duration_ms": _quantiles(told.duration_ms),
    }


def _quantiles(found: Quantiles | None) -> dict[str, Any] | None:
    if found is None:
        return None
    ends = {"median": found.median, "p5": found.p5, "p95": found.p95}
    return {"answers": found.answers} | {
        name: None if value is None else round(value, 1) for name, value in ends.items()
    }
