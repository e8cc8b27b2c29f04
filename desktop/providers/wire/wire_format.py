"""API formats of responses: a function that builds the request, and a reader of the response."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from msgspec import Struct

from desktop.domain.conversation_types import JsonValue, Wire
from desktop.domain.events import StreamEvent
from desktop.providers.provider import ChatRequest
from desktop.providers.wire.chat_body import chat_body
from desktop.providers.wire.chunks import ChunkReader
from desktop.providers.wire.faults import RequestTarget
from desktop.providers.wire.messages import MessagesReader
from desktop.providers.wire.messages_body import messages_body
from desktop.providers.wire.responses import ResponsesReader
from desktop.providers.wire.responses_body import responses_body


class WireReader(Protocol):
    """Reads the pieces of one response in order. Unknown pieces are ignored."""

    finish_reason: str | None
    """Finish reason as common to all API formats, once known."""

    finish_word: str
    """The format's own word for the finish reason."""

    @property
    def called(self) -> int:
        """Number of characters of tool calls received so far."""
        ...

    def read(self, data: str | bytes) -> list[StreamEvent]:
        """Return the events of one piece of JSON, or of a whole response. Raises ProviderError."""
        ...

    def flush(self) -> list[StreamEvent]:
        """Return the events of buffered data and of tool calls at the end of the response.

        May change the finish reason to `tool_calls`.
        """
        ...

    def end_without_reason(self) -> list[StreamEvent]:
        """Handle a server's end of stream that comes without a finish reason."""
        ...


class WireFormat(Struct, frozen=True):
    """One API format: the function that builds a request's JSON over the connection's defaults, and a reader factory.

    `headers` are required by the format; `key_header` is another header in which its servers expect the key.
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
