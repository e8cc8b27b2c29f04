"""Reading in step: what is scrolled in one pane is scrolled in all, so that a turn stands at one height everywhere."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from ui.pane.pane import Pane
from ui.workspace.pane_list import PaneList
from ui.workspace.pane_turns import PaneTurns


class ScrollSync(QObject):
    """Off until it is turned on. A pane whose turn is shorter or missing goes as far as it can."""

    def __init__(self, line: PaneList, turns: PaneTurns, parent: QObject) -> None:
        super().__init__(parent)
        self._line = line
        self._turns = turns
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
        number, height = pane.transcript.turns.top
        turn = self._turn(self._line.place(pane), number)
        self._leads = True
        try:
            for place, other in enumerate(self._line):
                if other is not pane and other.isVisible():
                    other.transcript.turns.show(self._number(place, turn), height)
        finally:
            self._leads = False

    def _turn(self, place: int, number: int) -> int:
        """Which of the turns of all panes a pane's prompt of a number belongs to."""
        turns = self._turns.asked.turns
        return next((turn for turn, numbers in enumerate(turns) if numbers[place] == number), len(turns))

    def _number(self, place: int, turn: int) -> int:
        """A pane's prompt that belongs to a turn; where it was not asked, the next one, beyond the last for its end."""
        numbers = [numbers[place] for numbers in self._turns.asked.turns]
        later = (number for number in numbers[turn:] if number is not None)
        return next(later, sum(number is not None for number in numbers))
