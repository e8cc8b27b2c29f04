"""Any server of Anthropic's Messages format, over aiohttp: Anthropic itself, Azure's /anthropic, LiteLLM, vLLM."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

from desktop.domain.conversation_types import Connection
from desktop.domain.events import StreamEvent
from desktop.net.addresses import repair
from desktop.net.options import Credential, NetworkOptions
from desktop.providers.aiohttp_transport import AiohttpTransport
from desktop.providers.answer_stream import AnswerStream, Sleep
from desktop.providers.fetch import fetch_json
from desktop.providers.provider import ChatRequest, ModelInfo
from desktop.providers.wire.model_lists import read_models
from desktop.providers.wire.wire_format import MESSAGES
from desktop.providers.wire_choice import WireChoice

_A_PAGE = 1_000
"""So many models are asked for at once, the most that Anthropic gives: its page without being asked holds 20."""


class AnthropicProvider:
    """A server that takes `POST URL/v1/messages`, and says what it serves at `URL/v1/models` where it does."""

    def __init__(
        self,
        connection: Connection,
        credential: Credential,
        options: NetworkOptions,
        *,
        sleep: Sleep = asyncio.sleep,
        rng: Callable[[], float] = random.random,
    ) -> None:
        """Makes no call. Raises AddressInvalid and AddressInsecure."""
        self._address = repair(connection.kind, connection.url)
        self._options = options
        self._transport = _Signed(connection, self._address, credential, options, MESSAGES.headers)
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
        """What the server lists, sorted by name. Raises ProviderError; AddressNotFound where it has no list."""
        address = self._address.sibling("v1/models", limit=str(_A_PAGE))
        return read_models(await fetch_json(self._transport, address, self._options))

    async def aclose(self) -> None:
        """Close every socket. May be called twice."""
        await self._transport.aclose()


class _Signed(AiohttpTransport):
    """Signs with the key in `x-api-key` and nowhere else: Anthropic takes a bearer for a token of another kind."""

    async def sign(self) -> Mapping[str, str]:
        """With the key, or the token as it is now."""
        secret = await self.secret()
        if callable(self.credential) or secret is None:
            return await super().sign()
        signed = dict(self.headers)
        if MESSAGES.key_header not in map(str.lower, signed):
            signed[MESSAGES.key_header] = secret.value
        return signed
