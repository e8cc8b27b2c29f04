"""The contract of a provider: a request goes in, events come out, errors are typed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

from desktop.domain.conversation_types import Parameters, Role, Value, Wire
from desktop.domain.events import StreamEvent
from desktop.receipts.receipt import SentFile


class AttachedPart(Value, frozen=True, kw_only=True):
    """A picture or a file that goes with a message; `data` is its bytes in base64.

    `text` is what it says, for a wire that takes no files after all; `tokens` is about what it comes to. `origin` and
    `text_origin` say for the receipt what it and its text are of.
    """

    name: str
    media_type: str
    data: str
    text: str = ""
    tokens: int = 0
    origin: SentFile | None = None
    text_origin: SentFile | None = None

    @property
    def is_picture(self) -> bool:
        """Whether it is shown rather than read."""
        return self.media_type.startswith("image/")


class QuotedFile(Value, frozen=True, kw_only=True):
    """What a file says, as it stands at the beginning of a message's text."""

    text: str
    origin: SentFile


class ChatMessage(Value, frozen=True, kw_only=True):
    """A message as it is sent. What else goes with it stands before its text.

    `quoted` are the files that its text says before its own words, `said`, in this order.
    """

    role: Role
    text: str
    attached: tuple[AttachedPart, ...] = ()
    quoted: tuple[QuotedFile, ...] = ()
    said: str | None = None


class ExactBody(Value, frozen=True, kw_only=True):
    """The JSON of a request that was sent before, to be sent again to the byte, over the same wire."""

    wire: Wire
    json: bytes


class ChatRequest(Value, frozen=True, kw_only=True):
    """One request for an answer. Only the parameters that are set are sent.

    `wire`, `most_output` (tokens) and `reasons` are what is known of the model. Who sets `hurry` while a failed request
    waits to be sent again has it sent at once. Where there is an `exact` body, that is sent and nothing else: what it
    is refused for is neither left out nor sent over another wire.
    """

    model: str
    messages: tuple[ChatMessage, ...]
    parameters: Parameters = Parameters()
    hurry: asyncio.Event | None = None
    wire: Wire = Wire.AUTO
    most_output: int | None = None
    reasons: bool = False
    exact: ExactBody | None = None


class ModelInfo(Value, frozen=True, kw_only=True):
    """A model that a connection serves. `base` is the model behind a deployment's name, where the server tells.

    `suggested` marks a base model that the endpoint knows of but for which a deployment may not exist, `typed` one that
    the user named and the server did not.
    """

    name: str
    base: str | None = None
    context_window: int | None = None
    suggested: bool = False
    typed: bool = False


class Provider(Protocol):
    """A server of models. It belongs to one event loop; whoever makes it closes it."""

    def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """The answer's events. Ending the iterator (`aclose`, or cancelling its task) ends the request at once.

        The consumer must not await between events: bytes that arrived are lost when a connection then breaks.
        Raises ProviderError or EngineError; the events before it stand.
        """
        ...

    async def models(self) -> Sequence[ModelInfo]:
        """What the server serves, sorted by name. Raises ProviderError or EngineError."""
        ...

    async def aclose(self) -> None:
        """Close every socket (and end the child, if there is one). May be called twice."""
        ...
