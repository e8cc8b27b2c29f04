"""Provider that hides keys in errors and facts: everything a server says enters the program through it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

import msgspec

from desktop.domain.conversation_types import Role
from desktop.domain.events import Finished, Sealed, StreamEvent
from desktop.providers.masked_events import MOST_SEALED, masked_errors, masked_event, wanted_seals, wants_seals
from desktop.providers.provider import ChatRequest, ModelInfo, Provider
from desktop.redaction.redactor import Mask, hide_plain

if TYPE_CHECKING:
    from desktop.providers.batch_api import BatchApi

LONG = 1 << 18
"""Characters of a request that is searched for keys on a worker thread."""

ReadKeys = Callable[[], Awaitable[None]]

_SHORT_LIST = 2_000
"""Characters of the names of models that are searched on the event loop's thread."""


class MaskedProvider:
    """Wrapper around a provider that hides the secrets of this run in everything but the text of a response.

    A response may hold the key of the server that gave it. When it is sent on to another server, that key is hidden.

    Args:
        provider: the provider that is asked.
        mask: the secrets of this run.
        own: secrets that this server receives anyway.
        read_keys: makes the keys of other servers known to the mask.

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
        """See Provider. Leaves out models whose names hold a key."""
        with masked_errors(self._mask):
            models = await self._provider.models()
        if sum(len(model.name) + len(model.base or "") for model in models) <= _SHORT_LIST:
            return _without_keys(models, self._mask)
        return await asyncio.to_thread(_without_keys, models, self._mask)

    def batches(self) -> BatchApi | None:
        """Return the Batch API of a provider that has one, with the same secrets hidden."""
        make: Callable[[], BatchApi] | None = getattr(self._provider, "batches", None)
        return None if make is None else make().masked(self._mask)

    async def aclose(self) -> None:
        """See Provider."""
        await self._provider.aclose()

    async def _without_others(self, request: ChatRequest) -> ChatRequest:
        """Hide keys of other servers in earlier responses: an earlier run may have received them."""
        if all(each.role is not Role.ASSISTANT for each in request.messages):
            return request
        if self._read_keys is not None:
            await self._read_keys()
        secrets = self._mask.secrets - self._own
        if sum(len(each.text) for each in request.messages) <= LONG:
            return _without_others(request, secrets)
        return await asyncio.to_thread(_without_others, request, secrets)


def _without_others(request: ChatRequest, secrets: Collection[str]) -> ChatRequest:
    """Hide secrets in the earlier responses of a request; prompts are sent as they were typed."""
    messages = tuple(
        msgspec.structs.replace(each, text=hide_plain(each.text, secrets)) if each.role is Role.ASSISTANT else each
        for each in request.messages
    )
    return request if messages == request.messages else msgspec.structs.replace(request, messages=messages)


def _without_keys(models: Sequence[ModelInfo], mask: Mask) -> Sequence[ModelInfo]:
    return [model for model in models if not mask.places(model.name) and not mask.places(model.base or "")]
