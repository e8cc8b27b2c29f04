"""Reads a stored run without the texts of its responses: suite, cell heads and results."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from desktop.catalog.catalog import Catalog
from desktop.domain.suite_cells import CellHead, RunRecord
from desktop.evals.execution.result_values import RunResults
from desktop.evals.execution.run_results import results
from desktop.evals.judges.judge_facts import maker_of, read_judges
from desktop.evals.suites.suite import Suite

if TYPE_CHECKING:
    from desktop.store.store import Store


class KeptResults(NamedTuple):
    """A run with its results. `heads` are its cells without texts, ordered by case."""

    run: RunRecord
    suite: Suite
    heads: tuple[CellHead, ...]
    results: RunResults


async def read_results(
    store: Store,
    run_id: str,
    catalog: Catalog | None = None,
    *,
    with_judges: bool = True,
    suite: Suite | None = None,
) -> KeptResults:
    """Read a run by its ID or a prefix of it, and compute its results on a thread."""
    from desktop.evals.execution.run_plan import own_suite

    run = await store.suite_runs.get(run_id)
    heads = tuple(await store.suite_runs.heads(run.id))
    if suite is None:
        suite = await asyncio.to_thread(own_suite, run)
    judges = (
        ()
        if not with_judges
        else await read_judges(store, run, suite, heads, maker_of(catalog) if catalog is not None else None)
    )
    found = await asyncio.to_thread(lambda: results(run, suite, heads, judges=judges))
    return KeptResults(run, suite, heads, found)
