"""Parent's side of the tool host: starts it on first use, opens servers and calls their tools."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from desktop.domain.tool_types import ToolInfo, ToolOutput
from desktop.errors import ToolError, ToolHostFailed, ToolServerFailed, ToolSignInRequired, ToolTimedOut
from desktop.system.child_process import start_child
from desktop.system.log import logger
from desktop.text.phrases import NOTHING, Phrase, english, phrase
from desktop.tools.host.host_wire import (
    END_S,
    MOST_REPLY,
    MOST_REQUEST,
    MOST_TEXT,
    SIGN_IN_S,
    ArgumentsChecked,
    CallTool,
    Cancel,
    Changed,
    CheckArguments,
    Close,
    Closed,
    Credentials,
    ElicitAction,
    Elicitation,
    ElicitationAnswer,
    Elicited,
    Failure,
    Hello,
    Open,
    Output,
    Reply,
    Request,
    RequestFailed,
    Running,
    ServerSpec,
    SignedIn,
    SignIn,
    Tools,
    Withdrawn,
    encode,
    parse_reply,
)
from desktop.tools.host.server_process import inherited, kill_group

_log = logger("tools")

_ANSWER_S = 10.0
"""Seconds beyond the time limit of a request after which the host counts as hung and is killed."""

_CHECK_S = 5.0
"""Seconds to check arguments; a schema may contain a regular expression that never ends."""

_UNAUTHORIZED = "HTTP 401"

_EXIT_S = 1.0
"""Seconds from the end of the host's replies to its exit."""

Elicit = Callable[[Elicitation], Awaitable[ElicitationAnswer]]
Browse = Callable[[SignIn], Awaitable[SignedIn]]
_R = TypeVar("_R", Tools, Output, Closed, ArgumentsChecked)


