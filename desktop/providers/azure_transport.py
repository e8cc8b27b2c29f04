"""Requests through azure-ai-inference's client: its pipeline and sign-in, but neither its parsing nor its retries."""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any, Self, cast

import msgspec

from desktop.addresses import Address
from desktop.domain import Connection, JsonValue
from desktop.errors import ConnectFailed
from desktop.headers import query_secrets, secret_values
from desktop.phrases import phrase
from desktop.providers.network.connect_errors import body_error, connect_error
from desktop.providers.network.http import ACCEPT_STREAM, USER_AGENT, checked_headers, key_of, new_session
from desktop.providers.network.proxies import proxy_for
from desktop.providers.provider import Credential, NetworkOptions, Secret
from desktop.providers.scopes import scope_of
from desktop.providers.wire.faults import RequestTarget
from desktop.providers.wire.transport import Reply

if TYPE_CHECKING:
    import aiohttp
    from azure.ai.inference.aio import ChatCompletionsClient
    from azure.core.credentials import AccessToken
    from azure.core.rest import AsyncHttpResponse

_BLOCK_BYTES = 64 << 10


class AzureTransport:
    """One client of the SDK over one session of ours; both are made when first needed."""

    def __init__(
        self, connection: Connection, address: Address, credential: Credential, options: NetworkOptions
    ) -> None:
        self._connection = connection
        self._address = address
        self._credential = credential
        self._options = options
        self._headers = checked_headers(connection, {})
        self._own_secrets = (*secret_values(self._headers), *query_secrets(connection.url))
        self._secrets = self._own_secrets
        self._session: aiohttp.ClientSession | None = None
        self._client: ChatCompletionsClient | None = None
        self._making = asyncio.Lock()
        self._live: set[AsyncHttpResponse] = set()
        self._closed = False

    def asked(self, model: str = "") -> RequestTarget:
        """Who is asked, for the sentences of errors."""
        return RequestTarget(
            host=self._address.host,
            model=model,
            secrets=self._secrets,
            retirable=self._address.retirable,
            by_token=callable(self._credential),
            by_deployment=True,
        )

    @asynccontextmanager
    async def chat(self, model: str, payload: Mapping[str, JsonValue]) -> AsyncGenerator[Reply, None]:
        """Ask for an answer."""
        headers = {"Accept": ACCEPT_STREAM, "Content-Type": "application/json"}
        data = msgspec.json.encode(payload)
        async with self._request("POST", self._address.chat(model), headers, data) as reply:
            yield reply

    @asynccontextmanager
    async def get(self, address: str) -> AsyncGenerator[Reply, None]:
        """Fetch something."""
        async with self._request("GET", address, {"Accept": "application/json"}, None) as reply:
            yield reply

    async def aclose(self) -> None:
        """Close every socket. May be called twice."""
        self._closed = True
        # Closing the session alone leaves whoever waits for bytes waiting
        for response in tuple(self._live):
            await response.close()
        client, self._client = self._client, None
        if client is not None:
            await client.close()
        if self._session is not None:
            await self._session.close()

    @asynccontextmanager
    async def _request(
        self, method: str, url: str, headers: Mapping[str, str], data: bytes | None
    ) -> AsyncGenerator[Reply, None]:
        client = await self._open()
        import aiohttp
        from azure.core.exceptions import AzureError
        from azure.core.rest import HttpRequest

        proxy = await proxy_for(url, self._options)
        self._refuse_closed()
        # No read time-out: the SDK's throws away what has arrived, and would end the wait for a first token early
        more: dict[str, Any] = {"connection_timeout": self._options.connect_timeout_s, "read_timeout": None}
        if proxy is not None:
            more |= {"proxy": proxy.url, "proxy_headers": proxy.headers}
        if self._address.loopback and callable(self._credential):
            more["enforce_https"] = False
        host = self._address.host
        try:
            request = HttpRequest(method, url, headers={**headers, **self._headers}, content=data)
            response = await client.send_request(request, stream=True, **more)
        except (AzureError, aiohttp.ClientError, OSError) as error:
            raise connect_error(error, host, proxy.host if proxy else "") from error
        self._live.add(response)
        try:
            kept = {name.lower(): value for name, value in response.headers.items()}
            yield Reply(response.status_code, kept, _body(response, host))
        finally:
            self._live.discard(response)
            await response.close()

    def _refuse_closed(self) -> None:
        if self._closed:
            raise ConnectFailed(phrase("The connection to {host} was closed.", host=self._address.host))

    async def _open(self) -> ChatCompletionsClient:
        async with self._making:
            self._refuse_closed()
            if self._client is None:
                # The SDK takes a tenth of a second to import: longer than a frame, so on a thread
                await asyncio.to_thread(importlib.import_module, "azure.ai.inference.aio")
                _keep_quiet()
                signing = await self._sign_in()
                if self._session is None:
                    self._session = await new_session(self._address.url, self._options)
                self._client = self._new_client(signing, self._session)
            return self._client

    async def _sign_in(self) -> dict[str, Any]:
        """What the SDK's client is told of how to sign in."""
        from azure.core.credentials import AzureKeyCredential
        from azure.core.pipeline.policies import SansIOHTTPPolicy

        if callable(self._credential):
            return {"credential": _Tokens(self), "credential_scopes": [scope_of(self._address)]}
        key = await key_of(self._connection, self._credential)
        if key is None:
            return {"credential": object(), "authentication_policy": SansIOHTTPPolicy()}
        self._keep_secret(key)
        return {"credential": AzureKeyCredential(key.value)}

    def _new_client(self, signing: Mapping[str, Any], session: aiohttp.ClientSession) -> ChatCompletionsClient:
        from azure.ai.inference.aio import ChatCompletionsClient
        from azure.core.pipeline.policies import SansIOHTTPPolicy, UserAgentPolicy
        from azure.core.pipeline.transport import AioHttpTransport

        transport = AioHttpTransport(
            session=session, session_owner=False, use_env_settings=False, data_block_size=_BLOCK_BYTES
        )
        return ChatCompletionsClient(
            self._address.origin,
            api_version=self._address.api_version or "v1",
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
        """A token from the connection's source. Raises AuthenticationFailed."""
        token = await key_of(self._connection, self._credential)
        if token is None:
            raise ConnectFailed(phrase("The connection to {host} signs in with none.", host=self._address.host))
        self._keep_secret(token)
        return token

    def _keep_secret(self, secret: Secret) -> None:
        self._secrets = (*self._own_secrets, secret.value)


def _keep_quiet() -> None:
    """The SDK warns of each broken connection, and without any handler Python prints that: the error says it better."""
    logger = logging.getLogger("azure")
    if not logger.hasHandlers():
        logger.addHandler(logging.NullHandler())


class _Tokens:
    """The connection's token source as the SDK wants it. The source keeps tokens itself, so each is asked for anew."""

    def __init__(self, transport: AzureTransport) -> None:
        self._transport = transport

    async def get_token(self, *scopes: str, **options: object) -> AccessToken:  # noqa: ARG002 - the SDK's signature
        """A token that the SDK keeps for no later request: it has expired as it arrives."""
        from azure.core.credentials import AccessToken

        token = await self._transport.fresh_token()
        return AccessToken(token.value, 0)

    async def close(self) -> None:
        """Nothing is held."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        """Nothing is held."""


async def _body(response: AsyncHttpResponse, host: str) -> AsyncGenerator[bytes, None]:
    import aiohttp
    from azure.core.exceptions import AzureError

    try:
        async with aclosing(cast("AsyncGenerator[bytes, None]", response.iter_raw())) as pieces:
            async for piece in pieces:
                yield piece
    except (AzureError, aiohttp.ClientError, OSError) as error:
        raise body_error(error, host) from error
