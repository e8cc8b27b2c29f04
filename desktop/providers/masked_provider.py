"""A provider whose errors and facts tell no key: the one way by which a server's words come into the program."""

from __future__ import annotations

import asyncio
import itertools
from bisect import bisect
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import aclosing, contextmanager

import msgspec

from desktop.errors import ParagoneError, ParameterRejected, ProviderError
from desktop.events import (
    Cited,
    Fingerprinted,
    Finished,
    ModelNamed,
    Notice,
    RequestSent,
    RetryWait,
    Sealed,
    Started,
    StreamEvent,
)
from desktop.mask import Mask
from desktop.providers.provider import ChatRequest, ModelInfo, Provider

_AT_ONCE = 200
_LETTERS = 10_000
"""Names of models, and letters of them together, that are looked at while the window waits."""


class MaskedProvider:
    """Another provider, with the secrets of this run hidden in what a server says beside the answer's own text."""

    def __init__(self, provider: Provider, mask: Mask) -> None:
        self._provider = provider
        self._mask = mask

    async def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """See Provider."""
        with masked_errors(self._mask):
            async with aclosing(self._provider.stream(request)) as events:
                async for event in events:
                    if isinstance(event, Sealed) and self._mask.hide(event.data) != event.data:
                        continue  # changed it would be refused by the server that it goes back to
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

    async def aclose(self) -> None:
        """See Provider."""
        await self._provider.aclose()


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


@contextmanager
def masked_errors(mask: Mask) -> Generator[None]:
    """Hides secrets in the errors that are raised within."""
    try:
        yield
    except ParagoneError as error:
        error.message, error.hint = mask.hide(error.message), mask.hide(error.hint)
        error.args = (error.message,)
        if isinstance(error, ProviderError) and error.request_id:
            error.request_id = mask.hide(error.request_id)
        if isinstance(error, ParameterRejected):
            error.parameter = mask.hide(error.parameter)
        raise


def masked_event(event: StreamEvent, mask: Mask) -> StreamEvent:
    """An event without secrets in its facts. Text of the answer is the model's and stays as it came."""
    match event:
        case Started():
            return msgspec.structs.replace(
                event,
                model=mask.hide(event.model) if event.model else event.model,
                request_id=mask.hide(event.request_id) if event.request_id else event.request_id,
                headers={name: mask.hide(value) for name, value in event.headers.items()},
            )
        case RequestSent():
            return msgspec.structs.replace(
                event,
                url=mask.hide(event.url),
                headers={name: mask.hide(value) for name, value in event.headers.items()},
            )
        case Fingerprinted():
            return Fingerprinted(fingerprint=mask.hide(event.fingerprint))
        case ModelNamed():
            return ModelNamed(model=mask.hide(event.model))
        case Notice():
            return Notice(code=mask.hide(event.code), message=mask.hide(event.message))
        case RetryWait():
            return msgspec.structs.replace(event, reason=mask.hide(event.reason))
        case Cited():
            return Cited(url=mask.hide(event.url), title=mask.hide(event.title))
        case Finished():
            return Finished(reason=mask.hide(event.reason), word=mask.hide(event.word))
        case _:
            return event
