"""Attachments in exported pages: shown as an image, a link, or only a name."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from desktop.attachments.attachment import plain_name
from desktop.domain.message_parts import FilePart, ImagePart


class PageFile(Struct, frozen=True):
    """An attachment in a page. `picture` is a data: URL; `link` leads to a file next to the page.

    If both are empty, only the name is shown. `gone` means that the file no longer exists, `drawn` that the link leads
    to an image.
    """

    name: str
    picture: str = ""
    link: str = ""
    drawn: bool = False
    gone: bool = False


PageFileLook = Callable[[ImagePart | FilePart], PageFile]
"""Returns how a page shows a file."""


def named(part: ImagePart | FilePart) -> PageFile:
    """Return a file that is shown only by its name."""
    return PageFile(plain_name(part.name))
