from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from collections.abc import Iterator

import pytest

from desktop.store.sqlite.lane import Lane


class Found:
    """Something that a job returns."""


@pytest.fixture
def lane() -> Iterator[Lane]:
    lane = Lane("tested")
    yield lane
    lane.stop()


async def test_what_a_job_returns_is_let_go_without_the_garbage_collector(lane: Lane) -> None:
    go_on = threading.Event()
    lane.submit(lambda: go_on.wait(10))
    gc.disable()
    try:
        found = asyncio.ensure_future(lane.run(Found))
        await asyncio.sleep(0)
        go_on.set()
        kept = weakref.ref(await found)
        del found
        await lane.run(lambda: None)  # the lane itself has let it go by then
        assert kept() is None
    finally:
        gc.enable()


async def test_a_job_tells_what_it_raises(lane: Lane) -> None:
    with pytest.raises(ZeroDivisionError):
        await lane.run(lambda: 1 / 0)


async def test_a_job_that_nobody_awaits_any_more_is_done_and_its_error_is_nobodys(lane: Lane) -> None:
    complaints = list[object]()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    go_on, done = threading.Event(), threading.Event()

    def job() -> None:
        go_on.wait(10)
        done.set()
        raise ZeroDivisionError

    task = asyncio.ensure_future(lane.run(job))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()
    await lane.run(lambda: None)
    del task
    gc.collect()
    assert done.is_set()
    assert complaints == []


def test_a_job_outlives_the_loop_that_asked_for_it(lane: Lane, caplog: pytest.LogCaptureFixture) -> None:
    go_on = threading.Event()

    async def ask() -> None:
        task = asyncio.ensure_future(lane.run(lambda: go_on.wait(10)))
        await asyncio.sleep(0)
        task.cancel()

    asyncio.run(ask())
    go_on.set()
    assert lane.submit(lambda: "next").result(10) == "next"
    assert caplog.records == []
