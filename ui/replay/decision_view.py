"""Decision page of a replay: the verdict and its evidence."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.services import Services
from ui.base.tasks import Tasks
from ui.base.theme import Themes


class DecisionView(QWidget):
    """Shows the results of a replay with `show_replay`."""

    review_wanted = Signal(str)
    resume_wanted = Signal(str)
    conversation_wanted = Signal(str)
    deleted = Signal(str)

    def __init__(self, services: Services, tasks: Tasks, themes: Themes, parent: QWidget | None = None) -> None:
        del services, tasks, themes
        super().__init__(parent)

    def show_replay(self, run_id: str) -> None:
        """Show the results of a replay."""
