"""Progress of a replay: responses, cost, why it stopped, and what can be done next."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

import asyncio
from typing import NamedTuple

import msgspec
from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QProgressBar, QPushButton, QVBoxLayout, QWidget

from desktop.domain.suite_cells import RunProgress, RunRecord, RunState
from desktop.errors import ParagoneError
from desktop.replay.replay_plan import ReplayPlan, plan_of
from desktop.replay.review_desk import ReviewDesk
from desktop.services import Services
from desktop.store.store import Store
from ui.base import strings
from ui.base.strings import tr, trn
from ui.base.tasks import Tasks
from ui.compare.run_progress import progress_text
from ui.replay.live_replays import LiveReplays
from ui.widgets.buttons import button
from ui.widgets.labels import ElidedLabel, set_role
from ui.widgets.paragraph import Paragraph
from ui.widgets.wrapping_layout import WrapLayout

_LOOK_MS = 500
"""Polling interval while a replay is executed."""


class OpenedReplay(NamedTuple):
    """A replay with its plan. `to_review` and `reviewed` are numbers of pairs, `failure` is one error's message."""

    record: RunRecord
    plan: ReplayPlan
    progress: RunProgress
    to_review: int
    reviewed: int
    judge_failures: int
    failure: str

    @property
    def failures(self) -> int:
        """Number of failed responses and judgments, which can be requested again."""
        return self.progress.errors + self.judge_failures


async def read_replay(store: Store, replay_id: str) -> OpenedReplay:
    """Return a replay as it is now.

    Raises:
        RunUnknown: If it does not exist; also StoreError.
    """
    record = await store.replays.get(replay_id)
    plan = plan_of(record)
    progress = await replay_progress(store, record.id, plan)
    desk = await ReviewDesk.open(store, record.id)
    failure = ""
    if progress.errors:
        errors = (await store.replays.asked(record.id)).errors
        problem = (await store.replays.cell(record.id, min(errors))).problem if errors else None
        failure = tr(problem.message) if problem is not None else ""
    judge_failures = sum(bool(each.problem) for each in await store.judge_verdicts.list(record.id))
    return OpenedReplay(record, plan, progress, desk.left, desk.done, judge_failures, failure)


async def replay_progress(store: Store, replay_id: str, plan: ReplayPlan) -> RunProgress:
    """Return how many of the plan's responses are there."""
    found = await store.replays.progress(replay_id)
    return msgspec.structs.replace(found, cells=plan.calls)


