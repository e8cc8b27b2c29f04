"""Files of a Batch API: request lines, uploads, job states and result lines. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
from msgspec import Struct

from desktop.domain.conversation_types import JsonValue, Kind, Wire
from desktop.errors import ProviderError
from desktop.providers.wire.chunks import decode
from desktop.providers.wire.faults import RequestTarget
from desktop.providers.wire.json_shapes import count, inner, is_object, items, objects, text, words
from desktop.redaction.redactor import hide

MOST_LINE = 16 << 20
"""Maximum bytes of a line; no response is longer."""

_MARK = b"\xef\xbb\xbf"
_BLANKS = b" \t\r"


class ResultLines:
    """Splits bytes into stripped lines. A line longer than `most` bytes is returned as an empty line.

    Spaces count towards the limit, since a line may continue after them.
    """

    def __init__(self, most: int = MOST_LINE) -> None:
        self._most = most
        self._held = bytearray()
        self._is_first = True
        self._is_too_long = False

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that these bytes complete."""
        first, *others = data.split(b"\n")
        self._add(first)
        if not others:
            return []
        completed = self.finish()
        *whole, rest = others
        for piece in whole:
            if len(piece) > self._most:
                completed.append(b"")
            elif line := piece.strip(_BLANKS):
                completed.append(line)
        self._add(rest)
        return completed

    def finish(self) -> list[bytes]:
        """Return the last line, unless it is blank."""
        line = bytes(self._held)
        if self._is_first:
            line = line.removeprefix(_MARK)
        line = line.strip(_BLANKS)
        completed = [b""] if self._is_too_long else [line] if line else []
        self._held.clear()
        self._is_first = self._is_too_long = False
        return completed

    def _add(self, piece: bytes) -> None:
        if self._is_too_long or len(self._held) + len(piece) > self._most:
            self._held.clear()
            self._is_too_long = True
        else:
            self._held += piece


MOST_LINES, MOST_BYTES = 100_000, 200_000_000
"""Maximum lines and bytes of one file."""

ROUTES: Mapping[Wire, str] = {Wire.CHAT: "/v1/chat/completions", Wire.RESPONSES: "/v1/responses"}
"""Routes for request lines by API format; there is no Batch API for Messages."""

ENDED = frozenset({"completed", "failed", "expired", "cancelled", "canceled"})
"""States of a finished job."""

_STREAMED = ("stream", "stream_options")
_IDS = ("input_file_id", "output_file_id", "error_file_id")
_MOST_ID, _MOST_STATUS, _MOST_SAID = 200, 100, 3


class BatchState(Struct, frozen=True, kw_only=True):
    """State of a job. `status` is in lower case; missing ids are empty."""

    id: str
    input_file_id: str = ""
    status: str = ""
    output_file_id: str = ""
    error_file_id: str = ""
    done: int = 0
    failed: int = 0
    problem: str = ""

    @property
    def is_over(self) -> bool:
        """Whether the job is finished."""
        return self.status in ENDED


class FileState(Struct, frozen=True, kw_only=True):
    """State of a file."""

    id: str
    name: str = ""
    status: str = ""


class BatchResult(Struct, frozen=True, kw_only=True):
    """One line of an output or error file: the response's JSON and status, or the error."""

    custom_id: str
    status: int | None = None
    body: bytes = b""
    request_id: str = ""
    code: str = ""
    said: str = ""


class ResultHead(NamedTuple):
    """Id of a line in an output or error file, and the status of its response."""

    custom_id: str
    status: int | None


class _Response(Struct, frozen=True):
    """Fields of a line's response that are read."""

    status_code: object = None


class _Head(Struct, frozen=True):
    custom_id: str = ""
    response: _Response | None = None


_HEAD = msgspec.json.Decoder(_Head)
_NOBODY = RequestTarget(host="")
"""Target for errors that are never shown."""


def endpoint_of(kind: Kind, wire: Wire) -> str:
    """Return the endpoint for a job; Azure's omits the version."""
    return "/chat/completions" if kind is Kind.AZURE_INFERENCE and wire is Wire.CHAT else ROUTES[wire]


