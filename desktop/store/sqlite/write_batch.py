"""Collects short write jobs that share one transaction and one disk flush."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from desktop.store.sqlite.sql import Sql

_T = TypeVar("_T")


@dataclass(slots=True, eq=False)
class BatchedJob(Generic[_T]):
    """A job in a batch. When it is done, `outcome` returns or raises its result."""

    job: Callable[[Sql], _T]
    durable: bool
    is_done: bool = False
    result: _T | None = None
    error: BaseException | None = None

    def settle(self, run: Callable[[], _T]) -> None:
        """Store what `run` returns or raises as the result."""
        try:
            self.result = run()
        except BaseException as error:  # noqa: BLE001 - whoever awaits it is told
            self.error = error
        self.is_done = True

    def outcome(self) -> _T:
        """Return or raise the result. Call this only once."""
        error, self.error = self.error, None
        if error is None:
            return cast("_T", self.result)
        try:
            raise error
        finally:
            del error  # it holds this frame


class WriteBatch:
    """Jobs that may share a transaction, in order.

    One thread adds jobs, and the writer's thread takes them. A turn is queued for each job; the first turn runs all
    waiting jobs.
    """

    def __init__(self) -> None:
        self._waiting = deque[BatchedJob[Any]]()

    def add(self, job: BatchedJob[Any]) -> None:
        """Add a job. Must precede queuing its turn."""
        self._waiting.append(job)

    def take(self) -> list[BatchedJob[Any]]:
        """Remove and return all waiting jobs."""
        return [self._waiting.popleft() for _ in range(len(self._waiting))]
