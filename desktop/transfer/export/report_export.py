"""Exports the report of a comparison turn by turn and atomically; exporting may be canceled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from desktop.reports.comparison_report import ComparisonReport
from desktop.reports.ranking_html import PageWords
from desktop.reports.report_drawings import ReportDrawings
from desktop.reports.report_html import HtmlReport
from desktop.reports.report_markdown import MarkdownReport
from desktop.transfer.export import export_writer
from desktop.transfer.export.export import ExportFormat

Add = Callable[[str], None]
ReportProgress = Callable[[int, int], None]
"""Called with the number of turns written and the total."""


def _silent(_done: int, _of: int) -> None:
    return None


async def write_html(
    report: ComparisonReport,
    add: Add,
    words: PageWords | None = None,
    *,
    drawings: ReportDrawings | None = None,
    progress: ReportProgress = _silent,
) -> None:
    """Pass the report as a web page to `add`, turn by turn and on threads. Raises any exception of `add`."""
    page = HtmlReport(report, words or PageWords())
    drawings = drawings or ReportDrawings(None)
    await asyncio.to_thread(_give, add, page.head)
    for number in range(len(report.turns)):
        prepared = await asyncio.to_thread(page.prepared, number)
        drawn = await drawings.drawn(prepared.requests)
        await asyncio.to_thread(_give, add, partial(page.turn, prepared, drawn))
        progress(number + 1, len(report.turns))
    add(page.tail(drawings.left))


async def write_markdown(
    report: ComparisonReport, add: Add, words: PageWords | None = None, *, progress: ReportProgress = _silent
) -> None:
    """Pass the report as Markdown to `add`, turn by turn and on threads. Raises any exception of `add`."""
    page = await asyncio.to_thread(MarkdownReport, report, (words or PageWords()).say)
    await asyncio.to_thread(_give, add, page.head)
    for number in range(len(report.turns)):
        await asyncio.to_thread(_give, add, partial(page.turn, number))
        progress(number + 1, len(report.turns))


async def export_report(
    report: ComparisonReport,
    form: ExportFormat,
    path: Path,
    words: PageWords | None = None,
    *,
    drawings: ReportDrawings | None = None,
    progress: ReportProgress = _silent,
) -> None:
    """Write the report to a file, as HTML or Markdown. Raises TransferError."""
    with export_writer.pieces(path) as add:
        await write_report(report, form, add, words, drawings=drawings, progress=progress)


async def write_report(
    report: ComparisonReport,
    form: ExportFormat,
    add: Add,
    words: PageWords | None = None,
    *,
    drawings: ReportDrawings | None = None,
    progress: ReportProgress = _silent,
) -> None:
    """Pass the report to `add`, as HTML or Markdown."""
    if form is ExportFormat.MARKDOWN:
        await write_markdown(report, add, words, progress=progress)
    else:
        await write_html(report, add, words, drawings=drawings, progress=progress)


def _give(add: Add, pieces: Callable[[], Iterable[str]]) -> None:
    """Pass pieces to `add` on a thread. Lone surrogates become replacement characters."""
    add("".join(pieces()).encode("utf-8", "replace").decode())
