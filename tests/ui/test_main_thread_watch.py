"""The bench's watch sees work wherever the main thread does it: in a timer, for a socket, while it paints."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.bench.main_thread_watch import MainThreadWatch
from tests.ui.waiting import until

Stall = Callable[[Callable[[], None]], None]


def work(seconds: float) -> None:
    """Compute for so long by the thread's own clock, whatever else the machine does."""
    until_cpu = time.thread_time() + seconds
    while time.thread_time() < until_cpu:
        pass


class Painted(QWidget):
    """Works while it is painted."""

    def __init__(self, what: Callable[[], None]) -> None:
        super().__init__()
        self._what = what

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's
        del event
        self._what()


@pytest.fixture
async def watch() -> AsyncIterator[MainThreadWatch]:
    made = MainThreadWatch(asyncio.get_running_loop())
    yield made
    made.stop()


async def stall(where: str, what: Callable[[], None], qtbot: QtBot) -> None:
    """Have something done in a callback of a kind, with a rest before and after it."""
    done = list[bool]()

    def once() -> None:
        if not done:
            what()
            done.append(True)

    await asyncio.sleep(0.05)
    if where == "timer":
        QTimer.singleShot(1, once)
        await until(lambda: done)
    elif where == "socket":
        one, other = socket.socketpair()
        loop = asyncio.get_running_loop()
        loop.add_reader(one, lambda: (one.recv(1), once()))
        other.send(b"x")
        await until(lambda: done)
        loop.remove_reader(one)
        one.close()
        other.close()
    else:
        widget = Painted(once)
        qtbot.addWidget(widget)
        widget.show()
        await until(lambda: done)
    await asyncio.sleep(0.05)


@pytest.mark.parametrize("where", ["timer", "socket", "paint"])
@pytest.mark.parametrize("milliseconds", [5, 20, 100])
async def test_a_stretch_of_work_is_measured_to_a_fifth(
    where: str, milliseconds: int, watch: MainThreadWatch, qtbot: QtBot
) -> None:
    """Tried again where another process had the processor meanwhile: that only makes stretches shorter."""
    spent = list[tuple[float, float]]()

    def what() -> None:
        begun = time.perf_counter()
        work(milliseconds / 1000)
        spent.append((begun, time.perf_counter()))

    near = pytest.approx(milliseconds, rel=0.2, abs=0.3)
    stretch = frames = 0.0
    for _ in range(100):
        await stall(where, what, qtbot)
        begun, ended = spent[-1]
        stretch = watch.longest(begun, ended)
        frames = sum(watch.frames(begun - 0.02, ended + 0.02))
        assert stretch < 1.2 * milliseconds + 5, "no look makes it longer"
        if stretch == near and frames == pytest.approx(milliseconds, rel=0.2, abs=2):
            return
    pytest.fail(f"{stretch} ms in a stretch, {frames} ms in all frames")


async def test_a_wait_within_a_callback_is_seen_by_the_answers(watch: MainThreadWatch, qtbot: QtBot) -> None:
    begun = time.perf_counter()
    await stall("timer", lambda: time.sleep(0.1), qtbot)
    assert watch.slowest_answer(begun, time.perf_counter()) > 80
    assert watch.longest(begun, time.perf_counter()) < 50
