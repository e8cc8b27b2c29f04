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
    """A model that receives files, and the kinds of files it accepts."""

    name: str
    taken: Taken
    entry: Entry


class GivenForm(Struct, frozen=True):
    """Description of what models receive of a file, whether any receives nothing, and the estimated tokens."""

    said: str
    lacks: bool
    tokens: int


Gets = Callable[["Attachment"], GivenForm]


class FilesAsked(Struct, frozen=True):
    """Request for one file, with the other files of its prompt."""

    files: Sequence[ImagePart | FilePart]
    at: int
    gets: Gets
    back: Callable[[], QWidget]
    place: QPoint | None = None
    remove: Callable[[int], None] | None = None
