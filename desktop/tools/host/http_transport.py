"""HTTP client for streamable HTTP servers: no redirects, no environment, bounded bodies. Imported only by the host."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from urllib.parse import urlsplit

import httpx2

from desktop.errors import TlsFailed
from desktop.net.http import tls_context
from desktop.net.origin import is_loopback
from desktop.tools.host.host_wire import MOST_MESSAGE, Failure, ServerSpec
from desktop.tools.host.server_fault import ServerFault

CONNECT_S = 10.0
MOST_STREAM = 4 * MOST_MESSAGE
"""Maximum bytes of one event stream; each event is limited to a message."""


def require_address(url: str) -> None:
    """Raise ServerFault unless a URL is https, or http to this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise ServerFault(Failure.ADDRESS) from None
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))):
        raise ServerFault(Failure.ADDRESS)


class BoundedTransport(httpx2.AsyncBaseTransport):
    """Transport that ends redirects and long responses, and remembers why.

    The SDK turns such failures into a general error, so the host asks for `fault` when a request fails.
    """

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner
        self.fault: ServerFault | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request. Raises httpx2.TransportError if the response leads elsewhere or is compressed."""
        try:
            response = await self._inner.handle_async_request(request)
        except httpx2.TransportError as error:
            self.fault = ServerFault(Failure.START, str(error) or type(error).__name__)
            raise
        if response.status_code // 100 == 3 and (location := response.headers.get("location")):
            await response.aclose()
            try:
                target = str(request.url.join(location).copy_with(userinfo=b"", query=None, fragment=None))
            except (httpx2.InvalidURL, ValueError):
                target = location
            raise self._found(Failure.REDIRECTED, target, request)
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            await response.aclose()
            raise self._found(Failure.PROTOCOL, "compressed although this was not offered", request)
        if response.status_code >= 400:
            self.fault = ServerFault(Failure.REJECTED, f"HTTP {response.status_code} {response.reason_phrase}".strip())
        is_stream = response.headers.get("content-type", "").lower().startswith("text/event-stream")
        response.stream = _Bounded(response.stream, MOST_STREAM if is_stream else MOST_MESSAGE, self, request)
        return response

    async def aclose(self) -> None:
        """Close all connections."""
        await self._inner.aclose()

    def too_large(self, request: httpx2.Request) -> Exception:
        """Return the error for a body that is too long."""
        return self._found(Failure.TOO_LARGE, "", request)

    def _found(self, failure: Failure, quote: str, request: httpx2.Request) -> Exception:
        self.fault = ServerFault(failure, quote)
        return httpx2.ReadError(failure.value, request=request)


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, inner: object, most: int, owner: BoundedTransport, request: httpx2.Request) -> None:
        assert isinstance(inner, httpx2.AsyncByteStream)
        self._inner, self._most, self._owner, self._request = inner, most, owner, request

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        size = 0
        async for chunk in self._inner:
            size += len(chunk)
            if size > self._most:
                raise self._owner.too_large(self._request)
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()


async def new_client(spec: ServerSpec) -> tuple[httpx2.AsyncClient, BoundedTransport]:
    """Return a client for a server, and its transport. Raises ServerFault.

    There is no read time-out: the host limits each request as a whole, and the stream for notifications stays open.
    """
    require_address(spec.url)
    try:
        context = await asyncio.to_thread(tls_context, spec.ca_file) if spec.url.startswith("https:") else True
        inner = httpx2.AsyncHTTPTransport(verify=context, proxy=spec.proxy or None, trust_env=False)
    except TlsFailed as error:
        raise ServerFault(Failure.START, str(error)) from None
    except (ValueError, ImportError) as error:  # a proxy with an unknown scheme
        raise ServerFault(Failure.START, str(error)) from None
    transport = BoundedTransport(inner)
    client = httpx2.AsyncClient(
        transport=transport,
        headers={"accept-encoding": "identity", "user-agent": "Paragone", **spec.headers},
        timeout=httpx2.Timeout(CONNECT_S, read=None),
        follow_redirects=False,
        max_redirects=0,  # the SDK follows redirects within the origin on its own, as many as this
        trust_env=False,
    )
    return client, transport
