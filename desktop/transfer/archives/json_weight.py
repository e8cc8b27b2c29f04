"""What JSON weighs in memory once it is decoded, told from its bytes before it is; pure.

Empty lists and objects grow twenty-fold when they are decoded, text hardly at all. So brackets, braces and commas are
counted: at first all of them, which is quick and perhaps too many, then only those outside of strings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

import msgspec

MOST_LISTED = 200_000
"""Items of a list, or keys of an object, that are taken apart without being decoded."""

_FREE = 64 << 20  # bytes in memory that any JSON may take
_GROWTH = 4  # and beyond these, how many times its own length
_LIST, _OBJECT, _VALUE = 100, 240, 64  # bytes of each, as measured with msgspec
_AT_ONCE = 1 << 20
_DEEPEST = 2_000  # no decoder goes so deep

_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?+'
_STRINGS = re.compile(_STRING, re.DOTALL)
_SOME_STRINGS = re.compile(rb'(?:[^"]++|' + _STRING + rb"){1,4096}+", re.DOTALL)
_IN_FLAT = rb'(?:[^"{}\[\]]++|' + _STRING + rb")*+"
_FLAT = _STRING + rb"|\{" + _IN_FLAT + rb"\}|\[" + _IN_FLAT + rb"\]"
_FIRST_BRACKET = re.compile(rb"[{\[]")
_TO_BRACKET = re.compile(rb'(?:[^"{}\[\]]++|' + _FLAT + rb")*+", re.DOTALL)
_TO_BRACKET_OR_COMMA = re.compile(rb'(?:[^"{}\[\],]++|' + _FLAT + rb")*+", re.DOTALL)


def is_light(data: bytes | msgspec.Raw) -> bool:
    """Whether JSON may be decoded whole: it then takes 64 MB at most, or four times its length."""
    length = memoryview(data).nbytes
    most = max(_FREE, _GROWTH * length)
    if length * _OBJECT <= most:
        return True
    whole = bytes(data)
    return _weight(whole) <= most or sum(map(_weight, _without_strings(whole))) <= most


def is_short(data: bytes | msgspec.Raw) -> bool:
    """Whether the outermost list or object has no more than MOST_LISTED entries."""
    if memoryview(data).nbytes < MOST_LISTED:
        return True
    view = memoryview(data)
    commas = sum(bytes(view[at : at + _AT_ONCE]).count(b",") for at in range(0, view.nbytes, _AT_ONCE))
    return commas < MOST_LISTED or _has_few(bytes(data), MOST_LISTED)


def _weight(data: bytes) -> int:
    return _LIST * data.count(b"[") + _OBJECT * data.count(b"{") + _VALUE * data.count(b",")


def _without_strings(data: bytes) -> Iterator[bytes]:
    """The JSON piece by piece, its strings left out."""
    at = 0
    while (some := _SOME_STRINGS.match(data, at)) is not None:
        yield _STRINGS.sub(b"", some[0])
        at = some.end()


def pieces(data: bytes) -> list[bytes] | None:
    """What stands between the outermost brackets and commas, none of it looked into; None where no bracket closes.

    It goes piece by piece, so that other threads are not held up as by a decoder that goes through all at once.
    """
    begun, found = -1, list[bytes]()
    for place in _outermost(data):
        if begun >= 0:
            found.append(data[begun:place])
        begun = place + 1
    closed = found and data[begun - 1 : begun] in (b"]", b"}") and not data[begun:].strip()
    return found if closed and all(each.strip() for each in found) else None


def _has_few(data: bytes, most: int) -> bool:
    return sum(1 for _ in islice(_outermost(data), most + 2)) <= most + 1  # of one entry there are two


def _outermost(data: bytes) -> Iterator[int]:
    """The places of the outermost opening bracket, of the commas directly in it, and of the closing one."""
    first = _FIRST_BRACKET.search(data)
    if first is None:
        return
    yield first.start()
    at, depth = first.end(), 1
    while at < len(data) and 0 < depth < _DEEPEST:
        to = (_TO_BRACKET_OR_COMMA if depth == 1 else _TO_BRACKET).match(data, at)
        assert to is not None  # it matches nothing as well
        mark = data[to.end() : to.end() + 1]
        if mark != b",":
            depth += 1 if mark in (b"[", b"{") else -1
        if mark and (mark == b"," or not depth):
            yield to.end()
        at = to.end() + 1
