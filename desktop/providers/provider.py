"""The protocol of a provider: a request in, events out, typed errors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import date
from typing import Protocol

from desktop.domain.conversation_types import Parameters, Role, Value, Wire
from desktop.domain.events import StreamEvent
from desktop.receipts.receipt import SentFile


class AttachedPart(Value, frozen=True, kw_only=True):
    """An image or file that is sent with a message; `data` is its bytes in base64.

    `text` is its contents, for an API format without files; `tokens` is an estimate. `origin` and `text_origin`
    identify it and its text in the receipt.
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
        """Whether the attachment is an image."""
        return self.media_type.startswith("image/")


class QuotedFile(Value, frozen=True, kw_only=True):
    """Contents of a file at the beginning of a message's text."""

    text: str
    origin: SentFile


class ChatMessage(Value, frozen=True, kw_only=True):
    """A message to send. Attachments precede its text.

    `quoted` are the files that the text contains before the user's own words, `said`, in this order.
    """

    role: Role
    text: str
    attached: tuple[AttachedPart, ...] = ()
    quoted: tuple[QuotedFile, ...] = ()
    said: str | None = None


class ExactBody(Value, frozen=True, kw_only=True):
    """JSON of an earlier request, to be sent again unchanged over the same API format."""

    wire: Wire
    json: bytes


class ChatRequest(Value, frozen=True, kw_only=True):
    """One request for a response. Only parameters that are set are sent.

    Args:
        model: Name of the model or deployment.
        messages: Messages of the conversation.
        parameters: Parameters that the user set.
        hurry: Setting this event ends the wait before a retry.
        wire: API format that is known for the model.
        most_output: Limit of the model's output in tokens.
        reasons: Whether the model is known to reason.
        exact: Body to send unchanged; nothing is dropped from it, and no other API format is tried.

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
    """A model that a connection serves. `base` is the model behind a deployment's name, if the server tells.

    `suggested` marks a base model that may have no deployment, `typed` one that only the user named. `retires_on` is
    the day on which the server stops serving the model, if it reports one.
    """

    name: str
    base: str | None = None
    context_window: int | None = None
    suggested: bool = False
    typed: bool = False
    retires_on: date | None = None


class Provider(Protocol):
    """A server of models. Belongs to one event loop; whoever makes it closes it."""

    def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """Return the response's events. Ending the iterator (`aclose`, or a canceled task) ends the request at once.

        The consumer must not await between events: unread bytes are lost if the connection breaks. Raises
        ProviderError or EngineError; earlier events stay valid.
        """
        ...

    async def models(self) -> Sequence[ModelInfo]:
        """Return the models sorted by name. Raises ProviderError or EngineError."""
        ...

    async def aclose(self) -> None:
        """Close every socket and end the child, if any. May be called twice."""
        ...
