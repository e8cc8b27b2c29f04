"""Cache of previews of attachments, loaded from the store on demand."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING
from weakref import WeakSet

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from desktop.domain.message_parts import FilePart, ImagePart
from desktop.errors import StoreError
from desktop.services import Services
from ui.base.tasks import Tasks

if TYPE_CHECKING:
    from desktop.attachments.attachment import Attachment

_HELD = 300
_Key = tuple[str, str]
"""Hash and media type, because the same bytes may be used as different types."""


class AttachedLook:
    """A file with its preview. `attachment` is None if the file is missing, or cannot be read right now (`unread`)."""

    def __init__(self, attachment: Attachment | None, *, unread: bool = False) -> None:
        self.attachment = _figures(attachment) if attachment is not None else None
        self.unread = unread
        self.picture = QPixmap()
        if attachment is not None and attachment.decoded.thumbnail:
            # The child process re-encoded the image, so nothing untrusted is decoded here
            self.picture.loadFromData(attachment.decoded.thumbnail, "PNG")


class AttachedLooks(QObject):
    """Preview cache shared by the whole window, so that each file is read only once."""

    arrived = Signal(str)
    """Emitted with the hash of a loaded file."""

    def __init__(self, services: Services, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._tasks = tasks
        self._held: OrderedDict[_Key, AttachedLook] = OrderedDict()
        self._asked: set[_Key] = set()
        self._one = asyncio.Lock()
        self._drawn: WeakSet[QWidget] = WeakSet()

    def look(self, part: ImagePart | FilePart) -> AttachedLook | None:
        """Return a file's preview, or None while it is still loading; `arrived` is emitted once it is loaded."""
        key = (part.sha256, part.media_type)
        preview = self._held.get(key)
        if preview is not None:
            self._held.move_to_end(key)
        elif key not in self._asked:
            self._asked.add(key)
            self._tasks.start(self._read(part), name="attachments.look")
        return preview

    def hold(self, attachment: Attachment) -> None:
        """Add a file that was just attached."""
        self._put((attachment.sha256, attachment.media.type), AttachedLook(attachment))

    def redrawn(self, widget: QWidget) -> None:
        """Register a widget to be repainted whenever a file is loaded."""
        self._drawn.add(widget)

    def _put(self, key: _Key, look: AttachedLook) -> None:
        self._held[key] = look
        while len(self._held) > _HELD:
            self._held.popitem(last=False)

    async def _read(self, part: ImagePart | FilePart) -> None:
        key = (part.sha256, part.media_type)
        try:
            async with self._one:  # many that are scrolled past are not in memory at once
                look = AttachedLook(await self._services.attachments.find(part))
        except StoreError:  # whoever sends it hears why
            look = AttachedLook(None, unread=True)
        finally:
            self._asked.discard(key)
        self._put(key, look)
        self.arrived.emit(part.sha256)
        for widget in [*self._drawn]:
            if isValid(widget):
                widget.update()


def _figures(attachment: Attachment) -> Attachment:
    """Return an attachment without its large data."""
    decoded = attachment.decoded
    text = decoded.text.lstrip()[:1]
    pictures = tuple(replace(each, data=b"") for each in decoded.pictures)
    return replace(attachment, decoded=replace(decoded, text=text, pictures=pictures, thumbnail=b""))
