"""Replays executed by this window: started, paused and resumed, each in its own task."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.errors import ParagoneError
from desktop.services import Services
from ui.base import strings
from ui.base.strings import tr
from ui.base.tasks import Tasks

if TYPE_CHECKING:
    from desktop.evals.batch.batch_runner import BatchRunner
    from desktop.replay.replay_runner import ReplayRunner
    from desktop.replay.turn_selection import ReplayTools


async def replay_tools(services: Services) -> ReplayTools:
    """Return what selecting and executing replays needs.

    Raises:
        StoreError: If the store cannot be opened; also CredentialError.
    """
    from desktop.evals.execution.run_entries import entries
    from desktop.replay.turn_selection import ReplayTools

    gateway, catalog, files = services.gateway, services.catalog, services.prompt_files()
    entry_of, preset_of = entries(gateway, catalog), services.presets.title_of
    return ReplayTools(await services.store(), gateway, catalog, files, entry_of, preset_of, services.toolbox)


class LiveReplays(QObject):
    """All replays share the limits of each connection, also with runs."""

    changed = Signal()
    """Emitted when a replay starts or ends."""
    ended = Signal(str, str)
    """Emitted with the id of an ended replay and the reason, empty if it is complete."""

    def __init__(self, services: Services, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._tasks = tasks
        self.poll_s: float | None = None
        """Seconds between two looks at a batch; None for the usual number."""
        self._working: dict[str, ReplayRunner | BatchRunner | None] = {}
        self._judged: dict[str, int] = {}
        self._is_over = False

    @property
    def ids(self) -> frozenset[str]:
        """Ids of the replays executed here."""
        return frozenset(self._working)

    def judged(self, replay_id: str) -> int:
        """Return the number of pairs that the judge model compared since the replay was started here."""
        return self._judged.get(replay_id, 0)

    def start(self, replay_id: str) -> None:
        """Execute a replay from its current state."""
        if replay_id not in self._working:
            self._working[replay_id] = None  # from now on: a second click is no second start
            self._judged[replay_id] = 0
            self._tasks.start(
                self._work(replay_id), name=f"replays.work.{replay_id}", failed=lambda e: self._fail(replay_id, e)
            )

    def pause(self, replay_id: str) -> None:
        """Send no more requests; those in progress complete. Of a batch, no more responses are collected for now."""
        if (runner := self._working.get(replay_id)) is not None:
            runner.pause()

    def stop_all(self) -> None:
        """Stop everything at quit; interrupted responses are requested again on resume."""
        self._is_over = True
        for runner in self._working.values():
            if runner is not None:
                runner.stop()

    async def _work(self, replay_id: str) -> None:
        services = self._services
        try:
            tools = await replay_tools(services)
            if self._is_over:
                return
            is_batch = (await tools.store.replays.summary(replay_id)).is_batch
            runner = self._working[replay_id] = self._batch(tools) if is_batch else self._runner(tools, replay_id)
            self.changed.emit()
            end = await runner.run(replay_id)
        finally:
            self._working.pop(replay_id, None)
            self.changed.emit()
        self.ended.emit(replay_id, " ".join(filter(None, (tr(end.reason), tr(end.hint)))))

    def _runner(self, tools: ReplayTools, replay_id: str) -> ReplayRunner:
        from desktop.replay.replay_runner import ReplayRunner

        def count(_verdict: object) -> None:
            self._judged[replay_id] += 1

        return ReplayRunner(tools, self._services.run_limits, verdict_listener=count)

    def _batch(self, tools: ReplayTools) -> BatchRunner:
        from desktop.evals.batch.batch_runner import POLL_S, BatchRunner
        from desktop.evals.execution.suite_runner import RunTools
        from desktop.replay.replay_batch import ReplayBatches

        limits = self._services.run_limits
        shared = RunTools(tools.store, tools.gateway, tools.catalog, limits)
        return BatchRunner(shared, ReplayBatches(tools, limits), poll_s=POLL_S if self.poll_s is None else self.poll_s)

    def _fail(self, replay_id: str, error: ParagoneError) -> None:
        self.ended.emit(replay_id, strings.sentence(error))
