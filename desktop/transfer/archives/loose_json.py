"""Lenient decoding of other programs' JSON: splits large lists and objects, and accepts values of any type."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import cast

import msgspec

from desktop.domain.conversation_types import EPOCH, MILLISECOND, bounded_time
from desktop.text.phrases import phrase

MOST_LISTED = 200_000
"""Maximum number of list items or object keys that are split without being decoded."""

_FREE = 64 << 20  # bytes of memory that any JSON may take
_GROWTH = 4  # above that, a multiple of its own length
_LIST, _OBJECT, _VALUE = 100, 240, 64  # bytes per value, measured with msgspec
_AT_ONCE = 1 << 20
_DEEPEST = 2_000  # deeper than any decoder goes

_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?+'
_STRINGS = re.compile(_STRING, re.DOTALL)
_SOME_STRINGS = re.compile(rb'(?:[^"]++|' + _STRING + rb"){1,4096}+", re.DOTALL)
_IN_FLAT = rb'(?:[^"{}\[\]]++|' + _STRING + rb")*+"
_FLAT = _STRING + rb"|\{" + _IN_FLAT + rb"\}|\[" + _IN_FLAT + rb"\]"
_FIRST_BRACKET = re.compile(rb"[{\[]")
_TO_BRACKET = re.compile(rb'(?:[^"{}\[\]]++|' + _FLAT + rb")*+", re.DOTALL)
_TO_BRACKET_OR_COMMA = re.compile(rb'(?:[^"{}\[\],]++|' + _FLAT + rb")*+", re.DOTALL)


def is_light(data: bytes | msgspec.Raw) -> bool:
    """Whether JSON may be decoded at once, because that takes at most 64 MB of memory or four times its length."""
    length = memoryview(data).nbytes
    most = max(_FREE, _GROWTH * length)
    if length * _OBJECT <= most:
        return True
    whole = bytes(data)
    return _weight(whole) <= most or sum(map(_weight, _without_strings(whole))) <= most


def is_short(data: bytes | msgspec.Raw) -> bool:
    """Whether the outermost list or object has at most MOST_LISTED entries."""
    if memoryview(data).nbytes < MOST_LISTED:
        return True
    view = memoryview(data)
    commas = sum(bytes(view[at : at + _AT_ONCE]).count(b",") for at in range(0, view.nbytes, _AT_ONCE))
    return commas < MOST_LISTED or _has_few(bytes(data), MOST_LISTED)


def _weight(data: bytes) -> int:
    return _LIST * data.count(b"[") + _OBJECT * data.count(b"{") + _VALUE * data.count(b",")


def _without_strings(data: bytes) -> Iterator[bytes]:
    """Yield the JSON without its strings, piece by piece."""
    at = 0
    while (some := _SOME_STRINGS.match(data, at)) is not None:
        yield _STRINGS.sub(b"", some[0])
        at = some.end()


def pieces(data: bytes) -> list[bytes] | None:
    """Return the text of each item in the outermost list or object, or None if a bracket is not closed.

    Works in small steps, so that other threads can run; the decoder would hold the interpreter lock throughout.
    """
    begun, pieces_so_far = -1, list[bytes]()
    for place in _outermost(data):
        if begun >= 0:
            pieces_so_far.append(data[begun:place])
        begun = place + 1
    closed = pieces_so_far and data[begun - 1 : begun] in (b"]", b"}") and not data[begun:].strip()
    return pieces_so_far if closed and all(each.strip() for each in pieces_so_far) else None


def _has_few(data: bytes, most: int) -> bool:
    return sum(1 for _ in islice(_outermost(data), most + 2)) <= most + 1  # an entry has two quotation marks


def _outermost(data: bytes) -> Iterator[int]:
    """Yield the positions of the outermost opening bracket, its commas, and the closing bracket."""
    first = _FIRST_BRACKET.search(data)
    if first is None:
        return
    yield first.start()
    at, depth = first.end(), 1
    while at < len(data) and 0 < depth < _DEEPEST:
        to = (_TO_BRACKET_OR_COMMA if depth == 1 else _TO_BRACKET).match(data, at)
        assert to is not None  # the pattern also matches an empty string
        mark = data[to.end() : to.end() + 1]
        if mark != b",":
            depth += 1 if mark in (b"[", b"{") else -1
        if mark and (mark == b"," or not depth):
            yield to.end()
        at = to.end() + 1


_LARGEST_SECONDS = 100_000_000_000
_MARK_WITHIN = 64  # the first bracket is within so many bytes
_FIELD = re.compile(rb'\s*+("(?:[^"\\]++|\\.)*+")\s*+:(.++)', re.DOTALL)
_NOTHING: Mapping[str, object] = {}


class Unreadable(ValueError):
    """The JSON is malformed, nested too deeply or of an unexpected type; `reason` says which, without quoting it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def decode(data: bytes | msgspec.Raw | object) -> object:
    """Decode JSON bytes; a value that is already decoded is returned unchanged. Raises Unreadable.

    Accepts lone surrogates and numbers out of range, which some programs write.
    """
    if not isinstance(data, (bytes, msgspec.Raw)):
        return data
    if not is_light(data):
        raise Unreadable(phrase("The JSON contains too many small values."))
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _decode_slowly(bytes(data))
    except RecursionError:
        raise Unreadable(phrase("The JSON is nested too deeply.")) from None


