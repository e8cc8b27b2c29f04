"""Any server of OpenAI's chat completions format, over aiohttp: vLLM, llama.cpp, Ollama, xAI, OpenAI and others."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from desktop.domain.conversation_types import Connection, JsonValue
from desktop.domain.events import StreamEvent
from desktop.net.addresses import repair
from desktop.net.options import Credential, NetworkOptions
from desktop.providers.aiohttp_transport import AiohttpTransport
from desktop.providers.answer_stream import AnswerStream, Sleep
from desktop.providers.fetch import fetch_json
from desktop.providers.provider import ChatRequest, ModelInfo
from desktop.providers.wire.model_lists import read_models
from desktop.providers.wire_choice import WireChoice

if TYPE_CHECKING:
    from desktop.providers.batch_api import BatchApi

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
        self._kind = connection.kind
        self._transport = AiohttpTransport(connection, self._address, credential, options, headers)
        self._answers = AnswerStream(
            self._transport,
            self._address,
            options,
            WireChoice(connection, self._address.origin, options.wires),
            body=body,
            sleep=sleep,
            rng=rng,
        )

    def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """The answer's events; see Provider. Raises ProviderError."""
        return self._answers.stream(request)

    async def models(self) -> Sequence[ModelInfo]:
        """What `GET URL/models` lists, sorted by name. Raises ProviderError."""
        value = await fetch_json(self._transport, self._address.sibling("models"), self._options)
        return read_models(value)

    def batches(self) -> BatchApi:
        """The server's Batch API, over the same transport."""
        from desktop.providers.batch_api import BatchApi
        from desktop.providers.batch_routes import BatchRoutes

        return BatchApi(BatchRoutes(self._transport, self._address, self._options), self._answers, self._kind)

    async def aclose(self) -> None:
        """Close every socket. May be called twice."""
        await self._transport.aclose()
