"""Checks a stored request body before it is resent, since the store may be from another computer. Pure functions.

Resending bypasses the code that builds requests. Therefore only what that code could have written passes: no other
field or model, and only images and files that are stored here and may be sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from typing import Final, cast

import msgspec

from desktop.catalog.sampling_parameters import SAMPLING, is_sampling
from desktop.domain.conversation_types import JsonValue, Wire
from desktop.errors import RequestIncomplete
from desktop.receipts.references import digest_of
from desktop.text.phrases import phrase

Shape = Callable[[object], bool]
"""Returns whether a value has the expected shape."""

_MEDIA = re.compile(r"[\w.+-]{1,80}/[\w.+-]{1,120}", re.ASCII)
_DATA_URL = re.compile(rf"data:{_MEDIA.pattern};base64,", re.ASCII)
_FIELD = re.compile("[a-z][a-z0-9_]{0,39}")
"""Field names that may be quoted in an error message."""

_NO_PARAMETERS: Mapping[str, JsonValue] = {}


def foreign_parameters(wire: Wire, body: bytes) -> dict[str, JsonValue]:
    """Return parameters in the body that Paragone does not know; they may change the provider's behavior."""
    known = {**_NEEDED[wire], **_OPTIONAL[wire]}
    return {name: cast("JsonValue", value) for name, value in _fields(body).items() if name not in known}


def require_own(
    wire: Wire,
    body: bytes,
    *,
    model: str,
    parameters: Mapping[str, JsonValue] = _NO_PARAMETERS,
    files: Collection[str] = (),
) -> None:
    """Check that Paragone could have written this body for the API format and model.

    Args:
        parameters: Parameters of the conversation; those that Paragone does not know need confirmation.
        files: Digests of images and files that may appear.

    Raises:
        RequestIncomplete: If the check fails.
    """
    fields = _fields(body)
    _require_no_extras(fields)
    for name, value in fields.items():
        if name in _NEEDED[wire]:
            continue
        shape = _OPTIONAL[wire].get(name)
        if shape is None and name in parameters and parameters[name] == value:
            shape = _is_plain
        if shape is None or not shape(value):
            raise _foreign(name)
    for name, shape in _NEEDED[wire].items():
        if name not in fields or not shape(fields[name]):
            raise _foreign(name)
    if fields["model"] != model:
        raise RequestIncomplete(
            phrase("This request cannot be repeated: it asks for a different model than the one that responded.")
        )
    if any(digest_of(data) not in files for data in _data(fields[_SAID[wire]])):
        raise _foreign()


def _fields(body: bytes) -> Mapping[str, object]:
    """Decode a body. Encoding it again must produce the same bytes, which excludes duplicate keys."""
    try:
        value: object = msgspec.json.decode(body)
        same = msgspec.json.encode(value) == body
    except (msgspec.DecodeError, UnicodeError, RecursionError, OverflowError):
        raise _foreign() from None
    if not same or not isinstance(value, dict):
        raise _foreign()
    return cast("dict[str, object]", value)


def _require_no_extras(fields: Mapping[str, object]) -> None:
    """Check that a body has no tools and no response schema, which only the chat of the response can send again.

    Raises:
        RequestIncomplete: If it has one.
    """
    hint = phrase("To send the prompt again, choose Regenerate in its chat.")
    if fields.get("tools"):
        raise RequestIncomplete(
            phrase("This request cannot be repeated by itself, because it offers tools (field “tools”)."), hint=hint
        )
    within = (fields.get(name) for name in ("text", "output_config"))
    if "response_format" in fields or any(isinstance(value, dict) and "format" in value for value in within):
        raise RequestIncomplete(
            phrase("This request cannot be repeated by itself, because it has a response schema."), hint=hint
        )


def _foreign(name: str = "") -> RequestIncomplete:
    if not _FIELD.fullmatch(name):
        return RequestIncomplete(phrase("This request cannot be repeated: Paragone never sends requests in this form."))
    said = phrase("This request cannot be repeated: Paragone never sends the field “{field}” in this form.", field=name)
    return RequestIncomplete(said)


def _data(value: object) -> Iterator[str]:
    """Yield base64 data of images and files in messages."""
    for message in cast("list[dict[str, object]]", value):
        content = message["content"]
        for part in cast("list[dict[str, object]]", content) if isinstance(content, list) else ():
            for name in ("image_url", "file_data", "source"):
                held = part.get(name)
                if isinstance(held, dict):
                    inner = cast("dict[str, str]", held)
                    held = inner["url"] if name == "image_url" else inner["data"]
                if isinstance(held, str):
                    yield held.partition(";base64,")[2] if name != "source" else held


