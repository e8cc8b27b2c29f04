"""Azure AI Foundry and whatever else speaks its three routes: v1, model inference and deployments."""

from __future__ import annotations

import asyncio
import importlib
import logging
import random
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self, cast

from desktop.domain.conversation_types import Connection
from desktop.domain.events import StreamEvent
from desktop.errors import ConnectFailed, ProviderError
from desktop.net.addresses import Profile, repair
from desktop.net.http import USER_AGENT
from desktop.net.options import Credential, NetworkOptions, Secret
from desktop.net.proxies import Proxy
from desktop.providers.answer_stream import AnswerStream, Sleep
from desktop.providers.fetch import fetch_json, lets_in
from desktop.providers.http_transport import HttpTransport, Response
from desktop.providers.provider import ChatRequest, ModelInfo
from desktop.providers.scopes import scope_of
from desktop.providers.wire.faults import RequestTarget
from desktop.providers.wire.model_lists import read_deployments, read_info, read_models
from desktop.providers.wire_choice import WireChoice
from desktop.text.phrases import phrase

if TYPE_CHECKING:
    import aiohttp
    from azure.ai.inference.aio import ChatCompletionsClient
    from azure.core.credentials import AccessToken

    from desktop.providers.batch_api import BatchApi

_BLOCK_BYTES = 64 << 10


class AzureTransport(HttpTransport):
    """One client of the SDK over the session; it is made when it is first needed."""

    _client: ChatCompletionsClient | None = None

    def asked(self, model: str = "") -> RequestTarget:
        """Who is asked, for the sentences of errors."""
        return RequestTarget(
            host=self.address.host,
            model=model,
            secrets=self.secrets,
            retirable=self.address.retirable,
            by_token=callable(self.credential),
            by_deployment=True,
        )

    async def prepare(self, session: aiohttp.ClientSession) -> None:
        """Make the client: it signs in by itself."""
        if self._client is None:
            # The SDK takes a tenth of a second to import: longer than a frame, so on a thread
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
        """Send a request through the SDK's pipeline, which has the session."""
        del session
        from azure.core.rest import HttpRequest

        # No read time-out: the SDK's throws away what has arrived, and would end the wait for a first token early
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
            """The next that arrives."""
            return await anext(chunks, b"")

        async def close() -> None:
            """End it at once; whoever still reads is woken by that, and lets go of the generator itself."""
            await response.close()
            with suppress(RuntimeError):
                await chunks.aclose()

        return Response(response.status_code, response.headers, read, close)

    def failures(self) -> tuple[type[Exception], ...]:
        """Of the SDK, of what it sends with, and of the system."""
        import aiohttp
        from azure.core.exceptions import AzureError

        return (AzureError, aiohttp.ClientError, OSError)

    async def aclose(self) -> None:
        """Close every socket. May be called twice."""
        client, self._client = self._client, None
        await super().aclose()
        if client is not None:
            await client.close()

    async def _sign_in(self) -> dict[str, Any]:
        """What the SDK's client is told of how to sign in."""
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
        """A token from the connection's source. Raises AuthenticationFailed."""
        token = await self.secret()
        if token is None:
            raise ConnectFailed(phrase("The connection to {host} has no credentials.", host=self.address.host))
        return token


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


# The only version of the deployment list that takes a key instead of a sign-in to the management plane
_DEPLOYMENTS, _DEPLOYMENTS_VERSION = "/openai/deployments", "2023-03-15-preview"


class AzureInferenceProvider:
    """An endpoint of Azure. The address's path picks the route; the model is a deployment's name."""

    def __init__(
        self,
        connection: Connection,
        credential: Credential,
        options: NetworkOptions,
        *,
        sleep: Sleep = asyncio.sleep,
        rng: Callable[[], float] = random.random,
    ) -> None:
        """Makes no call and imports no SDK. Raises AddressInvalid and AddressInsecure."""
        self._address = repair(connection.kind, connection.url)
        self._options = options
        self._kind = connection.kind
        self._transport = AzureTransport(connection, self._address, credential, options)
        self._answers = AnswerStream(
            self._transport,
            self._address,
            options,
            WireChoice(connection, self._address.origin, options.wires),
            sleep=sleep,
            rng=rng,
        )

    def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """The answer's events; see Provider. Raises ProviderError."""
        return self._answers.stream(request)

    async def models(self) -> Sequence[ModelInfo]:
        """The deployments that the key may see; else what `/info` names, else base models, marked as suggested.

        A deployment that the address names is always among them, and where it lets in, no list is needed. Raises
        ProviderError where none of that answers.
        """
        try:
            listed = await self._listed()
        except ConnectFailed:
            raise
        except ProviderError as error:
            if not self._address.deployment or (error.status in {401, 403} and not await self._lets_in()):
                raise
            listed = []
        found = {model.name: model for model in listed}
        if self._address.deployment:
            found.setdefault(self._address.deployment, ModelInfo(name=self._address.deployment))
        return [found[name] for name in sorted(found)]

    def batches(self) -> BatchApi:
        """The server's Batch API, over the same transport."""
        from desktop.providers.batch_api import BatchApi
        from desktop.providers.batch_routes import BatchRoutes

        return BatchApi(BatchRoutes(self._transport, self._address, self._options), self._answers, self._kind)

    async def aclose(self) -> None:
        """Close every socket. May be called twice."""
        await self._transport.aclose()

    async def _listed(self) -> list[ModelInfo]:
        deployments = await self._try(self._address.at_origin(_DEPLOYMENTS, _DEPLOYMENTS_VERSION))
        if deployments is not None and (found := read_deployments(deployments)):
            return found
        if self._address.profile is Profile.INFERENCE:
            info = await self._try(self._address.sibling("info"))
            if info is not None and (found := read_info(info)):
                return found
        return await self._suggested()

    async def _suggested(self) -> list[ModelInfo]:
        if self._address.profile is Profile.V1:
            return read_models(await self._fetch(self._address.sibling("models")), suggested=True)
        try:
            return read_models(await self._fetch(self._address.at_origin("/openai/v1/models")), suggested=True)
        except ConnectFailed:
            raise
        except ProviderError:
            # Servers that are not Azure's have their list beside the route
            beside = None if self._address.deployment else await self._try(self._address.sibling("models"))
            if beside is None:
                raise
            return read_models(beside)

    async def _lets_in(self) -> bool:
        return await lets_in(self._transport, self._address.chat(self._address.deployment), self._options)

    async def _fetch(self, address: str) -> object:
        return await fetch_json(self._transport, address, self._options)

    async def _try(self, address: str) -> object | None:
        """What an address that need not exist gives; None where the server refuses it."""
        try:
            return await self._fetch(address)
        except ConnectFailed:
            raise
        except ProviderError:
            return None
