"""Badges in the panes' lines of figures: who was fastest, cheapest, longest in the newest turn, and who was chosen."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot

from desktop.evaluation.alignment import aligned, numbers_of
from desktop.evaluation.figures import of_turn, standings
from ui.figures_text import mark_text
from ui.pane.badges import Badge
from ui.strings import tr
from ui.workspace.dispatch import Dispatch
from ui.workspace.pane_list import PaneList

_LATER_MS = 30
"""What was asked for is painted first."""


class BadgeAwards(QObject):
    """Works them out anew once for all that changes at the same time."""

    def __init__(self, line: PaneList, sending: Dispatch, parent: QObject) -> None:
        super().__init__(parent)
        self._line = line
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
        paths = [pane.conversation.path() for pane in self._line]
        turns = aligned(paths)
        turn = len(turns) - 1
        numbers = numbers_of(turns, turn, len(paths))
        firsts = standings([of_turn("", path, number) for path, number in zip(paths, numbers, strict=True)])
        several = len(self._line) > 1
        if any(pane.answers for pane in self._line):
            firsts = [()] * len(self._line)  # who is first is known when all are there
        winner = self._sending.winner(turn)
        for pane, first in zip(self._line, firsts, strict=True):
            pane.header.chosen = several and self._sending.is_chosen(pane)
            badges = [Badge(mark_text(standing.mark, tied=standing.tied)) for standing in first] if several else []
            if several and pane is winner:
                badges.insert(0, Badge(tr("chosen"), chosen=True))
            pane.figures.show_badges(badges)
