"""What both transports have in common: a session made late, requests that end at once, secrets that are known."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from msgspec import Struct

from desktop import descriptors
from desktop.addresses import Address
from desktop.domain import Connection
from desktop.errors import ConnectFailed
from desktop.headers import query_secrets, secret_values
from desktop.phrases import phrase
from desktop.providers.decompressor import can_unpack, unpacked
from desktop.providers.network.connect_errors import body_error, connect_error, nothing_to_open
from desktop.providers.network.http import checked_headers, key_of, new_session
from desktop.providers.network.proxies import Proxy, proxy_for
from desktop.providers.provider import Credential, NetworkOptions, Secret
from desktop.providers.wire.faults import RequestTarget
from desktop.providers.wire.transport import Reply
from desktop.receipts.sent_headers import kept_headers

if TYPE_CHECKING:
    import aiohttp

_NO_HEADERS: Mapping[str, str] = {}


class Response(Struct, frozen=True, eq=False):
    """A library's response: its status, headers as they came, what reads the next bytes, and what ends it at once.

    `read` gives what has arrived, at least a byte; none at the end.
    """

    status: int
    headers: Mapping[str, str]
    read: Callable[[], Awaitable[bytes]]
    close: Callable[[], Awaitable[None]]


class HttpTransport(ABC):
    """A Transport over one aiohttp session of ours. A subclass sends by its library, and names its errors."""

    def __init__(
        self,
        connection: Connection,
        address: Address,
        credential: Credential,
        options: NetworkOptions,
        headers: Mapping[str, str] = _NO_HEADERS,
    ) -> None:
        """`headers` are defaults under the connection's own. Raises AddressInvalid for what is no header."""
        self.address = address
        self.options = options
        self.headers = checked_headers(connection, headers)
        self.credential = credential
        self._connection = connection
        self._own_secrets = (*secret_values(self.headers), *query_secrets(connection.url))
        self.secrets = self._own_secrets
        self._session: aiohttp.ClientSession | None = None
        self._making = asyncio.Lock()
        self._live: set[Response] = set()
        self._closed = False

    @abstractmethod
    def asked(self, model: str = "") -> RequestTarget:
        """Who is asked, for the sentences of errors."""

    async def prepare(self, session: aiohttp.ClientSession) -> None:
        """Get ready to send over the session. Called before each request, by one at a time."""
        del session

    async def sign(self) -> Mapping[str, str]:
        """The headers of the connection, and those that sign in where the library does not. Called for each request."""
        return self.headers

    @abstractmethod
    async def send(
        self,
        session: aiohttp.ClientSession,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        proxy: Proxy | None,
    ) -> Response:
        """Send a request; the response's body is still to be read."""

    @abstractmethod
    def failures(self) -> tuple[type[Exception], ...]:
        """What the library raises where the way to the server fails."""

    @asynccontextmanager
    async def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None, *, key_header: str = ""
    ) -> AsyncGenerator[Reply, None]:
        """See Transport."""
        async with self._making:
            self._refuse_closed()
            session = await self._prepared()
        signed = {**headers, **await self.sign()}
        if key_header and not callable(self.credential) and key_header not in map(str.lower, signed):
            key = await self.secret()
            signed |= {key_header: key.value} if key is not None else {}
        proxy = await proxy_for(url, self.options)
        self._refuse_closed()
        failures, host = self.failures(), self.address.host
        try:
            response = await self.send(session, method, url, signed, body, proxy)
        except failures as error:
            raise connect_error(error, host, proxy.host if proxy else "") from error
        self._live.add(response)
        try:
            kept = {name.lower(): value for name, value in response.headers.items()}
            came = _body(response, host, failures)
            if can_unpack(kept.get("content-encoding", "")):
                came = unpacked(came, kept.pop("content-encoding"), host)
            yield Reply(response.status, kept, came, kept_headers(signed, self.secrets))
        finally:
            # Closed, not released: a body read to its end has given its connection back already
            self._live.discard(response)
            await response.close()

    async def _prepared(self) -> aiohttp.ClientSession:
        """The session, ready to send over. Raises ProviderError."""
        try:
            if self._session is None:
                session = await new_session(self.address.url, self.options)
                if self._closed:  # while it was made: nobody else would close it
                    await session.close()
                    self._refuse_closed()
                self._session = session
            await self.prepare(self._session)
        except OSError as error:  # libraries are imported now, certificates are read
            if descriptors.are_spent(error):
                raise nothing_to_open(self.address.host) from error
            raise
        return self._session

    async def aclose(self) -> None:
        """Close every socket. May be called twice."""
        self._closed = True
        # Closing the session alone leaves whoever waits for bytes waiting
        for response in tuple(self._live):
            await response.close()
        if self._session is not None:
            await self._session.close()

    async def secret(self) -> Secret | None:
        """The key or token to sign in with now, hidden in errors from now on. Raises KeyUnset, AuthenticationFailed."""
        secret = await key_of(self._connection, self.credential)
        if secret is not None:
            self.secrets = (*self._own_secrets, secret.value)
        return secret

    def _refuse_closed(self) -> None:
        if self._closed:
            raise ConnectFailed(phrase("The connection to {host} was closed.", host=self.address.host))


async def _body(response: Response, host: str, failures: tuple[type[Exception], ...]) -> AsyncGenerator[bytes, None]:
    try:
        while chunk := await response.read():
            yield chunk
    except failures as error:
        raise body_error(error, host) from error
