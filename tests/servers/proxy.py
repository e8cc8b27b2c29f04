"""A loopback HTTP proxy that passes CONNECT on, asks for a sign-in, refuses, hangs, or looks into TLS."""

from __future__ import annotations

import asyncio
import base64
import ssl
from contextlib import suppress
from types import TracebackType
from typing import Self

from tests.servers.http1 import read_request


class ProxyServer:
    """Every CONNECT goes to `target` (host, port) whatever it names. With `sign_in` ("user:password") it wants that.

    `connects` lists what clients asked to reach; `refuse` is a status to answer instead; `hang` answers nothing. With
    `inspect` it ends TLS itself, with a certificate of its own, as a company's proxy does: `seen` is what it read.
    """

    def __init__(
        self,
        target: tuple[str, int],
        *,
        sign_in: str = "",
        refuse: int = 0,
        hang: bool = False,
        inspect: ssl.SSLContext | None = None,
    ) -> None:
        self.connects: list[str] = []
        self.seen = b""
        self._hang = hang
        self._inspect = inspect
        self._target = target
        self._sign_in = sign_in
        self._refuse = refuse
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        """Host and port."""
        assert self._server is not None
        return f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(asyncio.CancelledError, ConnectionError):
                await self._serve(reader, writer)
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await read_request(reader)
        if request is None:
            return
        self.connects.append(request.target)
        if self._hang:
            await asyncio.Event().wait()
        wanted = "Basic " + base64.b64encode(self._sign_in.encode()).decode()
        if self._sign_in and request.headers.get("proxy-authorization") != wanted:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
        elif self._refuse:
            writer.write(b"HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n" % self._refuse)
            await writer.drain()
        else:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            if self._inspect is not None:
                await writer.drain()
                await writer.start_tls(self._inspect)
            there, back = await asyncio.open_connection(*self._target)
            try:
                await asyncio.gather(self._copy_seen(reader, back), _copy(there, writer))
            finally:
                back.transport.abort()

    async def _copy_seen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            self.seen += data if self._inspect is not None else b""
            writer.write(data)
            await writer.drain()
        with suppress(OSError):
            writer.write_eof()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    with suppress(OSError):
        writer.write_eof() if writer.can_write_eof() else writer.close()
