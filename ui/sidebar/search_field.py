"""Search field above the list, which shows its shortcut as a hint. Down and Esc leave the field."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QToolButton, QWidget

from ui.base.strings import number_text, tr
from ui.widgets.labels import keycap, label
from ui.widgets.search_line import SearchLine

_EDGE = 10
_GAP = 6
_CLOSE, _BUTTON = 4, 24


class SearchField(SearchLine):
    """Search field that shows its shortcut, or the number of the current match, at its end."""

    left = Signal()
    """Emitted when Esc is pressed while the field is empty."""
    left_downwards = Signal()
    """Emitted when Down is pressed."""

    def __init__(self, shortcut: QKeySequence, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = keycap(shortcut, self)
        self._hit = label("", "figure", self)
        self._clear = QToolButton(self)
        self._clear.setText("×")
        self._clear.setProperty("role", "quiet")
        self._clear.setAccessibleName(tr("Clear search"))
        self._clear.setToolTip(tr("Clear search"))
        self._clear.setCursor(Qt.CursorShape.ArrowCursor)
        self._clear.setFixedSize(_BUTTON, _BUTTON)
        self._clear.clicked.connect(self._end)
        self.setPlaceholderText(tr("Search"))
        self.setAccessibleName(tr("Search conversations"))
        self.setFixedHeight(32)
        self.textChanged.connect(self._show_keys)
        self._place()

    def show_hit(self, place: int, number: int) -> None:
        """Show the number of the current match, from 1, and the number of matches; 0 hides both."""
        said = tr("{place}/{number}", place=number_text(place), number=number_text(number)) if place else ""
        if self._hit.text() != said:
            self._hit.setText(said)
            self._place()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Handle Down, which moves to the results, and Esc, which ends the search."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() == Qt.Key.Key_Down:
            self.left_downwards.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Move the shortcut to the end of the field."""
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        """Mirror the field when the layout direction changes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._place()

    @Slot()
    def _end(self) -> None:
        """Clear the field but keep the focus in it for the next search."""
        self.clear()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _place(self) -> None:
        for each, edge in ((self._keys, _EDGE), (self._hit, _CLOSE + _BUTTON), (self._clear, _CLOSE)):
            each.ensurePolished()
            size = QSize(_BUTTON, _BUTTON) if each is self._clear else each.sizeHint()
            left = self.width() - size.width() - edge if self.isLeftToRight() else edge
            each.setGeometry(left, (self.height() - size.height()) // 2, size.width(), size.height())
        self._show_keys()

    @Slot()
    def _show_keys(self) -> None:
        """Show the shortcut or the match number, reserving space for it."""
        self._keys.setVisible(not self.text())
        self._hit.setVisible(bool(self.text() and self._hit.text()))
        self._clear.setVisible(bool(self.text()))
        shown = [each for each in (self._keys, self._hit, self._clear) if not each.isHidden()]
        taken = sum(each.width() for each in shown) + _GAP
        left, right = (0, taken) if self.isLeftToRight() else (taken, 0)
        self.setTextMargins(left, 0, right, 0)
