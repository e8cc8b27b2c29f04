"""Base class of both transports: a session created on first use, cancelable requests, and secrets to redact."""

from __future__ import annotations

import asyncio
import zlib
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING

from msgspec import Struct

from desktop.domain.conversation_types import Connection
from desktop.errors import AnswerTooLarge, AnswerUnreadable, ConnectFailed
from desktop.net.addresses import Address
from desktop.net.connect_errors import body_error, connect_error, nothing_to_open
from desktop.net.headers import query_secrets, secret_values
from desktop.net.http import checked_headers, key_of, new_session
from desktop.net.options import Credential, NetworkOptions, Secret
from desktop.net.proxies import Proxy, proxy_for
from desktop.providers.wire.faults import RequestTarget
from desktop.providers.wire.transport import Reply
from desktop.receipts.sent_headers import kept_headers
from desktop.system import process_resources
from desktop.text.phrases import phrase

if TYPE_CHECKING:
    import aiohttp

_STEP = 64 << 10
"""Maximum bytes decompressed per step."""

_FREE = 4 << 20
_MOST_TIMES = 200
"""Decompressed bytes that are always accepted, and the compression ratio accepted beyond. Response streams reach 30."""

_GZIP, _ZLIB, _RAW = 31, 15, -15
"""Window sizes with which zlib expects gzip, a zlib header, or raw deflate data."""

_MEMBER = b"\x1f"
"""First byte of another gzip member; anything else is padding."""

_KINDS = frozenset({"gzip", "x-gzip", "deflate"})


def can_unpack(encoding: str) -> bool:
    """Whether a content encoding is supported."""
    return encoding.strip().lower() in _KINDS


async def unpacked(body: AsyncGenerator[bytes, None], encoding: str, host: str) -> AsyncGenerator[bytes, None]:
    """Yield the decompressed bytes of a body as soon as possible.

    Raises AnswerUnreadable for invalid data, AnswerTooLarge for a zip bomb, and the body's own errors.
    """
    unpacker = _Decompressor(is_gzip=encoding.strip().lower() != "deflate", host=host)
    async with aclosing(body) as chunks:
        async for chunk in chunks:
            for piece in unpacker.feed(chunk):
                yield piece


class _Decompressor:
    """Incremental decompressor of one body."""

    def __init__(self, *, is_gzip: bool, host: str) -> None:
        self._is_gzip = is_gzip
        self._host = host
        self._zlib = zlib.decompressobj(_GZIP) if is_gzip else None
        self._came = self._gave = 0
        self._over = False
        self._is_between = False
        """Whether a member ended with the previous chunk, so that another one or padding follows."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield decompressed pieces of `data`."""
        self._came += len(data)
        more = True
        if self._is_between and data:
            self._is_between, self._over = False, data[:1] != _MEMBER[:1]
        while more and not self._over:
            piece, data = self._step(data)
            if piece:
                yield piece
            more = bool(data) or len(piece) == _STEP

    def _step(self, data: bytes) -> tuple[bytes, bytes]:
        """Return one decompressed piece and the remaining data."""
        if self._zlib is None:  # what servers call deflate has zlib's head, as is right, or none
            self._zlib = zlib.decompressobj(_ZLIB if data[:1] and data[0] & 0x0F == 8 else _RAW)
        try:
            piece = self._zlib.decompress(data, _STEP)
        except zlib.error:
            raise AnswerUnreadable(
                phrase("{host} sent a compressed response that could not be decompressed.", host=self._host),
                hint=phrase("A proxy may have damaged the response."),
            ) from None
        self._gave += len(piece)
        if self._gave > max(_FREE, self._came * _MOST_TIMES):
            raise AnswerTooLarge(
                phrase("{host} sent a compressed response that decompresses to an implausible size.", host=self._host)
            )
        if not self._zlib.eof:
            return piece, self._zlib.unconsumed_tail
        left = self._zlib.unused_data
        if self._is_gzip and left.startswith(_MEMBER):
            self._zlib = zlib.decompressobj(_GZIP)
            return piece, left
        self._over = not self._is_gzip or bool(left)
        if not self._over:
            self._zlib, self._is_between = zlib.decompressobj(_GZIP), True
        return piece, b""


_NO_HEADERS: Mapping[str, str] = {}


class Response(Struct, frozen=True, eq=False):
    """A response in common form: status, headers as received, a function to read bytes and one to close it immediately.

    `read` returns the bytes that have arrived, at least one; no bytes at the end.
    """

    status: int
    headers: Mapping[str, str]
    read: Callable[[], Awaitable[bytes]]
    close: Callable[[], Awaitable[None]]


class HttpTransport(ABC):
    """Transport over one aiohttp session. A subclass sends with its library and names the library's errors."""

    def __init__(
        self,
        connection: Connection,
        address: Address,
        credential: Credential,
        options: NetworkOptions,
        headers: Mapping[str, str] = _NO_HEADERS,
    ) -> None:
        """`headers` are defaults that the connection's own headers override.

        Raises AddressInvalid for invalid headers.
        """
        self.address = address
        self.options = options
        self.headers = checked_headers(connection, headers)
        self.credential = credential
        self._connection = connection
        self._own_secrets = (*secret_values(self.headers), *query_secrets(connection.url))
        self.secrets = self._own_secrets
        self._session: aiohttp.ClientSession | None = None
        self._session_lock = asyncio.Lock()
        self._live: set[Response] = set()
        self._closed = False

    @abstractmethod
    def target(self, model: str = "") -> RequestTarget:
        """See Transport."""

    async def prepare(self, session: aiohttp.ClientSession) -> None:
        """Prepare to send over the session. Called before each request, never concurrently."""
        del session

    async def sign(self) -> Mapping[str, str]:
        """Return the connection's headers for a request, with credentials unless the library adds them."""
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
        """Send a request and return the response with its body unread."""

    @abstractmethod
    def failures(self) -> tuple[type[Exception], ...]:
        """Return the exceptions that the library raises for network errors."""

    @asynccontextmanager
    async def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None, *, key_header: str = ""
    ) -> AsyncGenerator[Reply, None]:
        """See Transport."""
        async with self._session_lock:
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
            # Closed, not released: a body that was read to its end has already released its connection
            self._live.discard(response)
            await response.close()

    async def _prepared(self) -> aiohttp.ClientSession:
        """Return the prepared session. Raises ProviderError."""
        try:
            if self._session is None:
                session = await new_session(self.address.url, self.options)
                if self._closed:  # while it was made: nobody else would close it
                    await session.close()
                    self._refuse_closed()
                self._session = session
            await self.prepare(self._session)
        except OSError as error:  # libraries are imported now, certificates are read
            if process_resources.are_spent(error):
                raise nothing_to_open(self.address.host) from error
            raise
        return self._session

    async def aclose(self) -> None:
        """Close every socket. Safe to call more than once."""
        self._closed = True
        # Closing only the session would not wake up pending reads
        for response in tuple(self._live):
            await response.close()
        if self._session is not None:
            await self._session.close()

    async def secret(self) -> Secret | None:
        """Return the current key or token, and redact it in errors from now on.

        Raises KeyUnset and AuthenticationFailed.
        """
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
