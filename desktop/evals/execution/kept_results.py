"""A run as it is kept, read back whole but for its texts: its suite, the heads of its cells, and its results."""

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
    """A run with what it comes to. `heads` are its cells without texts, in the order of cases."""

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
    """Read a run by its id or the beginning of it, and work it out on a thread.

    The catalog says who makes which model: it is for the warning where a judge and a contender are of one maker. What
    is known of judges wants every answer read where a judge grades single ones: leave it out where that takes too long.
    `suite` is its suite where that was read before. Raises StoreError's tree, and UsageError where its suite is of
    another version of the program.
    """
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
