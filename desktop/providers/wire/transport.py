"""The seam between the wire formats and the libraries that carry them: a request goes out, a reply comes back."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from msgspec import Struct

from desktop.providers.wire.faults import RequestTarget


class Reply(Struct, frozen=True):
    """A response whose body is still to be read. Its `headers` are in lower case.

    `sent` are the request's, without keys. `body` gives bytes as they arrive and raises ProviderError where the
    connection breaks.
    """

    status: int
    headers: Mapping[str, str]
    body: AsyncGenerator[bytes, None]
    sent: Mapping[str, str] = {}


class Transport(Protocol):
    """Carries requests to one server, signed in. Leaving a reply's context ends its request at once."""

    def asked(self, model: str = "") -> RequestTarget:
        """Who is asked, for the sentences of errors."""
        ...

    def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None, *, key_header: str = ""
    ) -> AbstractAsyncContextManager[Reply]:
        """Send a request to an address of the server, signed; a key stands in `key_header` as well, where one is named.

        Entering raises ProviderError where it is not reached.
        """
        ...

    async def aclose(self) -> None:
        """Close every socket. May be called twice."""
        ...
