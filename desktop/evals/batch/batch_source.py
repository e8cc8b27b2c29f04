"""Cells of a run that is sent in batches, whether of a suite or a replay: their requests, grades and bounds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from desktop.domain.conversation_types import Message, ModelRef
from desktop.domain.suite_cells import CellKey, CellRecord, RunRecord
from desktop.errors import ParagoneError
from desktop.evals.execution.run_calls import RunCalls
from desktop.session.answer import AnswerTask
from desktop.store.suite_runs import SuiteRuns


class BatchSource(Protocol):
    """Cells of one run, and what is done with their answers."""

    calls: RunCalls
    models: Sequence[ModelRef]
    """Model of each contender, by its number."""
    callers: Collection[ModelRef]
    """All models, judges too."""
    at_once: int
    """Number of answers that are graded at once."""

    @property
    def judges_ended(self) -> ParagoneError | None:
        """Why no judge is asked any more, where the run ends for that."""
        ...

    def keys(self, without: Collection[CellKey]) -> Iterable[CellKey]:
        """Return the run's cells in order, except some."""
        ...

    async def task(self, key: CellKey) -> AnswerTask:
        """Return what is sent for a cell.

        Raises:
            ParagoneError: If it cannot be sent.
        """
        ...

    async def answered(self, key: CellKey) -> AnswerTask:
        """Return what an answer that arrived is built and charged with, also if it could no longer be sent."""
        ...

    async def graded(self, record: CellRecord, message: Message) -> CellRecord:
        """Return the cell of an answer with its grades, which it has if it is complete."""
        ...

    async def require_bounds(self, keys: Sequence[CellKey], *, unknown_prices: bool) -> None:
        """Check that the cost of cells is bounded, because a running batch cannot be stopped at the cap.

        Raises:
            PriceUnknown: If a price is missing.
            RunHalted: If a response has no maximum length.
        """
        ...

    async def most_cost(self, keys: Sequence[CellKey]) -> float:
        """Return the maximum cost of cells in US dollars, with their judges; unknown prices count as zero."""
        ...

    async def judge(self) -> None:
        """Compare answers in pairs once all are there, where the run has a judge for that."""
        ...


class BatchKind(Protocol):
    """A kind of run that can be sent in batches."""

    @property
    def runs(self) -> SuiteRuns:
        """Where runs of this kind are stored."""
        ...

    def opened(self, run: RunRecord, *, sends: bool) -> AbstractAsyncContextManager[BatchSource]:
        """Return the cells of a run. `sends` is whether more requests are sent.

        Raises:
            UsageError: If the run cannot be sent in batches.
        """
        ...
