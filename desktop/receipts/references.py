"""Bodies of requests with the texts of kept messages by reference, and as they were sent again; pure.

A reference takes the place of a text's JSON, so that what is put together again is the same to the byte.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import msgspec

_LEAST = 48
"""Characters of a text from which on a reference is shorter."""

_MOST_SOUGHT = 16
"""Texts that are not found, as a wire writes them otherwise, until no more are looked for."""

_MESSAGE = b'{"@":"%b"}'
_ATTACHED = b"paragone:attached:%b:%d"
_REFERENCE = re.compile(rb'\{"@":"([0-9A-Za-z-]{1,64})"\}|paragone:attached:([0-9a-f]{64}):(\d{1,12})')
_ANY = (b'{"@":', b"paragone:attached:")


class SentText(NamedTuple):
    """A text of a request and the id of the message that it is."""

    message: str
    text: str


class Unresolved(NamedTuple):
    """What a body had that is not kept: messages that are gone, and files, whose bytes go with no receipt."""

    messages: int
    files: int


def referred(body: bytes, texts: Iterable[SentText], files: Mapping[str, str] | None = None) -> bytes | None:
    """A body with references to these texts, in the order in which they were sent; `files` are digests by base64.

    None where the body says by itself what a reference says: it is to be kept whole.
    """
    if any(mark in body for mark in _ANY):
        return None
    pieces: list[bytes] = []
    at = missed = 0
    for message, text in texts:
        if len(text) < _LEAST:
            continue
        written = msgspec.json.encode(text)
        found = body.find(written, at)
        if found < 0:
            missed += 1
            if missed >= _MOST_SOUGHT:
                break
            continue
        pieces += [body[at:found], _MESSAGE % message.encode()]
        at = found + len(written)
    whole = b"".join([*pieces, body[at:]])
    for data, digest in (files or {}).items():
        whole = whole.replace(data.encode(), _ATTACHED % (digest.encode(), len(data)))
    return whole


def resolved(
    body: bytes, text_of: Callable[[str], str | None], data_of: Callable[[str], str | None] = lambda _digest: None
) -> tuple[bytes, Unresolved]:
    """A body as it was sent, and what of it could not be put together: there its reference stands."""
    messages = files = 0

    def put(found: re.Match[bytes]) -> bytes:
        nonlocal messages, files
        if found[1] is not None:
            text = text_of(found[1].decode())
            messages += text is None
            return found[0] if text is None else msgspec.json.encode(text)
        data = data_of(found[2].decode())
        files += data is None
        return found[0] if data is None else data.encode()

    whole = _REFERENCE.sub(put, body)
    return whole, Unresolved(messages, files)


def messages_in(body: bytes) -> frozenset[str]:
    """The ids of the messages that a body refers to."""
    return frozenset(found[1].decode() for found in _REFERENCE.finditer(body) if found[1] is not None)
