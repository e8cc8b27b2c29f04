"""The window's loop: callbacks in order, Qt never kept waiting, faults reported, and an end."""

from __future__ import annotations

import asyncio
import contextvars
import socket
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, cast

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from ui.loop import Loop


@pytest.fixture
def loop(qapp: QApplication) -> Iterator[asyncio.AbstractEventLoop]:
    with cast("AbstractContextManager[asyncio.AbstractEventLoop]", Loop(qapp)) as made:
        yield made


def test_callbacks_run_in_their_order_and_cancelled_ones_do_not(loop: asyncio.AbstractEventLoop) -> None:
    said = list[int]()

    async def main() -> None:
        loop.call_soon(said.append, 1)
        loop.call_soon(said.append, 2).cancel()
        ended = loop.create_future()
        loop.call_soon(lambda: (said.append(3), loop.call_soon(lambda: (said.append(5), ended.set_result(None)))))
        loop.call_soon(said.append, 4)
        await ended

    loop.run_until_complete(main())
    assert said == [1, 3, 4, 5]


def test_a_callback_that_asks_for_itself_for_ever_leaves_qt_its_turn(loop: asyncio.AbstractEventLoop) -> None:
    ended = asyncio.Event()

    def again() -> None:
        if not ended.is_set():
            loop.call_soon(again)

    async def main() -> None:
        QTimer.singleShot(5, ended.set)
        again()
        await ended.wait()

    loop.run_until_complete(main())
    assert ended.is_set()


def test_a_fault_in_a_callback_is_reported_and_the_others_run(loop: asyncio.AbstractEventLoop) -> None:
    found = list[str]()
    loop.set_exception_handler(lambda _loop, context: found.append(type(context["exception"]).__name__))

    async def main() -> None:
        loop.call_soon(lambda: 1 / 0)
        ran = loop.create_future()
        loop.call_soon(ran.set_result, None)
        await ran

    loop.run_until_complete(main())
    assert found == ["ZeroDivisionError"]


def test_other_threads_and_contexts_are_heard(loop: asyncio.AbstractEventLoop) -> None:
    name = contextvars.ContextVar[str]("name", default="none")

    async def main() -> list[str]:
        heard: asyncio.Queue[Any] = asyncio.Queue()
        thread = threading.Thread(target=lambda: loop.call_soon_threadsafe(heard.put_nowait, "thread"))
        thread.start()
        context = contextvars.copy_context()
        context.run(name.set, "own")
        found = [await heard.get()]
        loop.call_soon(lambda: heard.put_nowait(name.get()), context=context)
        thread.join()
        return [*found, await heard.get()]

    assert loop.run_until_complete(main()) == ["thread", "own"]


def test_what_is_due_later_runs_in_the_order_of_its_time_and_not_when_cancelled(
    loop: asyncio.AbstractEventLoop,
) -> None:
    said = list[int]()

    async def main() -> None:
        loop.call_later(0.03, said.append, 3)
        loop.call_later(0.01, said.append, 1)
        loop.call_later(0.02, said.append, 2).cancel()
        begun = loop.time()
        await asyncio.sleep(0.04)
        assert loop.time() - begun >= 0.04

    loop.run_until_complete(main())
    assert said == [1, 3]


def test_limits_of_time_that_were_kept_leave_nothing_behind(loop: asyncio.AbstractEventLoop) -> None:
    async def main() -> list[weakref.ref[Callable[[], None]]]:
        held = list[weakref.ref[Callable[[], None]]]()
        for _ in range(1_000):

            def late() -> None:
                raise AssertionError

            held.append(weakref.ref(late))
            loop.call_later(3_600, late).cancel()
        return held

    held = loop.run_until_complete(main())
    assert len(held) == 1_000
    assert sum(each() is not None for each in held) < 10


def test_a_socket_is_read_as_often_as_something_comes_and_no_more_once_it_is_let_go(
    loop: asyncio.AbstractEventLoop,
) -> None:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    heard = list[bytes]()

    async def main() -> None:
        more = asyncio.Event()

        def read() -> None:
            heard.append(ours.recv(1))
            if heard[-1] == b"c":
                loop.remove_reader(ours)  # while it calls
            more.set()

        loop.add_reader(ours, read)
        for byte in (b"a", b"b", b"c"):
            theirs.send(byte)
            await more.wait()
            more.clear()
        theirs.send(b"d")
        await asyncio.sleep(0.02)

    with ours, theirs:
        loop.run_until_complete(main())
    assert heard == [b"a", b"b", b"c"]
