"""What becomes of files beyond the place where they were dropped."""

from __future__ import annotations

from PySide6.QtCore import QDir, QObject, Signal


class FileOffers(QObject):
    """Shared by the window's panes."""

    handed_on = Signal(object)
    """Files are an export or a model, as their user says."""
    for_all = Signal(object)
    """Files are for the prompt to all panes: they were dropped on one that has no prompt of its own."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = QDir.homePath()
        """Where files are looked for first: where the last ones were."""