def _text(value: object) -> bool:
    return isinstance(value, str)


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _flag(value: object) -> bool:
    return isinstance(value, bool)


def _true(value: object) -> bool:
    return value is True


def _false(value: object) -> bool:
    return value is False


def _texts(value: object) -> bool:
    return _text(value) or (isinstance(value, list) and all(map(_text, cast("list[object]", value))))


def _is_plain(value: object) -> bool:
    """Whether a value is a number, a flag or texts, without fields of its own."""
    return _number(value) or _flag(value) or _texts(value)


def _data_url(value: object) -> bool:
    return isinstance(value, str) and _DATA_URL.match(value) is not None


def _media(value: object) -> bool:
    return isinstance(value, str) and _MEDIA.fullmatch(value) is not None


def _just(*values: str) -> Shape:
    return lambda value: isinstance(value, str) and value in values


def _object(needed: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None) -> Shape:
    """Return a shape for objects with the needed fields, optional ones, and no others."""
    known = {**(optional or {}), **needed}

    def holds(value: object) -> bool:
        if not isinstance(value, dict):
            return False
        fields = cast("dict[str, object]", value)
        return needed.keys() <= fields.keys() <= known.keys() and all(known[name](fields[name]) for name in fields)

    return holds


def _messages(roles: Shape, *parts: Shape) -> Shape:
    def is_content(value: object) -> bool:
        if isinstance(value, list):
            return all(any(shape(part) for shape in parts) for part in cast("list[object]", value))
        return _text(value)

    message = _object({"role": roles, "content": is_content})
    return lambda value: isinstance(value, list) and all(map(message, cast("list[object]", value)))


_PICTURE = _object({"url": _data_url, "detail": _just("auto")})
_SOURCE = _object({"type": _just("base64"), "media_type": _media, "data": _text})
_PEOPLE = _just("user", "assistant")
_COMMON: Final[Mapping[str, Shape]] = {"model": _text, "stream": _true}

_SAID: Final[Mapping[Wire, str]] = {Wire.CHAT: "messages", Wire.RESPONSES: "input", Wire.MESSAGES: "messages"}
_NEEDED: Final[Mapping[Wire, Mapping[str, Shape]]] = {
    Wire.CHAT: {
        **_COMMON,
        "messages": _messages(
            _just("system", "developer", "user", "assistant"),
            _object({"type": _just("text"), "text": _text}),
            _object({"type": _just("image_url"), "image_url": _PICTURE}),
        ),
    },
    Wire.RESPONSES: {
        **_COMMON,
        "store": _false,
        "input": _messages(
            _PEOPLE,
            _object({"type": _just("input_text"), "text": _text}),
            _object({"type": _just("input_image"), "image_url": _data_url, "detail": _just("auto")}),
            _object({"type": _just("input_file"), "filename": _text, "file_data": _data_url}),
        ),
    },
    Wire.MESSAGES: {
        **_COMMON,
        "max_tokens": _number,
        "messages": _messages(
            _PEOPLE,
            _object({"type": _just("text"), "text": _text}),
            _object({"type": _just("image"), "source": _SOURCE}),
            _object({"type": _just("document"), "source": _SOURCE, "title": _text}),
        ),
    },
}
"""Required fields by API format."""

_SETTABLE: Final[Mapping[str, Shape]] = {name: partial(is_sampling, name) for name in SAMPLING}
"""Parameters that users set and that only affect sampling."""

_OPTIONAL: Final[Mapping[Wire, Mapping[str, Shape]]] = {
    Wire.CHAT: {
        **_SETTABLE,
        "stream_options": _object({"include_usage": _true}),
        "return_progress": _true,
    },
    Wire.RESPONSES: {
        **_SETTABLE,
        "instructions": _text,
        "reasoning": _object({}, {"summary": _just("auto"), "effort": _text}),
        "text": _object({}, {"verbosity": _text}),
    },
    Wire.MESSAGES: {
        **_SETTABLE,
        "system": _text,
        "thinking": _object({"type": _just("adaptive"), "display": _just("summarized")}),
        "output_config": _object({"effort": _text}),
    },
}
"""Optional fields by API format: written by Paragone or set by users."""
