"""Work of a run, of a suite or a replay: its cells asked by connection, stored, and stopped after repeated errors."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import NamedTuple, Protocol

from desktop.domain.suite_cells import CellKey, CellRecord, CellStatus, RunState
from desktop.errors import ParagoneError, PolicyForbids, PromptHeld, RunCapped, StoreError
from desktop.evals.execution.cell_outcome import CAP
from desktop.evals.execution.run_calls import RunCalls
from desktop.evals.execution.run_cells import AnsweredCell, CellDropped
from desktop.evals.execution.worker_tasks import all_of
from desktop.providers.wire.retry import LONGEST_WAIT_S
from desktop.store.suite_runs import SuiteRuns
from desktop.text.phrases import NOTHING, Phrase, phrase

MOST_ERRORS = 20
"""Number of consecutive failed calls of a connection that stops a run."""

_NOT_OF_THE_SERVER = frozenset(
    {PolicyForbids.code, CAP, "length", "content_filter", "refusal"}
    | {kind.code for kind in (PromptHeld, *PromptHeld.__subclasses__())}
)
"""Errors that say nothing about a connection's state."""

Listener = Callable[[CellRecord], None]


class RunEnd(NamedTuple):
    """Final state of a run and the reason, empty if it is complete."""

    state: RunState
    reason: Phrase = NOTHING
    hint: Phrase = NOTHING


class StoppableRun:
    """Execution of one run, which anybody on the same loop may pause or stop at any time."""

    def __init__(self, stopped: Phrase) -> None:
        """`stopped` is the reason that is given when somebody stops it."""
        self._stopped = stopped
        self._end: RunEnd | None = None
        self._calls: RunCalls | None = None

    def pause(self) -> None:
        """Begin no further calls; those in progress complete and are stored."""
        self._halt(RunEnd(RunState.STOPPED, self._stopped))

    def stop(self) -> None:
        """End calls in progress too; their cells are asked again on resume."""
        self.pause()
        if self._calls is not None:
            self._calls.stop()

    def _halt(self, end: RunEnd) -> None:
        """Stop with a reason; the first reason counts."""
        self._end = self._end or end
        if self._calls is not None:
            self._calls.halt()


class CellSource(Protocol):
    """Asks the cells of a run."""

    @property
    def judges_ended(self) -> ParagoneError | None:
        """Why no judge is asked any more, where the run ends for that."""
        ...

    async def answered(self, key: CellKey) -> AnsweredCell:
        """Ask and grade a cell.

        Raises:
            CellDropped: If the run ends before it is complete.
        """
        ...


class RunWork:
    """Work between taking and releasing a run. `halt` receives the reason for stopping."""

    def __init__(
        self, run_id: str, runs: SuiteRuns, cells: CellSource, halt: Callable[[RunEnd], None], listener: Listener
    ) -> None:
        self.is_over = False
        self._run_id = run_id
        self._runs = runs
        self._cells = cells
        self._halt = halt
        self._listener = listener
        self._errors: defaultdict[str, int] = defaultdict(int)

    async def carry_out(self, keys: Iterable[CellKey], connection_of: Callable[[CellKey], str], at_once: int) -> None:
        """Ask cells in their order, with up to `at_once` workers for each connection."""
        queues: dict[str, deque[CellKey]] = {}
        for key in keys:
            queues.setdefault(connection_of(key), deque()).append(key)
        await all_of(
            [
                self._work(connection, queue)
                for connection, queue in queues.items()
                for _ in range(min(max(1, at_once), len(queue)))
            ]
        )

    async def _work(self, connection: str, queue: deque[CellKey]) -> None:
        """Ask the cells of a connection one after another."""
        while queue and not self.is_over:
            try:
                cell = await self._cells.answered(queue.popleft())
            except CellDropped as dropped:
                await self.drop(dropped)
                return
            if not await self.keep(cell):
                return
            if self._cells.judges_ended is not None:
                self.stop(stopped_by(self._cells.judges_ended))
            self._count(connection, cell.record)

    async def keep(self, cell: AnsweredCell) -> bool:
        """Store and report a cell. Returns whether that succeeded."""
        try:
            kept = await self._runs.keep(self._run_id, cell.record, cell.spent, cell.receipt)
        except StoreError as error:
            self.stop(stopped_by(error))
            return False
        self._listener(kept)
        return True

    async def drop(self, dropped: CellDropped) -> None:
        """Count the cost of an interrupted cell, and stop if its error affects all."""
        if dropped.spent:
            with suppress(StoreError):
                await self._runs.spend(self._run_id, dropped.spent)
        if dropped.error is not None:
            self.stop(stopped_by(dropped.error))

    def _count(self, connection: str, record: CellRecord) -> None:
        """Stop if a connection only fails."""
        if record.status is not CellStatus.ERROR:
            self._errors[connection] = 0
            return
        if record.problem is not None and record.problem.code == CAP:
            self.stop(stopped_by(RunCapped(phrase("A response reached the run's cap."))))
        if record.problem is None or record.problem.code in _NOT_OF_THE_SERVER:
            return
        if (record.problem.retry_after_s or 0.0) > LONGEST_WAIT_S:
            reason = phrase(
                "“{connection}” requires a long wait before the next request: {message}",
                connection=connection,
                message=record.problem.message,
            )
            self.stop(RunEnd(RunState.STOPPED, reason, phrase("Resume the run later, and retry its errors.")))
        self._errors[connection] += 1
        if self._errors[connection] < MOST_ERRORS:
            return
        reason = phrase(
            "{n} consecutive calls to “{connection}” failed. Last error: {message}",
            n=MOST_ERRORS,
            connection=connection,
            message=record.problem.message,
        )
        hint = phrase("Correct the problem, then resume the run and retry its errors.")
        self.stop(RunEnd(RunState.STOPPED, reason, hint))

    def stop(self, end: RunEnd) -> None:
        """Begin no further cells, for a reason."""
        self.is_over = True
        self._halt(end)


def stopped_by(error: ParagoneError) -> RunEnd:
    """Return how a run ends after an error that affects all calls."""
    state = RunState.CAPPED if isinstance(error, RunCapped) else RunState.STOPPED
    return RunEnd(state, error.message, error.hint)
