"""View of one run: header, summary, table of cases, and the case that is open."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from desktop.domain.suite_cells import CellFilter, RunProgress, RunRecord, RunState
from desktop.errors import ParagoneError, RunUnknown
from desktop.services import Services
from desktop.text.phrases import phrase
from ui.base import strings
from ui.base.strings import tr, trn
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.compare.run_progress import progress_text
from ui.evals.case_view import CaseView
from ui.evals.cells_model import CellsModel, ShownRun
from ui.evals.cells_table import CellsTable
from ui.evals.opened_run import OpenedRun
from ui.evals.results_summary import ResultsSummary
from ui.widgets.buttons import button
from ui.widgets.inputs import ChoiceBox, Segments
from ui.widgets.labels import ElidedLabel, hairline, label, set_role
from ui.widgets.paragraph import Paragraph
from ui.widgets.wrapping_layout import WrapLayout


class ResultsHead(QWidget):
    """Header of a run, with the buttons that currently apply."""

    pause_wanted = Signal()
    resume_wanted = Signal()
    retry_wanted = Signal()
    review_wanted = Signal()
    report_wanted = Signal()
    compare_wanted = Signal()
    delete_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = ElidedLabel("", "heading")
        self._state = Paragraph("", "muted")
        self._problem = Paragraph("", "warn")
        self._problem.hide()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(4)
        self.bar.setAccessibleName(tr("Run progress"))
        self.pause = button(tr("Pause"))
        self.resume = button(tr("Resume"))
        self.retry = button(tr("Retry errors"))
        self.review = button(tr("Review…"))
        self.compare = button(tr("Compare…"))
        self.report = button(tr("Report…"))
        self.delete = button(tr("Delete…"), "quiet")
        for pushed, texts in (
            (self.pause, self.pause_wanted),
            (self.resume, self.resume_wanted),
            (self.retry, self.retry_wanted),
            (self.review, self.review_wanted),
            (self.compare, self.compare_wanted),
            (self.report, self.report_wanted),
            (self.delete, self.delete_wanted),
        ):
            pushed.clicked.connect(texts)
            pushed.hide()  # until the progress is known: a click before would be lost
        self._build()

    @property
    def state(self) -> str:
        """The progress as displayed."""
        return self._state.text()

    def show_run(
        self, run: RunRecord, progress: RunProgress, *, comparable: bool, ours: bool, is_unpriced: bool = False
    ) -> None:
        """Show a run's progress.

        `comparable` is whether there is another run, and `ours` whether this window executes the run.
        """
        running = progress.state is RunState.RUNNING
        begun = progress.asked > 0
        self._name.setText(run.name)
        self._state.setText(progress_text(progress, is_unpriced=is_unpriced or run.unknown_prices))
        self.bar.setRange(0, max(progress.cells, 1))
        self.bar.setValue(progress.asked)
        self.bar.setVisible(running)
        wanted = {
            self.pause: running and ours,
            self.resume: not running and progress.state is not RunState.COMPLETE,
            self.retry: progress.state is RunState.COMPLETE and progress.errors > 0,
            self.review: begun,
            self.compare: begun and comparable,
            self.report: begun,
            self.delete: not running,
        }
        self._keep_keyboard(wanted)
        for pushed, shown in wanted.items():
            pushed.setVisible(shown)

    def say(self, problem: str, *, well: bool = False) -> None:
        """Show why the run does not continue, or a confirmation if `well`; an empty text hides it."""
        set_role(self._problem, "role", "muted" if well else "warn")
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))

    def _keep_keyboard(self, wanted: dict[QPushButton, bool]) -> None:
        """If a button that is about to be hidden has the focus, move the focus to the first one that stays."""
        if any(pushed.hasFocus() and not shown for pushed, shown in wanted.items()):
            stays = next((pushed for pushed, shown in wanted.items() if shown), None)
            if stays is not None:
                stays.show()
                stays.setFocus(Qt.FocusReason.OtherFocusReason)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 10)
        column.setSpacing(6)
        column.addWidget(self._name)
        column.addWidget(self._state)
        column.addWidget(self.bar)
        column.addWidget(self._problem)
        holder = QWidget(self)
        row = WrapLayout(holder)
        for pushed in (self.pause, self.resume, self.retry, self.review, self.compare, self.report, self.delete):
            row.addWidget(pushed)
        line = QHBoxLayout()
        line.setContentsMargins(0, 4, 0, 0)
        line.addWidget(holder, 1)
        column.addLayout(line)


_FILTERS = (
    (CellFilter.ALL, phrase("All cases")),
    (CellFilter.FAILED, phrase("With failures")),
    (CellFilter.DIFFERING, phrase("Where contenders differ")),
    (CellFilter.ERRORS, phrase("With errors")),
    (CellFilter.UNREVIEWED, phrase("Not reviewed yet")),
)


class CasesView(QWidget):
    """Table of cases with filters by result and tag."""

    sifted = Signal()
    """Emitted when a filter changes; `wanted` and `tag` return the filters."""
    chosen = Signal(int, int)
    """Emitted with the row and the contender of the cell to open."""

    def __init__(self, themes: Themes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cells = CellsModel(self)
        self.table = CellsTable(self.cells, themes, self)
        self._filter = ChoiceBox(tr("Filter"), self)
        self._filter.addItems([tr(name) for _, name in _FILTERS])
        self._tags = ChoiceBox(tr("Tag"), self)
        self._count = label("", "muted")
        row = QHBoxLayout()
        row.setContentsMargins(24, 10, 24, 10)
        row.setSpacing(10)
        row.addWidget(self._filter)
        row.addWidget(self._tags)
        row.addWidget(self._count)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.table, 1)
        self._filter.activated.connect(self.sifted)
        self._tags.activated.connect(self.sifted)
        self.table.chosen.connect(self.chosen)
        self.cells.modelReset.connect(self._counted)
        self.offer_tags(())

    @property
    def wanted(self) -> CellFilter:
        """The selected filter."""
        return _FILTERS[max(self._filter.currentIndex(), 0)][0]

    @property
    def tag(self) -> str:
        """The selected tag, or an empty string."""
        return self._tags.currentText() if self._tags.currentIndex() > 0 else ""

    def want(self, which: CellFilter) -> None:
        """Select a filter."""
        self._filter.setCurrentIndex([each for each, _ in _FILTERS].index(which))
        self.sifted.emit()

    def reset(self) -> None:
        """Remove all filters."""
        self._filter.setCurrentIndex(0)
        self._tags.setCurrentIndex(0)

    def offer_tags(self, tags: Sequence[str]) -> None:
        """Set the available tags."""
        self._tags.clear()
        self._tags.addItem(tr("Any tag"))
        self._tags.addItems(list(tags))
        self._tags.fit()
        self._tags.setVisible(bool(tags))

    @Slot()
    def _counted(self) -> None:
        self._count.setText(trn("{n} case", "{n} cases", self.cells.rowCount()))


FIRST = 64
"""Number of cases whose responses are loaded at once."""
_LOOK_MS = 500
"""Polling interval while a run is active."""
_RESULTS_EVERY = 4
"""Number of polls between computations of the results."""


class ResultsView(QWidget):
    """View that shows a run after `load` and follows its progress, whichever process executes it."""

    conversation_wanted = Signal(object)
    """Emitted with a conversation, made from a cell, that is to be opened."""
    changed = Signal()
    """Emitted when the run has progressed and the list of runs is outdated."""

    def __init__(self, services: Services, tasks: Tasks, themes: Themes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._services = services
        self._run: OpenedRun | None = None
        self._progress: RunProgress | None = None
        self._looks = 0
        self._comparable = False
        self._is_unpriced = False
        self.ours = frozenset[str]()
        """The runs that this program works on."""
        self._outer = QStackedWidget(self)
        self._whole = QWidget(self._outer)
        self.head = ResultsHead(self._whole)
        self.parts = Segments([tr("Summary"), tr("Cases")], tr("View"), self._whole)
        self._stack = QStackedWidget(self._whole)
        self.summary = ResultsSummary(themes, self._stack)
        self.cases = CasesView(themes, self._stack)
        self.case = CaseView(services, tasks, themes, self._outer)
        self._loading: asyncio.Task[None] | None = None
        self._serving: asyncio.Task[None] | None = None
        self._wanted = asyncio.Queue[Sequence[int]]()
        self._watch = QTimer(self, interval=_LOOK_MS)
        self._build()
        self._connect()

    @property
    def run(self) -> OpenedRun | None:
        """The displayed run, or None."""
        return self._run

    @property
    def progress(self) -> RunProgress | None:
        """The last known progress."""
        return self._progress

    def load(self, run_id: str, *, comparable: bool = False) -> None:
        """Load and show a run, canceling an earlier load."""
        self._comparable = comparable
        if self._loading is not None:
            self._loading.cancel()
        self._loading = self._tasks.start(self._load(run_id), name="runs.load", failed=self._fail)
        self._begin_serving()

    def leave(self) -> None:
        """Stop following the run, because the view is hidden."""
        self._watch.stop()
        self.cases.cells.rest()
        if self._serving is not None:
            self._serving.cancel()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop following the run unless the window is only minimized."""
        super().hideEvent(event)
        if not event.spontaneous():
            self.leave()

    def showEvent(self, event: QShowEvent) -> None:
        """Update the progress."""
        super().showEvent(event)
        if self._run is not None:
            self._begin_serving()
            self.look()

    async def _load(self, run_id: str) -> None:
        held = self._run if self._run is not None and self._run.id == run_id else None
        is_other = held is None
        try:
            run = held or await OpenedRun.read(self._services, run_id)
            await run.refresh()
        except RunUnknown:
            self.changed.emit()  # somebody else deleted it
            return
        self._run = run
        if is_other:
            self._outer.setCurrentIndex(0)
            self._is_unpriced = False
            self.summary.clear()
            self.cases.reset()
            self.head.say("" if run.record.state is RunState.RUNNING else run.record.reason)
        progress = await run.progress()
        self._show_head(progress)
        await self._list_cases()
        if first := self.cases.cells.cases[:FIRST]:
            await self._put_cells(tuple(first))  # before all that takes longer
        if run.suite is None:
            await run.read_suite()
            self.cases.offer_tags(run.tags)
        self.cases.cells.prompts_read()
        await self._find()
        if progress.state is RunState.RUNNING:
            self._watch.start()

    async def _list_cases(self) -> None:
        run = self._run
        if run is None:
            return
        numbers = await run.cases(self.cases.wanted, self.cases.tag)
        if run is self._run:
            self.cases.cells.show(ShownRun(run.names, run.record.repeats, run.prompt), numbers)

    async def _find(self) -> None:
        run = self._run
        if run is None:
            return
        found = await run.findings()
        if run is self._run:
            self.summary.show_results(found.results, found.said)
            self._is_unpriced = any(each.answered and each.cost_usd is None for each in found.results.contenders)
            self._show_head()

    def _show_head(self, progress: RunProgress | None = None) -> None:
        """Show the current or last known progress."""
        run = self._run
        self._progress = progress or self._progress
        if run is None or self._progress is None:
            return
        told = {"comparable": self._comparable, "ours": run.id in self.ours, "is_unpriced": self._is_unpriced}
        self.head.show_run(run.record, self._progress, **told)

    @Slot()
    def look(self) -> None:
        """Request an update of the progress."""
        self._wanted.put_nowait(())

    async def _look(self) -> None:
        run, before = self._run, self._progress
        if run is None:
            return
        progress = await run.progress()
        if run is not self._run:
            return
        self._show_head(progress)
        running = progress.state is RunState.RUNNING
        if before is None or progress.revision != before.revision or not running:
            self.cases.cells.refresh()
            self._looks += 1
            if self._looks % _RESULTS_EVERY == 1 or not running:
                await self._find()
        if running:
            self._watch.start()
            return
        self._watch.stop()
        if before is not None and before.state is RunState.RUNNING:
            self.changed.emit()

    @Slot(object)
    def _read_cells(self, cases: Sequence[int]) -> None:
        self._wanted.put_nowait(cases)

    def _begin_serving(self) -> None:
        if self._serving is None or self._serving.done():
            self._serving = self._tasks.start(self._serve(), name="runs.cells")

    async def _serve(self) -> None:
        """Load requested blocks of cells one after another; an empty request updates the progress."""
        while True:
            cases = await self._wanted.get()
            try:
                await (self._put_cells(cases) if cases else self._look())
            except ParagoneError as error:
                self._fail(error)

    async def _put_cells(self, cases: Sequence[int]) -> None:
        run = self._run
        if run is not None:
            heads = await run.heads(cases)
            if run is self._run:
                self.cases.cells.put(cases, heads)

    @Slot()
    def _sift(self) -> None:
        self._tasks.start(self._list_cases(), name="runs.cases", failed=self._fail)

    @Slot(int, int)
    def _open_case(self, row: int, contender: int) -> None:
        self._tasks.start(self._opened(row, contender), name="runs.open_case", failed=self._fail)

    async def _opened(self, row: int, contender: int) -> None:
        """Open the case in a row once the suite is loaded."""
        run = self._run
        if run is None:
            return
        await run.suite_read.wait()
        if run is self._run:
            self.case.show_case(run, self.cases.cells.cases, row, contender, blind=False)
            self._outer.setCurrentIndex(1)
            self.case.focus()

    @Slot()
    def review(self) -> None:
        """Start a blind review of the cells that have not been reviewed."""
        self._tasks.start(self._review(), name="runs.review", failed=self._fail)

    async def _review(self) -> None:
        run = self._run
        if run is None:
            return
        await run.suite_read.wait()
        numbers = await run.cases(CellFilter.UNREVIEWED)
        if run is self._run and numbers:
            self.case.show_case(run, numbers, 0, -1, blind=True)
            self._outer.setCurrentIndex(1)
            self.case.focus()
        elif not numbers:
            self.head.say(tr("Every response has been reviewed."))

    def step_back(self) -> bool:
        """Return from a case to the table. Returns whether a case was open."""
        if self._outer.currentWidget() is not self.case:
            return False
        self.case.step_back()
        return True

    def back_to_table(self) -> None:
        """Show the table of cases instead of a case."""
        self._outer.setCurrentIndex(0)

    @Slot()
    def _back(self) -> None:
        self._outer.setCurrentIndex(0)
        self.cases.cells.refresh()
        self._tasks.start(self._find(), name="runs.find", failed=self._fail)
        (self.cases.table if self.parts.current == 1 else self.head.review).setFocus()

    def _fail(self, error: ParagoneError) -> None:
        self.head.say(strings.sentence(error))

    def _build(self) -> None:
        self._stack.addWidget(self.summary)
        self._stack.addWidget(self.cases)
        parts = QHBoxLayout()
        parts.setContentsMargins(24, 0, 24, 10)
        parts.addWidget(self.parts)
        parts.addStretch(1)
        column = QVBoxLayout(self._whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addLayout(parts)
        column.addWidget(hairline())
        column.addWidget(self._stack, 1)
        self._outer.addWidget(self._whole)
        self._outer.addWidget(self.case)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._outer)

    def _connect(self) -> None:
        self._watch.timeout.connect(self.look)
        self.parts.chosen.connect(self._stack.setCurrentIndex)
        self.cases.cells.wanted.connect(self._read_cells)
        self.cases.sifted.connect(self._sift)
        self.cases.chosen.connect(self._open_case)
        self.head.review_wanted.connect(self.review)
        self.case.left.connect(self._back)
        self.case.conversation_wanted.connect(self.conversation_wanted)