def request_line(custom_id: str, wire: Wire, body: Mapping[str, JsonValue]) -> bytes:
    """Return a request as a line with a line break. Responses are not streamed."""
    whole = {name: value for name, value in body.items() if name not in _STREAMED}
    line = {"custom_id": custom_id, "method": "POST", "url": ROUTES[wire], "body": whole}
    return msgspec.json.encode(line) + b"\n"


def upload_form(name: str, lines: Sequence[bytes], boundary: str) -> bytes:
    """Return the body of an upload as multipart/form-data.

    `boundary` must not occur in the lines; a random string does not.
    """
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: application/json\r\n\r\n"
    )
    return b"".join([head.encode(), *lines, f"\r\n--{boundary}--\r\n".encode()])


def file_state(value: object, target: RequestTarget) -> FileState | None:
    """Return the state of a file, or None if the JSON does not describe a file."""
    if not is_object(value) or not (named := _id(value.get("id"), target)):
        return None
    return FileState(id=named, name=text(value.get("filename")), status=_status(value, target))


def batch_state(value: object, target: RequestTarget) -> BatchState | None:
    """Return the state of a job, or None if the JSON does not describe a job."""
    if not is_object(value) or not (named := _id(value.get("id"), target)):
        return None
    counts = inner(value, "request_counts")
    errors = objects(items(inner(value, "errors").get("data"))[:_MOST_SAID])
    messages = [words(each.get("message")) or words(each.get("code")) for each in errors]
    ids = {name: _id(value.get(name), target) for name in _IDS}
    return BatchState(
        id=named,
        **ids,
        status=_status(value, target),
        done=count(counts.get("completed")) or 0,
        failed=count(counts.get("failed")) or 0,
        problem=target.shown(" ".join(filter(None, messages))),
    )


def result_head(line: bytes) -> ResultHead | None:
    """Return the id and the status of a result line, or None if it is invalid."""
    try:
        head = _HEAD.decode(line)
    except (msgspec.DecodeError, UnicodeError, RecursionError):  # odd, or written oddly
        value = _read(line)
        head = _Head(text(value.get("custom_id")), _Response(inner(value, "response").get("status_code")))
    named = head.custom_id.strip()
    return ResultHead(named, None if head.response is None else count(head.response.status_code)) if named else None


def result_of(line: bytes, target: RequestTarget) -> BatchResult | None:
    """Return a line of an output or error file, or None if it is invalid."""
    value = _read(line)
    try:
        return _result(value, target)
    except (UnicodeEncodeError, RecursionError, OverflowError):  # halves of characters, numbers without an end
        return None


def _read(line: bytes) -> Mapping[str, object]:
    """Return the contents of a line; empty if it is invalid."""
    try:
        value = decode(line, _NOBODY) if line else None
    except ProviderError:
        return {}
    return value if is_object(value) else {}


def _result(value: Mapping[str, object], target: RequestTarget) -> BatchResult | None:
    named = text(value.get("custom_id"))
    if not named:
        return None
    response, error = inner(value, "response"), inner(value, "error")
    status = count(response.get("status_code"))
    body = response.get("body")
    return BatchResult(
        custom_id=target.shown(named)[:_MOST_ID],
        status=status,
        body=msgspec.json.encode(body) if is_object(body) else b"",
        request_id=target.shown(text(response.get("request_id")))[:_MOST_ID],
        code=target.shown(words(error.get("code")))[:_MOST_ID],
        said=target.shown(words(error.get("message"))),
    )


def _status(value: Mapping[str, object], target: RequestTarget) -> str:
    """Return a status in lower case and without keys, because it is stored."""
    return target.shown(text(value.get("status")))[:_MOST_STATUS].lower()


def _id(value: object, target: RequestTarget) -> str:
    """Return an id that is safe in a URL; empty if the value is not one, or contains a key."""
    found = text(value)
    if len(found) > _MOST_ID or not (found.isascii() and found.isprintable()):
        return ""
    return "" if hide(found, target.secrets) != found else found
