"""Detects the type of a file from its first bytes, or from its name if they are ambiguous. Pure functions."""

from __future__ import annotations

from enum import StrEnum
from pathlib import PurePath

from msgspec import Struct

HEAD = 8_192
"""Number of bytes at the beginning of a file that are examined."""


class MediaKind(StrEnum):
    """Kind of a file, which determines how it is decoded and in which forms it can be sent to a model."""

    PICTURE = "picture"
    PDF = "pdf"
    OFFICE = "office"  # documents, spreadsheets and slides, whose text is sent to models
    TEXT = "text"
    OTHER = "other"  # imported and of an unsupported kind


class Media(Struct, frozen=True):
    """A file's kind and media type."""

    kind: MediaKind
    type: str


_PICTURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
)
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), "image/heic"),
    **dict.fromkeys((b"avif", b"avis"), "image/avif"),
}
"""Brands that identify images in an ISO media container, which is also used for videos."""

_OPEN = "application/vnd.openxmlformats-officedocument."
_OFFICE = {
    ".docx": f"{_OPEN}wordprocessingml.document",
    ".docm": f"{_OPEN}wordprocessingml.document",
    ".xlsx": f"{_OPEN}spreadsheetml.sheet",
    ".xlsm": f"{_OPEN}spreadsheetml.sheet",
    ".pptx": f"{_OPEN}presentationml.presentation",
    ".pptm": f"{_OPEN}presentationml.presentation",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odp": "application/vnd.oasis.opendocument.presentation",
}
_TEXTS = {
    ".md": "text/markdown",
    ".csv": "text/csv",
    ".html": "text/html",
    ".htm": "text/html",
    ".json": "application/json",
    ".xml": "application/xml",
    ".svg": "image/svg+xml",
    ".eml": "message/rfc822",
}
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\r\f\x1b\b")


def media_of(head: bytes, name: str) -> Media | None:
    """Return a file's type, or None if it is neither text nor of a supported kind."""
    suffix = PurePath(name).suffix.lower()
    for start, type_ in _PICTURES:
        if head.startswith(start) and (type_ != "image/bmp" or suffix in {".bmp", ".dib"}):
            return Media(MediaKind.PICTURE, type_)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Media(MediaKind.PICTURE, "image/webp")
    if head[4:8] == b"ftyp" and head[8:12] in _BRANDS:
        return Media(MediaKind.PICTURE, _BRANDS[head[8:12]])
    if b"%PDF-" in head[:1024]:
        return Media(MediaKind.PDF, "application/pdf")
    if head.startswith(b"PK\x03\x04"):
        return Media(MediaKind.OFFICE, _OFFICE[suffix]) if suffix in _OFFICE else None
    if _is_text(head):
        return Media(MediaKind.TEXT, _TEXTS.get(suffix, "text/plain"))
    return None


def _is_text(head: bytes) -> bool:
    """Whether bytes are text: they contain no control characters, or a byte order mark declares the encoding."""
    return head.startswith(_MARKS) or not _CONTROLS.intersection(head[:HEAD])
