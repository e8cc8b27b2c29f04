"""A list whose items are not told as seen while it is not: Qt tells screen readers where they would lie."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QItemSelection, QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from ui.widgets.announcement import announce


class ItemList(QListView):
    """As Qt's; hidden, its items lie nowhere."""

    field: QWidget | None = None
    """What has the keyboard while rows are gone through from there: the row is heard from it.

    Qt would tell that something was selected in a list that nobody is in, which screen readers leave out.
    """

    def visualRect(self, index: QModelIndex | QPersistentModelIndex) -> QRect:
        """Where an item is seen."""
        return super().visualRect(index) if self.isVisible() else QRect()

    def currentChanged(
        self, current: QModelIndex | QPersistentModelIndex, previous: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Another row is the one that Enter takes."""
        super().currentChanged(current, previous)
        if self.field is not None and self.field.hasFocus() and current.isValid():
            announce(self.field, str(current.data(Qt.ItemDataRole.AccessibleTextRole) or current.data()))

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        """It is selected as well."""
        if self.field is None:
            super().selectionChanged(selected, deselected)
        else:
            QAbstractItemView.selectionChanged(self, selected, deselected)

    def showEvent(self, event: QShowEvent) -> None:
        """Show the item that was gone to while nothing was seen."""
        super().showEvent(event)
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())
