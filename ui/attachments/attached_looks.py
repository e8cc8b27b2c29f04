"""What is known of attached files for showing them: read from the store when it is first asked for, then held."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING
from weakref import WeakSet

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from desktop.errors import StoreError
from desktop.message_parts import FilePart, ImagePart
from desktop.services import Services
from ui.tasks import Tasks

if TYPE_CHECKING:
    from desktop.attachments.attachment import Attachment

_HELD = 300
_Key = tuple[str, str]
"""A file's hash and its media type: under another name the same bytes may be something else."""


class AttachedLook:
    """A file as it is shown. `attachment` is None where it is no longer there, or cannot be read now (`unread`)."""

    def __init__(self, attachment: Attachment | None, *, unread: bool = False) -> None:
        self.attachment = attachment
        self.unread = unread
        self.picture = QPixmap()
        if attachment is not None and attachment.decoded.thumbnail:
            # A picture that the child drew anew: nothing foreign is decoded here
            self.picture.loadFromData(attachment.decoded.thumbnail, "PNG")


class AttachedLooks(QObject):
    """One for the whole window, so that panes that show the same file read it once."""

    arrived = Signal(str)
    """The file of this hash is known now."""

    def __init__(self, services: Services, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._tasks = tasks
        self._held: OrderedDict[_Key, AttachedLook] = OrderedDict()
        self._asked: set[_Key] = set()
        self._drawn: WeakSet[QWidget] = WeakSet()

    def look(self, part: ImagePart | FilePart) -> AttachedLook | None:
        """How a file looks; None until it was read, which `arrived` tells."""
        key = (part.sha256, part.media_type)
        found = self._held.get(key)
        if found is not None:
            self._held.move_to_end(key)
        elif key not in self._asked:
            self._asked.add(key)
            self._tasks.start(self._read(part), name="attachments.look")
        return found

    def hold(self, attachment: Attachment) -> None:
        """Know a file that was just attached."""
        self._held[attachment.sha256, attachment.media.type] = AttachedLook(attachment)
        while len(self._held) > _HELD:
            self._held.popitem(last=False)

    def redrawn(self, widget: QWidget) -> None:
        """Have a widget drawn anew when a file is known, as long as it lives."""
        self._drawn.add(widget)

    async def _read(self, part: ImagePart | FilePart) -> None:
        key = (part.sha256, part.media_type)
        try:
            look = AttachedLook(await self._services.attachments.find(part))
        except StoreError:  # whoever sends it hears why
            look = AttachedLook(None, unread=True)
        finally:
            self._asked.discard(key)
        self._held[key] = look
        self.arrived.emit(part.sha256)
        for widget in [*self._drawn]:
            if isValid(widget):
                widget.update()
