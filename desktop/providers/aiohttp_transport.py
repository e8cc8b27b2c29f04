"""Transports that send requests with aiohttp, with the key or token in the header that the API format requires."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from desktop.net.proxies import Proxy
from desktop.providers.http_transport import HttpTransport, Response
from desktop.providers.wire.faults import RequestTarget
from desktop.providers.wire.wire_format import MESSAGES

if TYPE_CHECKING:
    import aiohttp


class AiohttpTransport(HttpTransport):
    """Transport that signs each request with a bearer token, fetched each time because tokens expire."""

    def target(self, model: str = "") -> RequestTarget:
        """See HttpTransport."""
        by_token = callable(self.credential)
        return RequestTarget(
            host=self.address.host,
            model=model,
            secrets=self.secrets,
            by_token=by_token,
            without_key=not by_token and not self.secrets,
        )

    async def sign(self) -> Mapping[str, str]:
        """Return the headers with the key, or the current token."""
        secret = await self.secret()
        signed = dict(self.headers)
        if secret is not None and not any(name.lower() == "authorization" for name in signed):
            signed["Authorization"] = f"Bearer {secret.value}"
        return signed

    async def send(
        self,
        session: aiohttp.ClientSession,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        proxy: Proxy | None,
    ) -> Response:
        """Send a request without following redirects."""
        from yarl import URL

        response = await session.request(
            method,
            URL(url, encoded=True),
            headers=headers,
            data=body,
            allow_redirects=False,
            proxy=proxy.url if proxy else None,
            proxy_headers=proxy.headers if proxy else None,
        )

        async def close() -> None:
            response.close()

        return Response(response.status, response.headers, response.content.readany, close)

    def failures(self) -> tuple[type[Exception], ...]:
        """See HttpTransport."""
        import aiohttp

        return (aiohttp.ClientError, OSError)


class AnthropicTransport(AiohttpTransport):
    """Transport that sends keys only in `x-api-key`, since Anthropic uses bearer tokens for another purpose."""

    async def sign(self) -> Mapping[str, str]:
        """Return the headers with the key, or the current token."""
        secret = await self.secret()
        if callable(self.credential) or secret is None:
            return await super().sign()
        signed = dict(self.headers)
        if MESSAGES.key_header not in map(str.lower, signed):
            signed[MESSAGES.key_header] = secret.value
        return signed
