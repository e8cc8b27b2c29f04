"""The page of a comparison: how long one of 8 panes and 100 turns takes, without what the render child draws."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from desktop.transfer.export.export import ExportFormat
from desktop.transfer.export.report_export import export_report
from tests.bench.bench_window import row
from tests.desktop.reports import samples

PANES, TURNS, SENTENCES = 8, 100, 8
"""Answers of some 120 words, each with a table, code, a list or a formula."""


def measure() -> list[dict[str, object]]:
    """Rows of name, value, unit, target and met."""
    conversations = [samples.conversation(pane, TURNS, sentences=SENTENCES) for pane in range(PANES)]
    votes = [samples.vote(conversations, turn, turn % PANES) for turn in range(TURNS)]
    report = samples.report(conversations, votes)
    taken: dict[ExportFormat, float] = {}
    cpu: dict[ExportFormat, float] = {}
    size = 0
    with tempfile.TemporaryDirectory() as folder:
        for form in (ExportFormat.HTML, ExportFormat.MARKDOWN):
            path, begun, busy = Path(folder) / form.value, time.perf_counter(), time.process_time()
            asyncio.run(export_report(report, form, path))
            taken[form], cpu[form] = time.perf_counter() - begun, time.process_time() - busy
            size = max(size, path.stat().st_size)
    name = f"{PANES} panes, {TURNS} turns"
    return [
        row(f"a comparison as a web page, {name}", taken[ExportFormat.HTML], "s", 2),
        row("its processor time", cpu[ExportFormat.HTML], "s", None),
        row("its size", size / (1 << 20), "MB", None),
        row(f"a comparison as Markdown, {name}", taken[ExportFormat.MARKDOWN], "s", 2),
    ]
