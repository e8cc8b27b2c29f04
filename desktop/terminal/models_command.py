"""`models`: lists the models of every connection, with information from the catalog."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from desktop.catalog.catalog_entry import Entry
from desktop.catalog.retirement import SOON_DAYS, days_left
from desktop.domain.conversation_types import ModelRef
from desktop.errors import ParagoneError
from desktop.providers.provider import ModelInfo
from desktop.terminal.console import builtins, count
from desktop.terminal.console_services import ConsoleServices


async def run(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """List all models. A connection that fails is reported on standard error, and the status is then 1."""
    if arguments.action == "latency":
        from desktop.terminal import latency_command

        return await latency_command.run(services, arguments)
    names = [connection.name for connection in services.settings.all_connections]
    answers = await asyncio.gather(*(_models(services, name) for name in names))
    rows: list[dict[str, Any]] = []
    entries: list[Entry] = []
    failed = False
    for name, answer in zip(names, answers, strict=True):
        if isinstance(answer, ParagoneError):
            failed = True
            services.console.problem(answer, about=name)
        else:
            rows += [_row(services, name, info) for info in answer]
            entries += [entry_of(services, info) for info in answer]
    if arguments.json:
        services.console.json(rows)
    else:
        today = datetime.now(UTC).date()
        services.console.table(
            ("Model", "Publisher", "Context", "Output", "USD in/out per 1M", "API format", "Takes", "State"),
            [_cells(row, entry, today) for row, entry in zip(rows, entries, strict=True)],
        )
    return 1 if failed else 0


async def _models(services: ConsoleServices, name: str) -> Sequence[ModelInfo] | ParagoneError:
    try:
        return await services.gateway.models(name)
    except ParagoneError as error:
        return error


def entry_of(services: ConsoleServices, info: ModelInfo) -> Entry:
    """Return the catalog entry of a listed model."""
    return services.catalog.entry(info.base, info.name).retiring(info.retires_on)


def _row(services: ConsoleServices, connection: str, info: ModelInfo) -> dict[str, Any]:
    entry = entry_of(services, info)
    return {
        "ref": str(ModelRef(connection=connection, name=info.name)),
        "connection": connection,
        "name": info.name,
        "publisher": entry.publisher,
        "context_window": info.context_window or entry.context_window,
        "max_output": entry.max_output,
        "wire": services.gateway.wire(ModelRef(connection=connection, name=info.name), entry.wire),
        "reasoning": entry.reasoning,
        "vision": entry.vision,
        "tools": entry.tools,
        "files": entry.files,
        "price_in": entry.price_in,
        "price_out": entry.price_out,
        "price_cached": entry.price_cached,
        "price_steps": [builtins(step) for step in entry.price_steps],
        "as_of": entry.as_of,
        "retired_on": entry.retired_on,
        "retires_on": entry.retires_on,
        "dated_by_server": entry.is_dated_by_server,
        "successor": entry.successor,
        **({"base": info.base} if info.base else {}),
        **({"suggested": True} if info.suggested else {}),
    }


def _cells(row: dict[str, Any], entry: Entry, today: date) -> tuple[str, ...]:
    capabilities = (("images", entry.vision), ("files", entry.files), ("tools", entry.tools))
    price = f"{entry.price_in:g} / {entry.price_out:g}" if entry.price_in is not None else ""
    return (
        row["ref"],
        entry.publisher or "",
        f"{row['context_window']:,}" if row["context_window"] else "",
        f"{row['max_output']:,}" if row["max_output"] else "",
        price,
        row["wire"],
        ", ".join(name for name, can in capabilities if can),
        state_of(entry, today),
    )


def state_of(entry: Entry, today: date) -> str:
    """Return a description of a model's lifecycle state, with its successor."""
    successor = f"; successor {entry.successor}" if entry.successor else ""
    if entry.is_retired(today):
        where = "" if entry.is_dated_by_server else " on Foundry"
        return f"retired{where} {entry.retired_on or entry.retires_on}{successor}"
    if (left := days_left(entry, today)) is not None and left <= SOON_DAYS:
        return f"retires in {count(left, 'day')}, on {entry.retires_on}{successor}"
    if entry.retires_on is not None:
        return f"{entry.state or 'retires'}, until {entry.retires_on}{successor}"
    return str(entry.state or "")
