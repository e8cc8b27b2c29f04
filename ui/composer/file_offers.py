"""Signals for dropped files that are not attached in the pane on which they were dropped."""

from __future__ import annotations

from PySide6.QtCore import QDir, QObject, Signal


class FileOffers(QObject):
    """Signals shared by all panes of a window."""

    handed_on = Signal(object)
    """Emitted with files that the user wants to import or use as a model."""
    for_all = Signal(object)
    """Emitted with files dropped on a pane that has no prompt field, to be attached to the shared prompt."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = QDir.homePath()
        """Where files are looked for first: where the last ones were."""
