"""Runs of a program without its start: a process that has imported all of it is forked for each of them.

Starting Python and importing the program takes five times what a command does itself, and the tests run hundreds of
them. What a run is given is what a start would give it: words, surroundings, folder, umask, streams, and a process of
its own, which ends as Python does but for taking apart what was imported. A run whose surroundings Python itself reads
at its start (`LANG`, `PYTHONUTF8`) cannot be forked, and none is where `PARAGONE_TEST_STARTS` is set
(docs/assurance.md).

A program is the name of a module with a function `main` that takes the words and gives the exit status, or None.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, TypedDict

ROOT = Path(__file__).resolve().parents[1]

_STARTS = not hasattr(os, "fork") or bool(os.environ.get("PARAGONE_TEST_STARTS"))
_OF_PYTHON = ("LANG", "LC_", "PYTHON", "LD_", "MALLOC_", "GLIBC_", "OPENSSL_")
"""Beginnings of the names of variables that are read when Python or a library begins."""


class _Asked(TypedDict):
    """What a run is to be, beside its three streams."""

    words: list[str]
    environ: dict[str, str]
    folder: str
    umask: int


def forkable(environ: Mapping[str, str]) -> bool:
    """Whether a process that runs already can take over these surroundings."""
    return not _STARTS and _of_python(environ) == _of_python(os.environ)


def _of_python(environ: Mapping[str, str]) -> dict[str, str]:
    given = {name: value for name, value in environ.items() if name.startswith(_OF_PYTHON)}
    given.pop("PYTHONPATH", None)  # everything is imported
    return given


class Forked:
    """A run that goes on, with what the tests use of a Popen; its streams are text in UTF-8."""

    def __init__(self, server: _Server, number: int, pipes: tuple[IO[str], IO[str], IO[str] | None]) -> None:
        self.pid = number
        self.stdin, self.stdout, self.stderr = pipes
        self.returncode: int | None = None
        self._server = server

    def kill(self) -> None:
        """Kill it where it lives."""
        if self.returncode is None:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """Its exit status once it has ended; the number of a signal that ended it, negative."""
        if self.returncode is None:
            self.returncode = self._server.ended()
        return self.returncode

    def communicate(self, given: str = "", timeout: float | None = None) -> tuple[str, str]:
        """Give it a text, and all that it says until its end. Raises TimeoutExpired once it has been killed."""
        timer = threading.Timer(timeout or threading.TIMEOUT_MAX, self.kill)
        timer.daemon = True
        timer.start()
        try:
            with ThreadPoolExecutor(3) as threads:
                if not self.stdin.closed:
                    threads.submit(_give, self.stdin, given)
                said, complained = threads.map(_take, (self.stdout, self.stderr))
            status = self.wait()
        finally:
            timer.cancel()
        if timeout is not None and status == -signal.SIGKILL:
            raise subprocess.TimeoutExpired("a forked run", timeout, said)
        return said, complained


Run = Forked | subprocess.Popen[str]
"""One that was forked, or started."""


def _give(stream: IO[str], text: str) -> None:
    """Write and close; whoever reads may have gone before."""
    try:
        with stream:
            if text:
                stream.write(text)
    except BrokenPipeError:
        return


def _take(stream: IO[str] | None) -> str:
    """Read to the end and close, unless that was done."""
    if stream is None or stream.closed:
        return ""
    with stream:
        return stream.read()


class ForkServer:
    """Starts runs of one program: of as many processes as there are runs at once, each forked when it is free."""

    def __init__(self, program: str) -> None:
        self._program = program
        self._free: list[_Server] = []

    def start(
        self,
        words: Sequence[str],
        environ: Mapping[str, str],
        folder: Path = ROOT,
        *,
        umask: int = -1,
        stderr: bool = True,
    ) -> Forked:
        """Begin a run; without `stderr` it complains where the tests do."""
        try:
            server = self._free.pop()
        except IndexError:
            server = _Server(self._program, self._free)
        asked = _Asked(words=[*words], environ=dict(environ), folder=str(folder), umask=umask)
        return server.start(asked, stderr=stderr)

    def close(self) -> None:
        """End the processes that are free."""
        while self._free:
            self._free.pop().close()


@functools.cache
def fork_server(program: str) -> ForkServer:
    """The one of a program, in this process of the tests."""
    server = ForkServer(program)
    atexit.register(server.close)
    return server


def start(program: str, words: Sequence[str], before: Sequence[str] = ()) -> Run:
    """Begin a run of a module of the tests, forked where that can be; it complains where the tests do.

    `before` is a command that starts another one: then it is a start.
    """
    if forkable(os.environ) and not before:
        return fork_server(program).start(words, os.environ, stderr=False)
    command = [*before, sys.executable, "-m", program, *words]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


class _Server:
    """A process that is forked, one run after the other, and the socket over which it is told what to be."""

    def __init__(self, program: str, free: list[_Server]) -> None:
        self._door, theirs = socket.socketpair()
        self._free = free
        self._process = subprocess.Popen(
            [sys.executable, __file__, program, str(theirs.fileno())],
            stdin=subprocess.PIPE,  # pipes, as a run's own: streams know whether they can be sought in
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=[theirs.fileno()],
            cwd=ROOT,
            text=True,
        )
        theirs.close()

    def start(self, asked: _Asked, *, stderr: bool) -> Forked:
        given, out = os.pipe(), os.pipe()
        complaints = os.pipe() if stderr else None
        theirs = [given[0], out[1], complaints[1] if complaints else os.dup(2)]
        payload = json.dumps(asked).encode()
        socket.send_fds(self._door, [len(payload).to_bytes(8, "big")], theirs)
        self._door.sendall(payload)
        for end in theirs:
            os.close(end)
        pipes = (
            os.fdopen(given[1], "w", encoding="utf-8"),
            os.fdopen(out[0], encoding="utf-8"),
            os.fdopen(complaints[0], encoding="utf-8") if complaints else None,
        )
        return Forked(self, self._number(), pipes)

    def ended(self) -> int:
        """Wait for the run's end and be free for another."""
        status = self._number()
        self._free.append(self)
        return status

    def close(self) -> None:
        self._door.close()
        self._process.communicate()

    def _number(self) -> int:
        try:
            return int.from_bytes(_exactly(self._door, 8), "big", signed=True)
        except EOFError:
            raise RuntimeError(self._process.communicate()[0]) from None


