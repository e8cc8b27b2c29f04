"""Enough of HTTP/1.1 to answer as badly as a test wants: requests read whole, responses written byte by byte."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

_MOST_BODY = 64 << 20


@dataclass
class Received:
    """A request as it came; `number` counts those for its model from 1.

    `gone_at` is the loop's time when its client went away before the answer's end.
    """

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    at: float
    gone_at: float | None = None
    number: int = 0
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query))

    @property
    def json(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.body or b"{}")
        return value

    @property
    def model(self) -> str:
        """The deployment in the path, else the model in the body."""
        if self.headers.get("content-type", "").startswith("multipart/"):
            return ""
        _, marker, after = self.path.partition("/openai/deployments/")
        return after.partition("/")[0] if marker else str(self.json.get("model", ""))


class Exchange:
    """One request and the way to answer it."""

    def __init__(self, request: Received, writer: asyncio.StreamWriter) -> None:
        self.request = request
        self._writer = writer
        self._chunked = False
        self.keep_alive = True

    async def respond(self, status: int, body: bytes | str | dict[str, Any], **headers: str) -> None:
        """A whole response; a dict is sent as JSON. Header names are written with underscores."""
        kind = "application/json" if isinstance(body, dict) else "text/plain"
        data = json.dumps(body).encode() if isinstance(body, dict) else body.encode() if isinstance(body, str) else body
        named = {"content_type": kind, **headers, "content_length": str(len(data))}
        await self.write(_head(status, named) + data)

    async def start(self, *, chunked: bool = True, content_type: str = "text/event-stream", **headers: str) -> None:
        """Begin a stream; without `chunked` its end is the connection's."""
        self._chunked = chunked
        named = {"x_request_id": "req-1", "x_ms_region": "Loopback", "x_ratelimit_remaining_tokens": "-1", **headers}
        if content_type:
            named["content_type"] = content_type
        if chunked:
            named["transfer_encoding"] = "chunked"
        else:
            named["connection"] = "close"
            self.keep_alive = False
        await self.write(_head(200, named))

    async def send(self, data: bytes) -> None:
        """A piece of the stream."""
        await self.write(b"%x\r\n%s\r\n" % (len(data), data) if self._chunked else data)

    async def end(self) -> None:
        """End the stream properly."""
        if self._chunked:
            await self.write(b"0\r\n\r\n")

    async def write(self, data: bytes) -> None:
        """Raw bytes."""
        self._writer.write(data)
        await self._writer.drain()

    def cut(self) -> None:
        """Close the connection in the middle."""
        self.keep_alive = False
        self._writer.close()

    def reset(self) -> None:
        """Reset the connection (RST)."""
        self.keep_alive = False
        sock = self._writer.get_extra_info("socket")
        linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._writer.transport.abort()


async def read_request(reader: asyncio.StreamReader) -> Received | None:
    """The next request of a connection; None at its end. Raises ValueError for TLS where none is spoken."""
    try:
        first_byte = await reader.readexactly(1)
        if first_byte == b"\x16":
            raise ValueError("TLS on a plain port")
        head = (first_byte + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *lines = head.strip().split("\r\n")
    method, target, _ = first.split(" ", 2)
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    length = min(int(headers.get("content-length", "0")), _MOST_BODY)
    body = await reader.readexactly(length) if length else b""
    return Received(method, target, headers, body, asyncio.get_running_loop().time())


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} Status\r\n{lines}\r\n".encode("latin-1")
