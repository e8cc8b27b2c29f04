"""What happens to an answer: Begun and Kept by the session, then what its stream yields, from Started to one Finished.

A stream that fails raises an error from `desktop.errors` instead of yielding Finished.
"""

from __future__ import annotations

from collections.abc import Mapping

from desktop.domain.conversation_types import Message, Usage, Value, Wire


class Begun(Value, frozen=True, kw_only=True):
    """An answer is asked for: the messages as they will be kept, with their ids. Nothing was looked at or sent yet.

    `prompt` is None for another answer to one that is there; `answer` holds what it goes on from.
    """

    prompt: Message | None
    answer: Message


class Kept(Value, frozen=True):
    """The prompt and the answer in the making are in the journal; the request is made ready now."""


class Sent(Value, frozen=True):
    """The request leaves in this moment: what is measured of the answer is measured from here."""


class Started(Value, frozen=True, kw_only=True):
    """The server took the request, over a wire. `headers` holds only those worth keeping, in lower case."""

    wire: Wire = Wire.CHAT
    model: str | None = None
    request_id: str | None = None
    headers: Mapping[str, str] = {}


class RequestSent(Value, frozen=True, kw_only=True):
    """A server was reached with a request: as it was sent, its keys hidden. Told again for each try; not shown."""

    wire: Wire = Wire.CHAT
    url: str
    headers: Mapping[str, str] = {}
    body: bytes


class Fingerprinted(Value, frozen=True, kw_only=True):
    """What the server calls the state that it answers from; at most once a stream."""

    fingerprint: str


class TextDelta(Value, frozen=True, kw_only=True):
    """More of the answer; never empty."""

    text: str


class ReasoningDelta(Value, frozen=True, kw_only=True):
    """More of what the model thinks, or of a `summary` of it; never empty."""

    text: str
    summary: bool = False


class Cited(Value, frozen=True, kw_only=True):
    """The answer cites a page of the web; the same one may come again."""

    url: str
    title: str = ""


class Sealed(Value, frozen=True, kw_only=True):
    """JSON text of an item that the server wants back unchanged while its tools are worked off; nothing to show."""

    data: str


class UsageUpdate(Value, frozen=True, kw_only=True):
    """Tokens so far; each one replaces the one before."""

    usage: Usage


class ModelNamed(Value, frozen=True, kw_only=True):
    """The model behind the deployment, as the answer's chunks name it; at most once a stream."""

    model: str


class Progress(Value, frozen=True, kw_only=True):
    """How much of the prompt the server has read, 0 to 1; only the embedded engine tells."""

    fraction: float


class Notice(Value, frozen=True, kw_only=True):
    """Something the user should know although the answer goes on: a filter's note, a parameter dropped."""

    code: str
    message: str


class RetryWait(Value, frozen=True, kw_only=True):
    """The request failed before its first delta and is tried again in `wait_s` seconds; attempts count from 1."""

    attempt: int
    wait_s: float
    reason: str


class Finished(Value, frozen=True, kw_only=True):
    """A finish reason was seen, in the words that all wires share: stop, length, content_filter, refusal, tool_calls.

    What is unknown stays as it was said. `word` is the wire's own, empty where it is the same.
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
"""What a provider yields."""

Event = Begun | Kept | Sent | StreamEvent
"""What a session tells."""
