"""Reads one response: turns a reply into events, with time and size limits; complete only with a finish reason."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress

from desktop.domain.conversation_types import Wire
from desktop.domain.events import (
    Finished,
    Notice,
    Progress,
    ProviderToolUsed,
    ReasoningDelta,
    Started,
    StreamEvent,
    TextDelta,
)
from desktop.errors import Interrupted, ProviderError, Stalled
from desktop.net.options import NetworkOptions
from desktop.providers.wire.body_decoder import BodyDecoder
from desktop.providers.wire.error_bodies import plain
from desktop.providers.wire.faults import HEADER, RequestTarget, request_id
from desktop.providers.wire.transport import Reply
from desktop.providers.wire.wire_format import CHAT, WireFormat
from desktop.redaction.redactor import hide_head
from desktop.text.phrases import phrase

KEPT_HEADERS = (
    "x-ratelimit-remaining-requests",
    "x-ratelimit-remaining-tokens",
    "x-ratelimit-limit-requests",
    "x-ratelimit-limit-tokens",
    "x-ratelimit-reset-requests",
    "x-ratelimit-reset-tokens",
    "anthropic-ratelimit-requests-limit",
    "anthropic-ratelimit-requests-remaining",
    "anthropic-ratelimit-requests-reset",
    "anthropic-ratelimit-tokens-limit",
    "anthropic-ratelimit-tokens-remaining",
    "anthropic-ratelimit-tokens-reset",
    "apim-request-id",
    "x-request-id",
    "x-ms-request-id",
    "request-id",
    "x-ms-region",
    "openai-processing-ms",
)
AFTER_FINISH_S = 2.0
_LINGER_S = 0.05


class Patience:
    """Deadline for the next bytes, in the event loop's time.

    Until the first token, only the limit for the first token counts, despite keep-alives. Afterwards any byte restarts
    the idle limit, but keep-alives alone cannot extend the wait beyond the first token's limit.
    """

    def __init__(self, options: NetworkOptions, begun: float, after_finish_s: float = AFTER_FINISH_S) -> None:
        self._first_s = options.first_token_timeout_s
        self._idle_s = options.idle_timeout_s
        self._after_finish_s = after_finish_s
        self._byte_at = self._token_at = begun
        self._token_seen = False
        self._called = 0
        self._finished_at: float | None = None

    @property
    def deadline(self) -> float:
        """Time at which the wait ends."""
        if self._finished_at is not None:
            return self._finished_at + self._after_finish_s
        until = self._token_at + self._first_s
        return min(until, self._byte_at + self._idle_s) if self._token_seen else until

    def saw(self, events: Sequence[StreamEvent], at: float, *, finished: bool, called: int = 0) -> None:
        """Record the events of bytes that arrived at `at`.

        `finished` is whether a finish reason was received, `called` the number of characters of tool calls so far.
        """
        self._byte_at = at
        if finished and self._finished_at is None:
            self._finished_at = at
        for event in events:
            if isinstance(event, (TextDelta, ReasoningDelta, Progress, ProviderToolUsed)):
                self._token_at = at
                self._token_seen = self._token_seen or isinstance(event, (TextDelta, ReasoningDelta))
        if called != self._called:  # arguments are only reported once they are complete
            self._called = called
            self._token_at = at

    def stalled(self, target: RequestTarget) -> Stalled:
        """Return the error for a missed deadline."""
        if not self._token_seen:
            return Stalled(
                phrase(
                    "{host} sent no response within {first_s} seconds.", host=target.host, first_s=f"{self._first_s:g}"
                )
            )
        return Stalled(phrase("{host} stopped sending in the middle of the response.", host=target.host))


async def read_answer(
    reply: Reply,
    options: NetworkOptions,
    target: RequestTarget,
    begun: float,
    form: WireFormat = CHAT,
    *,
    after_finish_s: float = AFTER_FINISH_S,
) -> AsyncGenerator[StreamEvent, None]:
    """Yield the events of a reply with status 200: Started first, Finished last.

    Awaits nothing but the reply's bytes, because unread bytes are lost if the connection fails.

    Args:
        reply: The reply, with its body unread.
        options: Time and size limits.
        target: Server and model, for errors.
        begun: The loop's time when the request was sent.
        form: API format of the request.
        after_finish_s: Seconds to wait for the end of the body after the response is complete.

    Raises:
        Interrupted: If the body ends without a finish reason.
        Stalled: If nothing arrives in time.
        AnswerTooLarge: If the response is too large.
        NotAStream: If the body is a web page or other text.
        ProviderError: If the server reports an error in the body.
    """
    loop = asyncio.get_running_loop()
    decoder = BodyDecoder(reply.headers.get("content-type", ""), options, target, form.reader(target))
    patience = Patience(options, begun, after_finish_s)
    before: list[StreamEvent] = [started(reply.headers, target, form.wire)]
    broken: ProviderError | None = None
    async with aclosing(reply.body) as body:
        while broken is None and not decoder.done and decoder.failure is None:
            try:
                data = await _next(body, patience, target)
            except ProviderError as error:
                broken = error
                break
            if data is None:
                break
            events = decoder.feed(data)
            patience.saw(events, loop.time(), finished=decoder.finish_reason is not None, called=decoder.called)
            if events and before:
                events = before + events
                before = []
            for event in events:
                yield event
        if decoder.done:
            await _linger(body)
    if decoder.failure is None:
        last = decoder.finish()
    else:
        last = [] if decoder.finish_reason is None else decoder.finish_failed()
    reason = decoder.finish_reason
    if last or reason is not None:
        last = before + last
    failure = broken or decoder.failure
    for event in last:
        yield event
    if reason is None:
        raise failure or Interrupted(phrase("{host} ended the response without a finish reason.", host=target.host))
    if decoder.failure is not None:
        yield Notice(code="failed_after_finish", message=decoder.failure.message)
    yield Finished(reason=reason, word=decoder.finish_word)


async def _linger(body: AsyncGenerator[bytes, None]) -> None:
    """Wait briefly for the end of the body, so that the connection can be reused."""
    with suppress(TimeoutError, StopAsyncIteration, ProviderError):
        async with asyncio.timeout(_LINGER_S):
            await anext(body)


async def _next(body: AsyncGenerator[bytes, None], patience: Patience, target: RequestTarget) -> bytes | None:
    """Return the next bytes, or None at the end of the body."""
    try:
        async with asyncio.timeout_at(patience.deadline):
            return await anext(body)
    except StopAsyncIteration:
        return None
    except TimeoutError:
        raise patience.stalled(target) from None


def started(headers: Mapping[str, str], target: RequestTarget, wire: Wire = Wire.CHAT) -> Started:
    """Return an event with the headers (in lower case) worth storing, each truncated."""
    kept = {
        name: plain(hide_head(headers[name], target.secrets, HEADER), 200) for name in KEPT_HEADERS if headers.get(name)
    }
    return Started(wire=wire, request_id=request_id(headers, target.secrets), headers=kept)
