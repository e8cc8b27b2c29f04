from __future__ import annotations

import asyncio

import pytest
from PySide6.QtWidgets import QApplication

from desktop.errors import ParagoneError, UsageError
from desktop.text.phrases import english
from ui.base.tasks import Tasks


async def fail(error: Exception) -> None:
    raise error


async def test_a_known_error_goes_to_its_handler_and_to_the_signal_without_one(tasks: Tasks) -> None:
    handled: list[ParagoneError] = []
    signalled: list[ParagoneError] = []
    tasks.failed.connect(signalled.append)
    one, other = UsageError(english("one")), UsageError(english("other"))
    tasks.start(fail(one), name="one", failed=handled.append)
    tasks.start(fail(other), name="other")
    assert await tasks.settle(5)
    await asyncio.sleep(0)
    assert (handled, signalled) == ([one], [other])


async def test_any_other_exception_is_a_bug(qapp: QApplication, caplog: pytest.LogCaptureFixture) -> None:
    tasks = Tasks()
    bugs: list[Exception] = []
    tasks.bug.connect(bugs.append)
    error = ValueError("never")
    handled: list[ParagoneError] = []
    tasks.start(fail(error), name="buggy", failed=handled.append)
    await tasks.settle(5)
    await asyncio.sleep(0)
    assert bugs == [error]
    assert handled == []


async def test_cancelling_ends_everything_and_says_nothing(tasks: Tasks) -> None:
    signalled: list[ParagoneError] = []
    tasks.failed.connect(signalled.append)
    tasks.start(asyncio.Event().wait(), name="waits")
    assert tasks.names == ("waits",)
    assert await tasks.cancel_all()
    assert tasks.names == ()
    assert signalled == []


async def test_what_resists_cancelling_does_not_hold_the_end_up(tasks: Tasks) -> None:
    let_go = asyncio.Event()

    async def stubborn() -> None:
        while not let_go.is_set():
            try:
                await let_go.wait()
            except asyncio.CancelledError:
                continue

    tasks.start(stubborn(), name="stubborn")
    await asyncio.sleep(0)
    assert not await tasks.cancel_all(0.01)
    let_go.set()
    assert await tasks.settle(5)


async def test_settling_waits_for_what_running_tasks_start(tasks: Tasks) -> None:
    ended = list[str]()

    async def second() -> None:
        await asyncio.sleep(0)
        ended.append("second")

    async def first() -> None:
        await asyncio.sleep(0)
        tasks.start(second(), name="second")

    tasks.start(first(), name="first")
    assert await tasks.settle(5)
    assert ended == ["second"]
