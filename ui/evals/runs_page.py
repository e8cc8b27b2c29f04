"""Runs page: a list of runs, the results of the selected one, and the form for new ones."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.domain.conversation_types import JsonValue
from desktop.domain.suite_cells import RunRecord, RunState
from desktop.errors import ParagoneError
from desktop.services import Services
from desktop.text.phrases import phrase
from ui.base import strings
from ui.base.strings import tr
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.compare.run_list import RunList, RunsModel
from ui.evals.live_runs import LiveRuns
from ui.evals.results_view import ResultsView
from ui.evals.run_actions import RunActions
from ui.evals.run_comparison_view import RunComparisonView
from ui.evals.suite_maker import SuiteMaker
from ui.widgets.buttons import button
from ui.widgets.labels import hairline
from ui.widgets.paragraph import Paragraph
from ui.widgets.wrapping_layout import WrapLayout

_LIST, _NARROW = 250, 700
_WHAT_RUNS_ARE = phrase(
    "A run sends many prompts to several models, with as many repeats as you want, grades the responses "
    "and compares the models, all within a cost cap. You see an estimate before anything is sent."
)
_LOOK_S = 2.0
"""Interval in seconds at which the list is reloaded while a run is active."""


class RunsPage(QWidget):
    """Page with all runs, reloaded whenever it is shown."""

    left = Signal()
    """Emitted when the user closes the page."""
    conversation_wanted = Signal(object)

    def __init__(
        self, services: Services, tasks: Tasks, themes: Themes, live: LiveRuns, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Runs"))
        self._services, self._tasks, self.live = services, tasks, live
        self._side, self._stack = QWidget(self), QStackedWidget(self)
        self.list = RunList(RunsModel(self), themes, tr("Runs"), self._side)
        self.results = ResultsView(services, tasks, themes, self._stack)
        self.maker = SuiteMaker(services, tasks, themes, self._stack)
        self.comparison = RunComparisonView(services, tasks, self._stack)
        self._empty = Paragraph(tr(_WHAT_RUNS_ARE), "muted")
        self._new = button(tr("New run…"), "primary", by_enter=True)
        self._open = button(tr("Open suite…"), by_enter=True)
        self._all = button(tr("All runs"), "quiet", by_enter=True)
        self._close = button(tr("Close"), "quiet", by_enter=True)
        self._actions = RunActions(services, tasks, live, self.results)
        self._wanted = ""
        self._awaits_list = False
        self._watching: asyncio.Task[None] | None = None
        self._build()
        self._connect()

    @Slot()
    def load(self) -> None:
        """Load the runs, and show the run shown last or the newest one."""
        self._tasks.start(self._load(), name="runs.list", failed=self._fail)

    def leave(self) -> None:
        """Stop following runs."""
        if self._watching is not None:
            self._watching.cancel()
        self.results.leave()

    def focus(self) -> None:
        """Focus the list, or the button that creates a run if there are none."""
        self._awaits_list = not self.list.runs.runs
        (self.list if self.list.runs.runs and self._side.isVisibleTo(self) else self._new).setFocus()

    def new_run(self, data: Mapping[str, JsonValue]) -> None:
        """Show the form for a new suite, filled with `data` if there is any."""
        self.maker.make(data)
        self._show(self.maker)

    @Slot()
    def _make_new(self) -> None:
        self.new_run({})

    def open_suite(self, path: Path) -> None:
        """Load a suite file and show its estimate."""
        self.maker.open(path)
        self._show(self.maker)

    async def _load(self) -> None:
        runs = await (await self._services.store()).suite_runs.list()
        self.list.runs.show(runs)
        self._empty.setText(tr(_WHAT_RUNS_ARE))
        self._side.setVisible(bool(runs) and self._has_room)
        if self._awaits_list and self._side.isVisibleTo(self) and self._new.hasFocus():
            self.list.setFocus()
        self._awaits_list = False
        if runs and self._stack.currentWidget() in (self._empty_page, self.results):
            wanted = self._wanted if self.list.runs.place(self._wanted).isValid() else runs[0].id
            self._wanted = wanted
            if self.list.currentIndex() != self.list.runs.place(wanted):
                self.list.choose(wanted)
            else:
                self._open_run(wanted)
        elif not runs and self._stack.currentWidget() is self.results:
            self._stack.setCurrentWidget(self._empty_page)
        goes_on = any(each.state is RunState.RUNNING for each in runs)
        is_watched = self._watching is not None and not self._watching.done()
        if goes_on and not is_watched:
            self._watching = self._tasks.start(self._watch(), name="runs.watch", failed=self._fail)
        elif not goes_on and self._watching is not None:
            self._watching.cancel()

    async def _watch(self) -> None:
        """Reload the list while any run is active, in this process or another."""
        store = (await self._services.store()).suite_runs
        while True:
            await asyncio.sleep(_LOOK_S)
            runs = await store.list()
            self.list.runs.show(runs)
            if not any(each.state is RunState.RUNNING for each in runs):
                return

    @Slot(str)
    def _open_run(self, run_id: str) -> None:
        if run_id != self._wanted:
            self._actions.question.clear()  # it was asked about another one
        self._wanted = run_id
        if self._stack.currentWidget() in (self._empty_page, self.results, self.comparison):
            self._show(self.results)
        self.results.ours = self.live.ids
        self.results.load(run_id, comparable=len(self.list.runs.runs) > 1)

    @Slot(str)
    def _enter(self, run_id: str) -> None:
        self._side.setVisible(not self._is_narrow)
        self._show(self.results)
        self._open_run(run_id)
        self.results.parts.setFocus()

    @Slot(QModelIndex)
    def _click(self, index: QModelIndex) -> None:
        """Open the clicked run; in a narrow window this hides the list."""
        if self._is_narrow:
            self._side.hide()
        self.results.back_to_table()
        self._open_run(self.list.runs.runs[index.row()].id)

    @Slot(str)
    def _started(self, run_id: str) -> None:
        start = self.maker.start
        self.live.start(run_id, allow_parameters=start.parameters.isChecked(), allowed_tools=start.tools.allowed)
        self._stack.setCurrentWidget(self.results)
        self._wanted = run_id
        self.load()

    def _show(self, what: QWidget) -> None:
        self._stack.setCurrentWidget(what)
        self._side.setVisible(bool(self.list.runs.runs) and self._has_room and what is not self.maker)
        for each in (self._new, self._open):
            each.setEnabled(what is not self.maker)

    @property
    def _shown(self) -> RunRecord | None:
        run = self.results.run
        return run.record if run is not None else None

    @Slot()
    def _compare(self) -> None:
        if (run := self._shown) is not None:
            others = [each for each in self.list.runs.runs if each.id != run.id]
            self.comparison.show_run(run, others)
            self._show(self.comparison)
            self.comparison.focus()

    @Slot()
    def _gone(self) -> None:
        self._wanted = ""
        self.load()
        self.list.setFocus()

    @Slot(str, str)
    def _ended(self, run_id: str, why: str) -> None:
        if (run := self._shown) is not None and run.id == run_id:
            self.results.ours = self.live.ids
            self.results.load(run_id, comparable=len(self.list.runs.runs) > 1)
            self.results.head.say(why)
        if self.isVisible():
            self.load()

    @Slot()
    def _working(self) -> None:
        self.results.ours = self.live.ids
        if self.isVisible():
            self.results.look()
            self.load()

    def _fail(self, error: ParagoneError) -> None:
        said = strings.sentence(error)
        self.results.head.say(said)
        if not self.list.runs.runs:
            self._empty.setText(said)  # else it would look as if there were none

    @property
    def _is_narrow(self) -> bool:
        return self.width() < _NARROW

    @property
    def _has_room(self) -> bool:
        """Whether the list may be next to the run: the window is wide, or the list has the focus."""
        return not self._is_narrow or (self.list.hasFocus() and self._side.isVisible())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Hide the list in a narrow window."""
        super().resizeEvent(event)
        if self._is_narrow and event.oldSize().width() >= _NARROW:
            self._side.hide()
        runs = bool(self.list.runs.runs)
        self._all.setVisible(self._is_narrow and runs)
        self._side.setVisible(runs and self._has_room and self._stack.currentWidget() is not self.maker)

    @Slot()
    def _toggle_list(self) -> None:
        self._side.setVisible(not self._side.isVisible())
        if self._side.isVisible():
            self.list.setFocus()

    def _build(self) -> None:
        making = QWidget(self)
        wrapped = WrapLayout(making)
        for each in (self._all, self._new, self._open):
            wrapped.addWidget(each)
        top = QHBoxLayout()
        top.setContentsMargins(16, 10, 16, 10)
        top.setSpacing(8)
        top.addWidget(making, 1)
        top.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self._empty_page = QWidget(self._stack)
        inner = QVBoxLayout(self._empty_page)
        inner.setContentsMargins(24, 24, 24, 24)
        self._empty.setMaximumWidth(560)
        inner.addWidget(self._empty)
        inner.addStretch(1)
        for each in (self._empty_page, self.results, self.maker, self.comparison):
            self._stack.addWidget(each)
        side = QHBoxLayout(self._side)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(0)
        self.list.setFixedWidth(_LIST)
        side.addWidget(self.list)
        side.addWidget(hairline(vertical=True))
        self._side.hide()
        right = QVBoxLayout()
        right.setSpacing(0)
        asked = QVBoxLayout()
        asked.setContentsMargins(16, 0, 16, 0)
        asked.addWidget(self._actions.question)
        right.addLayout(asked)
        right.addWidget(self._stack, 1)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self._side)
        middle.addLayout(right, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(top)
        whole.addWidget(hairline())
        whole.addLayout(middle, 1)

    def _connect(self) -> None:
        head = self.results.head
        self._new.clicked.connect(self._make_new)
        self._open.clicked.connect(lambda: self.maker.ask_for_file(self, self.open_suite))
        self._all.clicked.connect(self._toggle_list)
        self._close.clicked.connect(self.left)
        self.list.chosen.connect(self._open_run)
        self.list.entered.connect(self._enter)
        self.list.clicked.connect(self._click)
        self.maker.started.connect(self._started)
        self.maker.left.connect(self._back)
        self.comparison.left.connect(self._back)
        head.compare_wanted.connect(self._compare)
        self._actions.deleted.connect(self._gone)
        self.results.changed.connect(self.load)
        self.results.conversation_wanted.connect(self.conversation_wanted)
        self.live.changed.connect(self._working)
        self.live.ended.connect(self._ended)
        away = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        away.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        away.activated.connect(self._step_back)

    @Slot()
    def _step_back(self) -> None:
        """Leave the innermost view; from the outermost one, close the page."""
        at = self._stack.currentWidget()
        if self._actions.question.isVisible():
            self._actions.put_off()
        elif at is self.maker:
            self.maker.step_back()
        elif at is self.comparison:
            self._back()
        elif at is not self.results or not self.results.step_back():
            self.left.emit()

    @Slot()
    def _back(self) -> None:
        self._show(self.results if self.list.runs.runs else self._empty_page)
        self.load()
        self.focus()
