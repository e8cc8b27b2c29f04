"""From the choice of models to a replay: form, preview and start."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import date

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from desktop.domain.conversation_types import ModelRef
from desktop.domain.imported_models import model_text
from desktop.errors import ParagoneError, PolicyForbids, UsageError
from desktop.evals.batch.batch_costs import SHARE
from desktop.evals.batch.batch_plan import require_batch_models
from desktop.evals.execution.run_callers import forbidden
from desktop.replay.replay_estimate import estimate
from desktop.replay.replay_plan import ReplayPlan, new_replay
from desktop.replay.turn_selection import ReplayChoice, select
from desktop.services import Services
from desktop.settings.policy import BATCHES
from ui.base import strings
from ui.base.model_facts import ModelFacts
from ui.base.strings import number_text, tr
from ui.base.tasks import Tasks
from ui.replay.live_replays import replay_tools
from ui.replay.replay_form import PastModel, ReplayForm
from ui.replay.replay_preview import ReplayPreview
from ui.widgets.buttons import button
from ui.widgets.labels import label


def _today() -> date:
    return date.today()  # noqa: DTZ011 - the user's own day


class SelectionProgress(QWidget):
    """Shown while turns are selected."""

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._said = label("", "muted")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(4)
        self._bar.setAccessibleName(tr("Progress of the selection"))
        self.cancel = button(tr("Cancel"))
        self.cancel.clicked.connect(self.cancelled)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        column.addWidget(self._said)
        column.addWidget(self._bar)
        line = QHBoxLayout()
        line.setContentsMargins(0, 8, 0, 0)
        line.addWidget(self.cancel)
        line.addStretch(1)
        column.addLayout(line)
        column.addStretch(1)

    def show_progress(self, done: int, wanted: int) -> None:
        """Show how many of the wanted turns are selected."""
        self._bar.setRange(0, max(wanted, 1))
        self._bar.setValue(done)
        self._said.setText(
            tr("{done} of {wanted} turns selected", done=number_text(done), wanted=number_text(wanted))
            if wanted
            else tr("Selecting turns…")
        )


class ReplaySetup(QWidget):
    """`started` carries the id of a stored replay, of which nothing was asked yet."""

    started = Signal(str)
    left = Signal()

    def __init__(self, services: Services, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services, self._tasks = services, tasks
        self._facts = ModelFacts(services)
        self._plan: ReplayPlan | None = None
        self._offering: asyncio.Task[None] | None = None
        self._selecting: asyncio.Task[None] | None = None
        self._starting: asyncio.Task[None] | None = None
        self._stack = QStackedWidget(self)
        self.form = ReplayForm(_today, self._stack)
        self.progress = SelectionProgress(self._stack)
        self.preview = ReplayPreview(self._stack)
        for each in (self.form, self.progress, self.preview):
            self._stack.addWidget(each)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self.form.preview_wanted.connect(self._select)
        self.form.left.connect(self.left)
        self.progress.cancelled.connect(self._cancel)
        self.preview.left.connect(self._back)
        self.preview.started.connect(self._start)

    def make(self, old: ModelRef | None = None, successor: ModelRef | None = None) -> None:
        """Show the form, optionally for an old model and its successor."""
        self._cancel()
        if old is not None:
            self.form.clear()
        if self._offering is not None:
            self._offering.cancel()
        self._offering = self._tasks.start(self._offer(old, successor), name="replays.offer", failed=self._fail)
        self.form.focus()

    def step_back(self) -> None:
        """Go back one step."""
        if self._stack.currentWidget() is self.form:
            self.left.emit()
        elif self._stack.currentWidget() is self.progress:
            self._cancel()
        else:
            self._back()

    async def _offer(self, old: ModelRef | None, successor: ModelRef | None) -> None:
        """Offer the models of the history and those that can be asked."""
        counts = await (await self._services.store()).conversations.counts()
        past = _past(counts, self._facts)
        if old is not None and all(each.ref != old for each in past):
            past.insert(0, PastModel(old, 0, self._facts.can_ask(old)))
        known = [each for each in self._facts.known() if self._facts.can_ask(each)]
        known.sort(key=self._facts.is_embedded)  # the small demonstration model comes last
        self.form.offer(past, [str(each) for each in known])
        if old is not None:
            self.form.choose_old(old)
            self.form.successors.show_models([str(successor)] if successor is not None else [])
        if not past:
            self.form.say(tr("Your conversations contain no responses yet. Import or start some first."))

    @Slot()
    def _select(self) -> None:
        if self._selecting is not None and not self._selecting.done():
            return
        self.form.say("")
        self._selecting = self._tasks.start(self._selected(), name="replays.select", failed=self._fail)

    async def _selected(self) -> None:
        choice = self.form.choice()
        self._require(choice)
        self.progress.show_progress(0, 0)
        self._stack.setCurrentWidget(self.progress)
        self.progress.cancel.setFocus()
        tools = await replay_tools(self._services)
        plan, tokens = await select(tools, choice, self.progress.show_progress)
        found = await asyncio.to_thread(estimate, plan, tokens, tools.entry_of)
        batched = None
        with suppress(UsageError, PolicyForbids):  # a model cannot be asked in batches: they are not offered
            self._services.settings.policy.require(BATCHES)
            require_batch_models(plan.contenders, tools.gateway, tools.catalog)
            batched = await asyncio.to_thread(estimate, plan, tokens, tools.entry_of, share=SHARE)
        self._plan = plan
        self.preview.show_plan(plan, found, _name(choice), batched=batched)
        self._stack.setCurrentWidget(self.preview)
        self.preview.focus()

    def _require(self, choice: ReplayChoice) -> None:
        """Check that the models to ask exist and are allowed.

        Raises:
            ConnectionUnknown: If one's connection does not exist; also PolicyForbids and UsageError.
        """
        settings = self._services.settings
        judges = (ModelRef.parse(choice.judge),) if choice.judge else ()
        for model in (*choice.models, *judges):
            settings.connection(model.connection)
        for problem in forbidden(settings, choice.models, judges):
            raise problem

    @Slot()
    def _cancel(self) -> None:
        if self._selecting is not None:
            self._selecting.cancel()
        self._show_form()

    @Slot()
    def _back(self) -> None:
        self._show_form()

    def _show_form(self) -> None:
        self._stack.setCurrentWidget(self.form)
        self.form.focus()

    @Slot()
    def _start(self) -> None:
        if self._starting is not None and not self._starting.done():
            return  # a second click is no second replay
        self._starting = self._tasks.start(self._create(), name="replays.create", failed=self._fail_to_start)

    async def _create(self) -> None:
        if self._plan is None:
            return
        shown = self.preview
        replay = new_replay(
            self._plan,
            cap=shown.cap_usd,
            unknown_prices=shown.unknown.isChecked(),
            is_batch=shown.batch.isChecked(),
        )
        await (await self._services.store()).replays.create(replay)
        self._plan = None
        self._stack.setCurrentWidget(self.form)
        self.form.clear()
        self.started.emit(replay.id)

    def _fail(self, error: ParagoneError) -> None:
        self._stack.setCurrentWidget(self.form)
        self.form.say(strings.sentence(error))

    def _fail_to_start(self, error: ParagoneError) -> None:
        self.preview.say(strings.sentence(error))


def _past(counts: Sequence[tuple[ModelRef, int]], facts: ModelFacts) -> list[PastModel]:
    """Return the models of the history, most conversations first, and names that several connections have."""
    found = [PastModel(ref, number, facts.can_ask(ref)) for ref, number in counts]
    by_name = Counter(ref.name for ref, _ in counts)
    for name, connections in by_name.items():
        if connections > 1:
            same = [each for each in found if each.ref.name == name and each.ref.connection]
            total, can = sum(each.conversations for each in same), any(each.can_be_asked for each in same)
            found.append(PastModel(ModelRef(connection="", name=name), total, can))
    return sorted(found, key=lambda each: -each.conversations)


def _name(choice: ReplayChoice) -> str:
    (old,) = choice.of
    return model_text(old) if old.connection else old.name
