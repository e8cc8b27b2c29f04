"""What somebody asks of the files of a prompt: to see one of them, or what can be done with it."""

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
    """A model that files go to, what it takes of them, and what else is known of it."""

    name: str
    taken: Taken
    entry: Entry


class GivenForm(Struct, frozen=True):
    """What the models get of a file, whether one of them gets nothing, and about how many tokens it comes to."""

    said: str
    lacks: bool
    tokens: int


Gets = Callable[["Attachment"], GivenForm]


class FilesAsked(Struct, frozen=True):
    """The files of one prompt, and which of them is meant.

    `place` is where on the screen its menu is wanted, None to see it; `back` takes the keyboard afterwards; `remove`
    takes one off again, by its place, where it was not sent yet.
    """

    files: Sequence[ImagePart | FilePart]
    at: int
    gets: Gets
    back: Callable[[], QWidget]
    place: QPoint | None = None
    remove: Callable[[int], None] | None = None
