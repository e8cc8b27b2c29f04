"""A thread that does jobs in turn, and tells whoever awaits them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_T = TypeVar("_T")


class Lane:
    """One thread that does jobs in turn. A job once given is done, whatever becomes of who awaits it."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    def submit(self, job: Callable[[], _T]) -> Future[_T]:
        """Queue a job. Raises RuntimeError after `stop`."""
        return self._executor.submit(job)

    async def run(self, job: Callable[[], _T]) -> _T:
        """Queue a job and await what it returns or raises."""
        return await _outcome(self.submit(job))

    def stop(self, *, wait: bool = True) -> None:
        """Take no more jobs; those that were given are still done."""
        self._executor.shutdown(wait=wait)


async def _outcome(job: Future[_T]) -> _T:
    """Await a job of another thread; where the awaiting is cancelled, the job is done all the same."""
    loop = asyncio.get_running_loop()
    told = loop.create_future()

    def tell(ended: Future[_T]) -> None:
        """On the loop."""
        if told.done():
            return
        error = ended.exception()
        if error is not None:
            told.set_exception(error)
        else:
            told.set_result(ended.result())

    def end(ended: Future[_T]) -> None:
        """On the job's thread, when nobody may be there any more."""
        if not loop.is_closed():
            loop.call_soon_threadsafe(tell, ended)

    # The job keeps what it calls: that must not keep the job, or each result waits for the garbage collector.
    job.add_done_callback(end)
    return await told
