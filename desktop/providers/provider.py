"""Protocol of a provider: it receives a request, yields events and raises typed errors."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol, Self

import msgspec

from desktop.domain.conversation_types import JsonValue, Parameters, Role, Value, Wire
from desktop.domain.events import StreamEvent
from desktop.domain.tool_types import ToolSpec
from desktop.receipts.receipt import SentFile


class AttachedPart(Value, frozen=True, kw_only=True):
    """An image or file that is sent with a message; `data` is its bytes in base64.

    `text` is the file's text, for an API format that does not accept files; `tokens` is an estimate. `origin` and
    `text_origin` identify the file and its text in the receipt.
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
    """Text of a file, quoted at the beginning of a message's text."""

    text: str
    origin: SentFile


class SentCall(Value, frozen=True, kw_only=True):
    """A model's tool call, sent back to it. `arguments` is JSON text of an object."""

    id: str
    name: str
    arguments: str


class SentResult(Value, frozen=True, kw_only=True):
    """Result of a tool call. `images` are only sent in API formats whose results may contain images."""

    call: str
    text: str
    is_error: bool = False
    images: tuple[AttachedPart, ...] = ()


class ChatMessage(Value, frozen=True, kw_only=True):
    """A message to send. Attachments precede its text.

    `text` is sent: the `quoted` files in this order, followed by the user's own text, `said`. A response that called
    tools has `calls` after its text, and is followed by one message with their `results` and the role of the user.
    `sealed` are JSON texts of items that the server needs back unchanged before the response's text.
    """

    role: Role
    text: str
    attached: tuple[AttachedPart, ...] = ()
    quoted: tuple[QuotedFile, ...] = ()
    said: str | None = None
    calls: tuple[SentCall, ...] = ()
    results: tuple[SentResult, ...] = ()
    sealed: tuple[str, ...] = ()

    @property
    def all_texts(self) -> Iterable[str]:
        """All text in the message, for estimates of tokens: its own, and that of calls and results."""
        yield self.text
        for call in self.calls:
            yield call.name + call.arguments
        for result in self.results:
            yield result.text


class OutputSchema(Value, frozen=True, kw_only=True):
    """JSON Schema that a response must match. `name` has only letters, digits, `_` and `-`."""

    name: str
    schema: Mapping[str, JsonValue]

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the schema in a JSON text, named after its title; None if the text is empty or no JSON Schema."""
        try:
            schema = msgspec.json.decode(text, type=dict[str, JsonValue]) if text else None
        except (msgspec.DecodeError, RecursionError):
            return None
        if schema is None:
            return None
        title = schema.get("title")
        name = re.sub(r"[^A-Za-z0-9_-]+", "_", title if isinstance(title, str) else "")[:60].strip("_")
        return cls(name=name or "response", schema=schema)


class ExactBody(Value, frozen=True, kw_only=True):
    """JSON of an earlier request, to be resent unchanged in the same API format."""

    wire: Wire
    json: bytes


class ChatRequest(Value, frozen=True, kw_only=True):
    """One request for a response. Only parameters that are set are sent.

    Args:
        model: Name of the model or deployment.
        messages: Messages of the conversation.
        parameters: Parameters that the user set.
        hurry: Event that ends the wait before a retry when it is set.
        wire: Known API format of the model, or `auto`.
        most_output: Maximum output tokens of the model.
        reasons: Whether the model is known to reason.
        tools: Tools that the model may call.
        web_search: Whether the model's provider may search the web.
        output: Schema that the response must match.
        exact: Body to send unchanged; nothing is dropped from it, and no other API format is tried.
    """

    model: str
    messages: tuple[ChatMessage, ...]
    parameters: Parameters = Parameters()
    hurry: asyncio.Event | None = None
    wire: Wire = Wire.AUTO
    most_output: int | None = None
    reasons: bool = False
    tools: tuple[ToolSpec, ...] = ()
    web_search: bool = False
    output: OutputSchema | None = None
    exact: ExactBody | None = None


class ModelInfo(Value, frozen=True, kw_only=True):
    """A model that a connection serves. `base` is the model behind a deployment's name, if the server reports it.

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
    """A server of models. Belongs to one event loop; its creator closes it."""

    def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """Return the response's events. Closing the iterator (`aclose`, or a canceled task) ends the request at once.

        The consumer must not await between events, because unread bytes are lost if the connection fails. Raises
        ProviderError or EngineError; events yielded before stay valid.
        """
        ...

    async def models(self) -> Sequence[ModelInfo]:
        """Return the models sorted by name. Raises ProviderError or EngineError."""
        ...

    async def aclose(self) -> None:
        """Close every socket and terminate the child process, if any. Safe to call more than once."""
        ...
