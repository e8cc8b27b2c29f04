"""Events of a response: Begun and Kept from the session, then the provider's stream from Started to one Finished.

A stream that fails raises an error from `desktop.errors` instead of yielding Finished.
"""

from __future__ import annotations

from collections.abc import Mapping

from desktop.domain.conversation_types import Message, Usage, Value, Wire
from desktop.domain.message_parts import ToolCallPart, ToolResultPart


class Begun(Value, frozen=True, kw_only=True):
    """New request for a response: the messages as they will be stored, with their ids. Nothing has been sent yet.

    `prompt` is None if another response to a stored prompt is requested; `answer` contains the text to continue, if
    any.
    """

    prompt: Message | None
    answer: Message


class Kept(Value, frozen=True):
    """Confirmation that the prompt and the empty response are in the journal; preparing the request is next."""


class Sent(Value, frozen=True):
    """Moment at which the request is sent; measurements start here."""


class Started(Value, frozen=True, kw_only=True):
    """Server's acceptance of the request, in this API format.

    `headers` has only headers worth storing, in lower case.
    """

    wire: Wire = Wire.CHAT
    model: str | None = None
    request_id: str | None = None
    headers: Mapping[str, str] = {}


class RequestSent(Value, frozen=True, kw_only=True):
    """Request that reached a server, as sent but without keys. Repeated for each attempt; not shown."""

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
    """Citation of a web page; may repeat an earlier one."""

    url: str
    title: str = ""


class Sealed(Value, frozen=True, kw_only=True):
    """JSON text of an opaque item that the server needs back unchanged during tool calls; not shown."""

    data: str


class ToolRequested(Value, frozen=True, kw_only=True):
    """Complete tool call in a stream: Paragone runs it and sends the result. `arguments` may be invalid JSON."""

    id: str
    name: str
    arguments: str


class ProviderToolUsed(Value, frozen=True, kw_only=True):
    """Use of a tool that the provider itself runs, such as `web_search`, with its arguments and result as text."""

    id: str
    name: str
    arguments: str
    result: str = ""
    failed: bool = False


class ToolCalled(Value, frozen=True, kw_only=True):
    """Tool call that begins: it is waiting for approval or for its result."""

    call: ToolCallPart


class ToolWaiting(Value, frozen=True, kw_only=True):
    """Whether a call is waiting for the user's approval; false once it runs."""

    call: str
    waiting: bool


class ToolAnswered(Value, frozen=True, kw_only=True):
    """Result of a tool call, for the call with the arguments that were used."""

    call: ToolCallPart
    result: ToolResultPart


class UsageUpdate(Value, frozen=True, kw_only=True):
    """Token usage so far; each update replaces the previous one."""

    usage: Usage


class ModelNamed(Value, frozen=True, kw_only=True):
    """Model behind the deployment, as reported in the chunks; at most once per stream."""

    model: str


class Progress(Value, frozen=True, kw_only=True):
    """Fraction of the prompt that the server has processed, 0 to 1; reported only by the embedded engine."""

    fraction: float


class Notice(Value, frozen=True, kw_only=True):
    """Message for the user while the response continues, such as a content filter's note or a dropped parameter."""

    code: str
    message: str


class RetryWait(Value, frozen=True, kw_only=True):
    """Delay of `wait_s` seconds before a retry, after a failure before the first delta; `attempt` starts at 1."""

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
    | ToolRequested
    | ProviderToolUsed
    | UsageUpdate
    | ModelNamed
    | Progress
    | Notice
    | RetryWait
    | Finished
)
"""Events that a provider yields."""

Event = Begun | Kept | Sent | StreamEvent | ToolCalled | ToolWaiting | ToolAnswered
"""Events that a session reports."""
