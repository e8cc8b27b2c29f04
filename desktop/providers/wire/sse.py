"""Decodes server-sent events from bytes with any line endings, split at any position. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from desktop.errors import AnswerTooLarge
from desktop.text.phrases import phrase

_BOM = b"\xef\xbb\xbf"
_TWO_BYTES = re.compile(rb"\\u(?:0[0-7]|[dD][89a-fA-F])")
"""Escapes of characters, or of surrogates, that take two bytes in UTF-8; all others take three."""

_LONGEST_TYPE = 100  # bytes of an event's type: those that mean something have a few


class ServerSentEvent(NamedTuple):
    """One event: its type ("" if it has none) and its data lines joined by newlines.

    Ids are ignored, because only clients that resume a stream need them.
    """

    event: str
    data: str


class DecodedLimit:
    """Size limit for JSON by the UTF-8 size of its text, since an escape such as `u5b57` can be three times as long."""

    def __init__(self, most: int) -> None:
        self._most = self.allowed = most

    def reset(self) -> None:
        """Start over for the next JSON document."""
        self.allowed = self._most

    def is_passed(self, size: int, pieces: Iterable[bytes | bytearray]) -> bool:
        """Return whether JSON of `size` bytes, in these pieces, exceeds the limit.

        Afterwards up to `allowed` bytes are known to be within the limit and need no further check.
        """
        self.allowed = self._most + sum(map(_escaping, pieces))
        return size > self.allowed


def _escaping(piece: bytes | bytearray) -> int:
    """Return the number of bytes by which escapes exceed the UTF-8 of their characters."""
    return 3 * piece.count(b"\\u") + len(_TWO_BYTES.findall(piece))


class EventStreamDecoder:
    """Decodes bytes into events as they arrive.

    Buffers an incomplete event of at most `max_event_bytes` of text. If it is longer, complete events are returned
    first, and the next call raises AnswerTooLarge. Invalid UTF-8 becomes U+FFFD, as the standard requires.
    """

    def __init__(self, max_event_bytes: int = 1 << 20) -> None:
        self._max = max_event_bytes
        self._limit = DecodedLimit(max_event_bytes)
        self._line = bytearray()  # a line without its end yet
        self._data: list[bytes] = []
        self._held = 0  # bytes in _data
        self._event = b""
        self._begun = False  # the first line was seen, so no BOM can follow
        self._after_cr = False  # the last byte was CR: an LF that follows belongs to it
        self._too_large = False

    def feed(self, data: bytes) -> list[ServerSentEvent]:
        """Return the events that `data` completes, oldest first. Raises AnswerTooLarge."""
        self._check()
        if self._after_cr and data:
            self._after_cr = False
            if data.startswith(b"\n"):
                data = data[1:]
        lines = data.splitlines(keepends=True)
        if not lines:
            return []
        tail = b""
        last = lines[-1]
        if last.endswith(b"\r"):
            self._after_cr = True
        elif not last.endswith(b"\n"):
            tail = lines.pop()
        if self._line and lines:
            lines[0] = bytes(self._line) + lines[0]
            self._line.clear()
        events: list[ServerSentEvent] = []
        for line in lines:
            self._take(line.rstrip(b"\r\n"), events)
        if tail:
            self._line += tail
            self._too_large = self._too_large or self._is_over()
        if not events:
            self._check()
        return events

    def flush(self) -> list[ServerSentEvent]:
        """Return the last event of a stream that ends without a blank line, at most one. Raises AnswerTooLarge."""
        self._check()
        events: list[ServerSentEvent] = []
        if self._line:
            line = bytes(self._line)
            self._line.clear()
            self._take(line, events)
        self._dispatch(events)
        return events

    def _take(self, line: bytes, found: list[ServerSentEvent]) -> None:
        if self._too_large:
            return
        if not self._begun:
            self._begun = True
            line = line.removeprefix(_BOM)
        if line.startswith(b"data:"):
            self._keep(line[6:] if line.startswith(b"data: ") else line[5:])
        elif not line:
            self._dispatch(found)
        elif not line.startswith(b":"):
            name, _, value = line.partition(b":")
            value = value.removeprefix(b" ")
            if name == b"event":
                self._event = value[:_LONGEST_TYPE]
            elif name == b"data":
                self._keep(value)

    def _keep(self, value: bytes) -> None:
        self._held += len(value) + 1
        self._data.append(value)
        self._too_large = self._is_over()

    def _is_over(self) -> bool:
        size = self._held + len(self._line)
        return size > self._limit.allowed and self._limit.is_passed(size, (*self._data, self._line))

    def _dispatch(self, found: list[ServerSentEvent]) -> None:
        if self._data:
            data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
            event = self._event.decode("utf-8", "replace") if self._event else ""
            found.append(ServerSentEvent(event, data.decode("utf-8", "replace")))
            self._data.clear()
            self._held = 0
            self._limit.reset()
        self._event = b""

    def _check(self) -> None:
        if self._too_large:
            self._data.clear()
            self._line.clear()
            raise AnswerTooLarge(phrase("The server sent an event larger than {max} bytes.", max=f"{self._max:,}"))
