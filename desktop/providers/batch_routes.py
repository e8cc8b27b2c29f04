"""Calls to a Batch API over a connection's own transport, with time and size limits and redacted keys."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractContextManager, aclosing, asynccontextmanager, nullcontext
from urllib.parse import urlencode

import msgspec

from desktop.errors import AnswerTooLarge, Stalled
from desktop.net.addresses import Address, Profile
from desktop.net.options import NetworkOptions
from desktop.providers.answer_stream import refusal, refuse_compressed
from desktop.providers.masked_events import masked_errors
from desktop.providers.wire.chunks import decode
from desktop.providers.wire.faults import RequestTarget
from desktop.providers.wire.json_shapes import JsonObject, is_object, items, text
from desktop.providers.wire.transport import Reply, Transport
from desktop.redaction.redactor import Mask
from desktop.text.phrases import phrase

JSON_HEADERS = {"Accept": "application/json", "Content-Type": "application/json"}

_V1 = "/openai/v1"
_MOST_REPLY = 4 << 20
"""Maximum bytes of a state or a list page; decoding takes up to fifty times as much memory."""

_SLOWEST = 50_000.0
"""Minimum transfer speed in bytes per second, from which time limits are computed."""

_LONG = 1 << 20
"""Number of bytes from which JSON is decoded on a thread, because it would block the window."""

_PAGE, _MOST_PAGES = 100, 200
_MOST_LISTED = 10_000
"""Maximum entries accepted per page, whatever was requested."""


class BatchRoutes:
    """Calls to the routes of a Batch API. Methods raise ProviderError with secrets redacted."""

    def __init__(self, transport: Transport, address: Address, options: NetworkOptions) -> None:
        self._transport = transport
        self._address = address
        self._options = options
        self.mask: Mask | None = None
        """Hide the secrets of this run in the server's words."""

    @property
    def origin(self) -> str:
        """Scheme, host and port of the server."""
        return self._address.origin

    def with_mask(self, mask: Mask) -> BatchRoutes:
        """Return a copy with another redactor."""
        made = BatchRoutes(self._transport, self._address, self._options)
        made.mask = mask
        return made

    def masked(self) -> AbstractContextManager[None]:
        """Redact secrets in errors that the block raises."""
        return nullcontext() if self.mask is None else masked_errors(self.mask)

    def target(self, model: str = "") -> RequestTarget:
        """Return the target for error messages, with all keys of this run, since connections may share a server."""
        target = self._transport.target(model)
        if self.mask is None:
            return target
        return msgspec.structs.replace(target, secrets=(*target.secrets, *self.mask.secrets))

    async def pages(self, path: str, query: Mapping[str, str]) -> AsyncGenerator[list[JsonObject]]:
        """Yield the entries of a list page by page, so that only one page is in memory."""
        after = ""
        for _ in range(_MOST_PAGES):
            page = {**query, "limit": str(_PAGE), **({"after": after} if after else {})}
            value = await self.json("GET", path, query=page)
            held = items(value.get("data")) if is_object(value) else []
            found = [each for each in held[:_MOST_LISTED] if is_object(each)]
            yield found
            last = text(found[-1].get("id")) if found else ""
            if not (is_object(value) and value.get("has_more") is True) or not last or last == after:
                break
            after = last

    async def json(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] = JSON_HEADERS,
    ) -> object:
        """Call a route and return the decoded JSON of the reply."""
        seconds = self.seconds(len(body or b""))
        found = await self.ask(method, path, query=query, body=body, headers=headers, seconds=seconds)
        target = self.target()
        return decode(found, target) if len(found) < _LONG else await asyncio.to_thread(decode, found, target)

    def seconds(self, size: int) -> float:
        """Return the time limit in seconds for a body of this size."""
        return self._options.connect_timeout_s + self._options.idle_timeout_s + size / _SLOWEST

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] = JSON_HEADERS,
        seconds: float | None = None,
    ) -> bytes:
        """Call a route and return the body of the reply."""
        seconds = self.seconds(0) if seconds is None else seconds
        sent = self.replied(method, path, query=query, body=body, headers=headers, seconds=seconds)
        async with sent as reply, aclosing(bounded(reply, _MOST_REPLY, self.target().host)) as chunks:
            return b"".join([chunk async for chunk in chunks])

    @asynccontextmanager
    async def replied(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] = JSON_HEADERS,
        seconds: float,
    ) -> AsyncGenerator[Reply]:
        """Yield a successful reply. Its body must be read within the same time limit."""
        with self.masked():
            try:
                sent = self._transport.request(method, self._url(path, query or {}), headers, body)
                async with asyncio.timeout(seconds), sent as reply:
                    target = self.target()
                    if not 200 <= reply.status < 300:
                        raise await refusal(reply, target)
                    refuse_compressed(reply, target)
                    yield reply
            except TimeoutError:
                host = self.target().host
                raise Stalled(
                    phrase("{host} sent no response within {seconds} seconds.", host=host, seconds=f"{seconds:.0f}")
                ) from None

    def _url(self, path: str, query: Mapping[str, str]) -> str:
        """Return the URL of a route next to Chat Completions; on Azure always below `v1`."""
        if self._address.profile is Profile.V1:
            return self._address.sibling(path, **query)
        url = self._address.at_origin(f"{_V1}/{path}")
        return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}" if query else url


async def bounded(reply: Reply, most: int, host: str) -> AsyncGenerator[bytes]:
    """Yield a body as it arrives. Raises AnswerTooLarge, and Interrupted if the connection is lost."""
    size = 0
    async with aclosing(reply.body) as chunks:
        async for chunk in chunks:
            size += len(chunk)
            if size > most:
                raise AnswerTooLarge(phrase("{host} sent more than {most} bytes.", host=host, most=f"{most:,}"))
            yield chunk
