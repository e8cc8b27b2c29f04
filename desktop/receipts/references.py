"""Request bodies with references to stored texts, and their byte-exact restoration. Pure functions.

A reference replaces only JSON that can be restored exactly, so the restored body equals the original byte for byte.
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
"""Minimum length in characters of a text that is replaced by a reference; for shorter ones a reference is longer."""

_MOST_SOUGHT = 16
"""Number of texts that may be missing, because an API format encodes them differently, before the search ends."""

_HEAD, _MOST_HEADS = 16, 8
"""Length in bytes of the prefix that is searched first, and maximum number of its occurrences to check."""

_LONGEST_ID = 64
_ID = rb"([0-9A-Za-z-]{1,64})"
_IDS = re.compile("[0-9A-Za-z-]{1,64}")
_USUAL = MARK.encode()
_SHORT = b'{"@":'
_MESSAGE = _SHORT + b'"%b"}'
"""Reference that replaces a whole string, used only with the default mark."""

_encode = msgspec.json.Encoder().encode


SentText = tuple[str, str]
"""Id of a message, and its text as sent."""

Place = tuple[int, int, str, bool]
"""Start and end of a message's text in a body, the message id, and whether the text is a whole quoted JSON string.

A plain tuple, because every prompt creates one for each message of a long history.
"""


class Referring(NamedTuple):
    """A body with references, and the mark that precedes references within texts."""

    body: bytes
    mark: str


def referred(body: bytes, texts: Iterable[SentText], files: Mapping[str, str] | None = None) -> Referring:
    """Return a body in which these texts are replaced by references.

    Args:
        texts: Ids and texts of messages, in the order in which they were sent.
        files: Digests of attachments by their text in the request.
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
    """Replace occurrences of a text with a reference. Every second piece already is a reference and stays unchanged."""
    result: list[bytes] = []
    for number, piece in enumerate(pieces):
        if number % 2:
            result.append(piece)
            continue
        first, *others = piece.split(written)
        result.append(first)
        for each in others:
            result += (reference, each)
    return result


def _places(body: bytes, texts: Iterable[SentText]) -> list[Place]:
    places: list[Place] = []
    at = missed = 0
    for message, text in texts:
        if len(text) < _LEAST or not _is_id(message):
            continue
        written, whole = _encode(text), True
        start = body.find(written[:_HEAD], at)
        if not body.startswith(
            written, start
        ):  # a different text with this prefix, or it follows a file's text in the same string
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
        places.append((start, at, message, whole))
    return places


def _is_id(text: str) -> bool:
    """Whether an id can be used in a reference; imported ids may be anything.

    Plain alphanumeric ids, such as Paragone's, skip the slower regular expression.
    """
    return (text.isalnum() and text.isascii() and len(text) <= _LONGEST_ID) or _IDS.fullmatch(text) is not None


def _find(body: bytes, written: bytes, at: int) -> int:
    """Find bytes like bytes.find; ten times as fast for long texts whose prefix is found quickly."""
    head = written[:_HEAD]
    start = body.find(head, at)
    for _ in range(_MOST_HEADS):
        if start < 0 or body.startswith(written, start):
            return start
        start = body.find(head, start + 1)
    return body.find(written, at)


def _reference_to(place: Place, mark: bytes) -> bytes:
    """Return the reference that replaces the text of a message."""
    id_, is_whole = place[2].encode(), place[3]
    if not is_whole:
        return b"%bsaid:%b;" % (mark, id_)
    return b'"%bsaid:%b;"' % (mark, id_) if mark != _USUAL else _MESSAGE % id_


class Resolved(NamedTuple):
    """A body with references resolved; references to missing texts remain.

    `messages` is the number of missing texts, `files` are the digests of missing attachments.
    """

    body: bytes
    messages: int = 0
    files: frozenset[str] = frozenset()


def resolved(
    referring: Referring, text_of: Callable[[str], str | None], data_of: Callable[[str], str | None] = lambda _: None
) -> Resolved:
    """Return a body with its references resolved."""
    messages = 0
    files: set[str] = set()

    def put(match: re.Match[bytes]) -> bytes:
        nonlocal messages
        if (digest := match["digest"]) is not None:
            data = data_of(digest.decode())
            if data is None:
                files.add(digest.decode())
            return match[0] if data is None else _encode(data)[1:-1]
        text = text_of((match[1] or match[2]).decode())
        messages += text is None
        return match[0] if text is None else _encode(text) if match[1] else _encode(text)[1:-1]

    whole = _reference(referring.mark).sub(put, referring.body)
    return Resolved(whole, messages, frozenset(files))


def digest_of(text: str) -> str:
    """Return the digest that identifies an attachment's text: the SHA-256 of its UTF-8 encoding, in hex."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def messages_in(referring: Referring) -> frozenset[str]:
    """Return the ids of the messages that a body refers to."""
    found = _reference(referring.mark).finditer(referring.body)
    return frozenset((each[1] or each[2]).decode() for each in found if each["digest"] is None)


def _mark_of(rest: Sequence[bytes]) -> str:
    """Return a mark that does not occur anywhere else in a body."""
    if not any(_USUAL in each or _SHORT in each for each in rest):
        return MARK
    marks = (f"paragone-{number}:" for number in count(1))
    return next(mark for mark in marks if not any(mark.encode() in each for each in rest))


def _reference(mark: str) -> re.Pattern[bytes]:
    own = re.escape(mark.encode())
    short = re.escape(_SHORT) + rb'"' + _ID + rb'"\}' if mark == MARK else rb"(?!)()"
    return re.compile(short + rb"|" + own + rb"said:" + _ID + rb";|" + own + rb"attached:(?P<digest>[0-9a-f]{64});")
