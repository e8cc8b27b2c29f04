"""Timed probe of a server (DNS, connection and certificate) without a key or a prompt."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from desktop.domain.conversation_types import Connection, Value
from desktop.errors import ConnectTimeout
from desktop.net.addresses import repair
from desktop.net.connect_errors import connect_error
from desktop.net.http import new_session
from desktop.net.options import NetworkOptions
from desktop.net.proxies import proxy_for
from desktop.text.phrases import phrase


class Reached(Value, frozen=True, kw_only=True):
    """A server that responded: the time in milliseconds, and whether it used TLS with a trusted certificate."""

    took_ms: float
    tls: bool


async def reach(
    connection: Connection, options: NetworkOptions, *, clock: Callable[[], float] = time.monotonic
) -> Reached:
    """Request the server's root and read only the status, since any response means that it is reachable. Sends no key.

    Raises AddressInvalid, AddressInsecure and ConnectFailed.
    """
    import aiohttp

    address = repair(connection.kind, connection.url)
    proxy = await proxy_for(address.url, options)
    session = await new_session(address.url, options)
    try:
        started = clock()
        async with (
            asyncio.timeout(options.connect_timeout_s),
            session.get(
                f"{address.origin}/",
                allow_redirects=False,
                proxy=proxy.url if proxy else None,
                proxy_headers=proxy.headers if proxy else None,
            ),
        ):
            return Reached(took_ms=round((clock() - started) * 1000, 1), tls=address.url.startswith("https:"))
    except TimeoutError as error:
        raise ConnectTimeout(
            phrase(
                "{host} did not respond within {connect_timeout_s} seconds.",
                host=address.host,
                connect_timeout_s=f"{options.connect_timeout_s:g}",
            )
        ) from error
    except (aiohttp.ClientError, OSError) as error:
        raise connect_error(error, address.host, proxy.host if proxy else "") from error
    finally:
        await session.close()
