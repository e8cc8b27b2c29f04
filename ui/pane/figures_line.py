"""Line with the figures of the last response, or with the state of the one in progress."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from ui.base import figures_text
from ui.base.strings import tr
from ui.base.text_size import TextSize
from ui.base.theme import Theme
from ui.pane.badges import Badge, Badges
from ui.widgets.labels import hairline, label, set_role

HEIGHT, IN_HEADER = 31, 24
_NEAR, _GAP = 4, 10


class FiguresLine(QWidget):
    """Line of figures with muted units, followed by badges.

    Hidden if nothing is known, as for many imported responses.
    """

    stop_wanted = Signal()
    """Emitted when the user wants to stop this pane's response."""
    left = Signal()
    """Emitted when the focused Stop button disappears."""

    def __init__(self, text_size: TextSize, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text_size = text_size
        self.setAccessibleName(tr("Figures"))
        self._several = self._answering = self._stalls = self._typed = self._in_header = False
        self._hair = hairline()
        self.stop = QToolButton()
        self.stop.setText(tr("Stop"))
        self.stop.setProperty("role", "quiet")
        self.stop.setAccessibleName(tr("Stop this response"))
        self.stop.setToolTip(tr("Stop this response"))
        self.stop.hide()
        self.stop.clicked.connect(self.stop_wanted)
        self.setFixedHeight(HEIGHT)
        self._row = QHBoxLayout()
        self._row.setSpacing(_GAP)
        self._labels = [(label("", "figure"), label("", "muted")) for _ in range(5)]
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
        column.addWidget(self._hair)
        column.addLayout(self._row, 1)
        text_size.changed.connect(self._fit)

    @property
    def text(self) -> str:
        """The complete visible text."""
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
        """Show up to five figures, a state and a speed curve; if `stalls`, show a Stop button as well."""
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

    def set_in_header(self, *, on: bool) -> None:
        """Set whether the figures are in a header, without a line of their own."""
        self._in_header = on
        self._hair.setVisible(not on)
        self.setFixedHeight(IN_HEADER if on else HEIGHT)
        self.setMinimumWidth(0)
        across = QSizePolicy.Policy.Ignored if on else QSizePolicy.Policy.Preferred
        self.setSizePolicy(across, QSizePolicy.Policy.Fixed)
        self._fit()

    def set_several(self, *, several: bool) -> None:
        """Set whether there are several panes, which share one Stop button below them."""
        self._several = several
        self._show_stop()

    def set_answering(self, *, answering: bool, typed: bool = False) -> None:
        """Set whether a response is in progress, and whether the button below sends what was typed meanwhile."""
        self._answering, self._typed = answering, typed
        self._show_stop()

    def _show_stop(self) -> None:
        shown = (self._several or self._stalls or self._typed) and self._answering
        if not shown and self.stop.hasFocus():
            self.left.emit()  # Qt would pass the keyboard to a neighbour, and the press that was meant to stop with it
        if self.stop.isHidden() is shown:
            self.stop.setVisible(shown)
            self._fit()

    def show_badges(self, badges: Sequence[Badge]) -> None:
        """Show badges for the response's best figures and for the user's choice."""
        self.marks.show_badges(badges)
        self._said()

    @Slot(bool)
    def set_unread(self, unread: bool) -> None:  # noqa: FBT001 - a slot
        """Set whether there is no response for figures to describe."""
        if unread is not self._unread:
            self._unread = unread
            self._said()

    def themed(self, theme: Theme, colour: str) -> None:
        """Apply the colors of a theme, and the model's color to the curve."""
        self.marks.themed(theme, colour)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the content to the new width."""
        super().resizeEvent(event)
        self._fit()

    def _said(self) -> None:
        """Update the accessible description and the visibility."""
        said = self.text
        self._fit()
        self.setAccessibleDescription(said)
        self.setHidden(self._unread or not said)

    @Slot()
    def _fit(self) -> None:
        """Hide obvious units, and then figures from the last one, to make space for Stop and the first badge.

        Figures take precedence over further badges.
        """
        left, right = (_NEAR, _NEAR) if self._in_header else self._text_size.margins(self.width())
        self._row.setContentsMargins(left, 0, right, 0)
        beside = [each for each in (self._state, self.marks, self.stop) if not each.isHidden()]
        room = self.width() - left - right + _GAP - sum(each.sizeHint().width() + _GAP for each in beside)
        rows = [[each for each in pair if each.text()] for pair in self._labels]
        if _width(rows) > room:
            spared = figures_text.spared_units()
            rows = [[each for each in pair if each.text() not in spared] for pair in rows]
        room += max(self.marks.sizeHint().width() - self.marks.least, 0)
        while len(rows) > 1 and _width(rows) > room:
            rows.pop()
        shown = {each for pair in rows for each in pair}
        for each in (each for pair in self._labels for each in pair):
            each.setVisible(each in shown)


def _width(pairs: Sequence[Sequence[QWidget]]) -> int:
    """Return the width of figures and units with their spacing."""
    return sum(each.sizeHint().width() + _GAP for pair in pairs for each in pair)


def tabular(font: QFont) -> QFont:
    """Return the font with digits of equal width, if the font has such digits."""
    made = QFont(font)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made
