"""Local server to which the browser returns after a sign-in; it accepts one reply and stops."""

from __future__ import annotations

import asyncio
import errno
import hmac
import html
import socket
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from desktop.errors import SignInFailed
from desktop.text.phrases import phrase

_MOST_BYTES = 64 << 10
_PATIENCE_S = 10.0
_PORTS_TRIED = 20
_TAKEN = {errno.EADDRINUSE, errno.EACCES}
"""Errors for a port used by another program; Windows reports the latter if that program uses it exclusively."""

DONE = phrase("You are signed in to Paragone. You can close this page.")
FAILED = phrase("The sign-in failed. Paragone shows the reason. You can close this page.")


@dataclass(kw_only=True)
class Landing:
    """Waits at `address` for the browser. Requests without the expected state are rejected.

    `done` and `failed` are the texts of the page that the browser then shows. `host` is the name or the address by
    which the browser comes back.
    """

    port: int
    host: str = "localhost"
    done: str = DONE
    failed: str = FAILED
    state: str = ""
    _answer: asyncio.Future[dict[str, str]] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future(), init=False
    )

    @property
    def address(self) -> str:
        """Redirect address for the authority, which allows public clients any port of this computer."""
        return f"http://{self.host}:{self.port}"

    async def answer(self) -> dict[str, str]:
        """Wait for the browser and return the fields of the authority's reply."""
        return await asyncio.shield(self._answer)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Handle one request."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                fields = await _fields(reader)
                state = fields.get("state", "").encode(errors="replace")  # as text only ASCII can be compared
                mine = bool(self.state) and hmac.compare_digest(state, self.state.encode())
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
async def landing(done: str = "", failed: str = "", host: str = "localhost") -> AsyncGenerator[Landing, None]:
    """Serve the sign-in redirect on all loopback addresses that `host` stands for; close the servers on exit."""
    sockets = _loopback_sockets() if host == "localhost" else [_socket(host)]
    async with AsyncExitStack() as stack:
        for each in sockets:
            stack.callback(each.close)
        port = sockets[0].getsockname()[1]
        place = Landing(port=port, host=host, done=done or DONE, failed=failed or FAILED)
        for each in sockets:
            await stack.enter_async_context(await asyncio.start_server(place.serve, sock=each, limit=_MOST_BYTES))
        yield place


def _socket(host: str) -> socket.socket:
    """Bind a free port of an address. Raises SignInFailed."""
    try:
        return socket.create_server((host, 0))
    except OSError as error:
        raise SignInFailed(
            phrase("There is no free port on this computer to receive the browser's response."),
            hint=phrase("Close other programs, then try again."),
        ) from error


def _loopback_sockets() -> list[socket.socket]:
    """Bind one port on every loopback address of this machine. Raises SignInFailed.

    A browser may use either address of `localhost`, so the port must be free on both.
    """
    for _ in range(_PORTS_TRIED):
        first = socket.create_server(("127.0.0.1", 0))
        try:
            return [first, socket.create_server(("::1", first.getsockname()[1]), family=socket.AF_INET6)]
        except OSError as error:
            if error.errno not in _TAKEN:
                return [first]  # a machine without IPv6 has one loopback address alone
            first.close()
    raise SignInFailed(
        phrase("There is no free port on this computer to receive the browser's response."),
        hint=phrase("Sign in with a code instead (--device-code)."),
    )


async def _fields(reader: asyncio.StreamReader) -> dict[str, str]:
    """Return a request's fields from its query or its form. Raises ValueError for an invalid request."""
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