class ReplayProgress(QWidget):
    """Shows a replay with `show_replay` and follows it, wherever it is executed."""

    pause_wanted = Signal()
    resume_wanted = Signal()
    retry_wanted = Signal()
    review_wanted = Signal(str)
    results_wanted = Signal(str)
    delete_wanted = Signal()
    completed = Signal(str)
    """Emitted with the id of a followed replay that is complete."""

    def __init__(self, services: Services, tasks: Tasks, live: LiveReplays, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Replay in progress"))
        self._services, self._tasks, self._live = services, tasks, live
        self._opened: OpenedReplay | None = None
        self._wanted = ""
        self._followed = self._awaits_focus = False
        self._loading: asyncio.Task[None] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._name = ElidedLabel("", "heading")
        self._state = Paragraph("", "")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(4)
        self._bar.setAccessibleName(tr("Progress of the replay"))
        self._more = Paragraph("", "muted")
        self._problem = Paragraph("", "warn")
        self.pause = button(tr("Pause"))
        self.resume = button(tr("Resume"), "primary")
        self.retry = button(tr("Retry failed"))
        self.review = button(tr("Review"))
        self.results = button(tr("Results"))
        self.delete = button(tr("Delete…"), "quiet")
        self._watch = QTimer(self, interval=_LOOK_MS)
        self._build()
        self._connect()

    @property
    def opened(self) -> OpenedReplay | None:
        """The displayed replay, or None."""
        return self._opened

    @property
    def replay_id(self) -> str:
        """Id of the displayed replay, or an empty string."""
        return self._wanted

    def show_replay(self, replay_id: str) -> None:
        """Show a replay, and follow it while it is executed."""
        if replay_id != self._wanted:
            self._opened = None
            self._followed = False
            self.say("")
        self._wanted = replay_id
        if self._loading is not None:
            self._loading.cancel()
        self._loading = self._tasks.start(self._load(replay_id), name="replays.load", failed=self._fail)

    def say(self, problem: str, *, well: bool = False) -> None:
        """Show why the replay does not continue, or a success; empty hides it."""
        set_role(self._problem, "role", "muted" if well else "warn")
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))

    def focus(self) -> None:
        """Focus the first button, once it is known which ones apply."""
        first = next((each for each in self._buttons if each.isVisibleTo(self) and each.isEnabled()), None)
        self._awaits_focus = first is None
        if first is not None:
            first.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop following unless the window is only minimized."""
        super().hideEvent(event)
        if not event.spontaneous():
            self._watch.stop()

    def showEvent(self, event: QShowEvent) -> None:
        """Update the progress."""
        super().showEvent(event)
        if self._wanted:
            self.show_replay(self._wanted)

    async def _load(self, replay_id: str) -> None:
        is_new = self._opened is None
        opened = await read_replay(await self._services.store(), replay_id)
        if replay_id != self._wanted:
            return
        self._opened = opened
        self._show(opened)
        state = opened.progress.state
        if is_new and state is not RunState.RUNNING and opened.record.reason:
            self.say(opened.record.reason)
        if state is RunState.RUNNING or replay_id in self._live.ids:
            self._followed = True
            if self.isVisible():
                self._watch.start()
            return
        self._watch.stop()
        if self._followed and state is RunState.COMPLETE:
            self._followed = False
            self.completed.emit(replay_id)

    @Slot()
    def _look(self) -> None:
        if self._looking is None or self._looking.done():
            self._looking = self._tasks.start(self._looked(), name="replays.look", failed=self._fail)

    async def _looked(self) -> None:
        opened = self._opened
        if opened is None:
            return
        progress = await replay_progress(await self._services.store(), opened.record.id, opened.plan)
        if opened is not self._opened:
            return
        if progress.state is RunState.RUNNING:
            self._opened = opened._replace(progress=progress)
            self._show(self._opened)
        elif opened.record.id not in self._live.ids:
            self.show_replay(opened.record.id)

    def _show(self, opened: OpenedReplay) -> None:
        progress, replay_id = opened.progress, opened.record.id
        is_running, is_ours = progress.state is RunState.RUNNING, replay_id in self._live.ids
        answered = progress.asked - progress.errors
        self._name.setText(opened.record.name)
        self._state.setText(progress_text(progress, is_unpriced=opened.record.unknown_prices))
        self._bar.setRange(0, max(progress.cells, 1))
        self._bar.setValue(progress.asked)
        self._bar.setVisible(progress.state is not RunState.COMPLETE)
        self._more.setText("\n".join(self._sentences(opened, is_ours=is_ours)))
        self._more.setVisible(bool(self._more.text()))
        self.review.setText(tr("Review while it runs") if is_running else tr("Review"))
        self.review.setAccessibleName(self.review.text())
        self.review.setEnabled(answered > 0)
        is_complete = progress.state is RunState.COMPLETE
        set_role(self.review, "role", "primary" if is_complete else "")
        wanted = {
            self.pause: is_running and is_ours,
            self.resume: not is_running and not is_complete,
            self.retry: not is_running and opened.failures > 0,
            self.review: opened.plan.review > 0 and (is_running or opened.to_review > 0),
            self.results: not is_running and answered > 0,
            self.delete: not is_running,
        }
        self._keep_keyboard(wanted)
        for pushed, shown in wanted.items():
            pushed.setVisible(shown)
        if self._awaits_focus:
            self.focus()

    def _sentences(self, opened: OpenedReplay, *, is_ours: bool) -> list[str]:
        """Return what else is known about the replay."""
        progress, said = opened.progress, list[str]()
        if progress.state is RunState.RUNNING:
            if not is_ours:
                said.append(tr("Another Paragone process executes this replay."))
            if opened.record.is_batch and progress.asked < progress.cells:
                said.append(tr("The server processes the batch within a day. You can quit Paragone and resume later."))
            if opened.plan.judge and progress.asked >= progress.cells:
                judged = self._live.judged(opened.record.id)
                compared = trn("The judge model compared {n} pair.", "The judge model compared {n} pairs.", judged)
                said.append(compared)
            return said
        if opened.failure:
            said.append(
                trn(
                    "{n} response failed: {reason}",
                    "{n} responses failed, one of them with: {reason}",
                    progress.errors,
                    reason=opened.failure,
                )
            )
        if opened.judge_failures:
            said.append(
                trn(
                    "The judge model could not compare {n} pair.",
                    "The judge model could not compare {n} pairs.",
                    opened.judge_failures,
                )
            )
        if opened.reviewed:
            said.append(trn("You reviewed {n} pair.", "You reviewed {n} pairs.", opened.reviewed))
        if opened.to_review:
            said.append(trn("{n} pair is left to review.", "{n} pairs are left to review.", opened.to_review))
        return said

    def _keep_keyboard(self, wanted: dict[QPushButton, bool]) -> None:
        """Move the focus from a disappearing button to the first remaining one."""
        if any(pushed.hasFocus() and not shown for pushed, shown in wanted.items()):
            stays = next((pushed for pushed, shown in wanted.items() if shown and pushed.isEnabled()), None)
            if stays is not None:
                stays.show()
                stays.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fail(self, error: ParagoneError) -> None:
        self._watch.stop()
        self.say(strings.sentence(error))

    @property
    def _buttons(self) -> tuple[QPushButton, ...]:
        return self.pause, self.resume, self.review, self.results, self.retry, self.delete

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 24)
        column.setSpacing(8)
        for each in (self._name, self._state, self._bar, self._more, self._problem):
            column.addWidget(each)
        holder = QWidget(self)
        row = WrapLayout(holder, gap=8)
        for pushed in self._buttons:
            row.addWidget(pushed)
            pushed.hide()
        column.addSpacing(4)
        column.addWidget(holder)
        column.addStretch(1)
        self._bar.hide()
        self._problem.hide()

    def _connect(self) -> None:
        self.pause.clicked.connect(self.pause_wanted)
        self.resume.clicked.connect(self.resume_wanted)
        self.retry.clicked.connect(self.retry_wanted)
        self.review.clicked.connect(lambda: self.review_wanted.emit(self._wanted))
        self.results.clicked.connect(lambda: self.results_wanted.emit(self._wanted))
        self.delete.clicked.connect(self.delete_wanted)
        self._watch.timeout.connect(self._look)
