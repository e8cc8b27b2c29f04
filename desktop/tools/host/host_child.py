"""Main function of the tool host: reads requests, runs each one in a task of its own, and ends all servers."""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.system.child_bounds import end_with_parent
from desktop.tools.host import server_process
from desktop.tools.host.host_wire import (
    END_S,
    MOST_REPLY,
    MOST_REQUEST,
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
    parse_request,
)
from desktop.tools.host.server_fault import ServerFault
from desktop.tools.host.server_log import ServerLog, log_file, quoted

if TYPE_CHECKING:
    from desktop.domain.tool_types import ToolInfo
    from desktop.tools.host.server_connection import ServerConnection

_CHUNK = 256 << 10
_LAST_REPLIES_S = 0.5


class _Lines:
    """Lines of stdin and stdout on two threads: pipes of Windows do not work with an event loop otherwise."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, receive: Callable[[bytes], None], end: Callable[[], None]
    ) -> None:
        self._loop, self._receive, self._end = loop, receive, end
        self._out: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write, name="replies", daemon=True)
        self._writer.start()
        threading.Thread(target=self._read, name="requests", daemon=True).start()

    def send(self, line: bytes) -> None:
        """Queue a line for stdout."""
        self._out.put(line)

    def flush(self, within_s: float) -> None:
        """Wait until all queued lines are written."""
        self._out.put(None)
        self._writer.join(within_s)

    def _read(self) -> None:
        buffer = bytearray()
        with contextlib.suppress(OSError, RuntimeError):  # RuntimeError: the loop has been closed
            while chunk := os.read(0, _CHUNK):
                buffer += chunk
                if b"\n" in chunk:
                    *lines, rest = bytes(buffer).split(b"\n")
                    buffer = bytearray(rest)
                    for line in lines:
                        self._loop.call_soon_threadsafe(self._receive, line)
                if len(buffer) > MOST_REQUEST:
                    break
            self._loop.call_soon_threadsafe(self._end)

    def _write(self) -> None:
        with contextlib.suppress(OSError):  # the parent has exited, which stdin says as well
            while (line := self._out.get()) is not None:
                view = memoryview(line)
                while view:
                    view = view[os.write(1, view) :]


class _Server:
    """A server of the host: its connection, its owner task, and the future of its tools."""

    def __init__(self, spec: ServerSpec, opened: asyncio.Future[tuple[ToolInfo, ...]]) -> None:
        self.spec = spec
        self.opened = opened
        self.task: asyncio.Task[None] | None = None
        self.connection: ServerConnection | None = None

    @property
    def is_alive(self) -> bool:
        """Whether the server is starting or running."""
        return self.task is not None and not self.task.done()

    async def end(self) -> None:
        """End the server and wait until its processes have exited."""
        if self.task is not None:
            self.task.cancel()
            await asyncio.wait([self.task])


class Host:
    """All servers. No request waits for another one, except for the end of a server that is opened again."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._stop = asyncio.Event()
        self._hello = Hello(logs=".", environ={}, elicits=False)
        self._servers: dict[str, _Server] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._questions: dict[int, asyncio.Future[ElicitationAnswer]] = {}
        self._sign_ins: dict[int, asyncio.Future[SignedIn]] = {}
        self._question = 0
        self._sdk = loop.run_in_executor(None, _load_sdk)
        self._lines = _Lines(loop, self._receive, self._stop.set)

    async def serve(self) -> None:
        """Serve until stdin closes or a signal arrives, then end all servers."""
        loop = asyncio.get_running_loop()
        if sys.platform != "win32":
            loop.add_signal_handler(signal.SIGTERM, self._stop.set)
        await self._stop.wait()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(END_S - 1):
                for task in self._tasks.values():
                    task.cancel()
                await asyncio.gather(*(server.end() for server in self._servers.values()), return_exceptions=True)
        server_process.kill_descendants()
        self._lines.flush(_LAST_REPLIES_S)

    def _receive(self, line: bytes) -> None:
        try:
            request = parse_request(line)
        except ValueError:  # only a bug can cause this; without knowing the number nobody can be told
            self._stop.set()
            return
        self._take(request)

    def _take(self, request: Request) -> None:
        match request:
            case Hello():
                self._hello = request
            case Open():
                self._run(request.id, request.server, self._open(request))
            case CallTool():
                self._run(request.id, self._spec(request.server), self._call(request))
            case CheckArguments():
                self._run(request.id, ServerSpec(name=""), self._check(request))
            case Close():
                self._run(request.id, self._spec(request.server), self._close(request))
            case Cancel():
                if (task := self._tasks.get(request.id)) is not None:
                    task.cancel()
            case SignedIn():
                sign_in = self._sign_ins.get(request.id)
                if sign_in is not None and not sign_in.done():
                    sign_in.set_result(request)
            case Elicited():
                question = self._questions.get(request.id)
                if question is not None and not question.done():
                    question.set_result(request.answer)

    def _spec(self, name: str) -> ServerSpec:
        server = self._servers.get(name)
        return server.spec if server is not None else ServerSpec(name=name)

    def _run(self, number: int, spec: ServerSpec, work: Coroutine[None, None, Reply]) -> None:
        """Run a request in its own task, which replies."""

        async def reply() -> None:
            try:
                self._send(await work)
            except ServerFault as fault:
                self._send(RequestFailed(id=number, failure=fault.failure, quote=quoted(fault.quote, spec.secrets)))

        task = asyncio.create_task(reply())
        self._tasks[number] = task
        task.add_done_callback(lambda done: self._finish(number, done))

    def _finish(self, number: int, task: asyncio.Task[None]) -> None:
        self._tasks.pop(number, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._send(RequestFailed(id=number, failure=Failure.PROTOCOL, quote=type(error).__name__))

    def _send(self, reply: Reply) -> None:
        line = encode(reply)
        if len(line) > MOST_REPLY and isinstance(reply, Output | Tools):
            line = encode(RequestFailed(id=reply.id, failure=Failure.TOO_LARGE))
        self._lines.send(line)

    async def _open(self, request: Open) -> Reply:
        name = request.server.name
        server = self._servers.get(name)
        while server is not None and not (server.is_alive and server.spec.is_same(request.server)):
            await server.end()
            if self._servers.get(name) is server:
                del self._servers[name]
            server = self._servers.get(name)  # another request may have opened it meanwhile
        if server is None:
            server = self._servers[name] = _Server(request.server, asyncio.get_running_loop().create_future())
            server.task = asyncio.create_task(self._own(server), name=f"server {name}")
        await asyncio.shield(server.opened)
        return Tools(id=request.id, tools=server.connection.tools if server.connection is not None else ())

    async def _own(self, server: _Server) -> None:
        """Own a server from its start to the end of its processes."""
        spec = server.spec
        log = ServerLog(log_file(Path(self._hello.logs), spec.name), spec.secrets)
        environ = {**server_process.inherited(self._hello.environ), **spec.env}
        process: asyncio.subprocess.Process | None = None
        groups: list[int] = []

        async def begin() -> asyncio.subprocess.Process:
            """Start a process, and say so."""
            begun = await server_process.start_server(spec.command, environ, spec.folder)
            groups.append(begun.pid)
            self._send(Running(group=begun.pid, is_running=True))
            return begun

        async def start() -> asyncio.subprocess.Process:
            """Return the process that was started before the SDK was ready, then further ones."""
            nonlocal process
            found, process = process, None
            return found if found is not None else await begin()

        try:
            if spec.command:
                process = await begin()
            await asyncio.shield(self._sdk)
            from desktop.tools.host.server_connection import ServerConnection
            from desktop.tools.host.server_oauth import SignInHandlers

            server.connection = ServerConnection(
                spec,
                log,
                start=start,
                changed=lambda: self._send(Changed(server=spec.name)),
                ask=self._asker(spec.name) if self._hello.elicits else None,
                sign_in=SignInHandlers(
                    browse=lambda page, redirect_uri: self._browse(spec.name, page, redirect_uri),
                    save=lambda saved: self._send(Credentials(server=spec.name, saved=saved)),
                ),
            )
            await server.connection.run(lambda tools: _resolve(server.opened, tools))
        except ServerFault as fault:
            self._failed(server, fault)
        except (OSError, ValueError) as error:
            self._failed(server, ServerFault(Failure.START, getattr(error, "strerror", None) or str(error)))
        finally:
            if process is not None:  # the SDK was not ready yet
                await server_process.end_server(process)
            for group in groups:
                self._send(Running(group=group, is_running=False))
            if not server.opened.done():  # closed before it was open
                self._failed(server, ServerFault(Failure.ENDED))

    def _failed(self, server: _Server, fault: ServerFault) -> None:
        """Tell those who wait for a server, or everybody if it has been open."""
        if not server.opened.done():
            server.opened.set_exception(fault)
            server.opened.exception()  # nobody may be waiting anymore
        elif server.opened.exception() is None:
            self._send(Changed(server=server.spec.name))

    async def _call(self, request: CallTool) -> Reply:
        server = self._servers.get(request.server)
        if server is None or server.connection is None or not server.opened.done():
            raise ServerFault(Failure.NOT_OPEN)
        output = await server.connection.call(request.tool, request.arguments, request.timeout_s, request.most_bytes)
        return Output(id=request.id, output=output)

    async def _check(self, request: CheckArguments) -> Reply:
        from desktop.tools.host.argument_check import problem_of

        return ArgumentsChecked(id=request.id, problem=problem_of(request.schema, request.arguments))

    async def _close(self, request: Close) -> Reply:
        server = self._servers.pop(request.server, None)
        if server is not None:
            await server.end()
        return Closed(id=request.id)

    async def _browse(self, name: str, page: str, redirect_uri: str) -> SignedIn:
        """Have Paragone open the browser, and return what the browser came back with."""
        self._question += 1
        number = self._question
        answer = self._sign_ins[number] = asyncio.get_running_loop().create_future()
        self._send(SignIn(id=number, server=name, url=page, redirect_uri=redirect_uri, timeout_s=SIGN_IN_S))
        try:
            async with asyncio.timeout(SIGN_IN_S):
                return await answer
        except TimeoutError:
            return SignedIn(id=number)
        finally:
            del self._sign_ins[number]
            self._send(Withdrawn(id=number))

    def _asker(self, name: str) -> Callable[[str, str, str, float], Coroutine[None, None, ElicitationAnswer]]:
        async def ask(message: str, schema: str, url: str, timeout_s: float) -> ElicitationAnswer:
            self._question += 1
            number = self._question
            answer = self._questions[number] = asyncio.get_running_loop().create_future()
            self._send(
                Elicitation(id=number, server=name, message=message, schema=schema, url=url, timeout_s=timeout_s)
            )
            try:
                async with asyncio.timeout(timeout_s):
                    return await answer
            except TimeoutError:
                return ElicitationAnswer(action=ElicitAction.DECLINE)
            finally:
                del self._questions[number]
                self._send(Withdrawn(id=number))

        return ask


def _resolve(future: asyncio.Future[tuple[ToolInfo, ...]], tools: tuple[ToolInfo, ...]) -> None:
    if not future.done():
        future.set_result(tools)


def _load_sdk() -> None:
    """Import the SDK, which takes most of a second, while the first server starts."""
    import desktop.tools.host.server_connection as _  # noqa: F401


async def _serve() -> None:
    await Host(asyncio.get_running_loop()).serve()


def main() -> int:
    """Serve the parent until it closes stdin or exits. Return the exit status."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent(gently=True)
    server_process.end_with_host()
    server_process.adopt_orphans()
    asyncio.run(_serve())
    return 0


if __name__ == "__main__":
    sys.exit(main())
