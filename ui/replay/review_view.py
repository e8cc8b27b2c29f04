"""Blind review of a replay's pairs."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.services import Services
from ui.base.tasks import Tasks
from ui.base.theme import Themes


class ReviewView(QWidget):
    """Shows one pair at a time with `show_replay`."""

    finished = Signal()
    """Emitted when no pair is left or the user stops for now."""

    def __init__(self, services: Services, tasks: Tasks, themes: Themes, parent: QWidget | None = None) -> None:
        del services, tasks, themes
        super().__init__(parent)

    def show_replay(self, run_id: str) -> None:
        """Show the next pair of a replay."""
