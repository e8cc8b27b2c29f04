"""Runs executed by this window: each is started, paused and resumed in a task of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.errors import ParagoneError
from desktop.services import Services
from ui.base import strings
from ui.base.strings import tr
from ui.base.tasks import Tasks

if TYPE_CHECKING:
    from desktop.evals.execution.suite_runner import SuiteRunner


class LiveRuns(QObject):
    """Executes runs, which share the limits of each connection."""

    changed = Signal()
    """Emitted when a run starts or ends."""
    ended = Signal(str, str)
    """Emitted with the ID of a run that ended and the reason, which is empty if the run is complete."""

    def __init__(self, services: Services, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._tasks = tasks
        self._working: dict[str, SuiteRunner | None] = {}
        self._allowed_tools: dict[str, frozenset[str]] = {}
        """Tools that the user allowed for runs of this window, or did not."""

    @property
    def ids(self) -> frozenset[str]:
        """IDs of the runs executed by this window."""
        return frozenset(self._working)

    def has_asked(self, run_id: str) -> bool:
        """Whether the user was asked in this window which tools a run may use."""
        return run_id in self._allowed_tools

    def start(
        self, run_id: str, *, allow_parameters: bool = False, allowed_tools: frozenset[str] | None = None
    ) -> None:
        """Start or continue a run. Parameters that affect routing are sent only if `allow_parameters`.

        `allowed_tools` are allowed in addition to lasting decisions; None for those of the run's previous part.
        """
        if allowed_tools is not None:
            self._allowed_tools[run_id] = allowed_tools
        if run_id not in self._working:
            self._working[run_id] = None  # from now on: a second click is no second start
            work = self._work(run_id, allow_parameters=allow_parameters)
            self._tasks.start(work, name=f"runs.work.{run_id}", failed=lambda e: self._fail(run_id, e))

    def pause(self, run_id: str) -> None:
        """Send no more requests for a run. Requests in progress are completed."""
        if (runner := self._working.get(run_id)) is not None:
            runner.pause()

    def stop_all(self) -> None:
        """Stop all runs at quit. Interrupted requests are sent again when the run is resumed."""
        for runner in self._working.values():
            if runner is not None:
                runner.stop()

    async def _work(self, run_id: str, *, allow_parameters: bool) -> None:
        from desktop.evals.execution.suite_runner import RunTools, SuiteRunner

        services = self._services
        try:
            tools = RunTools(
                await services.store(),
                services.gateway,
                services.catalog,
                services.run_limits,
                toolbox=services.toolbox,
            )
            runner = self._working[run_id] = SuiteRunner(
                tools,
                allow_parameters=allow_parameters,
                allowed_tools=self._allowed_tools.get(run_id, frozenset()),
            )
            self.changed.emit()
            end = await runner.run(run_id)
        finally:
            self._working.pop(run_id, None)
            self.changed.emit()
        self.ended.emit(run_id, " ".join(filter(None, (tr(end.reason), tr(end.hint)))))

    def _fail(self, run_id: str, error: ParagoneError) -> None:
        self.ended.emit(run_id, strings.sentence(error))
