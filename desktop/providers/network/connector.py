"""Connecting that ends in time: name, proxy and TLS together; imports aiohttp, so it is itself imported late."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING

from aiohttp import TCPConnector

from desktop.providers.network.resolver import BoundedResolver

if TYPE_CHECKING:
    from aiohttp import ClientRequest, ClientTimeout
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace


class BoundedConnector(TCPConnector):
    """As many connections as asked for, each made within `within_s`: azure-core's limit leaves a proxy's answer out."""

    def __init__(self, context: ssl.SSLContext | None, within_s: float) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType] - one of its many parameters has no type
            ssl=context if context is not None else True,
            limit=0,
            resolver=BoundedResolver(within_s),
            use_dns_cache=False,  # it would take the addresses of a name in turns: localhost's are not alike
        )
        self._within_s = within_s

    async def connect(self, req: ClientRequest, traces: list[Trace], timeout: ClientTimeout) -> Connection:
        """A connection from the pool, or a new one. Raises TimeoutError, and what aiohttp raises."""
        async with asyncio.timeout(self._within_s):
            return await super().connect(req, traces, timeout)
