"""Provider whose errors and metadata contain no keys: the only way for a server's words into the program."""

from __future__ import annotations

import asyncio
import itertools
from bisect import bisect
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
"""Length from which keys are searched for on a thread: a response full of keys takes long."""

ReadKeys = Callable[[], Awaitable[None]]

_AT_ONCE = 200
_LETTERS = 10_000
"""Models, and total length of their names, that are searched without a thread."""


class MaskedProvider:
    """Wraps a provider and hides this run's secrets in what the server says outside a response's text.

    A response may contain its server's key, which is hidden before the response is sent to another server.

    Args:
        provider: The wrapped provider.
        mask: The secrets of this run.
        own: Secrets that this server receives anyway.
        read_keys: Reads the keys of other connections into the mask.

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
            sealed: list[Sealed] = []
            size = 0
            async with aclosing(self._provider.stream(sent)) as events:
                async for event in events:
                    if isinstance(event, Sealed):  # looked at, if at all, once its answer ended, and on a thread
                        size += len(event.data)
                        sealed.append(event)
                        if size > MOST_SEALED:
                            sealed.clear()
                        continue
                    if isinstance(event, Finished) and wants_seals(size, event.reason):
                        for each in await asyncio.to_thread(wanted_seals, sealed, event.reason, self._mask):
                            yield each
                    yield masked_event(event, self._mask)

    async def models(self) -> Sequence[ModelInfo]:
        """See Provider."""
        with masked_errors(self._mask):
            models = await self._provider.models()
        if len(models) <= _AT_ONCE and sum(len(each.name) + len(each.base or "") for each in models) <= _LETTERS:
            return _without_keys(models, self._mask)
        # On a thread, and a few at a time: a list may be megabytes of what seems to be spelled
        parts = [models[start : start + _AT_ONCE] for start in range(0, len(models), _AT_ONCE)]
        return await asyncio.to_thread(lambda: [each for part in parts for each in _without_keys(part, self._mask)])

    def batches(self) -> BatchApi | None:
        """Return the provider's Batch API, with the same secrets hidden; None if it has none."""
        batches: Callable[[], BatchApi | None] | None = getattr(self._provider, "batches", None)
        api = batches() if batches is not None else None
        return None if api is None else api.masked(self._mask)

    async def aclose(self) -> None:
        """See Provider."""
        await self._provider.aclose()

    async def _without_others(self, request: ChatRequest) -> ChatRequest:
        """Return a request without other servers' keys in earlier responses."""
        if all(each.role is not Role.ASSISTANT for each in request.messages):
            return request
        if self._read_keys is not None:
            await self._read_keys()
        secrets = self._mask.secrets - self._own
        if sum(len(each.text) for each in request.messages) <= LONG:
            return _without_others(request, secrets)
        return await asyncio.to_thread(_without_others, request, secrets)


def _without_others(request: ChatRequest, secrets: Collection[str]) -> ChatRequest:
    """Return a request without secrets in earlier responses; what people wrote is unchanged."""
    messages = tuple(
        msgspec.structs.replace(each, text=hide_plain(each.text, secrets)) if each.role is Role.ASSISTANT else each
        for each in request.messages
    )
    return request if messages == request.messages else msgspec.structs.replace(request, messages=messages)


def _without_keys(models: Sequence[ModelInfo], mask: Mask) -> Sequence[ModelInfo]:
    """Return the models whose names contain no key or part of one; no real model has such a name."""
    names = [name for model in models for name in (model.name, model.base or "")]
    ends = [*itertools.accumulate(len(name) + 1 for name in names)]
    touched = mask.pieces(names) | {
        names[place]
        for start, stop in mask.places("\n".join(names))
        for place in range(bisect(ends, start), min(bisect(ends, stop - 1) + 1, len(names)))
    }
    touched -= {""}
    return [model for model in models if touched.isdisjoint((model.name, model.base))] if touched else models
