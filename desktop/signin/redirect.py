"""Where the browser comes back to after a sign-in: a server on this computer that takes one answer and ends."""

from __future__ import annotations

import asyncio
import hmac
import html
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from desktop.phrases import phrase

_MOST_BYTES = 64 << 10
_PATIENCE_S = 10.0

DONE = phrase("You are signed in to Paragone. You can close this page.")
FAILED = phrase("The sign-in did not work. Paragone says why; you can close this page.")


@dataclass(kw_only=True)
class Landing:
    """Waits at `address` for the browser. Whatever does not carry the expected state is turned away.

    `done` and `failed` are what the page says, as plain text.
    """

    port: int
    done: str = DONE
    failed: str = FAILED
    state: str = ""
    _answer: asyncio.Future[dict[str, str]] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future(), init=False
    )

    @property
    def address(self) -> str:
        """What the authority is told: any port of localhost is allowed to a public client."""
        return f"http://localhost:{self.port}"

    async def answer(self) -> dict[str, str]:
        """The fields of the authority's answer, once the browser has brought it."""
        return await asyncio.shield(self._answer)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one request."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                fields = await _fields(reader)
                mine = bool(self.state) and hmac.compare_digest(fields.get("state", ""), self.state)
                good = mine and "error" not in fields
                writer.write(_page(200 if mine else 404, self.done if good else self.failed))
                await writer.drain()
        except (TimeoutError, ValueError, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return
        finally:
            writer.close()
        if mine and not self._answer.done():
            self._answer.set_result(fields)


@asynccontextmanager
async def landing(done: str = "", failed: str = "") -> AsyncGenerator[Landing, None]:
    """A place for the browser to come back to, on both loopback addresses where there are two, closed at the end."""
    async with AsyncExitStack() as stack:
        handed: list[Landing] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            """Both addresses lead to the one place."""
            await handed[0].serve(reader, writer)

        server = await stack.enter_async_context(
            await asyncio.start_server(serve, "127.0.0.1", 0, limit=_MOST_BYTES, start_serving=False)
        )
        port = server.sockets[0].getsockname()[1]
        handed.append(Landing(port=port, done=done or DONE, failed=failed or FAILED))
        await server.start_serving()
        with suppress(OSError):  # a machine without IPv6 has one loopback address alone
            await stack.enter_async_context(await asyncio.start_server(serve, "::1", port, limit=_MOST_BYTES))
        yield handed[0]


async def _fields(reader: asyncio.StreamReader) -> dict[str, str]:
    """The fields of a request, from its address or its form. Raises ValueError for what is none."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, target, _ = first.split(" ", 2)
    fields = dict(parse_qsl(urlsplit(target).query))
    if method == "POST":
        lengths = [line.partition(":")[2] for line in lines if line.lower().startswith("content-length:")]
        length = int(lengths[0]) if lengths else 0
        if not 0 <= length <= _MOST_BYTES:
            raise ValueError("the form is too long")
        fields |= dict(parse_qsl((await reader.readexactly(length)).decode("utf-8", "replace")))
    return fields


def _page(status: int, text: str) -> bytes:
    body = (
        "<!doctype html><meta charset=utf-8><title>Paragone</title>"
        "<body style='font: 16px system-ui; margin: 20vh auto; max-width: 30em; text-align: center'>"
        f"<p>{html.escape(text)}</p>"
    ).encode()
    head = (
        f"HTTP/1.1 {status} Status\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\nCache-Control: no-store\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + body
