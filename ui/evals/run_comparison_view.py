"""Comparison of two runs, by contender and by case."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListWidget, QScrollArea, QVBoxLayout, QWidget

from desktop.domain.suite_cells import RunRecord
from desktop.errors import ParagoneError
from desktop.services import Services
from ui.base import strings
from ui.base.strings import tr, trn
from ui.base.tasks import Tasks
from ui.compare.run_list import line_of
from ui.widgets.buttons import button
from ui.widgets.inputs import ChoiceBox
from ui.widgets.labels import hairline, label
from ui.widgets.paragraph import Paragraph
from ui.widgets.rows_table import RowsTable

_MOST_LISTED = 500


class RunComparisonView(QWidget):
    """View that compares a run with another one; the earlier of the two is the baseline."""

    left = Signal()

    def __init__(self, services: Services, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Run comparison"))
        self._services = services
        self._tasks = tasks
        self._run: RunRecord | None = None
        self._others: tuple[RunRecord, ...] = ()
        self._loading: asyncio.Task[None] | None = None
        self._back = button(tr("Back"), "quiet")
        self._title = label("", "strong")
        self.other = ChoiceBox(tr("Compared with"), self)
        self._said = Paragraph("", "")
        self._known = Paragraph("", "muted")
        self.table = RowsTable(tr("Contenders in both runs"), ("",))
        self._count = label("", "strong")
        self.changes = QListWidget(self)
        self.changes.setAccessibleName(tr("Changed cases"))
        self._build()
        self._back.clicked.connect(self.left)
        self.other.activated.connect(self._compare)

    def show_run(self, run: RunRecord, others: Sequence[RunRecord]) -> None:
        """Compare a run with one of the others, preferably one with the same name."""
        self._run, self._others = run, tuple(others)
        self._title.setText(run.name)
        self.other.clear()
        self.other.addItems([f"{each.name} · {line_of(each)}" for each in others])
        alike = next((place for place, each in enumerate(others) if each.name == run.name), 0)
        self.other.setCurrentIndex(alike)
        self._compare()

    def focus(self) -> None:
        """Focus the box that selects the other run."""
        self.other.setFocus()

    @Slot()
    def _compare(self) -> None:
        if self._loading is not None:
            self._loading.cancel()
        self._loading = self._tasks.start(self._load(), name="runs.compare", failed=self._fail)

    async def _load(self) -> None:
        from desktop.evals.execution.kept_results import read_results
        from desktop.evals.execution.run_comparison import compare
        from desktop.reports.run_comparison_text import CHANGE_COLUMNS, case_text, change_cells, comparison_sentences

        run, index = self._run, self.other.currentIndex()
        if run is None or not 0 <= index < len(self._others):
            return
        store = await self._services.store()
        both = sorted((run, self._others[index]), key=lambda each: each.created_at)
        earlier, later = [await read_results(store, each.id) for each in both]
        comparison = await asyncio.to_thread(compare, earlier, later)
        self._said.setText("\n".join(tr(each) for each in comparison_sentences(comparison)))
        self._known.setText("\n".join(tr(each) for each in comparison.notices))
        self._known.setVisible(bool(comparison.notices))
        rows = [tuple(tr(cell) for cell in change_cells(each)) for each in comparison.contenders]
        self.table.rows.show(rows, tuple(tr(each) for each in CHANGE_COLUMNS))
        self._count.setText(trn("{n} case changed", "{n} cases changed", len(comparison.changes)))
        self.changes.clear()
        self.changes.addItems([tr(case_text(each)) for each in comparison.changes[:_MOST_LISTED]])
        self.changes.setVisible(bool(comparison.changes))

    def _fail(self, error: ParagoneError) -> None:
        self._said.setText(strings.sentence(error))

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(16, 10, 16, 10)
        top.setSpacing(8)
        for each in (self._back, self._title, label(tr("with")), self.other):
            top.addWidget(each)
        top.addStretch(1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        area.setWidget(inner)
        inner.setProperty("role", "canvas")
        column = QVBoxLayout(inner)
        column.setContentsMargins(24, 16, 24, 24)
        column.setSpacing(12)
        for each in (self._said, self.table, self._known, self._count):
            column.addWidget(each)
        self.changes.setMinimumHeight(240)
        self.changes.setWordWrap(True)
        column.addWidget(self.changes, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(top)
        whole.addWidget(hairline())
        whole.addWidget(area, 1)
