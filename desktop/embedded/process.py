"""The engine's child as the program holds it: pipes, the report, a tail of its stderr, and its orderly end."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence

import msgspec

from desktop.child_process import NO_WINDOW
from desktop.embedded.engine_wire import Report, decode_report

_MAX_REPORT = 64 * 1024
_MAX_TAIL = 16 * 1024
_LOG_PREFIX = re.compile(r"^[\d.]+ [A-Z] +")
_LOAD_ERROR = "error loading model:"
_USELESS = "failed to load model from"
_ILLEGAL_INSTRUCTION_WINDOWS = 0xC000001D


class ChildProcess(asyncio.SubprocessProtocol):
    """One child. The loop hands over what comes: nothing reads in a task of its own that could be left running."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self._out = bytearray()
        self._err = bytearray()
        self._transport: asyncio.SubprocessTransport | None = None
        self._report: asyncio.Future[Report | None] = loop.create_future()
        self._exited = asyncio.Event()
        self._closed = asyncio.Event()
        self.asked_to_end = False

    @classmethod
    async def start(cls, command: Sequence[str], environ: Mapping[str, str]) -> ChildProcess:
        """Start it. Raises OSError where the program cannot be run."""
        # Its own session (or no console on Windows): Ctrl+C in a terminal reaches the program alone.
        _, child = await asyncio.get_running_loop().subprocess_exec(
            cls,
            *command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(environ),
            start_new_session=sys.platform != "win32",
            creationflags=NO_WINDOW,
        )
        return child

    @property
    def pid(self) -> int:
        """The process's id; 0 before it started."""
        return self._transport.get_pid() if self._transport else 0

    @property
    def alive(self) -> bool:
        """Whether it has not ended, as far as the loop has been told."""
        return not self._exited.is_set()

    @property
    def status(self) -> int | None:
        """The exit status; negative for a POSIX signal, None while it runs."""
        return self._transport.get_returncode() if self._transport else None

    @property
    def tail(self) -> str:
        """The last 16 KB of what it wrote on stderr."""
        return self._err.decode(errors="replace")

    @property
    def load_error(self) -> str:
        """The engine's own reason for refusing a model; empty where it gave none."""
        return load_error(self.tail)

    def send(self, line: bytes) -> None:
        """Write to its stdin, which stays open: its end tells the child to end."""
        stdin = self._transport.get_pipe_transport(0) if self._transport else None
        if isinstance(stdin, asyncio.WriteTransport):
            stdin.write(line)

    async def report(self) -> Report | None:
        """Its one line; None where it ended, or wrote something else, without one."""
        return await asyncio.shield(self._report)

    async def exited(self, within_s: float) -> bool:
        """Whether it ended within some seconds."""
        return await _within(within_s, self._exited)

    async def drained(self, within_s: float) -> bool:
        """Whether it ended, and all that it wrote arrived, within some seconds."""
        return await _within(within_s, self._closed)

    async def end(self, grace_s: float) -> None:
        """End it: close stdin, wait, terminate, wait, kill. After that it is reaped and its pipes are closed."""
        if self._transport is None:
            return
        self.asked_to_end = True
        stdin = self._transport.get_pipe_transport(0)
        if stdin is not None:
            stdin.close()
        for press in (self._transport.terminate, self._transport.kill):
            if await _within(grace_s, self._exited):
                break
            try:
                press()
            except ProcessLookupError:  # it ended by itself; the loop is about to say so
                break
        await self._exited.wait()
        self._transport.close()
        await self._closed.wait()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asyncio's: the process runs."""
        assert isinstance(transport, asyncio.SubprocessTransport)
        self._transport = transport

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Asyncio's: output. The report's line is waited for, stderr is kept to a bound, the rest is dropped."""
        if fd == 2:
            self._err += data
            del self._err[:-_MAX_TAIL]
        elif not self._report.done():
            self._out += data
            line, end, _ = self._out.partition(b"\n")
            if end or len(self._out) > _MAX_REPORT:
                self._report.set_result(_decoded(bytes(line)))

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        """Asyncio's: a pipe ended; without its report nothing more is to come."""
        del exc
        if fd == 1:
            self._no_report()

    def process_exited(self) -> None:
        """Asyncio's: the process ended and was reaped; its pipes may still hold output."""
        self._exited.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Asyncio's: the process and all its pipes are done."""
        del exc
        self._no_report()
        self._closed.set()

    def _no_report(self) -> None:
        if not self._report.done():
            self._report.set_result(None)


async def _within(seconds: float, event: asyncio.Event) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


def _decoded(line: bytes) -> Report | None:
    try:
        return decode_report(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def load_error(tail: str) -> str:
    """The most telling line of llama.cpp's log about a model that it refused; empty where there is none.

    That is `error loading model: ...`, or the error before it where that only repeats the file's name.
    """
    before = ""
    for line in tail.splitlines():
        words = _LOG_PREFIX.sub("", line)
        _, found, reason = words.partition(_LOAD_ERROR)
        if not found:
            before = words.partition(": ")[2] or before
        elif _USELESS in reason:
            return before or reason.strip()
        else:
            return reason.strip()
    return ""


def is_illegal_instruction(status: int | None) -> bool:
    """Whether an exit status says that the processor lacks an instruction: SIGILL, 0xC000001D on Windows."""
    if status is None:
        return False
    sigill = getattr(signal, "SIGILL", None)
    return status & 0xFFFFFFFF == _ILLEGAL_INSTRUCTION_WINDOWS or (sigill is not None and status == -sigill)


def status_in_words(status: int | None) -> str:
    """An exit status for people: `SIGKILL`, `status 3`, `status 0xC0000005`."""
    if status is None:
        return "no status"
    if status < 0:
        try:
            return signal.Signals(-status).name
        except ValueError:
            return f"signal {-status}"
    return f"status {status:#X}".replace("X", "x") if status > 255 else f"status {status}"
