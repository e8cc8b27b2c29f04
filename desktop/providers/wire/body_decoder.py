"""Turns the body of a reply with status 200 into events, whether it is a stream, a JSON document or a web page."""

from __future__ import annotations

from desktop.domain.events import StreamEvent
from desktop.errors import AnswerTooLarge, AnswerUnreadable, NotAStream, ProviderError
from desktop.net.options import NetworkOptions
from desktop.providers.wire.chunks import ChunkReader, decode
from desktop.providers.wire.error_bodies import is_page, page_title
from desktop.providers.wire.faults import RequestTarget, failed_within
from desktop.providers.wire.json_shapes import is_object
from desktop.providers.wire.sse import DecodedLimit, EventStreamDecoder, ServerSentEvent
from desktop.providers.wire.wire_format import WireReader
from desktop.text.phrases import phrase

_PAGE_BYTES = 64 << 10
_SNIFFED = 64
_BOM = b"\xef\xbb\xbf"


class BodyDecoder:
    """Decodes the bytes of a body into events. Ignores the content type if the bytes contradict it.

    Never raises: an error is stored in `failure`, so that earlier events are not lost. `done` is set when the server
    says that nothing else follows.
    """

    def __init__(
        self, content_type: str, options: NetworkOptions, target: RequestTarget, reader: WireReader | None = None
    ) -> None:
        self._content_type = content_type.partition(";")[0].strip().lower()
        self._options = options
        self._target = target
        self._chunks: WireReader = reader or ChunkReader(target)
        self._stream = EventStreamDecoder(options.max_event_bytes)
        self._kind = ""  # "stream", "json" or "page", once the first bytes tell
        self._held = bytearray()
        self._limit = DecodedLimit(options.max_event_bytes)  # of what is held
        self._total = 0
        self._recognised = False  # something of the format was seen
        self._unreadable = False  # something could not be read and was passed over
        self.done = False
        self.failure: ProviderError | None = None

    @property
    def finish_reason(self) -> str | None:
        """Finish reason, once known."""
        return self._chunks.finish_reason

    @property
    def finish_word(self) -> str:
        """The server's own word for the finish reason, if different."""
        word = self._chunks.finish_word
        return "" if word == self.finish_reason else word

    @property
    def called(self) -> int:
        """Number of characters of tool calls received so far."""
        return self._chunks.called

    def feed(self, data: bytes) -> list[StreamEvent]:
        """Return the events that `data` completes."""
        self._total += len(data)
        if self._total > self._options.max_answer_bytes:
            self.failure = AnswerTooLarge(
                phrase(
                    "The response exceeded {max_answer_bytes} bytes.",
                    max_answer_bytes=f"{self._options.max_answer_bytes:,}",
                )
            )
            return []
        if self._kind == "stream":
            return self._decode(data)
        self._held += data
        self._kind = self._kind or self._sniff()
        if self._kind == "stream":
            data = bytes(self._held)
            self._held.clear()
            return self._decode(data)
        if self._kind == "page" and (len(self._held) > _PAGE_BYTES or b"</title" in self._held.lower()):
            self.failure = self._page()
        elif len(self._held) > self._limit.allowed and self._limit.is_passed(len(self._held), (self._held,)):
            self.failure = AnswerTooLarge(
                phrase(
                    "{host} sent a response larger than {max_event_bytes} bytes.",
                    host=self._target.host,
                    max_event_bytes=f"{self._options.max_event_bytes:,}",
                )
            )
        return []

    def finish(self) -> list[StreamEvent]:
        """Return the remaining events when the body ends or the connection is lost."""
        if self._kind == "page":
            self.failure = self._page()
            return []
        if self._kind == "json":
            return [*self._finish_json(), *self._chunks.flush()]
        events: list[StreamEvent] = []
        try:
            for event in self._stream.flush():
                self._read(event, events, last=True)
        except AnswerTooLarge as error:
            self.failure = error
        if not self._recognised and self.failure is None and not self._content_type.endswith("event-stream"):
            self.failure = NotAStream(
                phrase(
                    "{host} sent {value} instead of a response.",
                    host=self._target.host,
                    value=self._target.shown(self._content_type) or "something",
                ),
                status=200,
            )
        return [*events, *self._chunks.flush()]

    def finish_failed(self) -> list[StreamEvent]:
        """Return the remaining events of a response that was complete before something failed."""
        return self._chunks.flush()

    def _finish_json(self) -> list[StreamEvent]:
        try:
            events = self._chunks.read(bytes(self._held).removeprefix(_BOM))
        except ProviderError as error:
            self.failure = error
            return []
        if self.finish_reason is None and not events:
            self.failure = NotAStream(
                phrase("{host} sent JSON that is not a response.", host=self._target.host), status=200
            )
        return events

    def _sniff(self) -> str:
        head = bytes(self._held[:_SNIFFED])
        if len(head) < len(_BOM) and _BOM.startswith(head):
            return ""
        head = head.removeprefix(_BOM).lstrip()
        if not head:
            return "" if len(self._held) < _SNIFFED else "stream"
        return {b"<": "page", b"{": "json", b"[": "json"}.get(head[:1], "stream")

    def _page(self) -> NotAStream:
        text = bytes(self._held).decode("utf-8", "replace")
        title = page_title(text, self._target.secrets) if is_page(text) else ""
        named = f" (“{self._target.shown(title)}”)" if title else ""
        return NotAStream(
            phrase("{host} sent a web page{named} instead of a response.", host=self._target.host, named=named),
            status=200,
        )

    def _decode(self, data: bytes) -> list[StreamEvent]:
        events: list[StreamEvent] = []
        try:
            found = self._stream.feed(data)
        except AnswerTooLarge as error:
            self.failure = error
            return events
        for event in found:
            if self.done or self.failure is not None:
                break
            self._read(event, events)
        return events

    def _read(self, event: ServerSentEvent, events: list[StreamEvent], *, last: bool = False) -> None:
        data = event.data
        if len(data) < 16:
            data = data.strip()
            if not data:
                return
            if data == "[DONE]":
                self._recognised = self.done = True
                if not self._unreadable:
                    events.extend(self._chunks.end_without_reason())
                return
        try:
            if event.event == "error":
                raise self._error_event(data)
            events.extend(self._chunks.read(data))
            self._recognised = True
        except AnswerUnreadable as error:
            # A truncated last event is an interruption, and events of other types need not be JSON
            harmless = type(error) is AnswerUnreadable and (last or event.event not in {"", "message"})
            self._unreadable = True
            if not harmless:
                self.failure = error
        except ProviderError as error:
            self.failure = error

    def _error_event(self, data: str) -> ProviderError:
        try:
            value = decode(data, self._target)
        except AnswerUnreadable:
            value = data
        return failed_within(value if is_object(value) else {"error": value}, self._target)
