"""Reading in step: what is scrolled in one pane is scrolled in all, so that a turn stands at one height everywhere."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from ui.pane.pane import Pane
from ui.workspace.pane_list import PaneList


class ScrollSync(QObject):
    """Off until it is turned on. A pane whose turn is shorter or missing goes as far as it can."""

    def __init__(self, line: PaneList, parent: QObject) -> None:
        super().__init__(parent)
        self._line = line
        self._on = False
        self._leads = False
        line.scrolled.connect(self._follow)

    @property
    def is_on(self) -> bool:
        """Whether panes are read in step."""
        return self._on

    @Slot(bool)
    def set_on(self, on: bool) -> None:  # noqa: FBT001 - Qt's signal
        """Read in step from now on, or no longer."""
        self._on = on

    @Slot(object)
    def _follow(self, pane: Pane) -> None:
        if not self._on or self._leads or pane not in self._line:
            return
        turn, height = pane.transcript.turns.top
        self._leads = True
        try:
            for other in self._line:
                if other is not pane and other.isVisible():
                    other.transcript.turns.show(turn, height)
        finally:
            self._leads = False
