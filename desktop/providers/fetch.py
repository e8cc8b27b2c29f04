"""Fetches a JSON document over a transport, within bounds of time and size, or tries whether a route lets in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from desktop.errors import AnswerTooLarge, NotAStream, Stalled
from desktop.net.options import NetworkOptions
from desktop.providers.answer_stream import read_bounded, refusal, refuse_compressed
from desktop.providers.wire.chunks import decode
from desktop.providers.wire.error_bodies import is_page, page_title
from desktop.providers.wire.transport import Reply, Transport
from desktop.text.phrases import phrase

_HEADERS = {"Accept": "application/json"}
_MOST_BYTES = 16 << 20
_BODY_S = 30.0


async def fetch_json(transport: Transport, address: str, options: NetworkOptions) -> object:
    """The JSON at an address, decoded. Raises ProviderError; NotAStream for a web page or other text."""
    async with AsyncExitStack() as stack:
        reply = await stack.enter_async_context(_reply(transport, "GET", address, options))
        asked = transport.asked()  # with the key that was sent, so that it is masked
        if reply.status != 200:
            raise await refusal(reply, asked)
        refuse_compressed(reply, asked)
        body = await read_bounded(reply, _MOST_BYTES + 1, _BODY_S)
    if len(body) > _MOST_BYTES:
        raise AnswerTooLarge(
            phrase(
                "{host} sent a list of more than {MOST_BYTES} bytes.", host=asked.host, MOST_BYTES=f"{_MOST_BYTES:,}"
            )
        )
    text = body.decode("utf-8", "replace").lstrip("\ufeff")
    if is_page(text):
        title = page_title(text, asked.secrets)
        named = f" (“{title}”)" if title else ""
        raise NotAStream(
            phrase("{host} sent a web page{named} instead of a list of models.", host=asked.host, named=named),
            status=200,
        )
    return decode(text, asked)


async def lets_in(transport: Transport, address: str, options: NetworkOptions) -> bool:
    """Whether a chat route takes the key: it is sent an empty object, which no model answers. Raises ProviderError."""
    async with _reply(transport, "POST", address, options, b"{}") as reply:
        return reply.status not in {401, 403}


@asynccontextmanager
async def _reply(
    transport: Transport, method: str, address: str, options: NetworkOptions, body: bytes | None = None
) -> AsyncGenerator[Reply]:
    seconds = options.connect_timeout_s + options.idle_timeout_s
    headers = _HEADERS if body is None else {**_HEADERS, "Content-Type": "application/json"}
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.timeout(seconds):
                reply = await stack.enter_async_context(transport.request(method, address, headers, body))
        except TimeoutError:
            host = transport.asked().host
            raise Stalled(
                phrase("{host} sent no response within {seconds} seconds.", host=host, seconds=f"{seconds:g}")
            ) from None
        yield reply
