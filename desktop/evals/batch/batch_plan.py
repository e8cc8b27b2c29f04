"""What of a run goes into which file: one deployment and one route a file, each within a server's bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from desktop.catalog.catalog import Catalog
from desktop.domain.conversation_types import Kind, ModelRef, Wire
from desktop.domain.suite_cells import CellKey
from desktop.errors import ConnectionUnknown, UsageError
from desktop.evals.suites.suite import Suite
from desktop.providers.wire.batch_files import MOST_BYTES, MOST_LINES, ROUTES
from desktop.session.gateway import Gateway
from desktop.store.records.batch_job_rows import BatchJob
from desktop.text.phrases import phrase

KINDS = (Kind.AZURE_INFERENCE, Kind.OPENAI_V1)
"""Of connections whose servers may have a Batch API."""


MOST_HELD = 64 << 20
"""Bytes of results that are held at once: what has no room is read anew once these are kept."""


class FileBounds(NamedTuple):
    """How much one file holds, and of what comes back for it how much is held at once."""

    lines: int = MOST_LINES
    size: int = MOST_BYTES
    held: int = MOST_HELD


BOUNDS = FileBounds()


class SizedLine(NamedTuple):
    """A cell's line: where it goes, over which wire, and how many bytes it has."""

    key: CellKey
    model: ModelRef
    wire: Wire
    size: int


def name_of(key: CellKey) -> str:
    """What a cell is called in a file."""
    return f"{key.case}-{key.contender}-{key.repeat}"


def key_of(name: str) -> CellKey | None:
    """The cell of this name; None where it is none."""
    parts = name.split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 12 for part in parts):
        return None
    key = CellKey(*map(int, parts))
    return key if name_of(key) == name else None


def require_batches(suite: Suite, gateway: Gateway, catalog: Catalog) -> None:
    """Go on where all of a suite can go through a Batch API. Raises UsageError: nothing was asked."""
    for number, case in enumerate(suite.cases):
        if len(suite.turns(case)) > 1:
            raise UsageError(
                phrase("A batch sends each case once, and case {number} has several turns.", number=number + 1),
                hint=phrase("Run the suite without --batch, or only the other cases with --only."),
            )
    for contender in suite.contenders:
        try:
            kind = gateway.settings.connection(contender.model.connection).kind
        except ConnectionUnknown:
            continue  # its own sentence says so
        if kind not in KINDS:
            raise UsageError(
                phrase(
                    "“{connection}” has no Batch API. Only Azure AI Foundry and servers with OpenAI's API have one.",
                    connection=contender.model.connection,
                )
            )
        known = gateway.known(contender.model)
        if gateway.wire(contender.model, catalog.entry(known.base, known.name).wire) not in ROUTES:
            raise UsageError(
                phrase("{model} only supports the Messages API, which has no Batch API here.", model=contender.model)
            )


def files_of(
    run_id: str,
    lines: Iterable[SizedLine],
    first: int,
    endpoint: Callable[[ModelRef, Wire], str],
    bounds: FileBounds = BOUNDS,
) -> list[tuple[BatchJob, Sequence[CellKey]]]:
    """The jobs that lines make, numbered from the first on, each with its cells in their order."""
    groups: dict[tuple[ModelRef, Wire], list[list[CellKey]]] = {}
    sizes: dict[tuple[ModelRef, Wire], int] = {}
    for line in lines:
        group = (line.model, line.wire)
        files = groups.setdefault(group, [])
        if not files or len(files[-1]) >= bounds.lines or sizes[group] + line.size > bounds.size:
            files.append([])
            sizes[group] = 0
        files[-1].append(line.key)
        sizes[group] += line.size
    found = [(group, cells) for group, files in groups.items() for cells in files]
    return [
        (
            BatchJob(
                number=number,
                name=f"paragone-{run_id}-{number}.jsonl",
                connection=model.connection,
                model=model.name,
                wire=wire,
                endpoint=endpoint(model, wire),
            ),
            cells,
        )
        for number, ((model, wire), cells) in enumerate(found, first)
    ]
