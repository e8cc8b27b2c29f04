"""The figures of the last answer in a line, or what is being waited for."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.widgets.parts import hairline, label

HEIGHT = 31


class FiguresLine(QWidget):
    """Numbers with their units in muted words; tabular, so that nothing dances."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Figures")
        self.setFixedHeight(HEIGHT)
        self._row = QHBoxLayout()
        self._row.setContentsMargins(16, 0, 16, 0)
        self._row.setSpacing(10)
        self._labels = [(label("", "figure"), label("", "muted")) for _ in range(4)]
        self._state = label("", "muted")
        for number, unit in self._labels:
            number.setFont(tabular(number.font()))
            self._row.addWidget(number)
            self._row.addWidget(unit)
        self._row.addWidget(self._state)
        self._row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(hairline())
        column.addLayout(self._row, 1)

    @property
    def text(self) -> str:
        """All that is said."""
        said = [each.text() for pair in self._labels for each in pair] + [self._state.text()]
        return " ".join(each for each in said if each)

    def show_figures(self, figures: Sequence[tuple[str, str]], state: str = "") -> None:
        """Show up to four figures and a state."""
        padded = [*figures, *[("", "")] * len(self._labels)]
        for (number, unit), (value, word) in zip(self._labels, padded, strict=False):
            number.setText(value)
            number.setVisible(bool(value))
            unit.setText(word)
            unit.setVisible(bool(word))
        self._state.setText(state)
        self._state.setVisible(bool(state))
        self.setAccessibleDescription(self.text)


def tabular(font: QFont) -> QFont:
    """The font with digits of one width, where it has them."""
    made = QFont(font)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made
