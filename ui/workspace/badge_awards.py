"""Badges in the panes' lines of figures: who was fastest, cheapest, longest in the newest turn, and who was chosen."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot

from desktop.evaluation.figures import of_turn, standings
from ui.figures_text import mark_text
from ui.pane.badges import Badge
from ui.strings import tr
from ui.workspace.dispatch import Dispatch
from ui.workspace.pane_list import PaneList
from ui.workspace.pane_turns import PaneTurns

_LATER_MS = 30
"""What was asked for is painted first."""


class BadgeAwards(QObject):
    """Works them out anew once for all that changes at the same time."""

    def __init__(self, line: PaneList, turns: PaneTurns, sending: Dispatch, parent: QObject) -> None:
        super().__init__(parent)
        self._line = line
        self._turns = turns
        self._sending = sending
        self._soon = QTimer(self, singleShot=True, interval=_LATER_MS)
        self._soon.timeout.connect(self._show)
        line.answering_changed.connect(self.update)
        line.shown_changed.connect(self.update)
        sending.changed.connect(self.update)

    @Slot()
    def update(self) -> None:
        """Something changed: show it when all of it has."""
        self._soon.start()

    @Slot()
    def _show(self) -> None:
        turns = self._turns.kept
        asked = zip(turns.paths, turns.numbers(turns.last), strict=True)
        firsts = standings([of_turn("", path, number) for path, number in asked])
        several = len(self._line) > 1
        if any(pane.answers for pane in self._line):
            firsts = [()] * len(self._line)  # who is first is known when all are there
        winner, chosen = self._sending.winner(turns.last), self._sending.chosen_panes
        for pane, first in zip(self._line, firsts, strict=True):
            pane.header.chosen = several and pane in chosen
            badges = [Badge(mark_text(standing.mark, tied=standing.tied)) for standing in first] if several else []
            if several and pane is winner:
                badges.insert(0, Badge(tr("chosen"), chosen=True))
            pane.figures.show_badges(badges)
