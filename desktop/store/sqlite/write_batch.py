"""Short jobs that wait for the writer together: they take one transaction, and one wait for the disk."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from desktop.store.sqlite.sql import Sql


@dataclass(frozen=True, slots=True, eq=False)
class BatchedJob:
    """One of them; `done` tells what became of it."""

    job: Callable[[Sql], Any]
    durable: bool
    done: Future[Any] = field(default_factory=Future[Any])

    def settle(self, run: Callable[[], Any]) -> None:
        """Tell what `run` returns or raises."""
        try:
            result = run()
        except BaseException as error:  # noqa: BLE001 - whoever awaits it is told
            self.done.set_exception(error)
        else:
            self.done.set_result(result)


class WriteBatch:
    """Jobs of one transaction to come, in the order in which they were added; used by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: list[BatchedJob] | None = []

    def add(self, job: BatchedJob) -> bool:
        """One more, unless the batch was taken already; whether it was added."""
        with self._lock:
            if self._jobs is None:
                return False
            self._jobs.append(job)
            return True

    def take(self) -> list[BatchedJob]:
        """All of them that are still awaited; none can be added any more."""
        with self._lock:
            jobs, self._jobs = self._jobs or [], None
        return [each for each in jobs if each.done.set_running_or_notify_cancel()]