def parted(data: bytes | msgspec.Raw | object) -> object:
    """Split a list into items, or an object into values by key, still encoded; decode any other value.

    Raises Unreadable, also if there are too many items.
    """
    if not isinstance(data, (bytes, msgspec.Raw)):
        return data
    if not is_short(data):
        raise Unreadable(phrase("The JSON contains more than {most} entries.", most=f"{MOST_LISTED:,}"))
    try:
        if bytes(memoryview(data)[:_MARK_WITHIN]).lstrip()[:1] == b"[":
            return cast("list[object]", msgspec.json.decode(data, type=list[msgspec.Raw]))
        return cast("dict[str, object]", msgspec.json.decode(data, type=dict[str, msgspec.Raw]))
    except RecursionError:
        raise Unreadable(phrase("The JSON is nested too deeply.")) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _parted_slowly(bytes(data))


def _parted_slowly(data: bytes) -> object:
    """Split JSON that only the slow decoder accepts, so that it decodes one item at a time."""
    found = pieces(data)
    if found is None:
        return decode(data)
    if data.lstrip()[:1] == b"[":
        return [msgspec.Raw(each) for each in found]
    fields = [_FIELD.fullmatch(each) for each in found]
    if not all(fields):
        return decode(data)
    return {text(decode(each[1])): msgspec.Raw(each[2]) for each in fields if each is not None}


def _decode_slowly(data: bytes) -> object:
    try:
        return json.loads(data.decode("utf-8", "replace"), strict=False)
    except json.JSONDecodeError as error:
        raise Unreadable(
            phrase("Invalid JSON: {error} at character {place}.", error=error.msg, place=f"{error.pos:,}")
        ) from None
    except ValueError:
        raise Unreadable(phrase("The JSON contains a number that is too long.")) from None
    except RecursionError:
        raise Unreadable(phrase("The JSON is nested too deeply.")) from None


def table(value: object) -> Mapping[str, object]:
    """Return the value if it is an object, otherwise an empty object."""
    if type(value) is dict or isinstance(
        value, Mapping
    ):  # called millions of times per import, mostly with these types
        return cast("Mapping[str, object]", value)
    return _NOTHING


def items(value: object) -> Sequence[object]:
    """Return the value if it is a list, otherwise an empty list."""
    return cast("Sequence[object]", value) if isinstance(value, (list, tuple)) else ()


def tables(value: object) -> Sequence[Mapping[str, object]]:
    """Return the objects in a list."""
    return [cast("Mapping[str, object]", each) for each in items(value) if isinstance(each, Mapping)]


def text(value: object) -> str:
    """Return text as it is, a number as text, and an empty string for any other value."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def number(value: object) -> float | None:
    """Return the value if it is a finite number of at least zero, otherwise None."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if 0 <= value <= sys.float_info.max else None


def whole(value: object) -> int | None:
    """Return the value as an integer if it is a number that the store can hold, otherwise None."""
    found = number(value)
    return None if found is None or found >= 1 << 53 else int(found)


def as_json(value: object) -> str:
    """Encode a decoded value as JSON, including lone surrogates and numbers out of range."""
    try:
        return msgspec.json.encode(value).decode()
    except (UnicodeEncodeError, OverflowError):
        return json.dumps(value)


def when(value: object) -> datetime | None:
    """Parse ISO 8601, or a number of seconds or smaller units since 1970, into a time as stored; otherwise None."""
    try:
        if isinstance(value, str):
            at = datetime.fromisoformat(value.strip())
            at = at.replace(tzinfo=at.tzinfo or UTC)
        else:
            seconds = number(value)
            if not seconds:
                return None
            while seconds > _LARGEST_SECONDS:
                seconds /= 1000
            at = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    kept = bounded_time(at)
    return kept if at >= EPOCH and abs(kept - at) < MILLISECOND else None
