"""Signals for dropped files that do not belong to the pane they were dropped on."""

from __future__ import annotations

from PySide6.QtCore import QDir, QObject, Signal


class FileOffers(QObject):
    """Shared by all panes of a window."""

    handed_on = Signal(object)
    """Emitted with files that the user wants to import or to use as a model."""
    for_all = Signal(object)
    """Emitted with files for the prompt to all panes, dropped on a pane without a prompt field."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = QDir.homePath()
        """Where files are looked for first: where the last ones were."""
