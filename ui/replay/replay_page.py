"""Page of replays: earlier ones at the side; setup, progress, review or decision beside them."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.domain.conversation_types import ModelRef
from desktop.domain.suite_cells import RunState
from desktop.errors import ParagoneError, RunUnknown
from desktop.services import Services
from ui.base import strings
from ui.base.strings import tr
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.compare.run_list import RunList, RunsModel
from ui.replay.live_replays import LiveReplays
from ui.replay.replay_actions import ReplayActions
from ui.replay.replay_progress import ReplayProgress, read_replay
from ui.replay.replay_setup import ReplaySetup
from ui.widgets.buttons import button
from ui.widgets.labels import hairline
from ui.widgets.on_demand import OnDemand
from ui.widgets.wrapping_layout import WrapLayout

if TYPE_CHECKING:
    from ui.replay.decision_view import DecisionView
    from ui.replay.proven_view import ProvenView
    from ui.replay.review_view import ReviewView

_LIST, _NARROW = 250, 760
_LOOK_S = 2.0
"""Interval for reloading the list while a replay is executed."""


class ReplayPage(QWidget):
    """Reloads whenever it is shown."""

    left = Signal()
    """Emitted when the user leaves the page."""
    conversation_wanted = Signal(str)

    def __init__(
        self, services: Services, tasks: Tasks, themes: Themes, live: LiveReplays, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Replay"))
        self._services, self._tasks, self._themes, self.live = services, tasks, themes, live
        self._side, self._stack = QWidget(self), QStackedWidget(self)
        self.list = RunList(RunsModel(self), themes, tr("Replays"), self._side)
        self.setup = ReplaySetup(services, tasks, self._stack)
        self.progress = ReplayProgress(services, tasks, live, self._stack)
        self._review = OnDemand(self._make_review)
        self._decision = OnDemand(self._make_decision)
        self._proven = OnDemand(self._make_proven)
        self._actions = ReplayActions(services, tasks, live, self.progress)
        self._all = button(tr("All replays"), "quiet", by_enter=True)
        self._new = button(tr("New replay…"), "primary", by_enter=True)
        self.proven = button(tr("Proven models"), "quiet", by_enter=True)
        self._close = button(tr("Close"), "quiet", by_enter=True)
        self._wanted = ""
        self._awaits_list = False
        self._opening: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._build()
        self._connect()

    @Slot()
    def load(self) -> None:
        """Load the list and show the previous or the newest replay; without any, the form of a new one."""
        self._tasks.start(self._load(), name="replays.list", failed=self._fail)

    def leave(self) -> None:
        """Stop following replays."""
        if self._watching is not None:
            self._watching.cancel()

    def focus(self) -> None:
        """Focus the list, or else what is shown."""
        self._awaits_list = not self.list.runs.runs
        if self._stack.currentWidget() is self.setup:
            self.setup.form.focus()
        elif self._side.isVisibleTo(self):
            self.list.setFocus()
        else:
            self._new.setFocus()

    def new_replay(self, old: ModelRef | None = None, successor: ModelRef | None = None) -> None:
        """Show the form of a new replay, optionally for an old model and its successor."""
        self._show(self.setup)
        self.setup.make(old, successor)

    @Slot()
    def _make_new(self) -> None:
        self.new_replay()

    async def _load(self) -> None:
        replays = await (await self._services.store()).replays.list()
        self.list.runs.show(replays)
        self._arrange()
        if not replays and self._stack.currentWidget() is not self.setup:
            self._wanted = ""
            self.new_replay()
        elif replays and (self._proven.made is None or self._stack.currentWidget() is not self._proven.made):
            known = self.list.runs.place(self._wanted).isValid()
            wanted = self._wanted if known else replays[0].id
            is_shown = known and self._stack.currentWidget() is not self._blank
            self._wanted = wanted
            if not self.list.selectionModel().isSelected(self.list.runs.place(wanted)):
                self.list.choose(wanted)
            if not is_shown and self._stack.currentWidget() is not self.setup:
                self._open(wanted)
        if self._awaits_list and self._side.isVisibleTo(self) and self._new.hasFocus():
            self.list.setFocus()
        self._awaits_list = False
        is_executed = any(each.state is RunState.RUNNING for each in replays)
        is_watched = self._watching is not None and not self._watching.done()
        if is_executed and not is_watched:
            self._watching = self._tasks.start(self._watch(), name="replays.watch", failed=self._fail)

    async def _watch(self) -> None:
        """Reload the list while any replay is executed, here or elsewhere."""
        store = (await self._services.store()).replays
        while True:
            await asyncio.sleep(_LOOK_S)
            replays = await store.list()
            self.list.runs.show(replays)
            if not any(each.state is RunState.RUNNING for each in replays):
                return

    @Slot(str)
    def _open(self, replay_id: str) -> None:
        """Show a replay where it stands: its progress, or the decision once all responses are there."""
        if replay_id != self._wanted:
            self._actions.question.clear()  # it was asked about another one
        self._wanted = replay_id
        if self._opening is not None:
            self._opening.cancel()
        self._opening = self._tasks.start(self._opened(replay_id), name="replays.open", failed=self._fail)

    async def _opened(self, replay_id: str) -> None:
        try:
            opened = await read_replay(await self._services.store(), replay_id)
        except RunUnknown:
            self.load()  # somebody else deleted it
            return
        is_complete = opened.progress.state is RunState.COMPLETE
        if is_complete and (not opened.failures or opened.reviewed):
            self._show_decision(replay_id)
        else:
            self._show_progress(replay_id)

    def _show_progress(self, replay_id: str) -> None:
        self._wanted = replay_id
        self._show(self.progress)
        self.progress.show_replay(replay_id)

    @Slot(str)
    def _show_review(self, replay_id: str) -> None:
        self._wanted = replay_id
        self._actions.question.clear()
        view = self._review()
        self._show(view)
        view.show_replay(replay_id)
        view.setFocus()

    @Slot(str)
    def _show_decision(self, replay_id: str) -> None:
        self._wanted = replay_id
        view = self._decision()
        self._show(view)
        view.show_replay(replay_id)

    @Slot()
    def _show_proven(self) -> None:
        """Show the table of proven models; choosing a replay in the list leaves it."""
        self._wanted = ""
        if self._opening is not None:
            self._opening.cancel()
        self.list.clearSelection()
        view = self._proven()
        self._show(view)
        view.load()

    @Slot(str)
    def _completed(self, replay_id: str) -> None:
        """After the last response, go to the review; failures are shown first."""
        opened = self.progress.opened
        at = self._stack.currentWidget()
        if opened is None or replay_id != self._wanted or at is not self.progress or opened.failures:
            return
        if opened.to_review:
            self._show_review(replay_id)
        else:
            self._show_decision(replay_id)

    @Slot()
    def _reviewed(self) -> None:
        """After the review, go to the decision, or back to the progress while responses still arrive."""
        if self._wanted in self.live.ids:
            self._show_progress(self._wanted)
            self.progress.focus()
        else:
            self._show_decision(self._wanted)
            self.focus()

    @Slot(str)
    def _resume(self, replay_id: str) -> None:
        self._show_progress(replay_id)
        self._actions.resume(replay_id, again=True)

    @Slot(str)
    def _started(self, replay_id: str) -> None:
        self.live.start(replay_id)
        self._continued(replay_id)

    @Slot(str)
    def _continued(self, replay_id: str) -> None:
        self._show_progress(replay_id)
        self.progress.focus()
        self.load()

    @Slot()
    def _deleted(self) -> None:
        self._wanted = ""
        self._stack.setCurrentWidget(self._blank)
        self.load()

    @Slot(str, str)
    def _ended(self, replay_id: str, why: str) -> None:
        if replay_id == self.progress.replay_id:
            if why:
                self.progress.say(why)
            self.progress.show_replay(replay_id)
        if self.isVisible():
            self.load()

    @Slot()
    def _working(self) -> None:
        if self.isVisible():
            if self._stack.currentWidget() is self.progress:
                self.progress.show_replay(self.progress.replay_id)
            self.load()

    @Slot(str)
    def _enter(self, replay_id: str) -> None:
        self._open(replay_id)
        if self._is_narrow:
            self._side.hide()
        at = self._stack.currentWidget()
        if at is self.progress:
            self.progress.focus()
        elif at is not None:
            at.setFocus()

    @Slot(QModelIndex)
    def _click(self, index: QModelIndex) -> None:
        """Open the clicked replay; in a narrow window the list gives way."""
        if self._is_narrow:
            self._side.hide()
        self._open(self.list.runs.runs[index.row()].id)

    @Slot(str)
    def _chosen(self, replay_id: str) -> None:
        if replay_id != self._wanted:
            self._open(replay_id)

    def _show(self, what: QWidget) -> None:
        self._stack.setCurrentWidget(what)
        self._new.setVisible(what is not self.setup)
        self.proven.setVisible(what is not self.setup)
        self._arrange()

    @Slot()
    def _leave_setup(self) -> None:
        """Return from the form to the replays; without any, leave the page."""
        if not self.list.runs.runs:
            self.left.emit()
            return
        self._show(self._blank)
        self.load()
        self.focus()

    def _fail(self, error: ParagoneError) -> None:
        if self._stack.currentWidget() is self.setup:
            self.setup.form.say(strings.sentence(error))
        else:
            self._show(self.progress)
            self.progress.say(strings.sentence(error))

    @property
    def _is_narrow(self) -> bool:
        return self.width() < _NARROW

    def _arrange(self) -> None:
        """Show the list if there is room, and something to list beside what is shown."""
        replays = bool(self.list.runs.runs)
        wants_room = self._stack.currentWidget() in (self.setup, self._review.made)
        stays = self.list.hasFocus() and self._side.isVisible()
        self._side.setVisible(replays and not wants_room and (not self._is_narrow or stays))
        self._all.setVisible(replays and self._is_narrow)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Hide the list in a narrow window."""
        super().resizeEvent(event)
        if self._is_narrow and event.oldSize().width() >= _NARROW:
            self._side.hide()
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave the innermost view, and finally the page, on Esc."""
        if event.key() == Qt.Key.Key_Escape:
            event.accept()
            self._step_back()
        else:
            super().keyPressEvent(event)

    def _step_back(self) -> None:
        if self._actions.question.isVisible():
            self._actions.put_off()
        elif self._stack.currentWidget() is self.setup:
            self.setup.step_back()
        else:
            self.left.emit()

    @Slot()
    def _toggle_list(self) -> None:
        self._side.setVisible(not self._side.isVisible())
        if self._side.isVisible():
            self.list.setFocus()

    def _make_review(self) -> ReviewView:
        from ui.replay.review_view import ReviewView  # the page itself needs none

        view = ReviewView(self._services, self._tasks, self._themes, self._stack)
        self._stack.addWidget(view)
        view.finished.connect(self._reviewed)
        return view

    def _make_decision(self) -> DecisionView:
        from ui.replay.decision_view import DecisionView

        view = DecisionView(self._services, self._tasks, self._themes, self._stack)
        self._stack.addWidget(view)
        view.review_wanted.connect(self._show_review)
        view.resume_wanted.connect(self._resume)
        view.conversation_wanted.connect(self.conversation_wanted)
        view.deleted.connect(self._deleted)
        return view

    def _make_proven(self) -> ProvenView:
        from ui.replay.proven_view import ProvenView

        view = ProvenView(self._services, self._tasks, self._themes, self._stack)
        self._stack.addWidget(view)
        return view

    def _build(self) -> None:
        making = QWidget(self)
        wrapped = WrapLayout(making)
        for each in (self._all, self._new, self.proven):
            wrapped.addWidget(each)
        top = QHBoxLayout()
        top.setContentsMargins(16, 10, 16, 10)
        top.setSpacing(8)
        top.addWidget(making, 1)
        top.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self._blank = QWidget(self._stack)
        for each in (self._blank, self.setup, self.progress):
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
        self._new.clicked.connect(self._make_new)
        self._all.clicked.connect(self._toggle_list)
        self.proven.clicked.connect(self._show_proven)
        self._close.clicked.connect(self.left)
        self.list.chosen.connect(self._chosen)
        self.list.entered.connect(self._enter)
        self.list.clicked.connect(self._click)
        self.setup.started.connect(self._started)
        self.setup.left.connect(self._leave_setup)
        self.progress.review_wanted.connect(self._show_review)
        self.progress.results_wanted.connect(self._show_decision)
        self.progress.completed.connect(self._completed)
        self._actions.started.connect(self._continued)
        self._actions.deleted.connect(self._deleted)
        self.live.changed.connect(self._working)
        self.live.ended.connect(self._ended)
