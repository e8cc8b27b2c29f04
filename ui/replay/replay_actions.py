"""Actions on the displayed replay: pause, resume, raise the cap, retry what failed, delete."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from desktop.domain.suite_cells import RunState
from desktop.errors import ParagoneError
from desktop.replay.replay_plan import ReplayPlan
from desktop.services import Services
from ui.base import strings
from ui.base.strings import tr
from ui.base.tasks import Tasks
from ui.replay.live_replays import LiveReplays
from ui.replay.replay_preview import MOST_CAP
from ui.replay.replay_progress import OpenedReplay, ReplayProgress, read_replay
from ui.widgets.inline_question import InlineQuestion
from ui.widgets.inputs import NumberBox

_LONGEST_NAME = 200


class ReplayActions(QObject):
    """Asks in a card of the page before spending or deleting anything."""

    started = Signal(str)
    """Emitted with the id of a replay that continues."""
    deleted = Signal(str)

    def __init__(self, services: Services, tasks: Tasks, live: LiveReplays, shown: ReplayProgress) -> None:
        super().__init__(shown)
        self._services, self._tasks, self._live, self._shown = services, tasks, live, shown
        self.question = InlineQuestion(tr("Question about the replay"))
        shown.pause_wanted.connect(self._pause)
        shown.resume_wanted.connect(lambda: self.resume(shown.replay_id))
        shown.retry_wanted.connect(lambda: self.resume(shown.replay_id, again=True))
        shown.delete_wanted.connect(self._ask_to_delete)

    def resume(self, replay_id: str, *, again: bool = False) -> None:
        """Continue a replay, after a question if its cap is reached or lacks a price. `again` retries what failed."""
        self._tasks.start(self._resume(replay_id, again=again), name="replays.resume", failed=self._fail)

    async def _resume(self, replay_id: str, *, again: bool) -> None:
        opened = await read_replay(await self._services.store(), replay_id)
        progress = opened.progress
        if progress.cap is not None and progress.state is RunState.CAPPED:
            self._ask_for_cap(opened, progress.cap, again=again)
        elif progress.cap is not None and not opened.record.unknown_prices and (names := self._unpriced(opened.plan)):
            self._ask_about_prices(replay_id, names, again=again)
        else:
            await self._begin(replay_id, again=again)

    def _unpriced(self, plan: ReplayPlan) -> str:
        """Return the models without known prices, or an empty string."""
        from desktop.evals.execution.cap_ledger import has_price
        from desktop.evals.execution.run_entries import entries

        entry_of = entries(self._services.gateway, self._services.catalog)
        models = plan.callers
        return ", ".join(str(model) for model in models if not has_price(entry_of(model)))

    def _ask_about_prices(self, replay_id: str, names: str, *, again: bool) -> None:
        self.question.ask(
            tr("The cost cap does not cover every model"),
            (tr("There is no known price for {names}.", names=names),),
            (
                (tr("Cancel"), "", self.put_off),
                (tr("Run anyway"), "primary", lambda: self._allow(replay_id, again=again)),
            ),
        )

    def _allow(self, replay_id: str, *, again: bool) -> None:
        self.question.clear()
        self._tasks.start(self._allowed(replay_id, again=again), name="replays.allow", failed=self._fail)

    async def _allowed(self, replay_id: str, *, again: bool) -> None:
        await (await self._services.store()).replays.allow_unknown_prices(replay_id)
        await self._begin(replay_id, again=again)

    def _ask_for_cap(self, opened: OpenedReplay, before: float, *, again: bool) -> None:
        replay_id, cap = opened.record.id, NumberBox(0, MOST_CAP, decimals=2, unit="USD")
        cap.setAccessibleName(tr("Cap"))
        cap.setFixedWidth(140)
        cap.setValue(before * 2 or 1.0)
        cap.lineEdit().returnPressed.connect(lambda: self._raise_cap(replay_id, cap.value(), again=again))
        self.question.ask(
            tr("The replay has reached its cap"),
            (tr("Total cost cap"),),
            (
                (tr("Cancel"), "", self.put_off),
                (tr("Raise cap and resume"), "primary", lambda: self._raise_cap(replay_id, cap.value(), again=again)),
            ),
            cap,
        )

    def _raise_cap(self, replay_id: str, cap: float, *, again: bool) -> None:
        self.question.clear()
        self._tasks.start(self._raised(replay_id, cap, again=again), name="replays.cap", failed=self._fail)

    async def _raised(self, replay_id: str, cap: float, *, again: bool) -> None:
        await (await self._services.store()).replays.set_cap(replay_id, cap)
        await self._begin(replay_id, again=again)

    async def _begin(self, replay_id: str, *, again: bool) -> None:
        store = await self._services.store()
        if again:
            await store.replays.forget_errors(replay_id)
            await store.judge_verdicts.forget_problems(replay_id)
        self._shown.say("")
        self._live.start(replay_id)
        self.started.emit(replay_id)

    @Slot()
    def put_off(self) -> None:
        """Answer the question with no, which returns the focus."""
        self.question.clear()

    @Slot()
    def _pause(self) -> None:
        self._live.pause(self._shown.replay_id)
        self._shown.say(tr("Requests already sent will still be completed."), well=True)

    @Slot()
    def _ask_to_delete(self) -> None:
        opened = self._shown.opened
        if opened is None:
            return
        replay_id = opened.record.id
        self.question.ask(
            tr("Delete this replay?"),
            (
                " ".join(opened.record.name.split())[:_LONGEST_NAME],
                tr("All its responses and verdicts are deleted. Your conversations stay. You cannot undo this."),
            ),
            (
                (tr("Delete"), "danger", lambda: self._delete_now(replay_id)),
                (tr("Cancel"), "", self.put_off),
            ),
        )

    def _delete_now(self, replay_id: str) -> None:
        self.question.clear()
        self._tasks.start(self._delete(replay_id), name="replays.delete", failed=self._fail)

    async def _delete(self, replay_id: str) -> None:
        await (await self._services.store()).replays.delete(replay_id)
        self.deleted.emit(replay_id)

    def _fail(self, error: ParagoneError) -> None:
        self._shown.say(strings.sentence(error))
