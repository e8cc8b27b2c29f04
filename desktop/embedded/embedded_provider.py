"""Provider of the embedded model: an HTTP provider for this program's own engine, which may crash and restart."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Final

from desktop.domain.conversation_types import Auth, Connection, JsonValue, Kind, Role, Wire
from desktop.domain.events import StreamEvent
from desktop.embedded.bundled_model import MODEL_NAME
from desktop.embedded.engine import Endpoint, Engine
from desktop.errors import (
    DeploymentNotFound,
    EngineTimeout,
    ProviderError,
    RequestRejected,
    Stalled,
)
from desktop.net.options import NetworkOptions
from desktop.providers.provider import ChatMessage, ChatRequest, ModelInfo, Provider
from desktop.providers.request_features import Feature, without_features
from desktop.text.phrases import phrase

Speaker = Callable[[Endpoint], Provider]
"""Creates the provider that connects to one child."""

# Chosen by tests/bench/sampler.py: 179 of 200 first answers right (twenty plain questions, ten seeds), 72 of 100 to
# twenty others; 1 of 32 long answers ran to max_tokens. 0.3, top_p 0.9, repeat 1.1 and no system prompt: 125 of 200 and
# 68 of 100. Under a like prompt long answers ran on without a repeat penalty (4 of 12), and with DRY (5 and 6 of 12).
SAMPLER: Final[Mapping[str, JsonValue]] = {
    "temperature": 0.1,
    "min_p": 0.1,
    "repeat_penalty": 1.1,
    "max_tokens": 1024,
}
# Replaces the default prompt of the model's own template ("... named SmolLM, trained by Hugging Face").
SYSTEM: Final = "You are a helpful assistant. Give short, correct answers."

# The server says keep-alive but closes: a second request on the same connection fails.
_HEADERS: Final[Mapping[str, str]] = {"Connection": "close"}
_BODY: Final[Mapping[str, JsonValue]] = {"return_progress": True}


class EmbeddedProvider:
    """Serves one model from one engine, which the provider owns and closes. Requests beyond its slots wait.

    The model is `smollm2`, or the stem of the connection's own file. Errors of the child replace those of the
    connection:
    EngineCrashed instead of ConnectFailed or Interrupted, EngineTimeout instead of Stalled. A child that hangs is
    terminated, and the next request starts another.
    """

    def __init__(
        self, connection: Connection, engine: Engine, options: NetworkOptions, *, speaker: Speaker | None = None
    ) -> None:
        self._own_file = bool(connection.file)
        self._name = Path(connection.file).stem if connection.file else MODEL_NAME
        self._engine = engine
        self._speak = speaker or _openai_v1(connection.name, options)
        self._slots = asyncio.Semaphore(engine.options.parallel)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """Stream a response, as described in Provider.

        Raises EngineError if the child fails, otherwise ProviderError.
        """
        if request.model != self._name:
            raise DeploymentNotFound(
                phrase("The embedded engine has no model “{model}”.", model=request.model),
                hint=phrase("The available model is {name}.", name=self._name),
            )
        if request.exact is None:
            lacking = (Feature.WEB_SEARCH,) if self._own_file else (Feature.WEB_SEARCH, Feature.TOOLS)
            request, notices = without_features(request, lacking, Wire.CHAT)
            for notice in notices:
                yield notice
        async with self._slots:
            # The library that communicates with the engine is imported while the engine loads.
            endpoint, _ = await asyncio.gather(
                self._engine.endpoint(), asyncio.to_thread(importlib.import_module, "aiohttp")
            )
            provider = self._speak(endpoint)
            try:
                # Closed here and not by the garbage collector, because an abandoned iterator keeps the engine busy.
                is_whole = self._own_file or request.exact is not None
                events = provider.stream(request if is_whole else with_defaults(request))
                async with aclosing(events):
                    async for event in events:
                        yield event
            except ProviderError as error:
                await self._raise_exact(error, endpoint)
                raise
            finally:
                await provider.aclose()

    async def models(self) -> Sequence[ModelInfo]:
        """Return the only model, without starting the engine."""
        return (ModelInfo(name=self._name, context_window=self._engine.options.context),)

    async def aclose(self) -> None:
        """Close the engine permanently."""
        await self._engine.aclose()

    async def _raise_exact(self, error: ProviderError, endpoint: Endpoint) -> None:
        """Raise the child's error if the request failed because of it."""
        if isinstance(error, RequestRejected):
            return
        death = await self._engine.death(endpoint)
        if death is not None:
            raise death from error
        if isinstance(error, Stalled):
            await self._engine.stop()
            raise EngineTimeout(phrase("The embedded engine stopped responding and was terminated.")) from error


def with_defaults(request: ChatRequest) -> ChatRequest:
    """Return a request to the bundled model with default sampling and system prompt, unless the user set them."""
    parameters = request.parameters.over(SAMPLER)
    if "max_completion_tokens" in request.parameters.values and "max_tokens" not in request.parameters.values:
        parameters = parameters.without("max_tokens")
    messages = request.messages
    if not any(message.role is Role.SYSTEM for message in messages):
        messages = (ChatMessage(role=Role.SYSTEM, text=SYSTEM), *messages)
    return ChatRequest(model=request.model, messages=messages, parameters=parameters, output=request.output)


def _openai_v1(name: str, options: NetworkOptions) -> Speaker:
    # No retries: a child that does not respond is dead, and the engine starts another.
    options = replace(options, max_retries=0)

    def speak(endpoint: Endpoint) -> Provider:
        """Return a provider for the child at an endpoint, authenticated with its token."""
        from desktop.providers.http_provider import HttpProvider

        connection = Connection(name=name, kind=Kind.OPENAI_V1, url=endpoint.url, auth=Auth.KEY)
        return HttpProvider(connection, endpoint.token, options, headers=_HEADERS, body=_BODY)

    return speak
