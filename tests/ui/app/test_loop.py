"""The window's loop: callbacks in order, Qt never kept waiting, faults reported, and an end."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import socket
import statistics
import struct
import sys
import threading
import time
import types
import weakref
from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any, cast

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from ui.app.loop import Loop


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


def test_a_thread_that_tells_something_while_the_loop_ends_frees_nothing_of_qts(qapp: QApplication) -> None:
    """PySide frees what was connected to a signal on the thread that emits it, without the interpreter's lock."""
    freed_on = list[int]()

    def end_while_told() -> None:
        with cast("AbstractContextManager[asyncio.AbstractEventLoop]", Loop(qapp)) as loop:
            for each in gc.get_objects(0):
                if type(each) is types.FunctionType and each.__module__ == "qasync" and "__init__" in each.__qualname__:
                    weakref.finalize(each, lambda: freed_on.append(threading.get_ident()))
            ended = threading.Event()

            def tell() -> None:
                while not ended.is_set():
                    loop.call_soon_threadsafe(int)

            thread = threading.Thread(target=tell)
            thread.start()
            loop.run_until_complete(asyncio.sleep(0.001))
        ended.set()
        thread.join()

    for _ in range(60):
        end_while_told()
    gc.collect()
    assert len(freed_on) >= 60
    assert set(freed_on) == {threading.get_ident()}


def test_what_threads_tell_runs_in_their_order_each_in_its_context_and_nothing_after_the_end(
    qapp: QApplication,
) -> None:
    name = contextvars.ContextVar[str]("name", default="none")
    heard = list[tuple[str, int]]()

    async def main() -> None:
        def tell(thread: str) -> None:
            name.set(thread)
            for number in range(500):
                loop.call_soon_threadsafe(lambda number=number: heard.append((name.get(), number)))

        await asyncio.gather(asyncio.to_thread(tell, "one"), asyncio.to_thread(tell, "two"))
        await asyncio.sleep(0)

    with cast("AbstractContextManager[asyncio.AbstractEventLoop]", Loop(qapp)) as loop:
        loop.run_until_complete(main())
    assert [number for thread, number in heard if thread == "one"] == list(range(500))
    assert [number for thread, number in heard if thread == "two"] == list(range(500))
    loop.call_soon_threadsafe(heard.clear)
    qapp.processEvents()
    assert len(heard) == 1_000


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


@contextmanager
def talking(loop: asyncio.AbstractEventLoop, number: int) -> Generator[Callable[[], Awaitable[float]]]:
    """So many sockets that are read; what is given sends a byte to each, and says in how many seconds all were read."""
    with ExitStack() as stack:
        pairs = [socket.socketpair() for _ in range(number)]
        left = number
        heard = asyncio.Event()

        def read(ours: socket.socket) -> None:
            nonlocal left
            assert ours.recv(100) == b"x"
            left -= 1
            if not left:
                heard.set()

        for ours, theirs in pairs:
            ours.setblocking(False)
            for each in (ours, theirs):
                stack.callback(each.close)
            loop.add_reader(ours, read, ours)
            stack.callback(loop.remove_reader, ours)

        async def send() -> float:
            nonlocal left
            begun, left = time.monotonic(), number
            heard.clear()
            for _, theirs in pairs:
                theirs.send(b"x")
            await heard.wait()
            return time.monotonic() - begun

        yield send


def test_of_many_busy_sockets_each_rests_after_it_was_read(loop: asyncio.AbstractEventLoop) -> None:
    async def main() -> list[float]:
        with talking(loop, 6) as send:
            return [await send() for _ in range(8)]

    first, second, *others = loop.run_until_complete(main())
    assert min(others) >= 0.006
    assert min(first, second) < max(others)


def test_a_few_busy_sockets_are_read_as_soon_as_something_comes(loop: asyncio.AbstractEventLoop) -> None:
    async def main() -> list[float]:
        with talking(loop, 4) as send:
            return [await send() for _ in range(30)]

    assert statistics.median(loop.run_until_complete(main())) < 0.006


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a reset may take with it what was not read")
def test_what_came_while_a_socket_rested_is_read_although_the_connection_breaks(
    loop: asyncio.AbstractEventLoop,
) -> None:
    heard = bytearray()

    async def main() -> None:
        ended = asyncio.Event()

        def read() -> None:
            try:
                heard.extend(ours.recv(100))
            except ConnectionResetError:
                loop.remove_reader(ours)
                ended.set()

        with talking(loop, 6) as send, socket.create_server(("127.0.0.1", 0)) as server:
            ours = socket.create_connection(server.getsockname())
            theirs, _ = server.accept()
            with ours, theirs:
                ours.setblocking(False)
                loop.add_reader(ours, read)
                for _ in range(4):
                    theirs.send(b"x")
                    await send()
                theirs.send(b"last")
                theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                theirs.close()
                await ended.wait()

    loop.run_until_complete(main())
    assert bytes(heard) == b"xxxxlast"
