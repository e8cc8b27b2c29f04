"""Distribution of a run over batch files: one deployment and route per file, within the server's limits."""

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
"""Kinds of connections whose servers may have a Batch API."""


MOST_HELD = 64 << 20
"""Maximum bytes of results in memory at once. Results beyond this are read in a later pass."""


class FileBounds(NamedTuple):
    """Limits of one batch file, and of the results held in memory at once."""

    lines: int = MOST_LINES
    size: int = MOST_BYTES
    held: int = MOST_HELD


BOUNDS = FileBounds()


class SizedLine(NamedTuple):
    """A cell's destination, API format and size in bytes."""

    key: CellKey
    model: ModelRef
    wire: Wire
    size: int


def name_of(key: CellKey) -> str:
    """Return the name by which a cell is identified in a batch file."""
    return f"{key.case}-{key.contender}-{key.repeat}"


def key_of(name: str) -> CellKey | None:
    """Return the cell with this name, or None if the name is invalid."""
    parts = name.split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 12 for part in parts):
        return None
    key = CellKey(*map(int, parts))
    return key if name_of(key) == name else None


def require_single_turns(suite: Suite) -> None:
    """Check that each case of a suite is one request.

    Raises:
        UsageError: If one is not.
    """
    for number, case in enumerate(suite.cases):
        if len(suite.turns(case)) > 1:
            raise UsageError(
                phrase(
                    "A batch sends each case in a single request, but case {number} has several turns.",
                    number=number + 1,
                ),
                hint=phrase("Run the suite without --batch, or use --only to run only the other cases."),
            )


def require_batch_models(models: Iterable[ModelRef], gateway: Gateway, catalog: Catalog) -> None:
    """Check that requests to models can be sent through Batch APIs.

    Raises:
        UsageError: If a model cannot be asked this way.
    """
    for model in models:
        try:
            kind = gateway.settings.connection(model.connection).kind
        except ConnectionUnknown:
            continue  # reported in a sentence of its own
        if kind not in KINDS:
            raise UsageError(
                phrase(
                    "“{connection}” has no Batch API. Only Azure AI Foundry and OpenAI-compatible servers "
                    "can provide one.",
                    connection=model.connection,
                )
            )
        known = gateway.known(model)
        if gateway.wire(model, catalog.entry(known.base, known.name).wire) not in ROUTES:
            raise UsageError(
                phrase(
                    "{model} only supports the Messages API, for which Paragone does not support batches.",
                    model=model,
                )
            )


def files_of(
    run_id: str,
    lines: Iterable[SizedLine],
    first: int,
    endpoint: Callable[[ModelRef, Wire], str],
    bounds: FileBounds = BOUNDS,
) -> list[tuple[BatchJob, Sequence[CellKey]]]:
    """Distribute lines over jobs. Returns each job with its cells; jobs are numbered from `first`."""
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
    jobs = [(group, cells) for group, files in groups.items() for cells in files]
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
        for number, ((model, wire), cells) in enumerate(jobs, first)
    ]
