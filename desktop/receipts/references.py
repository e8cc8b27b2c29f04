"""Bodies of requests with what is kept elsewhere by reference, and as they were sent again; pure.

A reference takes the place of JSON that says the same, so that what is put together again is the same to the byte.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from typing import NamedTuple

import msgspec

from desktop.receipts.receipt import MARK

_LEAST = 48
"""Characters of a text from which on a reference is shorter."""

_MOST_SOUGHT = 16
"""Texts that are not found, as a wire writes them otherwise, until no more are looked for."""

_HEAD, _MOST_HEADS = 16, 8
"""Bytes by which a text is looked for at first, and how many that begin so are looked at."""

_LONGEST_ID = 64
_ID = rb"([0-9A-Za-z-]{1,64})"
_IDS = re.compile("[0-9A-Za-z-]{1,64}")
_USUAL = MARK.encode()
_SHORT = b'{"@":'
_MESSAGE = _SHORT + b'"%b"}'
"""In the place of a whole string, and only where the mark is the usual one."""

_encode = msgspec.json.Encoder().encode


SentText = tuple[str, str]
"""The id of a message, and its text as a request has it."""

Place = tuple[int, int, str, bool]
"""Where a text of a message begins and ends in a body, its id, and whether it is all of a string there, with its marks.

A plain tuple: each of a long history is one, at each prompt.
"""


class Referring(NamedTuple):
    """A body with references, and the mark that those within texts begin with."""

    body: bytes
    mark: str


def referred(body: bytes, texts: Iterable[SentText], files: Mapping[str, str] | None = None) -> Referring:
    """A body with references to these texts, in the order in which they were sent.

    `files` are digests by what was sent of files.
    """
    places = _places(body, texts)
    rest: list[bytes] = []
    end = 0
    for start, stop, _, _ in places:
        rest.append(body[end:start])
        end = stop
    rest.append(body[end:])
    mark = _mark_of(rest)
    own = mark.encode()
    pieces: list[bytes] = []
    for before, place in zip(rest, places, strict=False):
        pieces += (before, _reference_to(place, own))
    pieces.append(rest[-1])
    for data, digest in (files or {}).items():
        if data:
            pieces = _put(pieces, _encode(data)[1:-1], own + b"attached:%b;" % digest.encode())
    return Referring(b"".join(pieces), mark)


def _put(pieces: Sequence[bytes], written: bytes, reference: bytes) -> list[bytes]:
    """Pieces with a reference in the place of what is written; every second one is a reference, which stays whole."""
    found: list[bytes] = []
    for number, piece in enumerate(pieces):
        if number % 2:
            found.append(piece)
            continue
        first, *others = piece.split(written)
        found.append(first)
        for each in others:
            found += (reference, each)
    return found


def _places(body: bytes, texts: Iterable[SentText]) -> list[Place]:
    found: list[Place] = []
    at = missed = 0
    for message, text in texts:
        if len(text) < _LEAST or not _is_id(message):
            continue
        written, whole = _encode(text), True
        start = body.find(written[:_HEAD], at)
        if not body.startswith(written, start):  # others begin so, or it stands after what a file says, in one string
            start = _find(body, written, at)
            if start < 0:
                written, whole = written[1:-1], False
                start = _find(body, written, at)
        if start < 0:
            missed += 1
            if missed >= _MOST_SOUGHT:
                break
            continue
        at = start + len(written)
        found.append((start, at, message, whole))
    return found


def _is_id(text: str) -> bool:
    """Whether a reference can hold it: ids of imports may be anything. Ours are told without the expression."""
    return (text.isalnum() and text.isascii() and len(text) <= _LONGEST_ID) or _IDS.fullmatch(text) is not None


def _find(body: bytes, written: bytes, at: int) -> int:
    """As bytes.find, which prepares itself for long texts: ten times as fast where the beginning is found at once."""
    head = written[:_HEAD]
    start = body.find(head, at)
    for _ in range(_MOST_HEADS):
        if start < 0 or body.startswith(written, start):
            return start
        start = body.find(head, start + 1)
    return body.find(written, at)


def _reference_to(place: Place, mark: bytes) -> bytes:
    """What stands in its place."""
    id_, is_whole = place[2].encode(), place[3]
    if not is_whole:
        return b"%bsaid:%b;" % (mark, id_)
    return b'"%bsaid:%b;"' % (mark, id_) if mark != _USUAL else _MESSAGE % id_


class Resolved(NamedTuple):
    """A body as it was sent; where something was not found its reference stands.

    `messages` counts those that were not found, `files` are the digests of what was not found of files.
    """

    body: bytes
    messages: int = 0
    files: frozenset[str] = frozenset()


def resolved(
    referring: Referring, text_of: Callable[[str], str | None], data_of: Callable[[str], str | None] = lambda _: None
) -> Resolved:
    """A body put together again of what is kept elsewhere."""
    messages = 0
    files: set[str] = set()

    def put(found: re.Match[bytes]) -> bytes:
        nonlocal messages
        if (digest := found["digest"]) is not None:
            data = data_of(digest.decode())
            if data is None:
                files.add(digest.decode())
            return found[0] if data is None else _encode(data)[1:-1]
        text = text_of((found[1] or found[2]).decode())
        messages += text is None
        return found[0] if text is None else _encode(text) if found[1] else _encode(text)[1:-1]

    whole = _reference(referring.mark).sub(put, referring.body)
    return Resolved(whole, messages, frozenset(files))


def digest_of(text: str) -> str:
    """What stands for a text of a file: the SHA-256 of its UTF-8, in hex."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def messages_in(referring: Referring) -> frozenset[str]:
    """The ids of the messages that a body refers to."""
    found = _reference(referring.mark).finditer(referring.body)
    return frozenset((each[1] or each[2]).decode() for each in found if each["digest"] is None)


def _mark_of(rest: Sequence[bytes]) -> str:
    """A mark that nothing in what is left of a body says by itself."""
    if not any(_USUAL in each or _SHORT in each for each in rest):
        return MARK
    marks = (f"paragone-{number}:" for number in count(1))
    return next(mark for mark in marks if not any(mark.encode() in each for each in rest))


def _reference(mark: str) -> re.Pattern[bytes]:
    own = re.escape(mark.encode())
    short = re.escape(_SHORT) + rb'"' + _ID + rb'"\}' if mark == MARK else rb"(?!)()"
    return re.compile(short + rb"|" + own + rb"said:" + _ID + rb";|" + own + rb"attached:(?P<digest>[0-9a-f]{64});")
