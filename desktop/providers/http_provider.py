"""Provider for all servers reached over the network. The connection's kind selects the transport and API format."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from desktop.domain.conversation_types import Connection, JsonValue, Kind
from desktop.domain.events import StreamEvent
from desktop.net.addresses import repair
from desktop.net.options import Credential, NetworkOptions
from desktop.providers.aiohttp_transport import AiohttpTransport, AnthropicTransport
from desktop.providers.answer_stream import AnswerStream, Sleep
from desktop.providers.azure_transport import AzureTransport
from desktop.providers.model_listing import ModelListing
from desktop.providers.provider import ChatRequest, ModelInfo
from desktop.providers.wire.wire_format import MESSAGES
from desktop.providers.wire_choice import WireChoice

if TYPE_CHECKING:
    from desktop.providers.batch_api import BatchApi

_TRANSPORTS = {
    Kind.AZURE_INFERENCE: AzureTransport,
    Kind.OPENAI_V1: AiohttpTransport,
    Kind.ANTHROPIC: AnthropicTransport,
}
_HEADERS = {Kind.ANTHROPIC: MESSAGES.headers}
_NO_HEADERS: Mapping[str, str] = {}
_NO_BODY: Mapping[str, JsonValue] = {}


class HttpProvider:
    """Provider for the models of one server, over one transport. See Provider."""

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
        """Makes no request and imports no SDK.

        Args:
            headers: Default headers of every request.
            body: Default fields of every request's body.

        Raises:
            AddressInvalid: If the connection's address is invalid.
            AddressInsecure: If it uses `http` for another machine.
        """
        self._kind = connection.kind
        self._address = address = repair(connection.kind, connection.url)
        self._options = options
        headers = {**_HEADERS.get(self._kind, _NO_HEADERS), **headers}
        self._transport = _TRANSPORTS[self._kind](connection, address, credential, options, headers)
        wires = WireChoice(connection, address.origin, options.wires)
        self._answers = AnswerStream(self._transport, address, options, wires, body=body, sleep=sleep, rng=rng)

    def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """See Provider."""
        return self._answers.stream(request)

    async def models(self) -> Sequence[ModelInfo]:
        """See Provider."""
        return await ModelListing(self._kind, self._transport, self._address, self._options).models()

    def batches(self) -> BatchApi | None:
        """Return the server's Batch API, over the same transport; None for Anthropic's API format."""
        if self._kind is Kind.ANTHROPIC:
            return None
        from desktop.providers.batch_api import BatchApi
        from desktop.providers.batch_routes import BatchRoutes

        return BatchApi(BatchRoutes(self._transport, self._address, self._options), self._answers, self._kind)

    async def aclose(self) -> None:
        """See Provider."""
        await self._transport.aclose()
