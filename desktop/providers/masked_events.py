"""What a server says, with the secrets of this run hidden: errors, and the facts beside an answer's text; pure."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

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


def seals_key(event: StreamEvent, mask: Mask) -> bool:
    """Whether an event seals a secret in: changed it would be refused by the server that it goes back to."""
    return isinstance(event, Sealed) and mask.hide(event.data) != event.data


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
