"""An attached file: its name, its type, and its decoded contents."""

from __future__ import annotations

import hashlib
import unicodedata
from pathlib import PurePosixPath, PureWindowsPath

from msgspec import Struct

from desktop.attachments.decode_wire import Decoded
from desktop.attachments.media_kind import Media, MediaKind
from desktop.domain.message_parts import FilePart, ImagePart

LONGEST_NAME = 120
_FENCES = str.maketrans("`~", "'-")
"""Characters that would start a code block if the file name appears in a prompt."""


class Attachment(Struct, frozen=True, kw_only=True):
    """An attached file, identified by the SHA-256 (hex) of its `size` bytes. Models receive content from `decoded`."""

    sha256: str
    name: str
    media: Media
    size: int
    decoded: Decoded

    @property
    def shown_pages(self) -> int:
        """Number of images to display: 1 for an image, or the number of a document's pages."""
        drawn = self.media.kind is MediaKind.PDF and not self.decoded.pictures
        return self.decoded.pages if drawn else len(self.decoded.pictures)

    @property
    def part(self) -> ImagePart | FilePart:
        """Part of a message that refers to this attachment."""
        kind = ImagePart if self.media.kind is MediaKind.PICTURE else FilePart
        return kind(sha256=self.sha256, media_type=self.media.type, name=self.name, size=self.size)


def fingerprint(data: bytes) -> str:
    """Return the SHA-256 of a file's bytes in hex."""
    return hashlib.sha256(data).hexdigest()


def plain_name(name: str) -> str:
    """Return a file name for display and prompts: on one short line, without folders or invisible characters."""
    last = PureWindowsPath(PurePosixPath(name).name).name
    spaced = "".join(" " if sign.isspace() else sign for sign in last)
    seen = "".join(sign for sign in spaced if unicodedata.category(sign)[0] != "C").translate(_FENCES)
    said = " ".join(seen.split()).strip(". ") or "file"
    if len(said) <= LONGEST_NAME:
        return said
    stem, dot, suffix = said.rpartition(".")
    if not dot or len(suffix) > 10:
        return said[:LONGEST_NAME]
    return f"{stem[: LONGEST_NAME - len(suffix) - 1]}.{suffix}"
