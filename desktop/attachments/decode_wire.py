"""Messages between the program and the child process that decodes attachments, as frames of MessagePack."""

from __future__ import annotations

from enum import StrEnum

import msgspec
from msgspec import Struct

from desktop.attachments.media_kind import MediaKind

MOST_FRAME = 96 << 20
"""Maximum size of a frame in bytes: an attachment with its request, or all decoded content."""


class DecodeRequest(Struct, frozen=True, tag="decode"):
    """An attachment to decode. Images are scaled down until their longer side has at most `side` pixels.

    If `page` is 0 or more, only this page of a PDF is rendered for display; if negative, the whole file is decoded.
    """

    kind: MediaKind
    media_type: str
    name: str
    data: bytes
    side: int
    page: int = -1


class DecodeProgress(Struct, frozen=True, tag="progress"):
    """Number of pages read so far, and total number of pages."""

    done: int
    of: int


class PlainPicture(Struct, frozen=True):
    """A re-encoded image: rotated upright, scaled, and without metadata."""

    media_type: str
    data: bytes
    width: int
    height: int


class Decoded(Struct, frozen=True, kw_only=True, tag="decoded"):
    """Contents of an attachment: `text`, `pictures` (an image, or the pages of a scan) and a PNG `thumbnail`.

    `cut` means that the file contains more than the limits allow.
    """

    text: str = ""
    tokens: int = 0
    """Estimated tokens of the text, calculated in the child because megabytes take a while."""
    pages: int = 0
    pictures: tuple[PlainPicture, ...] = ()
    thumbnail: bytes = b""
    cut: bool = False


class SoFar(Struct, frozen=True, tag="so_far"):
    """Contents of a PDF before its pages are rendered, in case rendering one of them never ends."""

    decoded: Decoded


class Reason(StrEnum):
    """Reason why an attachment was not decoded."""

    DAMAGED = "damaged"
    LOCKED = "locked"  # needs a password
    TOO_LARGE = "too_large"  # pixels, pages, or unpacked size
    NO_TEXT = "no_text"
    LATE = "late"
    FAILED = "failed"


class DecodeRefusal(Struct, frozen=True, tag="refused"):
    """Reply if an attachment could not be decoded. `error` is the type of the error, for the log."""

    reason: Reason
    error: str = ""


DecodeReply = DecodeProgress | SoFar | Decoded | DecodeRefusal

parse_request = msgspec.msgpack.Decoder(DecodeRequest).decode
parse_reply = msgspec.msgpack.Decoder(DecodeReply).decode
encode = msgspec.msgpack.encode


class NotDecoded(Exception):
    """Raised if an attachment cannot be decoded, with a reason that is shown to the user."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason
