"""What can be done with a blind round whose prompt was sent, as buttons below its answers."""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from ui.strings import tr
from ui.widgets.buttons import button
from ui.widgets.wrapping_layout import WrapLayout


class RoundState(Enum):
    """How far a round is whose prompt was sent."""

    ANSWERING = auto()  # some answers are being made
    PLAYING = auto()  # all are there, and are shown at one pace
    ASKING = auto()  # which is best is asked
    REVEALED = auto()  # the names are told
    VOTED = auto()  # the same, and there is a vote


class RoundButtons(QWidget):
    """Only those are seen that fit how far the round is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stop = button(tr("Stop"))
        self.at_once = button(tr("Show all at once"), "primary", by_enter=True)
        self.next = button(tr("Next round"), "primary", by_enter=True)
        self.undo = button(tr("Undo vote"), "quiet", by_enter=True)
        self.open = button(tr("Open as comparison"), "quiet", by_enter=True)
        revealed = (RoundState.REVEALED, RoundState.VOTED)
        self._shown: dict[QPushButton, tuple[RoundState, ...]] = {
            self.stop: (RoundState.ANSWERING,),
            self.at_once: (RoundState.PLAYING,),
            self.next: revealed,
            self.open: revealed,
            self.undo: (RoundState.VOTED,),
        }
        inner = QWidget(self)
        row = WrapLayout(inner)
        for each in self._shown:
            row.addWidget(each)
        around = QVBoxLayout(self)
        around.setContentsMargins(16, 8, 16, 10)
        around.addWidget(inner)

    def show_state(self, state: RoundState) -> None:
        """Offer what can be done now; where a vote is asked for, that is all in the bar of the vote."""
        self.setVisible(state is not RoundState.ASKING)
        for each, states in self._shown.items():
            each.setVisible(state in states)

    @property
    def first(self) -> QPushButton | None:
        """The one that the keyboard belongs on; None while it belongs on the vote, or only stopping is left."""
        return next((each for each in (self.at_once, self.next) if not each.isHidden()), None)
