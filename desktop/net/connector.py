"""Connections with one time limit for DNS, proxy and TLS together; imported late, because it imports aiohttp."""

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
    """System resolver with a time limit: azure-core's connection timeout does not cover DNS."""

    def __init__(self, timeout_s: float) -> None:
        super().__init__()
        self._timeout_s = timeout_s

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Resolve a host. Raises TimeoutError and OSError.

        A loopback name, to which keys are sent unencrypted, never resolves to another machine, whatever DNS says. Of
        its addresses, 127.0.0.1 is returned first, because most local servers listen there.
        """
        async with asyncio.timeout(self._timeout_s):
            try:
                results = await super().resolve(host, port, family)
            except UnicodeError as error:  # two dots in a row, or a label of more than 63 letters
                raise socket.gaierror(socket.EAI_NONAME, "this cannot be a host's name") from error
            if is_loopback(host):
                results = [result for result in results if is_loopback(result["host"])]
                if not results:
                    raise OSError(errno.EADDRNOTAVAIL, "the name of this machine leads to another one")
                results.sort(key=lambda result: ":" in result["host"])
        return results


_MOST_HINTS = 64
"""Maximum interim responses (1xx) before the final one; servers send one or two, and each costs the event loop time."""


class BoundedHandler(ResponseHandler):
    """Response parser that closes the connection after too many interim responses."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop=loop)
        self._hints = 0

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        """Receive the head of a response; close the connection after too many interim responses."""
        if self._hints > _MOST_HINTS:
            return  # came together with the last one
        self._hints = self._hints + 1 if data[0].code < 200 else 0
        if self._hints <= _MOST_HINTS:
            super().feed_data(data, size)
            return
        self.set_exception(HttpProcessingError(message="too many answers with a status below 200"))
        if self.transport is not None:
            self.transport.close()


class BoundedConnector(TCPConnector):
    """Connector without a limit on connections.

    Each must be open, including the proxy's response, within `within_s`.
    """

    def __init__(self, context: ssl.SSLContext | None, within_s: float) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType] - one of its many parameters has no type
            ssl=context if context is not None else True,
            limit=0,
            resolver=BoundedResolver(within_s),
            use_dns_cache=False,  # it would rotate a name's addresses: 127.0.0.1 and ::1 may be different servers
        )
        self._factory = functools.partial(BoundedHandler, loop=self._loop)
        self._within_s = within_s

    async def connect(self, req: ClientRequest, traces: list[Trace], timeout: ClientTimeout) -> Connection:
        """Return a pooled connection, or a new one. Raises TimeoutError and the errors of aiohttp."""
        async with asyncio.timeout(self._within_s):
            return await super().connect(req, traces, timeout)
