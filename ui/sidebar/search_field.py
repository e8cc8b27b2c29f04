"""The search above the conversations: its shortcut stands in it while it is empty; Down and Esc lead out of it."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.strings import number_text, tr
from ui.widgets.labels import keycap, label
from ui.widgets.search_line import SearchLine

_EDGE = 10
_GAP = 6


class SearchField(SearchLine):
    """The search of the conversations, its keys or the hit that is open at its end."""

    left_downwards = Signal()
    """Down was pressed: on to what was found."""

    def __init__(self, shortcut: QKeySequence, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = keycap(shortcut, self)
        self._hit = label("", "figure", self)
        self.setPlaceholderText(tr("Search"))
        self.setAccessibleName(tr("Search conversations"))
        self.setFixedHeight(32)
        self.textChanged.connect(self._show_keys)
        self._place()

    def show_hit(self, place: int, number: int) -> None:
        """Show at the end which of so many hits is open, counted from 1; nothing for 0."""
        said = tr("{place}/{number}", place=number_text(place), number=number_text(number)) if place else ""
        if self._hit.text() != said:
            self._hit.setText(said)
            self._place()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Down leads to what was found, Esc ends the search."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event.key() == Qt.Key.Key_Down:
            self.left_downwards.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The keys keep to the end of the line."""
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        """Turn round with the layout's direction."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._place()

    def _place(self) -> None:
        for each in (self._keys, self._hit):
            size = each.sizeHint()
            left = self.width() - size.width() - _EDGE if self.isLeftToRight() else _EDGE
            each.setGeometry(left, (self.height() - size.height()) // 2, size.width(), size.height())
        self._show_keys()

    @Slot()
    def _show_keys(self) -> None:
        """The keys while nothing is typed, else the hit that is open; and the room for them."""
        self._keys.setVisible(not self.text())
        self._hit.setVisible(bool(self.text() and self._hit.text()))
        shown = next((each for each in (self._keys, self._hit) if not each.isHidden()), None)
        taken = 0 if shown is None else shown.width() + _GAP
        left, right = (0, taken) if self.isLeftToRight() else (taken, 0)
        self.setTextMargins(left, 0, right, 0)
