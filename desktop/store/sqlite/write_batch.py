"""Short jobs that wait for the writer together: they take one transaction, and one wait for the disk."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from desktop.store.sqlite.sql import Sql

_T = TypeVar("_T")


@dataclass(slots=True, eq=False)
class BatchedJob(Generic[_T]):
    """One of them. Once it is done, with others or alone, `outcome` returns or raises what became of it."""

    job: Callable[[Sql], _T]
    durable: bool
    is_done: bool = False
    result: _T | None = None
    error: BaseException | None = None

    def settle(self, run: Callable[[], _T]) -> None:
        """Keep what `run` returns or raises."""
        try:
            self.result = run()
        except BaseException as error:  # noqa: BLE001 - whoever awaits it is told
            self.error = error
        self.is_done = True

    def outcome(self) -> _T:
        """What became of it, told once."""
        error, self.error = self.error, None
        if error is None:
            return cast("_T", self.result)
        try:
            raise error
        finally:
            del error  # it holds this frame


class WriteBatch:
    """Jobs that may share a transaction, in the order in which they were asked for.

    One thread adds, the writer's takes. Each that is added also waits for a turn of its own: the first turn that
    comes does all that wait by then, the turns of the others only tell.
    """

    def __init__(self) -> None:
        self._waiting = deque[BatchedJob[Any]]()

    def add(self, job: BatchedJob[Any]) -> None:
        """One more, before its turn is asked for."""
        self._waiting.append(job)

    def take(self) -> list[BatchedJob[Any]]:
        """All that wait now, to be done."""
        return [self._waiting.popleft() for _ in range(len(self._waiting))]
