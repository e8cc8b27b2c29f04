"""A file that is attached: its name, what it is, and what was made of it."""

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
"""What would begin a block of code where the name stands in a prompt."""


class Attachment(Struct, frozen=True, kw_only=True):
    """A file by the SHA-256 (hex) of its bytes, of which there are `size`; `decoded` is what models are given."""

    sha256: str
    name: str
    media: Media
    size: int
    decoded: Decoded

    @property
    def shown_pages(self) -> int:
        """How many pictures there are to be seen of it: a picture itself, or a document's pages."""
        drawn = self.media.kind is MediaKind.PDF and not self.decoded.pictures
        return self.decoded.pages if drawn else len(self.decoded.pictures)

    @property
    def part(self) -> ImagePart | FilePart:
        """What stands for it in a message."""
        kind = ImagePart if self.media.kind is MediaKind.PICTURE else FilePart
        return kind(sha256=self.sha256, media_type=self.media.type, name=self.name, size=self.size)


def fingerprint(data: bytes) -> str:
    """The SHA-256 of a file's bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def plain_name(name: str) -> str:
    """A file's name as it is shown and sent: without folders, signs that are not seen, or more than fits a line."""
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
