"""A list whose items are not told as seen while it is not: Qt tells screen readers where they would lie."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QItemSelection, QModelIndex, QPersistentModelIndex, QRect, Qt, QTimer, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from ui.widgets.announcement import announce
from ui.widgets.viewport import put_viewport

_SETTLED_MS = 80
"""While one types, rows come and go faster than they can be heard."""


class ItemList(QListView):
    """As Qt's; hidden, its items lie nowhere."""

    field: QWidget | None = None
    """What has the keyboard while rows are gone through from there: the row is heard from it.

    Qt would tell that something was selected in a list that nobody is in, which screen readers leave out.
    """

    nothing = ""
    """What is heard where there is no row that Enter would take."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        put_viewport(self)
        self.quiet = False
        """Whether the row is only a stand-in, until the one that is meant is there."""
        self._heard = ""
        self._soon = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self._soon.timeout.connect(self._say)

    def tell(self) -> None:
        """Have the row heard that Enter takes, once no other one takes its place."""
        if self.field is not None:
            self._soon.start()

    def visualRect(self, index: QModelIndex | QPersistentModelIndex) -> QRect:
        """Where an item is seen."""
        return super().visualRect(index) if self.isVisible() else QRect()

    def currentChanged(
        self, current: QModelIndex | QPersistentModelIndex, previous: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Another row is the one that Enter takes."""
        super().currentChanged(current, previous)
        self.tell()

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        """It is selected as well."""
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
        """Show the item that was gone to while nothing was seen."""
        super().showEvent(event)
        self._heard = ""
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())
