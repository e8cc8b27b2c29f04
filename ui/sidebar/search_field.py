"""The search above the conversations: its shortcut stands in it while it is empty; Down and Esc lead out of it."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from ui.widgets.parts import keycap

_EDGE = 10
_GAP = 6


class SearchField(QLineEdit):
    """A line to type into, from the side that the interface is read from."""

    left_downwards = Signal()
    """Down was pressed: on to what was found."""

    def __init__(self, shortcut: QKeySequence, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = keycap(shortcut, self)
        self.setPlaceholderText("Search")
        self.setAccessibleName("Search conversations")
        self.setFixedHeight(32)
        self.textChanged.connect(self._show_keys)
        self._align()

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
            self._align()

    def _align(self) -> None:
        # The text's own direction follows the keyboard's language; the field's is the interface's.
        side = Qt.AlignmentFlag.AlignLeft if self.isLeftToRight() else Qt.AlignmentFlag.AlignRight
        self.setAlignment(side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter)
        self._place()

    def _place(self) -> None:
        size = self._keys.sizeHint()
        left = self.width() - size.width() - _EDGE if self.isLeftToRight() else _EDGE
        self._keys.setGeometry(left, (self.height() - size.height()) // 2, size.width(), size.height())
        self._show_keys()

    @Slot()
    def _show_keys(self) -> None:
        """The keys and the room for them, while nothing is typed."""
        self._keys.setVisible(not self.text())
        taken = 0 if self.text() else self._keys.width() + _GAP
        left, right = (0, taken) if self.isLeftToRight() else (taken, 0)
        self.setTextMargins(left, 0, right, 0)
