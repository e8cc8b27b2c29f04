"""Connecting that ends in time: name, proxy and TLS together; imports aiohttp, so it is itself imported late.

A server that says without end that its answer is under way is left: each of its words would be work for the window.
"""

from __future__ import annotations

import asyncio
import errno
import functools
import socket
import ssl
from typing import TYPE_CHECKING

from aiohttp import TCPConnector
from aiohttp.abc import ResolveResult
from aiohttp.client_proto import ResponseHandler
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.resolver import ThreadedResolver

from desktop.net.origin import is_loopback

if TYPE_CHECKING:
    from aiohttp import ClientRequest, ClientTimeout
    from aiohttp.connector import Connection
    from aiohttp.http_parser import RawResponseMessage
    from aiohttp.streams import StreamReader
    from aiohttp.tracing import Trace


class BoundedResolver(ThreadedResolver):
    """The system's resolver with a time limit: azure-core's time-out for connecting does not cover the look-up."""

    def __init__(self, timeout_s: float) -> None:
        super().__init__()
        self._timeout_s = timeout_s

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Look `host` up. Raises TimeoutError and OSError.

        A loopback name, to which keys are sent unencrypted, never leads to another machine, whatever DNS says. Of its
        addresses 127.0.0.1 comes first, where most local servers listen.
        """
        async with asyncio.timeout(self._timeout_s):
            try:
                found = await super().resolve(host, port, family)
            except UnicodeError as error:  # two dots in a row, a part of more than 63 letters: no name can be so
                raise socket.gaierror(socket.EAI_NONAME, "this cannot be a host's name") from error
            if is_loopback(host):
                found = [each for each in found if is_loopback(each["host"])]
                if not found:
                    raise OSError(errno.EADDRNOTAVAIL, "the name of this machine leads to another one")
                found.sort(key=lambda each: ":" in each["host"])
        return found


_MOST_HINTS = 64
"""Answers with a status below 200 that may come before the real one: servers send one or two."""


class BoundedHandler(ResponseHandler):
    """Reads answers off a connection, and no more than so many that only say that the real one is under way."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop=loop)
        self._hints = 0

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        """Take an answer's head; after too many hints the connection is broken off."""
        if self._hints > _MOST_HINTS:
            return  # what came with the last one
        self._hints = self._hints + 1 if data[0].code < 200 else 0
        if self._hints <= _MOST_HINTS:
            super().feed_data(data, size)
            return
        self.set_exception(HttpProcessingError(message="too many answers with a status below 200"))
        if self.transport is not None:
            self.transport.close()


class BoundedConnector(TCPConnector):
    """As many connections as asked for, each made within `within_s`: azure-core's limit leaves a proxy's answer out."""

    def __init__(self, context: ssl.SSLContext | None, within_s: float) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType] - one of its many parameters has no type
            ssl=context if context is not None else True,
            limit=0,
            resolver=BoundedResolver(within_s),
            use_dns_cache=False,  # it would take the addresses of a name in turns: localhost's are not alike
        )
        self._factory = functools.partial(BoundedHandler, loop=self._loop)
        self._within_s = within_s

    async def connect(self, req: ClientRequest, traces: list[Trace], timeout: ClientTimeout) -> Connection:
        """A connection from the pool, or a new one. Raises TimeoutError, and what aiohttp raises."""
        async with asyncio.timeout(self._within_s):
            return await super().connect(req, traces, timeout)
