"""A provider whose errors and facts tell no key: the one way by which a server's words come into the program."""

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
"""Characters from which on keys are looked for on a thread: an answer of nothing but keys takes long."""

ReadKeys = Callable[[], Awaitable[None]]

_AT_ONCE = 200
_LETTERS = 10_000
"""Names of models, and letters of them together, that are looked at while the window waits."""


class MaskedProvider:
    """Another provider, with the secrets of this run hidden in what a server says beside the answer's own text.

    An answer may hold the key of the server that gave it; where it is sent on to another one that key is hidden. `own`
    are the secrets that this server is sent anyway; `read_keys` lets the mask know those of others.
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
            held: list[Sealed] = []
            size = 0
            async with aclosing(self._provider.stream(sent)) as events:
                async for event in events:
                    if isinstance(event, Sealed):  # looked at, if at all, once its answer ended, and on a thread
                        size += len(event.data)
                        held.append(event)
                        if size > MOST_SEALED:
                            held.clear()
                        continue
                    if isinstance(event, Finished) and wants_seals(size, event.reason):
                        for each in await asyncio.to_thread(wanted_seals, held, event.reason, self._mask):
                            yield each
                    yield masked_event(event, self._mask)

    async def models(self) -> Sequence[ModelInfo]:
        """See Provider."""
        with masked_errors(self._mask):
            found = await self._provider.models()
        if len(found) <= _AT_ONCE and sum(len(each.name) + len(each.base or "") for each in found) <= _LETTERS:
            return _without_keys(found, self._mask)
        # On a thread, and a few at a time: a list may be megabytes of what seems to be spelled
        parts = [found[start : start + _AT_ONCE] for start in range(0, len(found), _AT_ONCE)]
        return await asyncio.to_thread(lambda: [each for part in parts for each in _without_keys(part, self._mask)])

    def batches(self) -> BatchApi | None:
        """The Batch API of a provider that has one, with the same secrets hidden."""
        batches: Callable[[], BatchApi | None] | None = getattr(self._provider, "batches", None)
        api = batches() if batches is not None else None
        return None if api is None else api.masked(self._mask)

    async def aclose(self) -> None:
        """See Provider."""
        await self._provider.aclose()

    async def _without_others(self, request: ChatRequest) -> ChatRequest:
        """A request without keys of other servers in earlier answers, which another run may have been given."""
        if all(each.role is not Role.ASSISTANT for each in request.messages):
            return request
        if self._read_keys is not None:
            await self._read_keys()
        secrets = self._mask.secrets - self._own
        if sum(len(each.text) for each in request.messages) <= LONG:
            return _without_others(request, secrets)
        return await asyncio.to_thread(_without_others, request, secrets)


def _without_others(request: ChatRequest, secrets: Collection[str]) -> ChatRequest:
    """A request whose earlier answers hold none of some secrets; what people wrote stays as they wrote it."""
    messages = tuple(
        msgspec.structs.replace(each, text=hide_plain(each.text, secrets)) if each.role is Role.ASSISTANT else each
        for each in request.messages
    )
    return request if messages == request.messages else msgspec.structs.replace(request, messages=messages)


def _without_keys(found: Sequence[ModelInfo], mask: Mask) -> Sequence[ModelInfo]:
    """Models without those whose names hold a key, or a piece of one: none that could be asked is so called."""
    names = [name for each in found for name in (each.name, each.base or "")]
    ends = [*itertools.accumulate(len(name) + 1 for name in names)]
    touched = mask.pieces(names) | {
        names[place]
        for start, stop in mask.places("\n".join(names))
        for place in range(bisect(ends, start), min(bisect(ends, stop - 1) + 1, len(names)))
    }
    touched -= {""}
    return [each for each in found if touched.isdisjoint((each.name, each.base))] if touched else found
