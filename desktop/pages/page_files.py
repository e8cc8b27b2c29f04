"""Attached files as pages to read show them: by a picture, a link, or their name alone."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from desktop.attachments.attachment import plain_name
from desktop.domain.message_parts import FilePart, ImagePart


class PageFile(Struct, frozen=True):
    """An attached file in a page. `picture` is a data: address, `link` leads to a file beside the page.

    Without either it is only named; `gone` says that it is no longer there, `drawn` that the link leads to a picture.
    """

    name: str
    picture: str = ""
    link: str = ""
    drawn: bool = False
    gone: bool = False


PageFileLook = Callable[[ImagePart | FilePart], PageFile]
"""How a page shows a file."""


def named(part: ImagePart | FilePart) -> PageFile:
    """A file by its name alone."""
    return PageFile(plain_name(part.name))
