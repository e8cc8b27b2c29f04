"""Provider wrapper that redacts keys in errors and metadata; all data from servers passes through it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

import msgspec

from desktop.domain.conversation_types import Role
from desktop.domain.events import Finished, Sealed, StreamEvent
from desktop.providers.masked_events import MOST_SEALED, masked_errors, masked_event, wanted_seals, wants_seals
from desktop.providers.provider import ChatMessage, ChatRequest, ModelInfo, Provider
from desktop.redaction.redactor import Mask, hide_plain

if TYPE_CHECKING:
    from desktop.providers.batch_api import BatchApi

LONG = 1 << 18
"""Number of characters from which a request is searched for keys on a worker thread."""

ReadKeys = Callable[[], Awaitable[None]]

_SHORT_LIST = 2_000
"""Maximum characters of all model names that are searched on the event loop's thread."""


class MaskedProvider:
    """Wrapper around a provider that redacts this run's secrets in everything but the text of a response.

    A response may contain the key of the server that sent it. When the response is later sent to another server, that
    key is redacted.

    Args:
        provider: The wrapped provider.
        mask: Redactor with the secrets of this run.
        own: Secrets that this server receives anyway.
        read_keys: Adds the keys of other servers to the redactor.
    """

    def __init__(
        self, provider: Provider, mask: Mask, own: Collection[str] = (), read_keys: ReadKeys | None = None
    ) -> None:
        self._provider = provider
        self._mask = mask
        self._own = frozenset(own)
        self._read_keys = read_keys

    async def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """See Provider."""
        with masked_errors(self._mask):
            sent = await self._without_others(request)
            seals: list[Sealed] = []
            size = 0
            async with aclosing(self._provider.stream(sent)) as events:
                async for event in events:
                    if isinstance(event, Sealed):  # searched on a thread, once the response is finished
                        size += len(event.data)
                        seals.append(event)
                        if size > MOST_SEALED:
                            seals.clear()
                        continue
                    if isinstance(event, Finished) and wants_seals(size, event.reason):
                        for seal in await asyncio.to_thread(wanted_seals, seals, event.reason, self._mask):
                            yield seal
                    yield masked_event(event, self._mask)

    async def models(self) -> Sequence[ModelInfo]:
        """See Provider. Excludes models whose names contain a key."""
        with masked_errors(self._mask):
            models = await self._provider.models()
        if sum(len(model.name) + len(model.base or "") for model in models) <= _SHORT_LIST:
            return _without_keys(models, self._mask)
        return await asyncio.to_thread(_without_keys, models, self._mask)

    def batches(self) -> BatchApi | None:
        """Return the provider's Batch API, if any, with the same secrets redacted."""
        make: Callable[[], BatchApi] | None = getattr(self._provider, "batches", None)
        return None if make is None else make().masked(self._mask)

    async def aclose(self) -> None:
        """See Provider."""
        await self._provider.aclose()

    async def _without_others(self, request: ChatRequest) -> ChatRequest:
        """Redact keys of other servers in earlier responses and results, which an earlier run may have received."""
        if all(each.role is not Role.ASSISTANT for each in request.messages):
            return request
        if self._read_keys is not None:
            await self._read_keys()
        secrets = self._mask.secrets - self._own
        if sum(map(_length, request.messages)) <= LONG:
            return _without_others(request, secrets)
        return await asyncio.to_thread(_without_others, request, secrets)


def _length(message: ChatMessage) -> int:
    called = sum(len(call.arguments) for call in message.calls) + sum(len(each.text) for each in message.results)
    return len(message.text) + called


def _without_others(request: ChatRequest, secrets: Collection[str]) -> ChatRequest:
    """Redact secrets in the earlier responses and tool results of a request; prompts are sent as typed."""
    messages = tuple(_hidden(each, secrets) for each in request.messages)
    return request if messages == request.messages else msgspec.structs.replace(request, messages=messages)


def _hidden(message: ChatMessage, secrets: Collection[str]) -> ChatMessage:
    if message.role is not Role.ASSISTANT and not message.results:
        return message
    replace = msgspec.structs.replace
    text = hide_plain(message.text, secrets) if message.role is Role.ASSISTANT else message.text
    calls = tuple(replace(each, arguments=hide_plain(each.arguments, secrets)) for each in message.calls)
    results = tuple(replace(each, text=hide_plain(each.text, secrets)) for each in message.results)
    return replace(message, text=text, calls=calls, results=results)


def _without_keys(models: Sequence[ModelInfo], mask: Mask) -> Sequence[ModelInfo]:
    return [model for model in models if not mask.places(model.name) and not mask.places(model.base or "")]
