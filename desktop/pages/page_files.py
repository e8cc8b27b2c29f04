"""Attachments in exported pages: shown as an image, a link, or only a name."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from desktop.attachments.attachment import plain_name
from desktop.domain.message_parts import FilePart, ImagePart


class PageFile(Struct, frozen=True):
    """Attachment in a page. `picture` is a data: URL, `link` leads to a file next to the page.

    Without either, only the name is shown; `gone` is whether it no longer exists, `drawn` whether the link leads to
    an image.
    """

    name: str
    picture: str = ""
    link: str = ""
    drawn: bool = False
    gone: bool = False


PageFileLook = Callable[[ImagePart | FilePart], PageFile]
"""Function that returns how a page shows a file."""


def named(part: ImagePart | FilePart) -> PageFile:
    """Return a file shown by its name only."""
    return PageFile(plain_name(part.name))
