"""Request to view an attachment or open its menu."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from desktop.attachments.attachment import Attachment
    from desktop.attachments.sent_forms import Taken
    from desktop.catalog.catalog_entry import Entry
    from desktop.domain.message_parts import FilePart, ImagePart


class GivenModel(NamedTuple):
    """A model that receives files, with what it accepts."""

    name: str
    taken: Taken
    entry: Entry


class GivenForm(Struct, frozen=True):
    """Form in which models receive a file, whether any receives nothing, and estimated tokens."""

    said: str
    lacks: bool
    tokens: int


Gets = Callable[["Attachment"], GivenForm]


class FilesAsked(Struct, frozen=True):
    """Files of one prompt and the requested one."""

    files: Sequence[ImagePart | FilePart]
    at: int
    gets: Gets
    back: Callable[[], QWidget]
    place: QPoint | None = None
    remove: Callable[[int], None] | None = None
