"""`conversations export` of one comparison to read: a page with its answers side by side, or Markdown."""

from __future__ import annotations

import asyncio
from pathlib import Path

from desktop.comparison import Comparison
from desktop.terminal.console import count
from desktop.terminal.console_services import ConsoleServices
from desktop.terminal.questions import may_replace
from desktop.transfer.comparison_page.report_drawings import ReportDrawings
from desktop.transfer.comparison_page.report_export import export_report, write_report
from desktop.transfer.comparison_page.report_reader import read_report
from desktop.transfer.export import ExportFormat


async def run(services: ConsoleServices, comparison: Comparison, form: ExportFormat, output: Path | None) -> int:
    """Write it to a file, or to standard output; 1 where a file that is there is to stay."""
    console = services.console
    report = await read_report(await services.store(), comparison, version=services.version)
    drawings = ReportDrawings(services.renderer.ask if services.renderer is not None else None)
    if output is None:
        await write_report(report, form, console.raw, drawings=drawings)
        return 0

    def show(done: int, total: int) -> None:
        """The turns written so far, in the line of status."""
        console.status(f"Wrote {done:,} of {count(total, 'turn')}")

    there = await asyncio.to_thread(output.exists)
    if there and not await may_replace(console, output):
        return 1
    await export_report(report, form, output, drawings=drawings, progress=show)
    place = ", in the place of the file that was there" if there else ""
    console.note(f"Wrote a comparison of {count(len(report.panes), 'model')} to {output}{place}.")
    for pane in report.panes:
        if pane.is_deleted:
            console.note(f"Deleted, or damaged, and not in it: the conversation of {pane.name}.")
    return 0
