"""Starts the embedded engine's child process on first use, identifies its failures, and terminates it cleanly."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from desktop.embedded.engine_child import ChildSettings, Failed, Ready, Report, encode, parse_report
from desktop.errors import (
    EngineCrashed,
    EngineError,
    EngineMissing,
    EngineTimeout,
    EngineUnsupported,
    ModelLoadFailed,
)
from desktop.net.options import Secret
from desktop.system.child_process import NO_WINDOW, child_environment
from desktop.system.log import logger
from desktop.text.phrases import NOTHING, Phrase, phrase

_MAX_REPORT = 64 * 1024
_MAX_TAIL = 16 * 1024
_LOG_PREFIX = re.compile(r"^[\d.]+ [A-Z] +")
_LOAD_ERROR = "error loading model:"
_USELESS = "failed to load model from"
_ILLEGAL_INSTRUCTION_WINDOWS = 0xC000001D


class ChildProcess(asyncio.SubprocessProtocol):
    """One child process of the engine. The event loop delivers its output, so no reading task can be left running."""

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
        """Start a child. Raises OSError."""
        # Its own session (or no console on Windows), so that Ctrl+C in a terminal only reaches the program.
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
        """The process ID, or 0 before the start."""
        return self._transport.get_pid() if self._transport else 0

    @property
    def alive(self) -> bool:
        """Whether the process is running, as far as the event loop knows."""
        return not self._exited.is_set()

    @property
    def status(self) -> int | None:
        """The exit status: negative for a POSIX signal, or None while the process is running."""
        return self._transport.get_returncode() if self._transport else None

    @property
    def tail(self) -> str:
        """The last 16 KB of stderr."""
        return self._err.decode(errors="replace")

    @property
    def load_error(self) -> str:
        """The engine's own reason for rejecting a model, or an empty string."""
        return load_error(self.tail)

    def send(self, line: bytes) -> None:
        """Write to stdin. It remains open, because the child exits when it closes."""
        stdin = self._transport.get_pipe_transport(0) if self._transport else None
        if isinstance(stdin, asyncio.WriteTransport):
            stdin.write(line)

    async def report(self) -> Report | None:
        """Return the child's one-line report, or None if the child exited or wrote something else."""
        return await asyncio.shield(self._report)

    async def exited(self, within_s: float) -> bool:
        """Wait until the process has exited. Returns whether it exited in time."""
        return await _within(within_s, self._exited)

    async def drained(self, within_s: float) -> bool:
        """Wait until the process has exited and all its output has arrived. Returns whether this happened in time."""
        return await _within(within_s, self._closed)

    async def end(self, grace_s: float) -> None:
        """End the process: close stdin, wait, terminate, wait, kill. It is then reaped, and its pipes are closed."""
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
            except ProcessLookupError:  # already exited; the event loop is about to report it
                break
        await self._exited.wait()
        self._transport.close()
        await self._closed.wait()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio once the process is running."""
        assert isinstance(transport, asyncio.SubprocessTransport)
        self._transport = transport

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Called by asyncio with output. Handles the report's line, keeps the end of stderr, and drops the rest."""
        if fd == 2:
            self._err += data
            del self._err[:-_MAX_TAIL]
        elif not self._report.done():
            self._out += data
            line, end, _ = self._out.partition(b"\n")
            if end or len(self._out) > _MAX_REPORT:
                self._report.set_result(_decoded(bytes(line)))

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        """Called by asyncio when a pipe closes. Once stdout has closed, no report can arrive."""
        del exc
        if fd == 1:
            self._no_report()

    def process_exited(self) -> None:
        """Called by asyncio once the process was reaped. Its pipes may still contain output."""
        self._exited.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio once the process and all its pipes are done."""
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
        return parse_report(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def load_error(tail: str) -> str:
    """Return the most informative line of llama.cpp's log about a rejected model, or an empty string.

    This is `error loading model: ...`, or the preceding error if that line only repeats the file's name.
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
    """Whether an exit status means that the processor lacks an instruction: SIGILL, or 0xC000001D on Windows."""
    if status is None:
        return False
    sigill = getattr(signal, "SIGILL", None)
    return status & 0xFFFFFFFF == _ILLEGAL_INSTRUCTION_WINDOWS or (sigill is not None and status == -sigill)


