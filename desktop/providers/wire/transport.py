"""Interface between the API formats and the libraries that carry them: a request goes out, a reply comes back."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from msgspec import Struct

from desktop.providers.wire.faults import RequestTarget


class Reply(Struct, frozen=True):
    """A response whose body is not read yet. Its `headers` are in lower case.

    `sent` are the request's headers, without keys. `body` yields bytes as they arrive and raises ProviderError if the
    connection breaks.
    """

    status: int
    headers: Mapping[str, str]
    body: AsyncGenerator[bytes, None]
    sent: Mapping[str, str] = {}


class Transport(Protocol):
    """Sends signed requests to one server. Leaving a reply's context ends its request at once."""

    def target(self, model: str = "") -> RequestTarget:
        """Return server and model for the sentences of errors."""
        ...

    def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None, *, key_header: str = ""
    ) -> AbstractAsyncContextManager[Reply]:
        """Send a signed request to an address of the server. A key is also sent in `key_header`, if one is named.

        Entering raises ProviderError if the server is not reached.
        """
        ...

    async def aclose(self) -> None:
        """Close every socket. May be called twice."""
        ...
