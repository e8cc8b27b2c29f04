"""Redaction of this run's secrets in errors and stream events. Pure functions."""

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
    ProviderToolUsed,
    RequestSent,
    RetryWait,
    Sealed,
    Started,
    StreamEvent,
    ToolRequested,
)
from desktop.errors import ParagoneError, ParameterRejected, ProviderError
from desktop.redaction.redactor import Mask

MOST_SEALED = 1 << 20
"""Maximum characters of all sealed parts of a response that are stored; 100,000 words of reasoning take half of that.
"""


@contextmanager
def masked_errors(mask: Mask) -> Generator[None]:
    """Redact secrets in errors that the block raises."""
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
    """Return the sealed parts of a response that are worth storing, by its finish reason; see `wants_seals`.

    A part that contains a secret is excluded, because the server would reject a redacted one. May take seconds.
    """
    if not wants_seals(sum(len(each.data) for each in sealed), reason):
        return []
    return [each for each in sealed if mask is None or not mask.stands_in(each.data)]


def wants_seals(size: int, reason: str) -> bool:
    """Whether sealed parts of this size will be sent back, which happens after tool calls and pauses."""
    return 0 < size <= MOST_SEALED and reason in {"tool_calls", "pause"}


def masked_event(event: StreamEvent, mask: Mask) -> StreamEvent:
    """Return an event with secrets redacted in its metadata and tool calls; the response's text stays unchanged."""
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
        case ToolRequested():
            # Arguments go to the servers of tools. Short secrets may be words that a call needs
            return ToolRequested(
                id=mask.hide_plain(event.id),
                name=mask.hide_plain(event.name),
                arguments=mask.hide_plain(event.arguments),
            )
        case ProviderToolUsed():
            return msgspec.structs.replace(
                event,
                name=mask.hide_plain(event.name),
                arguments=mask.hide_plain(event.arguments),
                result=mask.hide_plain(event.result),
            )
        case Finished():
            return Finished(reason=mask.hide(event.reason), word=mask.hide(event.word))
        case _:
            return event
