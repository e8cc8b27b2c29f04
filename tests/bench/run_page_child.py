"""The page of a great run in a window of its own, measured; prints one JSON object.

    python -m tests.bench.run_page_child FOLDER CASES CONTENDERS

FOLDER becomes the data folder, and a run of so many cells is kept in it first. Run on an X server.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import cast

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

import main as program
from desktop.domain.conversation_types import Figures
from desktop.domain.suite_cells import CellKey, CellRecord, CellStatus, RunRecord
from desktop.evals.execution.run_plan import new_run
from desktop.evals.suites.suite_file import suite_of
from desktop.store.records import run_cell_rows, suite_run_rows
from desktop.store.sqlite.sql import Sql
from desktop.store.store import Store
from ui.app.loop import Loop
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.evals.live_runs import LiveRuns
from ui.evals.runs_page import RunsPage

_STEPS = 200
_AT = 1_780_000_000_000


def _run(cases: int, contenders: int) -> RunRecord:
    suite = suite_of(
        {
            "schema": "paragone-suite/1",
            "name": "Great",
            "prompts": ["Question {{n}} of many, with some words to read?"],
            "contenders": [{"model": f"lab/model-{number}"} for number in range(contenders)],
            "cases": [{"vars": {"n": str(number)}} for number in range(cases)],
        }
    )
    return new_run(suite)


async def _fill(folder: Path, run: RunRecord) -> None:
    """All cells in one transaction."""

    def job(sql: Sql) -> None:
        seq = suite_run_rows.find(sql, run.id)
        for case in range(run.cases):
            for contender in range(len(run.contenders)):
                passed = (case + contender) % 3 != 0
                record = CellRecord(
                    key=CellKey(case, contender, 0),
                    status=CellStatus.PASSED if passed else CellStatus.FAILED,
                    score=float(passed),
                    answers=(f"The answer to question {case} is {case * 7}.",),
                    figures=Figures(duration_ms=400.0 + case % 300, cost=0.0001),
                )
                run_cell_rows.keep(sql, seq, record, spent=0.0001, at_ms=_AT)

    async with await Store.open(folder) as store:
        await store.suite_runs.create(run)
        await store._database.write(job)


async def _until(holds: Callable[[], bool]) -> None:
    """Looked for each millisecond: without a rest the threads that read would get next to no time."""
    while not holds():  # noqa: ASYNC110 - what is measured must not be told of itself
        await asyncio.sleep(0.001)


async def measured(folder: Path, cases: int, contenders: int) -> dict[str, float]:
    """Milliseconds until the page shows its first answers, until all is worked out, and of a step of the wheel."""
    run = _run(cases, contenders)
    services = program.assemble(argparse.Namespace(data_dir=folder))
    await _fill(services.paths.data, run)
    tasks, themes = Tasks(), Themes()
    await services.store()
    page = RunsPage(services, tasks, themes, LiveRuns(services, tasks))
    themes.apply()
    page.resize(1280, 800)
    cells, table = page.results.cases.cells, page.results.cases.table
    page.results.parts.choose(1)
    page.show()
    await asyncio.sleep(0.5)
    started = time.perf_counter()
    page.load()
    await _until(lambda: cells.rowCount() > 0 and cells.summary(0, 0) is not None)
    table.viewport().repaint()
    opened = time.perf_counter() - started
    await _until(lambda: bool(page.results.summary.plot.rows))
    whole = time.perf_counter() - started
    taken: list[float] = []
    for _ in range(_STEPS):
        begun = time.perf_counter()
        _wheel(table.viewport())
        table.viewport().repaint()
        taken.append((time.perf_counter() - begun) * 1000)
        await asyncio.sleep(0.004)
    await tasks.cancel_all()
    await services.aclose()
    return {
        "opened": opened * 1000,
        "whole": whole * 1000,
        "step": statistics.median(taken),
        "step95": sorted(taken)[int(0.95 * len(taken))],
    }


def _wheel(viewport: QWidget) -> None:
    turned = QWheelEvent(
        QPointF(200, 200),
        QPointF(200, 200),
        QPoint(0, 0),
        QPoint(0, -360),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(viewport, turned)


def main() -> None:
    """Measure and print."""
    app = QApplication(sys.argv[:1])
    Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
    folder, cases, contenders = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    with cast("AbstractContextManager[asyncio.AbstractEventLoop]", Loop(app)) as loop:
        print(json.dumps(loop.run_until_complete(measured(folder, cases, contenders))))


if __name__ == "__main__":
    main()
