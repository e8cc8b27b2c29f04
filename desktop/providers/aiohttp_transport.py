"""Requests over aiohttp, signed with a key or a token in the header that the wire names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from desktop.net.proxies import Proxy
from desktop.providers.http_transport import HttpTransport, Response
from desktop.providers.wire.faults import RequestTarget

if TYPE_CHECKING:
    import aiohttp


class AiohttpTransport(HttpTransport):
    """One session, signed anew for each request: tokens get old."""

    def asked(self, model: str = "") -> RequestTarget:
        """Who is asked, for the sentences of errors."""
        by_token = callable(self.credential)
        return RequestTarget(
            host=self.address.host,
            model=model,
            secrets=self.secrets,
            by_token=by_token,
            without_key=not by_token and not self.secrets,
        )

    async def sign(self) -> Mapping[str, str]:
        """With the key, or the token as it is now."""
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
        """Send a request; redirects are not followed."""
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
            """End it at once."""
            response.close()

        return Response(response.status, response.headers, response.content.readany, close)

    def failures(self) -> tuple[type[Exception], ...]:
        """Of aiohttp and the system."""
        import aiohttp

        return (aiohttp.ClientError, OSError)
