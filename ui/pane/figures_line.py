"""The figures of the last answer in a line, or what is being waited for."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from ui.base import figures_text
from ui.base.strings import tr
from ui.base.theme import Theme
from ui.pane.badges import Badge, Badges
from ui.widgets.labels import hairline, label, set_role

HEIGHT = 31
_EDGE, _GAP = 16, 10


class FiguresLine(QWidget):
    """Numbers with their units in muted words; tabular, so that nothing dances. Then what the answer is first in.

    It is seen only while it says something: of an answer that was imported often nothing is known.
    """

    stop_wanted = Signal()
    """Of several panes' answers this one is to be stopped."""
    left = Signal()
    """The button that had the keyboard goes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Figures"))
        self._several = self._answering = self._stalls = False
        self.stop = QToolButton()
        self.stop.setText(tr("Stop"))
        self.stop.setProperty("role", "quiet")
        self.stop.setAccessibleName(tr("Stop this response"))
        self.stop.setToolTip(tr("Stop this response"))
        self.stop.hide()
        self.stop.clicked.connect(self.stop_wanted)
        self.setFixedHeight(HEIGHT)
        self._row = QHBoxLayout()
        self._row.setContentsMargins(_EDGE, 0, _EDGE, 0)
        self._row.setSpacing(_GAP)
        self._labels = [(label("", "figure"), label("", "muted")) for _ in range(4)]
        self._state = label("", "muted")
        self._unread = False
        self.marks = Badges()
        for number, unit in self._labels:
            number.setFont(tabular(number.font()))
            self._row.addWidget(number)
            self._row.addWidget(unit)
        self._row.addWidget(self._state)
        self._row.addWidget(self.marks, 1)
        self._row.addWidget(self.stop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(hairline())
        column.addLayout(self._row, 1)

    @property
    def text(self) -> str:
        """All that is said."""
        said = [each.text() for pair in self._labels for each in pair] + [self._state.text()]
        return " ".join([*(each for each in said if each), *(badge.text for badge in self.marks.badges)])

    def show_figures(
        self,
        figures: Sequence[tuple[str, str]],
        state: str = "",
        curve: Sequence[float] = (),
        *,
        stalls: bool = False,
    ) -> None:
        """Show up to four figures and a state, and tokens per second over time; where it `stalls`, Stop beside it."""
        padded = [*figures, *[("", "")] * len(self._labels)]
        for (number, unit), (value, word) in zip(self._labels, padded, strict=False):
            number.setText(value)
            unit.setText(word)
        self._state.setText(state)
        self._state.setVisible(bool(state))
        set_role(self._state, "role", "warn" if stalls else "muted")
        self._stalls = stalls
        self._show_stop()
        self.marks.show_curve(curve)
        self._said()

    def set_several(self, *, several: bool) -> None:
        """Whether there are other panes beside it, which a Stop for all of them stops too."""
        self._several = several
        self._show_stop()

    def set_answering(self, *, answering: bool) -> None:
        """Whether there is something to stop."""
        self._answering = answering
        self._show_stop()

    def _show_stop(self) -> None:
        shown = (self._several or self._stalls) and self._answering
        if not shown and self.stop.hasFocus():
            self.left.emit()  # Qt would pass the keyboard to a neighbour, and the press that was meant to stop with it
        if self.stop.isHidden() is shown:
            self.stop.setVisible(shown)
            self._fit()

    def show_badges(self, badges: Sequence[Badge]) -> None:
        """Say what the answer is first in, and whether it was chosen."""
        self.marks.show_badges(badges)
        self._said()

    @Slot(bool)
    def set_unread(self, unread: bool) -> None:  # noqa: FBT001 - a slot
        """Whether there is no answer at all that figures could be of."""
        if unread is not self._unread:
            self._unread = unread
            self._said()

    def themed(self, theme: Theme, colour: str) -> None:
        """Draw in a theme's colours, the curve in its model's."""
        self.marks.themed(theme, colour)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say as much as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def _said(self) -> None:
        """Something else is said, or nothing."""
        said = self.text
        self._fit()
        self.setAccessibleDescription(said)
        self.setHidden(self._unread or not said)

    def _fit(self) -> None:
        """Leave out units that go without saying, then the last figures, where Stop and the first badge have no room.

        Figures say more than badges: of these only the first one is kept before them.
        """
        beside = [each for each in (self._state, self.marks, self.stop) if not each.isHidden()]
        room = self.width() - 2 * _EDGE + _GAP - sum(each.sizeHint().width() + _GAP for each in beside)
        said = [[each for each in pair if each.text()] for pair in self._labels]
        if _width(said) > room:
            spared = figures_text.spared_units()
            said = [[each for each in pair if each.text() not in spared] for pair in said]
        room += max(self.marks.sizeHint().width() - self.marks.least, 0)
        while len(said) > 1 and _width(said) > room:
            said.pop()
        shown = {each for pair in said for each in pair}
        for each in (each for pair in self._labels for each in pair):
            each.setVisible(each in shown)


def _width(pairs: Sequence[Sequence[QWidget]]) -> int:
    """What figures and their units take, with the room behind each."""
    return sum(each.sizeHint().width() + _GAP for pair in pairs for each in pair)


def tabular(font: QFont) -> QFont:
    """The font with digits of one width, where it has them."""
    made = QFont(font)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made
