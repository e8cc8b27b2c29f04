"""Writes reports of runs in any format, a few cases at a time so that large runs need little memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import Protocol

from desktop.domain.suite_cells import CellKey, CellRecord
from desktop.evals.execution.kept_results import KeptResults
from desktop.receipts.receipt import Receipt
from desktop.reports.ranking_html import PageWords
from desktop.reports.run_lines import RunFacts, RunLines

CASES_AT_ONCE = 20
"""Number of cases whose responses are in memory at the same time."""


class RunReportFormat(StrEnum):
    """Formats of a run's report."""

    HTML = "html"  # one page for screen and print
    CSV = "csv"  # one row per response
    JSONL = "jsonl"  # the lines of `run --json`
    JUNIT = "junit"  # XML for CI servers
    MARKDOWN = "markdown"  # for comments and wikis


class ReportedCells(Protocol):
    """Store of the responses of runs. Methods raise StoreError."""

    async def records(self, run_id: str, cases: Sequence[int] | None = None) -> list[CellRecord]:
        """Return the cells that were sent, ordered by case, contender and repeat."""
        ...

    async def receipt(self, run_id: str, key: CellKey) -> Receipt | None:
        """Return the receipt of a cell's request, or None."""
        ...


def facts_of(kept: KeptResults, *, at: datetime, version: str) -> RunFacts:
    """Return the input of a report for the stored results of a run."""
    return RunFacts(
        run=kept.run,
        suite=kept.suite,
        results=kept.results,
        at=at,
        version=version,
        seconds=sum(head.latency_ms or 0.0 for head in kept.heads) / 1000,
    )


def report_of(form: RunReportFormat, facts: RunFacts, words: PageWords) -> RunLines:
    """Return the report in a format. `words` is only used by the web page."""
    if form is RunReportFormat.CSV:
        from desktop.reports.run_csv import CsvReport

        return CsvReport(facts)
    if form is RunReportFormat.JSONL:
        from desktop.reports.run_json import JsonLinesReport

        return JsonLinesReport(facts)
    if form is RunReportFormat.JUNIT:
        from desktop.reports.run_junit import JunitReport

        return JunitReport(facts)
    if form is RunReportFormat.MARKDOWN:
        from desktop.reports.run_markdown import MarkdownRunReport

        return MarkdownRunReport(facts)
    from desktop.reports.run_html import HtmlRunReport

    return HtmlRunReport(facts, words)


async def write_report(
    report: RunLines,
    cells: ReportedCells,
    add: Callable[[str], None],
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write a report part by part. The parts are generated on threads.

    Args:
        add: Receives each part. Its errors propagate.
        progress: Receives the number of written cases and the total number.

    Raises:
        StoreError: If the store cannot be read.
    """
    add(await asyncio.to_thread(_together, report.head))
    whole = len(report.facts.suite.cases)
    async for start, records in _batches(report.facts.run.id, cells, whole):
        if report.wants_receipts:
            report.receipts = await _receipts(report.facts.run.id, cells, records)
        add(await asyncio.to_thread(_written, report, records))
        if progress is not None:
            progress(min(start + CASES_AT_ONCE, whole), whole)
    add(await asyncio.to_thread(_together, report.tail))


async def _batches(run_id: str, cells: ReportedCells, whole: int) -> AsyncIterator[tuple[int, list[CellRecord]]]:
    for start in range(0, whole, CASES_AT_ONCE):
        yield start, await cells.records(run_id, range(start, min(start + CASES_AT_ONCE, whole)))


async def _receipts(run_id: str, cells: ReportedCells, records: Sequence[CellRecord]) -> dict[CellKey, Receipt]:
    found = [(record.key, await cells.receipt(run_id, record.key)) for record in records]
    return {key: receipt for key, receipt in found if receipt is not None}


def _written(report: RunLines, records: Sequence[CellRecord]) -> str:
    cases = groupby(records, key=lambda record: record.key.case)
    return _together(lambda: (piece for number, of in cases for piece in report.case(number, list(of))))


def _together(pieces: Callable[[], Iterable[str]]) -> str:
    """Return the joined parts. Characters that cannot be encoded are replaced."""
    return "".join(pieces()).encode("utf-8", "replace").decode()
