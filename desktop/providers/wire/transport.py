"""Interface between the API formats and the HTTP libraries: sends a request and returns a reply."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from msgspec import Struct

from desktop.providers.wire.faults import RequestTarget


class Reply(Struct, frozen=True):
    """A response whose body has not been read. Its `headers` are in lower case.

    `sent` are the request's headers, without keys. `body` yields bytes as they arrive, and raises ProviderError if the
    connection fails.
    """

    status: int
    headers: Mapping[str, str]
    body: AsyncGenerator[bytes, None]
    sent: Mapping[str, str] = {}


class Transport(Protocol):
    """Sends signed requests to one server. Leaving a reply's context ends its request immediately."""

    def target(self, model: str = "") -> RequestTarget:
        """Return server and model for error messages."""
        ...

    def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None, *, key_header: str = ""
    ) -> AbstractAsyncContextManager[Reply]:
        """Send a signed request to an address of the server. If `key_header` is given, it contains the key too.

        Entering the context raises ProviderError if the server cannot be reached.
        """
        ...

    async def aclose(self) -> None:
        """Close every socket. Safe to call more than once."""
        ...
