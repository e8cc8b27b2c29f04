"""A loopback HTTP proxy that passes CONNECT on, asks for a sign-in, refuses, hangs, dies, or looks into TLS."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from tests.servers.http1 import read_request


class ProxyServer:
    """Every CONNECT goes to `target` (host, port) whatever it names. With `sign_in` ("user:password") it wants that.

    `connects` lists what clients asked to reach, `heads` the headers of each. `challenges` are what it offers to sign
    in by; `refuse` is a status to answer instead; `hang` answers nothing, `hang_up` goes away at once. It dies after
    `dies_after` bytes of answers. With `inspect` it ends TLS itself, with a certificate of its own, as a company's
    proxy does: `seen` is what it read. With `tls` it is itself spoken to in TLS.
    """

    def __init__(
        self,
        target: tuple[str, int],
        *,
        sign_in: str = "",
        challenges: Sequence[str] = (),
        refuse: str = "",
        hang: bool = False,
        hang_up: bool = False,
        dies_after: int | None = None,
        inspect: ssl.SSLContext | None = None,
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        self.connects: list[str] = []
        self.heads: list[dict[str, str]] = []
        self._challenges = tuple(challenges)
        self._hang_up = hang_up
        self._dies_after = dies_after
        self._tls = tls
        self._host = host
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
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{host}:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, self._host, 0, ssl=self._tls)
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
        self.heads.append(request.headers)
        if self._hang:
            await asyncio.Event().wait()
        wanted = "Basic " + base64.b64encode(self._sign_in.encode()).decode()
        if self._hang_up:
            return
        if (self._sign_in or self._challenges) and request.headers.get("proxy-authorization") != wanted:
            offers = "".join(f"Proxy-Authenticate: {each}\r\n" for each in self._challenges)
            writer.write(f"HTTP/1.1 407 Proxy Authentication Required\r\n{offers}Content-Length: 0\r\n\r\n".encode())
            await writer.drain()
        elif self._refuse:
            writer.write(f"HTTP/1.1 {self._refuse} No\r\nContent-Length: 0\r\n\r\n".encode("latin-1"))
            await writer.drain()
        else:
            await self._pass_on(reader, writer)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        if self._inspect is not None:
            await writer.drain()
            await writer.start_tls(self._inspect)
        there, back = await asyncio.open_connection(*self._target)
        try:
            await asyncio.gather(self._copy_seen(reader, back), _copy(there, writer, self._dies_after))
        finally:
            back.transport.abort()

    async def _copy_seen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            self.seen += data if self._inspect is not None else b""
            writer.write(data)
            await writer.drain()
        with suppress(OSError):
            writer.write_eof()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, most: int | None) -> None:
    passed = 0
    while data := await reader.read(65536):
        passed += len(data)
        if most is not None and passed > most:
            writer.transport.abort()
            return
        writer.write(data)
        await writer.drain()
    with suppress(OSError):
        writer.write_eof() if writer.can_write_eof() else writer.close()
