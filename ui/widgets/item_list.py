"""List view that reports no item positions to screen readers while it is hidden."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QItemSelection, QModelIndex, QPersistentModelIndex, QRect, Qt, QTimer, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from ui.widgets.announcement import announce
from ui.widgets.viewport import put_viewport

_SETTLED_MS = 80
"""Delay before announcing a row, because rows change faster than they can be heard while typing."""


class ItemList(QListView):
    """A QListView whose items have no position while it is hidden."""

    field: QWidget | None = None
    """Field that keeps the focus while rows are selected, and from which rows are announced.

    Screen readers ignore Qt's selection events of a list without focus.
    """

    nothing = ""
    """Announcement when Enter would select no row."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        put_viewport(self)
        self.quiet = False
        """Whether the row is only a stand-in, until the one that is meant is there."""
        self._heard = ""
        self._soon = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self._soon.timeout.connect(self._say)

    def tell(self) -> None:
        """Announce the current row unless another replaces it shortly."""
        if self.field is not None:
            self._soon.start()

    def visualRect(self, index: QModelIndex | QPersistentModelIndex) -> QRect:
        """Return the position of an item, or an empty rectangle while hidden."""
        return super().visualRect(index) if self.isVisible() else QRect()

    def currentChanged(
        self, current: QModelIndex | QPersistentModelIndex, previous: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Announce the new current row."""
        super().currentChanged(current, previous)
        self.tell()

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        """Suppress Qt's accessibility event while a field has the focus."""
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
        """Scroll to the item that was selected while the list was hidden."""
        super().showEvent(event)
        self._heard = ""
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())
