"""List view whose items have no screen position for screen readers while the list is hidden."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QItemSelection, QModelIndex, QPersistentModelIndex, QRect, Qt, QTimer, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from ui.widgets.announcement import announce
from ui.widgets.viewport import put_viewport

_SETTLED_MS = 80
"""Delay before a row is announced, because during typing rows change faster than they can be heard."""


class ItemList(QListView):
    """List view that can be controlled from a text field, and whose items have no position while it is hidden."""

    field: QWidget | None = None
    """Field that keeps the focus while rows are selected, and for which rows are announced.

    Screen readers ignore Qt's selection events from a list that does not have the focus.
    """

    nothing = ""
    """Text that is announced if Enter would not select any row."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        put_viewport(self)
        self.quiet = False
        """Whether the row is only a stand-in, until the one that is meant is there."""
        self._heard = ""
        self._soon = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self._soon.timeout.connect(self._say)

    def tell(self) -> None:
        """Announce the current row, unless another one becomes current shortly."""
        if self.field is not None:
            self._soon.start()

    def visualRect(self, index: QModelIndex | QPersistentModelIndex) -> QRect:
        """Return the rectangle of an item, which is empty while the list is hidden."""
        return super().visualRect(index) if self.isVisible() else QRect()

    def currentChanged(
        self, current: QModelIndex | QPersistentModelIndex, previous: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Announce the row that is now current."""
        super().currentChanged(current, previous)
        self.tell()

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        """Update the selection. While a field has the focus, Qt's accessibility event is suppressed."""
        if self.field is None:
            super().selectionChanged(selected, deselected)
        else:
            QAbstractItemView.selectionChanged(self, selected, deselected)

    @Slot()
    def _say(self) -> None:
        at = self.currentIndex()
        said = str(at.data(Qt.ItemDataRole.AccessibleTextRole) or at.data()) if at.isValid() else self.nothing
        if self.field is not None and self.field.hasFocus() and not self.quiet and said != self._heard:
            self._heard = said
            announce(self.field, said)

    def showEvent(self, event: QShowEvent) -> None:
        """Scroll to the item that became current while the list was hidden."""
        super().showEvent(event)
        self._heard = ""
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())