def _exactly(door: socket.socket, count: int) -> bytes:
    """So many bytes. Raises EOFError where the other side has gone."""
    got = b""
    while len(got) < count:
        if not (more := door.recv(min(65536, count - len(got)))):
            raise EOFError
        got += more
    return got


def _serve(door: socket.socket) -> list[str] | None:
    """Fork for each run that is asked for. In such a process: its words; at the end: None."""
    number = 0
    while True:
        size, streams, _flags, _from = socket.recv_fds(door, 8, 3)
        if not size:
            return None
        asked: _Asked = json.loads(_exactly(door, int.from_bytes(size, "big")))
        if number:
            os.waitpid(number, 0)  # only now may another process have its number: until then it can be killed
        number = os.fork()
        if number == 0:
            door.close()
            _become(asked, streams)
            return asked["words"]
        for stream in streams:
            os.close(stream)
        door.sendall(number.to_bytes(8, "big", signed=True))
        ended = os.waitid(os.P_PID, number, os.WEXITED | os.WNOWAIT)
        assert ended is not None
        status = ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
        door.sendall(status.to_bytes(8, "big", signed=True))


def _become(asked: _Asked, streams: Sequence[int]) -> None:
    """Take over what a start would have given."""
    import time

    for place, stream in enumerate(streams):
        os.dup2(stream, place)
        os.close(stream)
    os.environ.clear()
    os.environ.update(asked["environ"])
    time.tzset()
    os.chdir(asked["folder"])
    if asked["umask"] >= 0:
        os.umask(asked["umask"])
    sys.argv[1:] = asked["words"]


def _import_all() -> None:
    """Everything that commands import when they run: it is there after a fork."""
    import importlib
    import pkgutil

    import desktop

    for module in pkgutil.walk_packages(desktop.__path__, "desktop."):
        if not module.name.endswith("_child"):
            importlib.import_module(module.name)


def _end(status: str | int | None) -> str | int | None:
    """End as Python does but for taking apart what was imported before the fork: that takes as long as most runs.

    Threads are waited for, what is left for the end is called, streams are flushed. Where one of them cannot be, Python
    ends: it has its own words and status for that.
    """
    import atexit
    import threading

    if isinstance(status, str):
        return status
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    try:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    except (AttributeError, OSError, ValueError):  # there is none, nobody reads any more, it is closed
        return status
    os._exit((status or 0) & 0xFF)


def _main() -> str | int | None:
    """Import a program, serve, and be each run of it."""
    import gc
    import importlib

    name, number = sys.argv[1:]
    sys.path[0] = str(ROOT)
    program = importlib.import_module(name)
    _import_all()
    gc.freeze()
    words = _serve(socket.socket(fileno=int(number)))
    if words is None:
        return None
    try:
        status = program.main(words)
    except SystemExit as end:
        status = end.code
    return _end(status)


if __name__ == "__main__":
    sys.exit(_main())
