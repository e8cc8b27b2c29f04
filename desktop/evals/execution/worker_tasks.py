"""Runs workers in parallel until all have finished or one fails."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence


async def all_of(workers: Sequence[Coroutine[None, None, None]]) -> None:
    """Run all workers. The first exception cancels the others and is raised."""
    tasks = [asyncio.create_task(worker) for worker in workers]
    try:
        while pending := [task for task in tasks if not task.done()]:
            done, _ = await asyncio.wait(pending, return_when=asyncio.FIRST_EXCEPTION)
            if any(task.exception() is not None for task in done if not task.cancelled()):
                break
    finally:
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
    for task in tasks:
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error
