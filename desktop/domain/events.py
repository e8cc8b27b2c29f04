"""Events of a response: Begun and Kept from the session, then its stream from Started to one Finished.

A stream that fails raises an error from `desktop.errors` instead of yielding Finished.
"""

from __future__ import annotations

from collections.abc import Mapping

from desktop.domain.conversation_types import Message, Usage, Value, Wire


class Begun(Value, frozen=True, kw_only=True):
    """Request for a response: the messages as they will be stored, with their ids. Nothing was sent yet.

    `prompt` is None for another response to an existing one; `answer` contains the text that is continued.
    """

    prompt: Message | None
    answer: Message


class Kept(Value, frozen=True):
    """Confirmation that prompt and unfinished response are in the journal; the request is prepared next."""


class Sent(Value, frozen=True):
    """Moment at which the request is sent; measurements start here."""


class Started(Value, frozen=True, kw_only=True):
    """Acceptance of the request in this API format. `headers` holds only those worth storing, in lower case."""

    wire: Wire = Wire.CHAT
    model: str | None = None
    request_id: str | None = None
    headers: Mapping[str, str] = {}


class RequestSent(Value, frozen=True, kw_only=True):
    """Request that reached a server, as sent, without keys. Repeated for each attempt; not shown."""

    wire: Wire = Wire.CHAT
    url: str
    headers: Mapping[str, str] = {}
    body: bytes


class Fingerprinted(Value, frozen=True, kw_only=True):
    """System fingerprint of the server's configuration; at most once per stream."""

    fingerprint: str


class TextDelta(Value, frozen=True, kw_only=True):
    """More text of the response; never empty."""

    text: str


class ReasoningDelta(Value, frozen=True, kw_only=True):
    """More reasoning, or more of its `summary`; never empty."""

    text: str
    summary: bool = False


class Cited(Value, frozen=True, kw_only=True):
    """Citation of a web page; may be repeated."""

    url: str
    title: str = ""


class Sealed(Value, frozen=True, kw_only=True):
    """JSON text of an opaque item that the server needs back unchanged during tool calls; not shown."""

    data: str


class UsageUpdate(Value, frozen=True, kw_only=True):
    """Tokens so far; each update replaces the previous one."""

    usage: Usage


class ModelNamed(Value, frozen=True, kw_only=True):
    """Model behind the deployment, as named in the chunks; at most once per stream."""

    model: str


class Progress(Value, frozen=True, kw_only=True):
    """Fraction of the prompt that the server has processed, 0 to 1; only reported by the embedded engine."""

    fraction: float


class Notice(Value, frozen=True, kw_only=True):
    """Information for the user while the response continues: a filter's note, a dropped parameter."""

    code: str
    message: str


class RetryWait(Value, frozen=True, kw_only=True):
    """Delay of `wait_s` seconds before a retry, after a failure before the first delta; attempts count from 1."""

    attempt: int
    wait_s: float
    reason: str


class Finished(Value, frozen=True, kw_only=True):
    """Finish reason, common to all API formats: stop, length, content_filter, refusal, tool_calls.

    Unknown reasons are passed through. `word` is the API format's own word, empty if identical.
    """

    reason: str
    word: str = ""


StreamEvent = (
    RequestSent
    | Started
    | Fingerprinted
    | TextDelta
    | ReasoningDelta
    | Cited
    | Sealed
    | UsageUpdate
    | ModelNamed
    | Progress
    | Notice
    | RetryWait
    | Finished
)
"""Events that a provider yields."""

Event = Begun | Kept | Sent | StreamEvent
"""Events that a session reports."""
