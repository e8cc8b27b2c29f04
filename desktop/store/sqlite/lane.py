"""Thread that runs jobs in order, for tasks that await them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_T = TypeVar("_T")


class Lane:
    """One thread for jobs. A submitted job always runs, even if the waiting task is canceled."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    def submit(self, job: Callable[[], _T]) -> Future[_T]:
        """Queue a job.

        Raises:
            RuntimeError: After `stop`.
        """
        return self._executor.submit(job)

    async def run(self, job: Callable[[], _T]) -> _T:
        """Queue a job and await its result."""
        return await _outcome(self.submit(job))

    def stop(self, *, wait: bool = True) -> None:
        """Accept no more jobs; queued jobs still run."""
        self._executor.shutdown(wait=wait)


async def _outcome(job: Future[_T]) -> _T:
    """Await the result of a job on another thread."""
    loop = asyncio.get_running_loop()
    outcome = loop.create_future()

    def tell(ended: Future[_T]) -> None:
        """Pass the result to the waiting task, on the event loop."""
        if outcome.done():
            return
        error = ended.exception()
        if error is not None:
            outcome.set_exception(error)
        else:
            outcome.set_result(ended.result())

    def end(ended: Future[_T]) -> None:
        """Schedule `tell` on the event loop unless it is closed. Called on the job's thread."""
        if not loop.is_closed():
            loop.call_soon_threadsafe(tell, ended)

    # Break the reference cycle with the job, so that results do not wait for garbage collection.
    job.add_done_callback(end)
    return await outcome