class ToolHost:
    """The host and its servers. It starts with the first `open`, and restarts with the next one if it died.

    Belongs to one event loop, and its owner closes it.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        logs: Path,
        on_changed: Callable[[str], None],
        elicit: Elicit | None = None,
        browse: Browse | None = None,
        on_credentials: Callable[[str, str], None] | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        """`on_changed` gets the name of a server that has other tools than before, or that has ended; open it again.

        Args:
            command: Starts the host.
            logs: Folder of the servers' logs.
            elicit: Shows a server's question to the user. Without it, servers are told that they cannot ask.
            browse: Opens a server's sign-in page in the browser and returns the parameters of the return to
                `redirect_uri`. Without it, servers that need a sign-in fail.
            on_credentials: Gets a server's name and its new credentials, which belong in the keyring.
            environ: Environment of which the servers get the harmless part; None for that of this process.
        """
        self._command = tuple(command)
        self._hello = Hello(
            logs=str(logs),
            environ=inherited(os.environ if environ is None else environ),
            elicits=elicit is not None,
        )
        self._on_changed = on_changed
        self._elicit = elicit
        self._browse = browse
        self._on_credentials = on_credentials
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        self._numbers = itertools.count(1)
        self._pending: dict[int, asyncio.Future[Reply]] = {}
        self._questions: dict[int, asyncio.Task[None]] = {}
        self._groups: set[int] = set()
        self._opened: set[str] = set()
        self._closed = False

    @property
    def pid(self) -> int:
        """The host's process ID; 0 if it is not running."""
        return self._process.pid if self._process is not None and self._process.returncode is None else 0

    async def open(self, server: ServerSpec) -> tuple[ToolInfo, ...]:
        """Start a server or connect to it, and return its tools. Does nothing more if it is open with this spec.

        A server whose spec is another one than before, or which has ended, is restarted. Concurrent callers share one
        start. Raises ToolServerFailed, ToolTimedOut and ToolHostFailed.
        """
        number = next(self._numbers)
        request = Open(id=number, server=server)
        seconds = 2 * server.start_s + (SIGN_IN_S if server.oauth else 0)
        tools = (await self._ask(request, number, server.name, seconds, Tools)).tools
        self._opened.add(server.name)
        return tools

    async def call(
        self, server: str, tool: str, arguments: str, *, timeout_s: float, most_bytes: int = MOST_TEXT
    ) -> ToolOutput:
        """Call a tool of an open server. Canceling the awaiting task cancels the call at the server.

        Raises ToolServerFailed, ToolTimedOut and ToolHostFailed.

        Args:
            arguments: A JSON object as text.
            most_bytes: Maximum bytes of the result's text in UTF-8; the rest is cut.
        """
        if self.pid == 0:
            raise _failure(RequestFailed(id=0, failure=Failure.NOT_OPEN), server, tool)
        number = next(self._numbers)
        request = CallTool(
            id=number, server=server, tool=tool, arguments=arguments, timeout_s=timeout_s, most_bytes=most_bytes
        )
        return (await self._ask(request, number, server, timeout_s, Output, tool=tool)).output

    async def check(self, schema: str, arguments: str) -> str | None:
        """Return why arguments do not match a schema, or None if they do; both are JSON texts.

        Raises ToolHostFailed.
        """
        number = next(self._numbers)
        request = CheckArguments(id=number, schema=schema, arguments=arguments)
        return (await self._ask(request, number, "", _CHECK_S, ArgumentsChecked)).problem or None

    async def close(self, server: str) -> None:
        """End a server, and return once its processes have exited. Raises ToolHostFailed."""
        if self.pid:
            number = next(self._numbers)
            await self._ask(Close(id=number, server=server), number, server, END_S, Closed)

    async def aclose(self) -> None:
        """End all servers and the host within five seconds. Safe to call more than once."""
        self._closed = True
        for question in [*self._questions.values()]:
            question.cancel()
        process, reader = self._process, self._reader
        if process is None or reader is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        await asyncio.wait([reader], timeout=END_S - 0.5)
        if not reader.done():
            _log.warning("the tool host did not end in time")
            reader.cancel()
            await asyncio.wait([reader])

    async def _ask(
        self, request: Request, number: int, server: str, timeout_s: float, kind: type[_R], *, tool: str = ""
    ) -> _R:
        line = encode(request)
        if len(line) > MOST_REQUEST:
            raise ToolServerFailed(
                phrase("The arguments of “{tool}” are longer than 4 MB.", tool=tool),
                hint=phrase("Use shorter arguments."),
            )
        stdin = await self._running()
        reply = self._pending[number] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(timeout_s + _ANSWER_S):
                stdin.write(line)
                await stdin.drain()
                answer = await reply
        except TimeoutError:
            self._kill()
            raise ToolHostFailed(phrase("The tool host stopped responding.")) from None
        except ConnectionError:
            raise _died() from None
        except asyncio.CancelledError:
            if not stdin.is_closing():
                stdin.write(encode(Cancel(id=number)))
            raise
        finally:
            self._pending.pop(number, None)
        if isinstance(answer, RequestFailed):
            raise _failure(answer, server, tool)
        if not isinstance(answer, kind):
            self._kill()
            raise ToolHostFailed(phrase("The tool host sent an unexpected reply."))
        return answer

    async def _running(self) -> asyncio.StreamWriter:
        """Return the stdin of the host, which is started unless it runs. Raises ToolHostFailed."""
        async with self._starting:
            if self._closed:
                raise ToolHostFailed(phrase("The tool host was closed."))
            if not self.pid or self._reader is None or self._reader.done():
                if self._reader is not None:
                    await asyncio.wait([self._reader])
                try:
                    self._process = await start_child(self._command)
                except (OSError, ValueError) as error:
                    raise ToolHostFailed(
                        phrase(
                            "The tool host did not start: “{reason}”", reason=getattr(error, "strerror", "") or error
                        )
                    ) from error
                self._reader = asyncio.create_task(self._read(self._process), name="tool host")
                assert self._process.stdin is not None
                self._process.stdin.write(encode(self._hello))
        assert self._process is not None
        assert self._process.stdin is not None
        return self._process.stdin

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        """Receive replies until the host ends; then fail all that waits for one and end what the host left behind."""
        assert process.stdout is not None
        try:
            await self._read_lines(process.stdout)
        except (OSError, ValueError) as error:
            _log.error("the tool host sent something else than a reply: %s", type(error).__name__)
        finally:
            await self._ended(process)

    async def _read_lines(self, stdout: asyncio.StreamReader) -> None:
        """Receive each line. Raises ValueError if one is too long or no reply."""
        buffer = bytearray()
        while chunk := await stdout.read(1 << 20):
            buffer += chunk
            if b"\n" in chunk:
                *lines, rest = bytes(buffer).split(b"\n")
                buffer = bytearray(rest)
                for line in lines:
                    self._receive(parse_reply(line))
            if len(buffer) > MOST_REPLY:
                raise ValueError("too long")

    async def _ended(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(_EXIT_S):
                await process.wait()
        except TimeoutError:
            self._kill()
            await process.wait()
        groups, self._groups = self._groups, set()
        opened, self._opened = self._opened, set()
        for group in groups:
            kill_group(group)
        for reply in self._pending.values():
            if not reply.done():
                reply.set_exception(_died())
                reply.exception()  # the task that waited may be gone
        for question in [*self._questions.values()]:
            question.cancel()
        if not self._closed:
            _log.warning("the tool host ended with status %s", process.returncode)
            for server in opened:
                self._on_changed(server)

    def _kill(self) -> None:
        """Kill the host. `Process.kill` would reap it, and its exit status would be lost to the event loop."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)

    def _receive(self, reply: Reply) -> None:
        match reply:
            case Changed() if self._closed:
                pass
            case Changed():
                self._on_changed(reply.server)
            case Running():
                (self._groups.add if reply.is_running else self._groups.discard)(reply.group)
            case Elicitation() | SignIn():
                self._questions[reply.id] = asyncio.create_task(self._answer(reply))
            case Credentials():
                if self._on_credentials is not None:
                    self._on_credentials(reply.server, reply.saved)
            case Withdrawn():
                if (question := self._questions.get(reply.id)) is not None:
                    question.cancel()
            case _:
                waiting = self._pending.get(reply.id)
                if waiting is not None and not waiting.done():
                    waiting.set_result(reply)

    async def _answer(self, question: Elicitation | SignIn) -> None:
        answer: Request
        if isinstance(question, Elicitation):
            answer = Elicited(id=question.id, answer=ElicitationAnswer(action=ElicitAction.CANCEL))
        else:
            answer = SignedIn(id=question.id)
        try:
            if isinstance(question, SignIn) and self._browse is not None:
                answer = msgspec.structs.replace(await self._browse(question), id=question.id)
            elif isinstance(question, Elicitation) and self._elicit is not None:
                answer = Elicited(id=question.id, answer=await self._elicit(question))
        finally:
            self._questions.pop(question.id, None)
            process = self._process
            if process is not None and process.stdin is not None and not process.stdin.is_closing():
                process.stdin.write(encode(answer))


def _died() -> ToolHostFailed:
    return ToolHostFailed(phrase("The tool host exited unexpectedly."))


def _failure(failed: RequestFailed, server: str, tool: str) -> ToolError:
    """Return the error for a reply of the host."""
    reason = failed.quote.rstrip(" .")
    said = phrase(": “{reason}”.", reason=reason) if reason else english(".")
    hint = NOTHING
    match failed.failure:
        case Failure.TIMED_OUT if tool:
            return ToolTimedOut(phrase("The tool “{tool}” of “{server}” took too long.", tool=tool, server=server))
        case Failure.TIMED_OUT:
            return ToolTimedOut(
                phrase("The tool server “{server}” did not start in time{said}", server=server, said=said)
            )
        case Failure.START:
            message = phrase("The tool server “{server}” could not be started{said}", server=server, said=said)
        case Failure.UNREACHABLE:
            message = phrase("The tool server “{server}” could not be reached{said}", server=server, said=said)
        case Failure.ENDED:
            message = phrase("The tool server “{server}” exited{said}", server=server, said=said)
        case Failure.SIGN_IN:
            return ToolSignInRequired(
                phrase("You are not signed in to the tool server “{server}”{said}", server=server, said=said),
                server=server,
            )
        case Failure.REJECTED:
            if failed.quote.startswith(_UNAUTHORIZED):
                hint = phrase("Check the server's key or headers. If it uses a sign-in, choose OAuth in its settings.")
            message = phrase("The tool server “{server}” reported an error{said}", server=server, said=said)
        case Failure.PROTOCOL:
            message = phrase("The tool server “{server}” sent an invalid message{said}", server=server, said=said)
        case _:
            message, hint = _special(failed, server)
    return ToolServerFailed(message, hint=hint)


def _special(failed: RequestFailed, server: str) -> tuple[Phrase, Phrase]:
    """Return the message and the hint of failures that have a cure of their own."""
    match failed.failure:
        case Failure.REDIRECTED:
            return (
                phrase("The tool server “{server}” redirects to {address}.", server=server, address=failed.quote),
                phrase("If you trust this address, enter it in the server's settings."),
            )
        case Failure.TOO_LARGE:
            return (
                phrase("The tool server “{server}” sent a message that is longer than 16 MB.", server=server),
                phrase("Ask for less data at once."),
            )
        case Failure.ADDRESS:
            return (
                phrase("The address of the tool server “{server}” is not secure.", server=server),
                phrase("Use an address with https://. Only servers on this computer can use http://."),
            )
        case Failure.ARGUMENTS:
            return (
                phrase("The arguments for the tool server “{server}” are not a JSON object.", server=server),
                phrase("Correct the arguments, then try again."),
            )
        case _:
            return (
                phrase("The tool server “{server}” is not running.", server=server),
                phrase("Send the prompt again. The server starts automatically."),
            )
