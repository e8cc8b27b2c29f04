"""What is said to the child that decodes files, and what it says: frames of msgpack, each with its length before it."""

from __future__ import annotations

from enum import StrEnum

import msgspec
from msgspec import Struct

from desktop.attachments.media_kind import MediaKind

READY = b"paragone-decodes\n"
MOST_FRAME = 96 << 20
"""Bytes of one frame: a file and what is said of it, or all that came of it."""


class DecodeRequest(Struct, frozen=True, tag="decode"):
    """A file to be decoded. Pictures are scaled down until their longer side has `side` pixels.

    Of a PDF a `page` may be asked for alone, to be seen: from 0, or none where it is below.
    """

    kind: MediaKind
    media_type: str
    name: str
    data: bytes
    side: int
    page: int = -1


class DecodeProgress(Struct, frozen=True, tag="progress"):
    """So many of so many pages are read."""

    done: int
    of: int


class PlainPicture(Struct, frozen=True):
    """A picture that was encoded anew: turned, scaled, without what else its file held."""

    media_type: str
    data: bytes
    width: int
    height: int


class Decoded(Struct, frozen=True, kw_only=True, tag="decoded"):
    """What came of a file: `text`, `pictures` (of a picture one, of a scan its pages), a `thumbnail` as PNG.

    `cut` says that more was in it than is taken.
    """

    text: str = ""
    tokens: int = 0
    """About how many the text comes to: counting those of megabytes takes a while."""
    pages: int = 0
    pictures: tuple[PlainPicture, ...] = ()
    thumbnail: bytes = b""
    cut: bool = False


class SoFar(Struct, frozen=True, tag="so_far"):
    """What came of a file before its pages are drawn, in case that one of them holds the child up."""

    decoded: Decoded


class Reason(StrEnum):
    """Why a file was not decoded."""

    DAMAGED = "damaged"
    LOCKED = "locked"  # it wants a password
    TOO_LARGE = "too_large"  # pixels, pages, or what it unpacks to
    NO_TEXT = "no_text"
    LATE = "late"
    FAILED = "failed"


class DecodeRefusal(Struct, frozen=True, tag="refused"):
    """Nothing came of a file."""

    reason: Reason
    error: str = ""
    """The type of the error, for the log."""


DecodeReply = DecodeProgress | SoFar | Decoded | DecodeRefusal

_requests = msgspec.msgpack.Decoder(DecodeRequest)
_replies = msgspec.msgpack.Decoder(DecodeReply)


class NotDecoded(Exception):
    """A file cannot be decoded, for a reason that can be told."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def framed(value: DecodeRequest | DecodeReply) -> bytes:
    """A frame: four bytes of length, then the value."""
    data = msgspec.msgpack.encode(value)
    return len(data).to_bytes(4, "big") + data


def request_of(data: bytes) -> DecodeRequest:
    """The request in a frame. Raises msgspec.DecodeError."""
    return _requests.decode(data)


def reply_of(data: bytes) -> DecodeReply:
    """The reply in a frame. Raises msgspec.DecodeError."""
    return _replies.decode(data)
