"""What a wire is to the stream of an answer: how a request is written, and who reads what comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from msgspec import Struct

from desktop.domain.conversation_types import JsonValue, Wire
from desktop.domain.events import StreamEvent
from desktop.providers.provider import ChatRequest
from desktop.providers.wire.chunks import ChunkReader, chat_body
from desktop.providers.wire.faults import RequestTarget
from desktop.providers.wire.messages import MessagesReader, messages_body
from desktop.providers.wire.responses import ResponsesReader, responses_body


class WireReader(Protocol):
    """Reads the pieces of one answer in order. What it does not know it passes over."""

    finish_reason: str | None
    """Why the answer ended, once that was seen, in the words that all wires share."""

    finish_word: str
    """The wire's own word for it, as it was said."""

    def read(self, data: str | bytes) -> list[StreamEvent]:
        """The events of one piece of JSON, or of a whole answer. Raises ProviderError."""
        ...

    def flush(self) -> list[StreamEvent]:
        """What was held back, at the answer's end."""
        ...

    def end_without_reason(self) -> list[StreamEvent]:
        """The server said that nothing more comes, and did not say why."""
        ...


class WireFormat(Struct, frozen=True):
    """One wire: a request's JSON over the connection's defaults, and a new reader for each answer.

    `headers` are its own; `key_header` is where a key stands besides, where its servers look for it elsewhere.
    """

    wire: Wire
    body: Callable[[ChatRequest, Mapping[str, JsonValue]], dict[str, JsonValue]]
    reader: Callable[[RequestTarget], WireReader]
    headers: Mapping[str, str] = {}
    key_header: str = ""


CHAT = WireFormat(Wire.CHAT, chat_body, ChunkReader)
RESPONSES = WireFormat(Wire.RESPONSES, responses_body, ResponsesReader)
MESSAGES = WireFormat(Wire.MESSAGES, messages_body, MessagesReader, {"anthropic-version": "2023-06-01"}, "x-api-key")
FORMATS: Mapping[Wire, WireFormat] = {each.wire: each for each in (CHAT, RESPONSES, MESSAGES)}
