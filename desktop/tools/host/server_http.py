"""HTTP client for streamable HTTP servers: no redirects, no environment, bounded bodies. Imported only by the host."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextvars import ContextVar
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2

from desktop.errors import TlsFailed
from desktop.net.http import tls_context
from desktop.net.origin import is_loopback
from desktop.tools.host.host_wire import MOST_MESSAGE, Failure, ServerSpec
from desktop.tools.host.server_fault import ServerFault

CONNECT_S = 10.0
FAREWELL_S = 1.0
"""Seconds for the message that ends the session."""

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


@dataclass
class Exchange:
    """Requests made for one call, or for opening a server: the limit of each, and the last reason of a failure."""

    read_s: float
    fault: ServerFault | None = None


exchange: ContextVar[Exchange | None] = ContextVar("exchange", default=None)
"""The exchange of the current task. The SDK sends each request in the context of the task that asked for it."""


class BoundedTransport(httpx2.AsyncBaseTransport):
    """Transport that neither follows redirects nor reads more than the limits.

    Raises nothing, because an error in one request would make the SDK drop the whole session. It answers with a
    status, or ends the body early, and leaves the reason in the exchange.
    """

    def __init__(self, inner: httpx2.AsyncBaseTransport, *, is_local: bool) -> None:
        """`is_local` allows addresses on this computer, to which another computer's server must not send us."""
        self._inner = inner
        self._is_local = is_local

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request, and return the response or status 502."""
        current = exchange.get() if request.method == "POST" else None
        if current is not None:  # an abandoned request must not hold its connection forever
            request.extensions["timeout"] = {**request.extensions.get("timeout", {}), "read": current.read_s}
        elif request.method == "DELETE":
            request.extensions["timeout"] = dict.fromkeys(("connect", "read", "write", "pool"), FAREWELL_S)
        if is_loopback(request.url.host) != self._is_local or request.url.scheme not in ("http", "https"):
            return _failed(current, Failure.ADDRESS, "")
        if request.url.scheme == "http" and not self._is_local:
            return _failed(current, Failure.ADDRESS, "")
        try:
            response = await self._inner.handle_async_request(request)
        except httpx2.TransportError as error:
            return _failed(current, Failure.UNREACHABLE, str(error) or type(error).__name__)
        if response.status_code // 100 == 3 and (location := response.headers.get("location")):
            await response.aclose()
            return _failed(current, Failure.REDIRECTED, _target(request.url, location))
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            await response.aclose()
            return _failed(current, Failure.PROTOCOL, "compressed although this was not offered")
        if current is not None:
            words = f"HTTP {response.status_code} {response.reason_phrase}".strip()
            current.fault = ServerFault(Failure.REJECTED, words) if response.status_code >= 400 else None
        is_stream = response.headers.get("content-type", "").lower().startswith("text/event-stream")
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _Bounded(response.stream, MOST_STREAM if is_stream else MOST_MESSAGE, current)
        return response

    async def aclose(self) -> None:
        """Close all connections."""
        await self._inner.aclose()


class _Bounded(httpx2.AsyncByteStream):
    """Body that ends early if it is too long or the connection breaks."""

    def __init__(self, inner: httpx2.AsyncByteStream, most: int, current: Exchange | None) -> None:
        self._inner, self._most, self._exchange = inner, most, current

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        size = 0
        try:
            async for chunk in self._inner:
                size += len(chunk)
                if size > self._most:
                    _note(self._exchange, Failure.TOO_LARGE, "")
                    return
                yield chunk
        except httpx2.TransportError as error:
            _note(self._exchange, Failure.UNREACHABLE, str(error) or type(error).__name__)

    async def aclose(self) -> None:
        await self._inner.aclose()


def _note(current: Exchange | None, failure: Failure, quote: str) -> None:
    if current is not None:
        current.fault = ServerFault(failure, quote)


def _failed(current: Exchange | None, failure: Failure, quote: str) -> httpx2.Response:
    _note(current, failure, quote)
    return httpx2.Response(502)


def _target(url: httpx2.URL, location: str) -> str:
    """Return the address that a redirect leads to, without what could be a secret."""
    try:
        return str(url.join(location).copy_with(userinfo=b"", query=None, fragment=None))
    except (httpx2.InvalidURL, ValueError):
        return location


async def new_client(spec: ServerSpec, auth: httpx2.Auth | None = None) -> httpx2.AsyncClient:
    """Return a client for a server. Raises ServerFault.

    Only posts have a read time-out, that of their exchange: the stream for notifications stays open.
    """
    require_address(spec.url)
    try:
        context = await asyncio.to_thread(tls_context, spec.ca_file) if spec.url.startswith("https:") else True
        inner = httpx2.AsyncHTTPTransport(verify=context, proxy=spec.proxy or None, trust_env=False)
    except TlsFailed as error:
        raise ServerFault(Failure.START, str(error)) from None
    except (ValueError, ImportError) as error:  # a proxy with an unknown scheme
        raise ServerFault(Failure.START, str(error)) from None
    return httpx2.AsyncClient(
        transport=BoundedTransport(inner, is_local=is_loopback(urlsplit(spec.url).hostname or "")),
        auth=auth,
        headers={"accept-encoding": "identity", "user-agent": "Paragone", **spec.headers},
        timeout=httpx2.Timeout(CONNECT_S, read=None),
        follow_redirects=False,
        trust_env=False,
    )
