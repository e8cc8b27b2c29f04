"""Any server of OpenAI's chat completions format, over aiohttp: vLLM, llama.cpp, Ollama, xAI, OpenAI and others."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import msgspec

from desktop.addresses import Address, repair
from desktop.domain import Connection, JsonValue
from desktop.errors import ConnectFailed
from desktop.events import StreamEvent
from desktop.headers import query_secrets, secret_values
from desktop.phrases import phrase
from desktop.providers.chat_stream import ChatStream, Sleep
from desktop.providers.fetch import fetch_json
from desktop.providers.network.connect_errors import body_error, connect_error
from desktop.providers.network.http import ACCEPT_STREAM, checked_headers, key_of, new_session
from desktop.providers.network.proxies import proxy_for
from desktop.providers.provider import ChatRequest, Credential, ModelInfo, NetworkOptions
from desktop.providers.wire.faults import RequestTarget
from desktop.providers.wire.model_lists import read_models
from desktop.providers.wire.transport import Reply

if TYPE_CHECKING:
    import aiohttp

_NO_HEADERS: Mapping[str, str] = {}
_NO_BODY: Mapping[str, JsonValue] = {}


class OpenAIV1Provider:
    """A server that takes `POST URL/chat/completions`. `headers` and `body` are defaults under every request."""

    def __init__(
        self,
        connection: Connection,
        credential: Credential,
        options: NetworkOptions,
        *,
        headers: Mapping[str, str] = _NO_HEADERS,
        body: Mapping[str, JsonValue] = _NO_BODY,
        sleep: Sleep = asyncio.sleep,
        rng: Callable[[], float] = random.random,
    ) -> None:
        """Makes no call. Raises AddressInvalid and AddressInsecure."""
        self._address = repair(connection.kind, connection.url)
        self._options = options
        self._transport = AiohttpTransport(connection, self._address, credential, options, headers)
        self._chat = ChatStream(self._transport, options, body=body, sleep=sleep, rng=rng)

    def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """The answer's events; see Provider. Raises ProviderError."""
        return self._chat.stream(request)

    async def models(self) -> Sequence[ModelInfo]:
        """What `GET URL/models` lists, sorted by name. Raises ProviderError."""
        value = await fetch_json(self._transport, self._address.sibling("models"), self._options)
        return read_models(value)

    async def aclose(self) -> None:
        """Close every socket. May be called twice."""
        await self._transport.aclose()


class AiohttpTransport:
    """Requests over one aiohttp session, which is made when it is first needed."""

    def __init__(
        self,
        connection: Connection,
        address: Address,
        credential: Credential,
        options: NetworkOptions,
        headers: Mapping[str, str],
    ) -> None:
        self._connection = connection
        self._address = address
        self._credential = credential
        self._options = options
        self._headers = checked_headers(connection, headers)
        self._own_secrets = (*secret_values(self._headers), *query_secrets(connection.url))
        self._secrets = self._own_secrets
        self._session: aiohttp.ClientSession | None = None
        self._making = asyncio.Lock()
        self._live: set[aiohttp.ClientResponse] = set()
        self._closed = False

    def asked(self, model: str = "") -> RequestTarget:
        """Who is asked, for the sentences of errors."""
        by_token = callable(self._credential)
        return RequestTarget(
            host=self._address.host,
            model=model,
            secrets=self._secrets,
            by_token=by_token,
            without_key=not by_token and not self._secrets,
        )

    @asynccontextmanager
    async def chat(self, model: str, payload: Mapping[str, JsonValue]) -> AsyncGenerator[Reply, None]:
        """Ask for an answer."""
        data = msgspec.json.encode(payload)
        headers = {"Accept": ACCEPT_STREAM, "Content-Type": "application/json"}
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
        for response in self._live:
            response.close()
        if self._session is not None:
            await self._session.close()

    @asynccontextmanager
    async def _request(
        self, method: str, url: str, headers: Mapping[str, str], data: bytes | None
    ) -> AsyncGenerator[Reply, None]:
        import aiohttp
        from yarl import URL

        session = await self._open()
        signed = {**headers, **await self._signed()}
        proxy = await proxy_for(url, self._options)
        self._refuse_closed()
        host = self._address.host
        try:
            response = await session.request(
                method,
                URL(url, encoded=True),
                headers=signed,
                data=data,
                allow_redirects=False,
                proxy=proxy.url if proxy else None,
                proxy_headers=proxy.headers if proxy else None,
            )
        except (aiohttp.ClientError, OSError) as error:
            raise connect_error(error, host, proxy.host if proxy else "") from error
        self._live.add(response)
        try:
            kept = {name.lower(): value for name, value in response.headers.items()}
            yield Reply(response.status, kept, _body(response, host))
        finally:
            # Closed, not released: a body read to its end has given its connection back already
            response.close()
            self._live.discard(response)

    async def _signed(self) -> dict[str, str]:
        secret = await key_of(self._connection, self._credential)
        signed = dict(self._headers)
        if secret is not None:
            self._secrets = (*self._own_secrets, secret.value)
            if not any(name.lower() == "authorization" for name in signed):
                signed["Authorization"] = f"Bearer {secret.value}"
        return signed

    def _refuse_closed(self) -> None:
        if self._closed:
            raise ConnectFailed(phrase("The connection to {host} was closed.", host=self._address.host))

    async def _open(self) -> aiohttp.ClientSession:
        async with self._making:
            self._refuse_closed()
            if self._session is None:
                self._session = await new_session(self._address.url, self._options)
            return self._session


async def _body(response: aiohttp.ClientResponse, host: str) -> AsyncGenerator[bytes, None]:
    import aiohttp

    try:
        while chunk := await response.content.readany():
            yield chunk
    except (aiohttp.ClientError, OSError) as error:
        raise body_error(error, host) from error
