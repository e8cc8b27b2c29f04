"""Transport of the SDK over a server's stdin and stdout, with bounded lines. Imported only by the host."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING

import anyio
import mcp_types
from mcp.shared.message import SessionMessage

from desktop.tools.host.host_wire import MOST_MESSAGE, Failure
from desktop.tools.host.server_log import ServerLog
from desktop.tools.host.server_process import end_server

if TYPE_CHECKING:
    from mcp.client._transport import TransportStreams

_Send = Callable[[SessionMessage | Exception], Awaitable[None]]
_Receive = Callable[[], Awaitable[SessionMessage]]
_Close = Callable[[], None]
_Work = Coroutine[None, None, None]

_CHUNK = 256 << 10
_QUEUED = 256
"""Messages that wait for a server that does not read, so that a cancellation does not wait behind them."""

_LAST_LINES_S = 0.5
"""Seconds to wait for the rest of stderr, which says why a server ended."""


class StdioTransport:
    """Connection to a running server. The SDK's own transport limits no line, so this one replaces it.

    Attributes:
        ended: Set once the server has exited, closed stdout, or sent a line that is too long.
        failure: Why it ended.
        skipped: Number of lines that were not JSON-RPC messages.
    """

    def __init__(self, process: asyncio.subprocess.Process, log: ServerLog) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self._process, self._log = process, log
        self._stdin, self._stdout, self._stderr = process.stdin, process.stdout, process.stderr
        self.ended = asyncio.Event()
        self.failure = Failure.ENDED
        self.skipped = 0

    @contextlib.asynccontextmanager
    async def streams(self) -> AsyncGenerator[TransportStreams]:
        """Transfer messages between the server and the SDK; end the server with all its descendants at the end."""
        to_sdk, from_server = anyio.create_memory_object_stream[SessionMessage | Exception](0)
        from_sdk, to_server = anyio.create_memory_object_stream[SessionMessage](_QUEUED)
        stderr = asyncio.create_task(self._log_stderr())
        tasks = [
            stderr,
            asyncio.create_task(self._read(to_sdk.send, to_sdk.close)),
            asyncio.create_task(self._write(to_server.receive)),
        ]
        try:
            yield from_server, from_sdk
        finally:
            await _uncanceled(self._end(tasks))
            for stream in (to_sdk, from_server, from_sdk, to_server):
                stream.close()

    async def _end(self, tasks: list[asyncio.Task[None]]) -> None:
        await end_server(self._process)
        await asyncio.wait(tasks[:1], timeout=_LAST_LINES_S)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        if self.skipped:
            self._log.write(f"[Paragone skipped {self.skipped} lines on stdout that are no JSON-RPC messages]")

    async def _read(self, send: _Send, close: _Close) -> None:
        """Pass the server's messages to the SDK until stdout ends or a line is too long."""
        buffer = bytearray()
        try:
            while chunk := await self._stdout.read(_CHUNK):
                searched = len(buffer)
                buffer += chunk
                if buffer.find(b"\n", searched) < 0:
                    if len(buffer) > MOST_MESSAGE:
                        self.failure = Failure.TOO_LARGE
                        return
                    continue
                *lines, rest = bytes(buffer).split(b"\n")
                buffer = bytearray(rest)
                for line in lines:
                    if len(line) > MOST_MESSAGE:
                        self.failure = Failure.TOO_LARGE
                        return
                    await self._pass(line, send)
        except (OSError, anyio.ClosedResourceError, anyio.BrokenResourceError):
            pass  # the pipe broke, or the session has been closed: both end here
        finally:
            self.ended.set()
            close()

    async def _pass(self, line: bytes, send: _Send) -> None:
        if not line.strip():
            return
        try:
            message = mcp_types.jsonrpc_message_adapter.validate_json(line, by_name=False)
        except ValueError:
            self.skipped += 1
            return
        await send(SessionMessage(message))

    async def _write(self, receive: _Receive) -> None:
        """Write the SDK's messages to the server. A server that closes stdin ends by closing stdout, too."""
        with contextlib.suppress(OSError, anyio.EndOfStream, anyio.ClosedResourceError):
            while True:
                message = (await receive()).message
                line = message.model_dump_json(by_alias=True, exclude_unset=True).encode("utf-8", "replace")
                self._stdin.write(line + b"\n")
                await self._stdin.drain()

    async def _log_stderr(self) -> None:
        rest = b""
        with contextlib.suppress(OSError):
            while chunk := await self._stderr.read(64 << 10):
                *lines, rest = (rest + chunk).split(b"\n")
                self._log.write(*(line.decode("utf-8", "replace") for line in lines))
                if len(rest) > 64 << 10:  # a line that never ends
                    self._log.write(rest.decode("utf-8", "replace"))
                    rest = b""
        if rest:
            self._log.write(rest.decode("utf-8", "replace"))


async def _uncanceled(work: _Work) -> None:
    """Finish some work before a cancellation takes effect, so that no process is left behind."""
    task = asyncio.ensure_future(work)
    canceled = False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            canceled = True
    task.result()
    if canceled:
        raise asyncio.CancelledError
