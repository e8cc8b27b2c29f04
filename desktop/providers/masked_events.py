"""Hides this run's secrets in what a server says: errors, and the metadata of a response; pure."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager

import msgspec

from desktop.domain.events import (
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
from desktop.errors import ParagoneError, ParameterRejected, ProviderError
from desktop.redaction.redactor import Mask

MOST_SEALED = 1 << 20
"""Limit in characters of a response's sealed data; reasoning of a hundred thousand words takes half of it."""


@contextmanager
def masked_errors(mask: Mask) -> Generator[None]:
    """Hide secrets in the errors that the block raises."""
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


def wanted_seals(sealed: Sequence[Sealed], reason: str, mask: Mask | None) -> list[Sealed]:
    """Return the sealed data to keep of a response with this finish reason: see `wants_seals`.

    Data that contains a secret is dropped: masked, the server would reject it. May take seconds.
    """
    if not wants_seals(sum(len(each.data) for each in sealed), reason):
        return []
    return [each for each in sealed if mask is None or not mask.stands_in(each.data)]


def wants_seals(size: int, reason: str) -> bool:
    """Whether sealed data of this size will ever be sent back: only after tool calls."""
    return 0 < size <= MOST_SEALED and reason == "tool_calls"


def masked_event(event: StreamEvent, mask: Mask) -> StreamEvent:
    """Return an event without secrets in its metadata. The response's text is the model's and stays unchanged."""
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
