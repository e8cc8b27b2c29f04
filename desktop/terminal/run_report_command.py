"""`runs report` and `runs compare`: a run written for others, and two runs held against each other."""

from __future__ import annotations

import argparse
import asyncio

from desktop.domain import now
from desktop.settings.policy import EXPORT
from desktop.terminal.console import count
from desktop.terminal.console_services import ConsoleServices
from desktop.terminal.questions import may_replace

_MOST_CHANGES = 200
"""Cases that are told of in lines; `--json` has them all."""


async def report(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Write a run's report; 1 where a file that is there is to stay.

    Raises StoreError, TransferError, PolicyForbids.
    """
    from desktop.runs.kept_results import read_results
    from desktop.runs.reports.run_report import RunReportFormat, facts_of, report_of, write_report
    from desktop.transfer import export_writer
    from desktop.voting.ranking_html import PageWords

    services.settings.policy.demand(EXPORT)
    console, output, store = services.console, arguments.output, await services.store()
    kept = await read_results(store, arguments.id, services.catalog)
    facts = facts_of(kept, at=now(), version=services.version)
    page = report_of(RunReportFormat(arguments.format), facts, PageWords())
    if output is None:
        await write_report(page, store.suite_runs, console.raw)
        return 0

    def show(done: int, total: int) -> None:
        """The cases written so far, in the line of status."""
        console.status(f"Wrote {done:,} of {count(total, 'case')}")

    if await asyncio.to_thread(output.exists) and not await may_replace(console, output):
        return 1
    store.safety.demand_other(output)
    with export_writer.pieces(output) as add:
        await write_report(page, store.suite_runs, add, show)
    console.note(f"Exported a report of {count(len(kept.heads), 'response')} to {output}.")
    return 0


async def compare(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Hold a run against an earlier one. Raises StoreError."""
    from desktop.runs.kept_results import read_results
    from desktop.runs.run_comparison import compare as compared
    from desktop.runs.run_comparison_text import CHANGE_COLUMNS, case_text, change_cells, comparison_sentences

    console, store = services.console, await services.store()
    first, second = arguments.ids
    earlier, later = await read_results(store, first), await read_results(store, second)
    found = await asyncio.to_thread(compared, earlier, later)
    if arguments.json:
        console.json(found)
        return 0
    if found.contenders:
        console.table(CHANGE_COLUMNS, [change_cells(each) for each in found.contenders])
        console.line()
    for sentence in (*comparison_sentences(found), *found.notices):
        console.line(sentence)
    for change in found.changes[:_MOST_CHANGES]:
        console.line(case_text(change))
    if (more := len(found.changes) - _MOST_CHANGES) > 0:
        console.note(f"{count(more, 'case')} more changed; --json prints all.")
    return 0