def status_in_words(status: int | None) -> str:
    """Return an exit status for display, such as `SIGKILL`, `status 3` or `status 0xC0000005`."""
    if status is None:
        return "no status"
    if status < 0:
        try:
            return signal.Signals(-status).name
        except ValueError:
            return f"signal {-status}"
    return f"status {status:#X}".replace("X", "x") if status > 255 else f"status {status}"


MAX_CONTEXT = 32_768
MAX_PARALLEL = 8

_log = logger("embedded")

# The minimum that a program needs to run. Everything else, including keys, is withheld from the child.
_ENVIRONMENT = frozenset(
    {
        "PATH",
        "HOME",
        "LANG",
        "LC_ALL",
        "LC_CTYPE",
        "TMPDIR",
        "WINDIR",
        "TEMP",
        "TMP",
        "USERPROFILE",
        "LOCALAPPDATA",
    }
)

_LAST_WORDS_S = 5.0
"""Seconds within which a child exits if it cannot load its model."""


def default_threads() -> int:
    """Return the number of usable cores minus one. With all cores, one busy program would stall the engine."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return max(1, cores - 1)


def allowed_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables that the child inherits."""
    return child_environment(environ, _ENVIRONMENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOptions:
    """Settings of an engine.

    `context` and `parallel` are limited to 256–32,768 and 1–8, because memory use grows with their product.

    Args:
        model: A file, or a function that finds one. It runs on a thread before each start and may raise
            EngineError.
        threads: Threads of the child.
        context: Context window of one response in tokens.
        parallel: Number of parallel responses.
        ready_timeout_s: Seconds within which the child must be ready.
        grace_s: Seconds to wait after closing stdin, and again after asking the process to terminate.
    """

    model: Path | Callable[[], Path]
    threads: int = field(default_factory=default_threads)
    context: int = 4096
    parallel: int = 2
    ready_timeout_s: float = 120.0
    grace_s: float = 0.5

    def __post_init__(self) -> None:
        object.__setattr__(self, "threads", max(1, self.threads))
        object.__setattr__(self, "context", min(max(256, self.context), MAX_CONTEXT))
        object.__setattr__(self, "parallel", min(max(1, self.parallel), MAX_PARALLEL))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Address and key of a child's server, for example http://127.0.0.1:41234/v1."""

    url: str
    token: Secret
    pid: int


class Engine:
    """Manages one child at a time. It is started on first use and restarted if it died. Belongs to one event loop."""

    def __init__(
        self,
        *,
        command: Sequence[str],
        options: EngineOptions,
        environ: Mapping[str, str] | None = None,
        new_token: Callable[[], str] = secrets.token_urlsafe,
    ) -> None:
        self._command = tuple(command)
        self._options = options
        self._environ = allowed_environment(os.environ if environ is None else environ)
        self._new_token = new_token
        self._child: ChildProcess | None = None
        self._endpoint: Endpoint | None = None
        self._start_task: asyncio.Task[Endpoint] | None = None
        self._closed = False

    @property
    def options(self) -> EngineOptions:
        """The options, adjusted to their limits."""
        return self._options

    @property
    def running(self) -> bool:
        """Whether a child is running, even if it is not ready yet."""
        return self._child is not None and self._child.alive

    @property
    def pid(self) -> int | None:
        """The child's process ID, or None if no child is running."""
        return self._child.pid if self._child is not None and self._child.alive else None

    async def endpoint(self) -> Endpoint:
        """Return the engine's endpoint, starting the engine if necessary. Concurrent callers share one start.

        Raises EngineMissing, EngineUnsupported, ModelLoadFailed, EngineCrashed or EngineTimeout. The next call tries
        again.
        """
        if self._closed:
            raise EngineError(phrase("The embedded engine was closed."))
        if self._start_task is None or (self._start_task.done() and not (self.running and self._endpoint)):
            self._start_task = asyncio.create_task(self._start(), name="engine start")
            self._start_task.add_done_callback(_retrieve)  # it may fail after all waiting callers were canceled
        starting = self._start_task
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if starting.cancelled() and not (task and task.cancelling()):  # the start was stopped, not the caller
                raise _stopped() from None
            raise

    async def death(self, of: Endpoint, *, within_s: float = 1.0) -> EngineError | None:
        """Return why the child behind an endpoint exited, or None if it still runs after `within_s` seconds.

        The wait is necessary because the connection breaks before the event loop learns that the child exited.
        """
        child = self._child
        if child is None or child.pid != of.pid:
            return EngineCrashed(phrase("The embedded engine exited while responding."))
        return _crashed(child, phrase("while responding")) if await child.exited(within_s) else None

    async def stop(self) -> None:
        """Terminate the child, whatever it is doing. The next use starts another."""
        child, self._endpoint = self._child, None
        if self._start_task is not None and not self._start_task.done():
            self._start_task.cancel()
            await asyncio.wait([self._start_task])
        if child is not None:
            await child.end(self._options.grace_s)

    async def aclose(self) -> None:
        """Terminate the child permanently and close its pipes. Safe to call more than once."""
        self._closed = True
        await self.stop()
        self._child = None

    async def _start(self) -> Endpoint:
        if self._child is not None:
            await self._child.end(0)
        self._endpoint = None
        options, token = self._options, self._new_token()
        model = options.model if isinstance(options.model, Path) else await asyncio.to_thread(options.model)
        try:
            child = await ChildProcess.start(self._command, self._environ)
        except OSError as error:
            raise EngineMissing(
                phrase("The embedded engine could not start: {value}.", value=error.strerror or error)
            ) from error
        self._child = child
        settings = ChildSettings(
            model=str(model),
            token=token,
            threads=options.threads,
            context=options.context,
            parallel=options.parallel,
        )
        child.send(encode(settings))
        try:
            endpoint = Endpoint(url=f"{await self._ready(child, model)}/v1", token=Secret(token), pid=child.pid)
            self._endpoint = endpoint
        finally:
            if self._endpoint is None:
                await child.end(options.grace_s)
        return endpoint

    async def _ready(self, child: ChildProcess, model: Path) -> str:
        try:
            async with asyncio.timeout(self._options.ready_timeout_s):
                report = await child.report()
        except TimeoutError:
            raise EngineTimeout(
                phrase(
                    "The embedded engine was not ready after {ready_timeout_s} seconds.",
                    ready_timeout_s=f"{self._options.ready_timeout_s:g}",
                )
            ) from None
        if isinstance(report, Ready):
            return report.url
        if report is not None:  # the child exits by itself, possibly some time after its report
            await child.drained(_LAST_WORDS_S)
            raise _refused(report, child, model)
        await child.drained(self._options.grace_s)
        if child.alive:
            raise EngineCrashed(phrase("The embedded engine did not report its port."))
        raise _crashed(child, phrase("while loading {model}", model=model.name))


def _refused(report: Failed, child: ChildProcess, model: Path) -> EngineError:
    if report.error == "missing":
        return EngineMissing(
            phrase("The embedded engine is not installed: {message}.", message=report.message),
            hint=_library_hint(report),
        )
    return ModelLoadFailed(
        phrase("The engine could not load {name}: {value}.", name=model.name, value=child.load_error or report.message)
    )


def _crashed(child: ChildProcess, when: str) -> EngineError:
    status = child.status
    if is_illegal_instruction(status):
        return EngineUnsupported(phrase("This processor cannot run the embedded model."))
    if child.asked_to_end:
        return _stopped()
    words = status_in_words(status)
    _log.warning("The engine (pid %d) ended with %s. Its last words: %s", child.pid, words, child.tail or "none")
    hint = (
        phrase("The computer may be out of memory. Close other programs, then try again.")
        if words == "SIGKILL"
        else NOTHING
    )
    return EngineCrashed(phrase("The embedded engine exited {when} ({words}).", when=when, words=words), hint=hint)


def _library_hint(report: Failed) -> Phrase:
    if "libgomp" in report.message:
        return phrase(
            "Install the system's OpenMP library (Debian and Ubuntu: `apt install libgomp1`; Fedora: libgomp)."
        )
    return NOTHING


def _stopped() -> EngineError:
    return EngineCrashed(phrase("The embedded engine was stopped."))


def _retrieve(task: asyncio.Task[Endpoint]) -> None:
    if not task.cancelled():
        task.exception()
