"""Temporary chats: while the mode is on, new chats of a window are stored nowhere."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from desktop.domain.message_parts import FilePart, ImagePart


class TemporaryMode(QObject):
    """State of one window. `files` are the attachments of its temporary chats, which are deleted with them."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_on = False
        self._files: dict[str, ImagePart | FilePart] = {}
        self.ids = set[str]()
        """Conversations that began while the mode was on."""

    @property
    def is_on(self) -> bool:
        """Whether chats that begin now are temporary."""
        return self._is_on

    def set_on(self, *, on: bool) -> None:
        """Begin or end the mode."""
        if on is not self._is_on:
            self._is_on = on
            self.changed.emit()

    def attach(self, files: tuple[ImagePart | FilePart, ...]) -> None:
        """Remember attachments of a temporary chat, or of its draft."""
        self._files.update((each.sha256, each) for each in files)

    def take_files(self) -> list[str]:
        """Return and forget the hashes of the attachments."""
        hashes = list(self._files)
        self._files.clear()
        return hashes
