"""Messages between the program and the child that decodes attachments, as frames of msgpack."""

from __future__ import annotations

from enum import StrEnum

import msgspec
from msgspec import Struct

from desktop.attachments.media_kind import MediaKind

MOST_FRAME = 96 << 20
"""Longest frame in bytes: an attachment with its request, or all that was decoded from it."""


class DecodeRequest(Struct, frozen=True, tag="decode"):
    """An attachment to decode. Images are scaled down until their longer side has `side` pixels.

    A `page` of a PDF, counted from 0, is drawn alone, for display; a negative one decodes the whole file.
    """

    kind: MediaKind
    media_type: str
    name: str
    data: bytes
    side: int
    page: int = -1


class DecodeProgress(Struct, frozen=True, tag="progress"):
    """Number of pages read so far, and of all pages."""

    done: int
    of: int


class PlainPicture(Struct, frozen=True):
    """An image encoded again: rotated upright, scaled, and without metadata."""

    media_type: str
    data: bytes
    width: int
    height: int


class Decoded(Struct, frozen=True, kw_only=True, tag="decoded"):
    """Contents of an attachment: `text`, `pictures` (an image itself, or a scan's pages), and a `thumbnail` as PNG.

    `cut` is set if the file holds more than the limits allow.
    """

    text: str = ""
    tokens: int = 0
    """Estimate for the text, made in the child because megabytes take a while."""
    pages: int = 0
    pictures: tuple[PlainPicture, ...] = ()
    thumbnail: bytes = b""
    cut: bool = False


class SoFar(Struct, frozen=True, tag="so_far"):
    """Contents of a PDF before its pages are drawn, in case one of them takes forever."""

    decoded: Decoded


class Reason(StrEnum):
    """Reasons for not decoding an attachment."""

    DAMAGED = "damaged"
    LOCKED = "locked"  # needs a password
    TOO_LARGE = "too_large"  # pixels, pages, or unpacked size
    NO_TEXT = "no_text"
    LATE = "late"
    FAILED = "failed"


class DecodeRefusal(Struct, frozen=True, tag="refused"):
    """An attachment could not be decoded; `error` is the error's type, for the log."""

    reason: Reason
    error: str = ""


DecodeReply = DecodeProgress | SoFar | Decoded | DecodeRefusal

parse_request = msgspec.msgpack.Decoder(DecodeRequest).decode
parse_reply = msgspec.msgpack.Decoder(DecodeReply).decode
encode = msgspec.msgpack.encode


class NotDecoded(Exception):
    """An attachment cannot be decoded, for a reason that users are told."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason
