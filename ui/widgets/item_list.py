"""A list whose items are not told as seen while it is not: Qt tells screen readers where they would lie."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QListView


class ItemList(QListView):
    """As Qt's; hidden, its items lie nowhere."""

    def visualRect(self, index: QModelIndex | QPersistentModelIndex) -> QRect:
        """Where an item is seen."""
        return super().visualRect(index) if self.isVisible() else QRect()

    def showEvent(self, event: QShowEvent) -> None:
        """Show the item that was gone to while nothing was seen."""
        super().showEvent(event)
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())
