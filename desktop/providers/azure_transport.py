"""Transport based on Azure's SDK, for Azure AI Foundry and other servers with its three routes."""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self, cast

from desktop.errors import ConnectFailed
from desktop.net.http import USER_AGENT
from desktop.net.options import Secret
from desktop.net.proxies import Proxy
from desktop.providers.http_transport import HttpTransport, Response
from desktop.providers.scopes import scope_of
from desktop.providers.wire.faults import RequestTarget
from desktop.text.phrases import phrase

if TYPE_CHECKING:
    import aiohttp
    from azure.ai.inference.aio import ChatCompletionsClient
    from azure.core.credentials import AccessToken


_BLOCK_BYTES = 64 << 10


class AzureTransport(HttpTransport):
    """Transport with one client of the SDK, created on first use, which uses the transport's session."""

    _client: ChatCompletionsClient | None = None

    def target(self, model: str = "") -> RequestTarget:
        """See HttpTransport."""
        return RequestTarget(
            host=self.address.host,
            model=model,
            secrets=self.secrets,
            retirable=self.address.retirable,
            by_token=callable(self.credential),
            by_deployment=True,
        )

    async def prepare(self, session: aiohttp.ClientSession) -> None:
        """Create the SDK's client, which adds the credentials itself."""
        if self._client is None:
            # Importing the SDK takes 100 ms, longer than a frame
            await asyncio.to_thread(importlib.import_module, "azure.ai.inference.aio")
            _keep_quiet()
            self._client = self._new_client(await self._sign_in(), session)

    async def send(
        self,
        session: aiohttp.ClientSession,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        proxy: Proxy | None,
    ) -> Response:
        """Send a request through the pipeline of the SDK's client, which has the session already."""
        del session
        from azure.core.rest import HttpRequest

        # No read timeout: the SDK's would discard received data and end the wait for a first token early
        more: dict[str, Any] = {"connection_timeout": self.options.connect_timeout_s, "read_timeout": None}
        if proxy is not None:
            more |= {"proxy": proxy.url, "proxy_headers": proxy.headers}
        if self.address.loopback and callable(self.credential):
            more["enforce_https"] = False
        request = HttpRequest(method, url, headers=dict(headers), content=body)
        assert self._client is not None
        response = await self._client.send_request(request, stream=True, **more)
        chunks = cast("AsyncGenerator[bytes, None]", response.iter_raw())

        async def read() -> bytes:
            return await anext(chunks, b"")

        async def close() -> None:
            """Close the response. A pending read then ends and closes the generator itself."""
            await response.close()
            with suppress(RuntimeError):
                await chunks.aclose()

        return Response(response.status_code, response.headers, read, close)

    def failures(self) -> tuple[type[Exception], ...]:
        """See HttpTransport."""
        import aiohttp
        from azure.core.exceptions import AzureError

        return (AzureError, aiohttp.ClientError, OSError)

    async def aclose(self) -> None:
        """Close every socket. Safe to call more than once."""
        client, self._client = self._client, None
        await super().aclose()
        if client is not None:
            await client.close()

    async def _sign_in(self) -> dict[str, Any]:
        """Return the credential arguments for the SDK's client."""
        from azure.core.credentials import AzureKeyCredential
        from azure.core.pipeline.policies import SansIOHTTPPolicy

        if callable(self.credential):
            return {"credential": _Tokens(self), "credential_scopes": [scope_of(self.address)]}
        key = await self.secret()
        if key is None:
            return {"credential": object(), "authentication_policy": SansIOHTTPPolicy()}
        return {"credential": AzureKeyCredential(key.value)}

    def _new_client(self, signing: Mapping[str, Any], session: aiohttp.ClientSession) -> ChatCompletionsClient:
        from azure.ai.inference.aio import ChatCompletionsClient
        from azure.core.pipeline.policies import SansIOHTTPPolicy, UserAgentPolicy
        from azure.core.pipeline.transport import AioHttpTransport

        transport = AioHttpTransport(
            session=session, session_owner=False, use_env_settings=False, data_block_size=_BLOCK_BYTES
        )
        return ChatCompletionsClient(
            self.address.origin,
            api_version=self.address.api_version or "v1",
            transport=transport,
            retry_total=0,
            permit_redirects=False,
            # Nothing is logged: the SDK's logging can show keys and prompts
            logging_policy=SansIOHTTPPolicy(),
            http_logging_policy=SansIOHTTPPolicy(),
            user_agent_policy=UserAgentPolicy(base_user_agent=USER_AGENT, user_agent_use_env=False),
            **signing,
        )

    async def fresh_token(self) -> Secret:
        """Return a token from the connection's token source. Raises AuthenticationFailed."""
        token = await self.secret()
        if token is None:
            raise ConnectFailed(phrase("The connection to {host} has no credentials.", host=self.address.host))
        return token


def _keep_quiet() -> None:
    """Add a handler to the SDK's logger, because Python would otherwise print a warning for each lost connection."""
    logger = logging.getLogger("azure")
    if not logger.hasHandlers():
        logger.addHandler(logging.NullHandler())


class _Tokens:
    """Adapter of the connection's token source to the SDK's interface.

    The source caches tokens, so the SDK need not.
    """

    def __init__(self, transport: AzureTransport) -> None:
        self._transport = transport

    async def get_token(self, *scopes: str, **options: object) -> AccessToken:  # noqa: ARG002 - the SDK's signature
        """Return a token marked as expired, so that the SDK does not cache it."""
        from azure.core.credentials import AccessToken

        token = await self._transport.fresh_token()
        return AccessToken(token.value, 0)

    async def close(self) -> None:
        """Do nothing, since the source belongs to the connection."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        """Do nothing, since the source belongs to the connection."""
