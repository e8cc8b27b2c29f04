"""One request with a small response, in a session of its own: with the program's proxies, without redirects."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from msgspec import Struct

from desktop.errors import ConnectTimeout, Interrupted
from desktop.net.connect_errors import connect_error
from desktop.net.http import new_session
from desktop.net.options import NetworkOptions
from desktop.net.origin import server_of
from desktop.net.proxies import proxy_for
from desktop.text.phrases import phrase

WITHIN_S = 30.0
"""Time limit in seconds for the whole request."""

MOST_BYTES = 1 << 20
"""Maximum size of a response."""


class SmallResponse(Struct, frozen=True):
    """A complete response. The names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    host: str


async def small_request(
    method: str,
    url: str,
    options: NetworkOptions,
    *,
    params: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    most_bytes: int = MOST_BYTES,
) -> SmallResponse:
    """Send a request, and return the response whatever its status.

    Raises:
        ConnectTimeout: If there is no complete response in time.
        Interrupted: If the response is too large.
        ConnectFailed: If the server cannot be reached; also its subclasses.
    """
    import aiohttp

    host = server_of(url)
    proxy = await proxy_for(url, options)
    try:
        async with asyncio.timeout(WITHIN_S), await new_session(url, options) as session:
            response = await session.request(
                method,
                url,
                params=params,
                data=form,
                headers=headers,
                allow_redirects=False,
                proxy=proxy.url if proxy else None,
                proxy_headers=proxy.headers if proxy else None,
            )
            body = await response.content.read(most_bytes + 1)
            while len(body) <= most_bytes and (more := await response.content.read(most_bytes)):
                body += more
    except TimeoutError:
        raise ConnectTimeout(phrase("{host} did not respond in time.", host=host)) from None
    except (aiohttp.ClientError, OSError) as error:
        raise connect_error(error, host, proxy.host if proxy else "") from error
    if len(body) > most_bytes:
        raise Interrupted(phrase("{host} sent an unexpectedly large response.", host=host))
    return SmallResponse(response.status, {name.lower(): value for name, value in response.headers.items()}, body, host)
