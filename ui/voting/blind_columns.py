"""The answers of a blind round side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.errors import ParagoneError
from desktop.voting.blind_round import BlindRound
from ui.voting.blind_column import BlindColumn
from ui.widgets.labels import hairline


class BlindColumns(QWidget):
    """Columns are made once, and used again by the rounds that follow, of as many models or fewer."""

    def __init__(self, make: Callable[[int], BlindColumn], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._make = make
        self._columns: list[BlindColumn] = []
        self._lines: list[QWidget] = []
        self._count = 0
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)

    @property
    def shown(self) -> list[BlindColumn]:
        """Those of this round; an earlier one may have had more."""
        return self._columns[: self._count]

    @property
    def names(self) -> str:
        """What they are called now, from the first to the last."""
        return ", ".join(column.accessibleName() for column in self.shown)

    def begin(self, count: int) -> None:
        """So many empty ones."""
        self._count = count
        while len(self._columns) < count:
            if self._columns:
                self._lines.append(hairline(vertical=True))
                self._row.addWidget(self._lines[-1])
            column = self._make(len(self._columns))
            self._columns.append(column)
            self._row.addWidget(column, 1)
        for place, column in enumerate(self._columns):
            column.setVisible(place < count)
        for place, line in enumerate(self._lines, 1):
            line.setVisible(place < count)
        self.empty()

    def empty(self) -> None:
        """Nothing was answered."""
        for column in self.shown:
            column.begin()

    def wait(self, *, live: bool) -> None:
        """The answers are being made; where they are not shown `live`, only that is said."""
        for column in self.shown:
            column.wait(live=live)

    def play(self, held: BlindRound) -> None:
        """The prompts, below which the answers are going to grow, all at one pace."""
        for column, conversation in zip(self.shown, held.conversations, strict=True):
            column.play(conversation)

    def grow(self, place: int, text: str) -> None:
        """More of an answer that is shown as it grows."""
        self._columns[place].grow(text)

    def show_answers(self, held: BlindRound) -> None:
        """All of them as they ended, by their letters alone."""
        for column, conversation in zip(self.shown, held.conversations, strict=True):
            column.show_answer(conversation)

    def reveal(self, held: BlindRound, refusals: Mapping[int, ParagoneError]) -> None:
        """Whose answers they are, and why nothing was sent to some, by their places."""
        for place, (column, conversation) in enumerate(zip(self.shown, held.conversations, strict=True)):
            column.reveal(conversation, refusals.get(place))
